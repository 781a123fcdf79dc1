"""What Django's stock admin takes of a processor for the list of a shop's orders: the first page, pages deep inside, a search.

    python3 admin.py SHOP.db [SECONDS]

SHOP.db is a file of "greenroom demo" or of "greenroom bench --shop"; it is only read. Each request goes through the whole WSGI application, every
middleware that startproject turns on included, in this process and without a socket; the process's own CPU clock is read before and after. Users and
sessions are in memory, DEBUG is off, templates are cached. One line of JSON is printed: milliseconds of CPU as [least, median, most], and the number in
the first row, so that one can see that the right page was measured.
"""

import io
import json
import re
import statistics
import sys
import time

import django
from django.apps import AppConfig
from django.conf import settings

SHOP = sys.argv[1]
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 20

settings.configure(
    DEBUG=False,
    DEBUG_PROPAGATE_EXCEPTIONS=True,
    SECRET_KEY="not a secret: nothing listens",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    USE_TZ=False,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    STATIC_URL="/static/",
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
        "shop": {
            "ENGINE": "django.db.backends.sqlite3", "NAME": "file:%s?mode=ro" % SHOP, "OPTIONS": {"uri": True}, "CONN_MAX_AGE": None,
        },
    },
    DATABASE_ROUTERS=[__name__ + ".Router"],
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        __name__ + ".Shop",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": [
            "django.template.context_processors.debug",
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
        ]},
    }],
)


class Shop(AppConfig):
    name, label, path = __name__, "shop", "."


class Router:
    """Everything but the shop's tables is in memory."""

    def db_for_read(self, model, **hints):
        return "shop" if model._meta.app_label == "shop" else None

    def db_for_write(self, model, **hints):
        return self.db_for_read(model)

    def allow_migrate(self, db, app_label, **hints):
        return db == "default" and app_label != "shop"


django.setup()

from django.contrib import admin  # noqa: E402  (after setup, as Django wants it)
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402


class Customer(models.Model):
    name = models.CharField(max_length=120)

    class Meta:
        app_label, managed, db_table = "shop", False, "customers"

    def __str__(self):
        return self.name


class Order(models.Model):
    number = models.CharField(max_length=16, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    status = models.CharField(max_length=10)
    total_cents = models.IntegerField()
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    note = models.TextField(null=True)

    class Meta:
        app_label, managed, db_table = "shop", False, "orders"


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    """The columns, the search and the order of the list that greenroom is measured with; the rest is as it comes."""

    list_display = ["number", "customer", "status", "total_cents", "currency", "created_at", "note"]
    list_select_related = ["customer"]
    list_per_page = 25
    search_fields = ["number", "note"]
    ordering = ["-created_at"]


urlpatterns = [path("admin/", admin.site.urls)]


def sign_in():
    call_command("migrate", verbosity=0)
    user = User.objects.create_superuser("admin", password="correct horse battery")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return "sessionid=" + session.session_key


def main():
    cookie = sign_in()
    application = get_wsgi_application()
    orders = Order.objects.count()

    def get(query):
        said = []
        body = b"".join(application({
            "REQUEST_METHOD": "GET", "PATH_INFO": "/admin/shop/order/", "SCRIPT_NAME": "", "QUERY_STRING": query, "SERVER_NAME": "localhost",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False, "HTTP_COOKIE": cookie,
        }, lambda status, headers: said.append(status)))
        if not said[0].startswith("200"):
            sys.exit("GET ?%s is answered %s" % (query, said[0]))
        return body

    kinds = {"first": "", "quarter": "p=%d" % (orders // 4 // 25 + 1), "deep": "p=%d" % (orders * 99 // 100 // 25 + 1), "search": "q=needle"}
    cost = {kind: [] for kind in kinds}
    top = {}
    for kind, query in kinds.items():
        top[kind] = re.search(rb"GR-\d+", get(query)).group().decode()  # the first request of a kind is not counted
    end = time.monotonic() + SECONDS
    while min(len(times) for times in cost.values()) < 3 or time.monotonic() < end:
        for kind, query in kinds.items():
            for _ in range(3):
                began = time.process_time()
                get(query)
                cost[kind].append(1000 * (time.process_time() - began))
    print(json.dumps({
        "version": django.get_version(), "python": sys.version.split()[0], "orders": orders, "top": top,
        "cpu_ms": {kind: [min(times), statistics.median(times), max(times)] for kind, times in cost.items()},
    }))


main()
