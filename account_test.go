package greenroom_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

// signsIn tells how somebody who tries a password is answered.
func (c *company) signsIn(name, password string) int {
	p := c.Visitor()
	return p.Post("/admin/login/", url.Values{"username": {name}, "password": {password}, "csrf": {p.Get("/admin/login/").Field("csrf")}}).Status
}

// TestOwnAccount changes a password by the socket and by a form, and ends other sign-ins; what is asked for first is the old password.
func TestOwnAccount(t *testing.T) {
	c := newCompany(t)
	here, elsewhere := c.people["viewer"], c.SignIn("viewer", secretWord)
	there := elsewhere.Open("/admin/main/items/")
	page := here.Open("/admin/account/")
	for want, fields := range map[string]map[string]string{
		"not right":   {"old": "wrong", "new": "a fresh one", "again": "a fresh one"},
		"differ":      {"old": secretWord, "new": "a fresh one", "again": "another one"},
		"8 character": {"old": secretWord, "new": "short", "again": "short"},
		"Everybody":   {"old": secretWord, "new": "changeme", "again": "changeme"},
		"present one": {"old": secretWord, "new": secretWord, "again": secretWord},
	} {
		if said := page.Submit("[data-password]", fields); said != "" {
			t.Errorf("%v is answered %q", fields, said)
		}
		page.WaitFor(".gr-error-summary", want)
	}
	if code := c.signsIn("viewer", secretWord); code != 303 {
		t.Fatalf("the old password is answered %d after mistakes", code)
	}
	if said := page.Submit("[data-password]", map[string]string{"old": secretWord, "new": "a fresh one", "again": "a fresh one"}); said != "" {
		t.Fatal(said)
	}
	if to := page.Redirected(); to != "/admin/account/" {
		t.Errorf("the page goes to %q", to)
	}
	if code := there.Closed(); code != 4001 {
		t.Errorf("a page of another sign-in is closed with %d, want 4001", code)
	}
	if code := elsewhere.Get("/admin/").Status; code != 303 {
		t.Errorf("another sign-in lives on: %d", code)
	}
	if code := here.Get("/admin/").Status; code != 200 {
		t.Errorf("the sign-in that changed the password ended: %d", code)
	}
	if old, fresh := c.signsIn("viewer", secretWord), c.signsIn("viewer", "a fresh one"); old != 401 || fresh != 303 {
		t.Errorf("the old password is answered %d, the new one %d", old, fresh)
	}
	u, err := c.users.UserByName(t.Context(), "viewer")
	if err != nil || !strings.HasPrefix(u.Password, "$argon2id$") {
		t.Errorf("the password is kept as %.12q (%v)", u.Password, err)
	}
	c.mustLine(t, widgets.DeedAccount, "viewer", "the user viewer was given a new password")
	answer := here.Post("/admin/account/", url.Values{"csrf": {c.csrf("viewer")}, "event": {"password"}, "old": {"a fresh one"}, "new": {"by a form"}, "again": {"by a form"}})
	if answer.Status != http.StatusSeeOther || c.signsIn("viewer", "by a form") != 303 || strings.Contains(answer.Body, "by a form") {
		t.Errorf("by a form the change is answered %d: %s", answer.Status, answer.Text())
	}
}

