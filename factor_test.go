package greenroom_test

import (
	"database/sql"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"greenroom"
	"greenroom/greenroomtest"
	"greenroom/widgets"
)

// code is what an authenticator shows at a moment.
func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	text, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// ask gives the viewer's password in a new browser, and returns it with the answer, which asks for the code.
func (c *company) ask(t *testing.T) (*greenroomtest.Person, string) {
	t.Helper()
	p := c.Visitor()
	answer := p.Post("/admin/login/", url.Values{"username": {"viewer"}, "password": {secretWord}, "csrf": {p.Get("/admin/login/").Field("csrf")}, "next": {"/admin/main/items/"}})
	if answer.Status != 200 || answer.Field("pending") == "" || p.Cookie("greenroom") != "" {
		t.Fatalf("the password alone is answered %d, pending %q", answer.Status, answer.Field("pending"))
	}
	return p, answer.Field("pending")
}

func give(p *greenroomtest.Person, pending, code string) *greenroomtest.Answer {
	return p.Post("/admin/login/", url.Values{"pending": {pending}, "code": {code}, "csrf": {p.Get("/admin/login/").Field("csrf")}, "next": {"/admin/main/items/"}})
}

// TestSecondFactor sets one up on the account's page, signs in with codes and recovery codes, each of which is taken once, and ends it again.
func TestSecondFactor(t *testing.T) {
	c := newCompany(t)
	here, elsewhere := c.people["viewer"], c.SignIn("viewer", secretWord)
	page := here.Open("/admin/account/")
	if said := page.Submit("[data-factor-begin]", map[string]string{"password": "a guess"}); said != "" {
		t.Fatal(said)
	}
	page.WaitFor(".gr-error-summary", "not right")
	if page.Has("[data-secret]") {
		t.Fatal("a secret is shown to who does not know the password")
	}
	if said := page.Submit("[data-factor-begin]", map[string]string{"password": secretWord}); said != "" {
		t.Fatal(said)
	}
	page.WaitUntil("[data-qr]", true)
	secret := page.Text("[data-secret]")
	if len(secret) != 32 {
		t.Fatalf("the secret is %q", secret)
	}
	if code := c.signsIn("viewer", secretWord); code != 303 {
		t.Errorf("a second factor that is not confirmed is asked for: %d", code)
	}
	now := time.Now()
	if said := page.Submit("[data-factor-confirm]", map[string]string{"code": code(t, secret, now.Add(-time.Hour))}); said != "" {
		t.Fatal(said)
	}
	page.WaitFor(".gr-error-summary", "not the code")
	first := code(t, secret, now)
	if said := page.Submit("[data-factor-confirm]", map[string]string{"code": first}); said != "" {
		t.Fatal(said)
	}
	page.WaitUntil("[data-recovery]", true)
	recovery := page.Attrs("[data-recovery] li", "data-key")
	if len(recovery) != 10 || page.Has("[data-secret]") {
		t.Fatalf("recovery codes: %v", recovery)
	}
	if code := elsewhere.Get("/admin/").Status; code != 303 {
		t.Errorf("another sign-in lives on: %d", code)
	}
	if strings.Contains(here.Get("/admin/account/").Body, recovery[0]) {
		t.Error("the recovery codes are shown again")
	}

	p, pending := c.ask(t)
	if got := give(p, pending, first).Status; got != 401 {
		t.Errorf("the code that confirmed is taken again: %d", got)
	}
	next := code(t, secret, now.Add(30*time.Second))
	if answer := give(p, pending, next); answer.Status != 303 || answer.Location != "/admin/main/items/" || p.Get("/admin/").Status != 200 {
		t.Errorf("a fresh code is answered %d, to %q", answer.Status, answer.Location)
	}
	q, pending := c.ask(t)
	if got := give(q, pending, next).Status; got != 401 {
		t.Errorf("a code is taken twice: %d", got)
	}
	if got := give(c.Visitor(), pending, recovery[0]).Status; got != 403 {
		t.Errorf("what one browser was given is good for another: %d", got)
	}
	if got := give(q, strings.Replace(pending, userID(t, c, "viewer"), userID(t, c, "super"), 1), recovery[0]).Status; got != 403 {
		t.Errorf("what was given for one user is good for another: %d", got)
	}
	if got := give(q, pending, " "+strings.ToLower(recovery[0])).Status; got != 303 {
		t.Errorf("a recovery code is answered %d", got)
	}
	q, pending = c.ask(t)
	if got := give(q, pending, recovery[0]).Status; got != 401 {
		t.Errorf("a recovery code is taken twice: %d", got)
	}
	c.mustLine(t, widgets.DeedAccount, "viewer", "the user viewer has a second factor now")
	c.mustLine(t, widgets.DeedAccount, "viewer", "the user viewer used a recovery code")
	c.mustLine(t, widgets.DeedSignInFailed, "viewer", "the password was right, the code of the second factor was not")

	// Guessing has to wait, and the right password in between takes nothing of it back.
	var last int
	for range 8 {
		q, pending = c.ask(t)
		last = give(q, pending, "000000").Status
	}
	if last != 429 {
		t.Errorf("many wrong codes are answered %d in the end, want 429", last)
	}

	page = here.Open("/admin/account/")
	if said := page.Submit("[data-factor-codes]", map[string]string{"password": secretWord}); said != "" {
		t.Fatal(said)
	}
	page.WaitUntil("[data-recovery]", true)
	if again := page.Attrs("[data-recovery] li", "data-key"); len(again) != 10 || again[1] == recovery[1] {
		t.Errorf("new recovery codes: %v", again)
	}
	if said := page.Submit("[data-factor-end]", map[string]string{"password": secretWord}); said != "" {
		t.Fatal(said)
	}
	page.WaitUntil("[data-factor-begin]", true)
	if code := c.signsIn("viewer", secretWord); code != 303 {
		t.Errorf("after its end the password is answered %d", code)
	}
	c.mustLine(t, widgets.DeedAccount, "viewer", "the user viewer has no second factor any more")
}

