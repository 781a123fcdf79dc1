package e2e

import "testing"

// TestPagesFitTheirWindow opens every kind of page, wide and narrow, light and dark: nothing may stick out at the side, throw, or be refused by the
// browser. With SCREENSHOTS set to a folder it leaves a picture of each there, to be looked at.
func TestPagesFitTheirWindow(t *testing.T) {
	s := serveShop(t, 200, nil)
	b := open(t, s.url)
	b.signIn("/admin/")
	for _, action := range []string{"capture", "reconcile"} { // one fails, one runs
		b.goTo("/admin/shop/orders/")
		b.click(`tbody input[type=checkbox]`)
		b.click(`[data-action=` + action + `]`)
		b.until("the job's page", `location.pathname.startsWith("/admin/progress/")`)
	}
	for _, look := range []struct {
		name string
		set  func()
	}{
		{"wide", func() {}}, {"narrow", b.narrow}, {"narrow-dark", b.dark}, {"dark", b.wide},
	} {
		look.set()
		for name, path := range map[string]string{
			"dashboard": "/admin/", "list": "/admin/shop/orders/", "found": "/admin/shop/orders/?q=GR-000000&o=status,-total_cents",
			"empty": "/admin/shop/orders/?q=no+such+order", "change": "/admin/shop/orders/7/change/", "add": "/admin/shop/products/add/",
			"delete": "/admin/shop/orders/7/delete/", "composite": "/admin/shop/order_lines/",
			"history": "/admin/shop/orders/7/history/", "audit": "/admin/audit/", "account": "/admin/account/", "users": "/admin/users/",
			"user": "/admin/users/?name=admin", "groups": "/admin/groups/",
			"job-list": "/admin/jobs/history/", "no-jobs": "/admin/jobs/history/?state=cancelled",
			"product": "/admin/shop/products/3/change/", "products": "/admin/shop/products/", "report": "/admin/reports/customers/",
			"console": "/admin/console/", "actors": "/admin/console/actors/?sort=messages", "jobs": "/admin/console/jobs/", "sessions": "/admin/console/sessions/",
		} {
			b.goTo(path)
			if over := b.eval(`document.documentElement.scrollWidth - innerWidth`); over != "0" && over[0] != '-' {
				t.Errorf("%s, %s: %s px stick out\n%s", name, look.name, over, b.picture("over-"+name))
			}
			b.picture(look.name + "-" + name)
		}
	}
}