func TestPeopleEndTheirOwnSignInsOnly(t *testing.T) {
	c := newCompany(t)
	here, second, third := c.people["viewer"], c.SignIn("viewer", secretWord), c.SignIn("viewer", secretWord)
	page := here.Open("/admin/account/")
	handles := page.Attrs("[data-sign-in]", "data-sign-in")
	if len(handles) != 3 || !strings.Contains(page.Text("[data-sign-in]"), "127.0.0.1") {
		t.Fatalf("the page lists %v: %s", handles, page.Text("table"))
	}
	strangers, err := c.users.SignIns(t.Context(), userID(t, c, "full"))
	if err != nil || len(strangers) != 1 {
		t.Fatalf("%v %v", strangers, err)
	}
	if said := page.Event("account", "revoke", map[string]any{"handle": strangers[0].Handle}); said != "" {
		t.Error(said)
	}
	if code := c.people["full"].Get("/admin/").Status; code != 200 {
		t.Errorf("somebody else's sign-in was ended: %d", code)
	}
	ends := page.Attrs("[data-revoke]", "data-revoke")
	if len(ends) != 2 {
		t.Fatalf("%v can be ended", ends)
	}
	if said := page.Event("account", "revoke", map[string]any{"handle": ends[0]}); said != "" {
		t.Fatal(said)
	}
	if a, b := second.Get("/admin/").Status, third.Get("/admin/").Status; a+b != 200+303 {
		t.Errorf("after ending one of them they are answered %d and %d", a, b)
	}
	if said := page.Click("[data-others]"); said != "" {
		t.Fatal(said)
	}
	if a, b, own := second.Get("/admin/").Status, third.Get("/admin/").Status, here.Get("/admin/").Status; a != 303 || b != 303 || own != 200 {
		t.Errorf("after ending all others: %d %d, own %d", a, b, own)
	}
}