// TestSuperusersNeedASecondFactor asks for it: nothing but the account's page is open to a superuser until they have one, and to others nothing changes.
func TestSuperusersNeedASecondFactor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shop.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plain.ExecContext(t.Context(), `CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT)`); err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), file, greenroom.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	room, err := greenroom.New(t.Context(), greenroom.Config{DB: db, State: filepath.Join(t.TempDir(), "state.db"), SecondFactor: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := room.SetPassword(t.Context(), "boss", secretWord); err != nil {
		t.Fatal(err)
	}
	c := &company{Server: greenroomtest.Serve(t, room)}
	boss := c.SignIn("boss", secretWord)
	for _, path := range []string{"", "users/", "audit/", "main/items/", "jobs/", "console/"} {
		if answer := boss.Get("/admin/" + path); answer.Status != 303 || answer.Location != "/admin/account/" {
			t.Errorf("GET %s: %d to %q", path, answer.Status, answer.Location)
		}
	}
	for _, path := range []string{"audit/export/csv", "metrics", "main/items/export/csv"} {
		if got := boss.Get("/admin/" + path).Status; got != 403 {
			t.Errorf("GET %s: %d", path, got)
		}
	}
	csrf := boss.Get("/admin/account/").Field("csrf")
	if got := boss.Post("/admin/users/", url.Values{"csrf": {csrf}, "event": {"add"}, "widget": {"users"}, "name": {"mallory"}}).Status; got != 403 {
		t.Errorf("POST users: %d", got)
	}
	page := boss.Open("/admin/account/")
	if said := page.Submit("[data-factor-begin]", map[string]string{"password": secretWord}); said != "" {
		t.Fatal(said)
	}
	page.WaitUntil("[data-qr]", true)
	if said := page.Submit("[data-factor-confirm]", map[string]string{"code": code(t, page.Text("[data-secret]"), time.Now())}); said != "" {
		t.Fatal(said)
	}
	page.WaitUntil("[data-recovery]", true)
	if got := boss.Get("/admin/main/items/").Status; got != 200 {
		t.Errorf("with a second factor the list is answered %d", got)
	}
}