func userID(t *testing.T, c *company, name string) string {
	t.Helper()
	u, err := c.users.UserByName(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

// TestSuperusersManageUsers adds a user, gives them rights and a group, takes them away, resets the password and signs them out.
func TestSuperusersManageUsers(t *testing.T) {
	c := newCompany(t)
	super := c.people["super"]
	list := super.Open("/admin/users/")
	if said := list.Submit("[data-add]", map[string]string{"name": "nora"}); said != "" {
		t.Fatal(said)
	}
	password := list.Text("[data-new-password]")
	nora := c.SignIn("nora", password)
	if code := nora.Get("/admin/main/items/").Status; code != 403 {
		t.Errorf("a new user is answered %d", code)
	}
	if said := list.Submit("[data-add]", map[string]string{"name": "Nora"}); said != "" {
		t.Fatal(said)
	}
	list.WaitFor(".gr-error-summary", "already")
	groups := super.Open("/admin/groups/")
	if said := groups.Submit("form[data-add]", map[string]string{"name": "readers", "rights": "main.view_items"}); said != "" {
		t.Fatal(said)
	}
	groups.WaitFor("[data-group=readers]", "nobody")
	if said := groups.Submit("form[data-add]", map[string]string{"name": "odd", "rights": "no right"}); said != "" {
		t.Fatal(said)
	}
	groups.WaitFor(".gr-error-summary", "is no right")

	one := super.Open("/admin/users/?name=nora")
	home := nora.Open("/admin/")
	save := func(fields map[string]any) {
		t.Helper()
		if said := one.Event("users", "save", fields); said != "" {
			t.Fatal(said)
		}
	}
	save(map[string]any{"active": "true", "staff": "true", "groups": "readers", "rights": "main.add_items\nmain.touch"})
	if code := home.Closed(); code != 4004 {
		t.Errorf("a page that was open when rights changed is closed with %d, want 4004", code)
	}
	if view, add, change := nora.Get("/admin/main/items/").Status, nora.Get("/admin/main/items/add/").Status, nora.Get("/admin/main/items/2/delete/").Status; view != 200 || add != 200 || change != 403 {
		t.Errorf("with a group and rights of her own: %d %d %d", view, add, change)
	}
	if said := groups.Event("groups", "save", map[string]any{"name": "readers", "rights": ""}); said != "" {
		t.Fatal(said)
	}
	if code := nora.Get("/admin/main/items/").Status; code != 403 {
		t.Errorf("after the group lost its right: %d", code)
	}
	if said := one.Click("[data-reset]"); said != "" {
		t.Fatal(said)
	}
	fresh := one.Text("[data-new-password]")
	if old, now := c.signsIn("nora", password), c.signsIn("nora", fresh); old != 401 || now != 303 || nora.Get("/admin/").Status != 303 {
		t.Errorf("after a reset the old password is answered %d, the new one %d", old, now)
	}
	if again := super.Open("/admin/users/?name=nora"); again.Has("[data-new-password]") {
		t.Error("the password is shown again")
	}
	nora = c.SignIn("nora", fresh)
	if said := one.Click("[data-sign-out]"); said != "" || nora.Get("/admin/").Status != 303 {
		t.Errorf("signed out everywhere (%s), and still in", said)
	}
	nora = c.SignIn("nora", fresh)
	home = nora.Open("/admin/")
	save(map[string]any{"staff": "true"})
	if code := home.Closed(); code != 4001 || c.signsIn("nora", fresh) != 403 {
		t.Errorf("inactive: the page is closed with %d", code)
	}
	if said := groups.Event("groups", "drop", map[string]any{"name": "readers"}); said != "" || groups.Has("[data-group=readers]") {
		t.Errorf("the group stays (%s)", said)
	}
	c.mustLine(t, widgets.DeedAccount, "super", "the user nora is now: superuser false, active false")

	self := super.Open("/admin/users/?name=super")
	if said := self.Event("users", "save", map[string]any{"active": "true", "staff": "true"}); said != "" {
		t.Fatal(said)
	}
	self.WaitFor(".gr-error-summary", "from yourself")
	if code := super.Get("/admin/users/").Status; code != 200 {
		t.Errorf("a superuser took it from themselves: %d", code)
	}
}

// Nobody else makes users or superusers, by whatever they send.
func TestOnlySuperusersManageUsers(t *testing.T) {
	c := newCompany(t)
	if err := c.users.SetUserRights(t.Context(), "full", []string{"*"}, nil); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"viewer", "full"} {
		for path, fields := range map[string]url.Values{
			"/admin/users/":              {"event": {"add"}, "name": {"mallory"}},
			"/admin/users/?name=" + role: {"event": {"save"}, "super": {"true"}, "active": {"true"}, "staff": {"true"}},
			"/admin/users/?name=super":   {"event": {"password"}},
			"/admin/groups/":             {"event": {"save"}, "name": {"all"}, "rights": {"*"}},
		} {
			fields.Set("csrf", c.csrf(role))
			if code := c.people[role].Post(path, fields).Status; code != 403 && (role != "full" || code != 400) { // "*" has users.impersonate: there is such a page, without these events
				t.Errorf("%s posts %v: %d", role, fields, code)
			}
		}
	}
	all, err := c.users.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(all, func(a grsql.Account) bool { return a.Name == "mallory" || a.Super != (a.Name == "super") }) {
		t.Errorf("the users are %+v", all)
	}
	if groups, err := c.users.Groups(t.Context()); err != nil || len(groups) != 0 {
		t.Errorf("the groups are %+v (%v)", groups, err)
	}
	if code := c.signsIn("super", secretWord); code != 303 {
		t.Errorf("the superuser's password was reset: %d", code)
	}
}

func superID(t *testing.T, c *company) string {
	t.Helper()
	u, err := c.users.UserByName(t.Context(), "super")
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

// TestTheSamePasswordSignsNobodyOut: a server that sets the admin's password at each start must not end what people are at; another password must.
func TestTheSamePasswordSignsNobodyOut(t *testing.T) {
	c := newCompany(t)
	if err := c.room.SetPassword(t.Context(), "super", secretWord); err != nil {
		t.Fatal(err)
	}
	if ins, err := c.users.SignIns(t.Context(), superID(t, c)); err != nil || len(ins) == 0 {
		t.Errorf("after the same password there are %d sign-ins, %v", len(ins), err)
	}
	if err := c.room.SetPassword(t.Context(), "super", secretWord+"!"); err != nil {
		t.Fatal(err)
	}
	if ins, err := c.users.SignIns(t.Context(), superID(t, c)); err != nil || len(ins) != 0 {
		t.Errorf("after another password there are %d sign-ins, %v", len(ins), err)
	}
}
