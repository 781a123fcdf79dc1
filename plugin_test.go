package greenroom_test

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"greenroom"
	"greenroom/greenroomtest"
)

func note(name, text string) greenroom.Widget {
	return greenroom.Widget{
		Name: name, Template: template.Must(template.New(name).Parse(`<p>{{.}}</p>`)),
		Mount: func(context.Context, greenroom.In) (any, error) { return text, nil },
	}
}

// pluggedIn runs an admin with plugins, and signs its superuser in.
func pluggedIn(t *testing.T, log *bytes.Buffer, plugins ...greenroom.Plugin) (*greenroom.Room, *greenroomtest.Person) {
	t.Helper()
	room, err := greenroom.New(t.Context(), greenroom.Config{
		DB: checked(t), State: filepath.Join(t.TempDir(), "state.db"), Plugins: plugins, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := room.SetPassword(t.Context(), "admin", secretWord); err != nil {
		t.Fatal(err)
	}
	return room, greenroomtest.Serve(t, room).SignIn("admin", secretWord)
}

// B03, B11: each plugin is made ready once, in its order, with a room that is complete; one that fails or panics takes nothing else down.
func TestAPluginThatFailsFailsAlone(t *testing.T) {
	var log bytes.Buffer
	var order []string
	plugin := func(name string, err error) greenroom.Plugin {
		w := note("page", "the page of "+name)
		return greenroom.Plugin{
			Name: name, Pages: []greenroom.PluginPage{{Path: name + "/home", Main: &w}}, Widgets: []greenroom.Widget{note("card-"+name, "a card of "+name)},
			Ready: func(_ context.Context, room *greenroom.Room) error {
				order = append(order, "ready "+name)
				room.Publish("nobody listens", nil)
				if errors.Is(err, errors.ErrUnsupported) {
					panic("at the disco")
				}
				return err
			},
			Close: func(context.Context) error {
				order = append(order, "close "+name)
				return nil
			},
		}
	}
	room, admin := pluggedIn(t, &log, plugin("zoo", nil), plugin("broken", errors.New("no key for the cellar")), plugin("mad", errors.ErrUnsupported), plugin("ark", nil))
	home := admin.Get("/admin/").Body
	for name, works := range map[string]bool{"zoo": true, "ark": true, "broken": false, "mad": false} {
		if got := strings.Contains(home, "a card of "+name); got != works {
			t.Errorf("the card of %s is shown: %v", name, got)
		}
		if got := strings.Contains(home, `href="/admin/`+name+`/home/"`); got != works {
			t.Errorf("the navigation has %s: %v", name, got)
		}
		want := map[bool]int{true: 200, false: 503}[works]
		if page := admin.Get("/admin/" + name + "/home/"); page.Status != want || strings.Contains(page.Body, "cellar") {
			t.Errorf("the page of %s: %d", name, page.Status)
		}
	}
	// B08: sections by the alphabet.
	if ark, zoo := strings.Index(home, ">Ark<"), strings.Index(home, ">Zoo<"); ark < 0 || zoo < ark {
		t.Errorf("Ark at %d, Zoo at %d", ark, zoo)
	}
	found, err := room.Findings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	off := slices.DeleteFunc(found, func(f greenroom.Finding) bool { return f.ID != "greenroom.A021" })
	if len(off) != 2 || !strings.Contains(off[0].Text, "no key for the cellar") || !strings.Contains(off[1].Text, "at the disco") {
		t.Errorf("findings: %v", off)
	}
	if !strings.Contains(log.String(), "no key for the cellar") || !strings.Contains(log.String(), "plugin_test.go") {
		t.Error("the log lacks the reason, or where it panicked")
	}
	if err := room.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if want := "ready zoo ready broken ready mad ready ark close ark close zoo"; strings.Join(order, " ") != want {
		t.Errorf("%v, want %s", order, want)
	}
}

// B08, B09: what the navigation says, and where it leads.
func TestThePagesOfAPlugin(t *testing.T) {
	var log bytes.Buffer
	main := note("main", "providers")
	_, admin := pluggedIn(t, &log, greenroom.Plugin{
		Name: "auth", Label: "Authentication",
		Pages: []greenroom.PluginPage{
			{Path: "/auth/sso_providers/", Order: 2, Main: &main, Widgets: []greenroom.Widget{note("above", "a word above")}},
			{Path: "auth/keys", Label: "Keys", Section: "Secrets", Widgets: []greenroom.Widget{note("keys", "no keys")}},
			{Path: "auth/hidden", Hidden: true, Main: &main},
		},
		Nav: []greenroom.NavItem{
			{Label: "Docs", URL: "https://example.com/docs", Order: 3},
			{Label: "First", URL: "auth/keys/", Order: 1},
			{Label: "Elsewhere", URL: "/docs/", Order: 4},
			{Label: "Nowhere", Order: 5},
			{Label: "Icon", URL: "auth/keys/?x", Icon: `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M0 0h9"/></svg>`},
		},
	})
	letters := regexp.MustCompile(` data-go="." title="g ."`) // which letter leads where is the palette's
	home := letters.ReplaceAllString(admin.Get("/admin/").Body, "")
	_, group, _ := strings.Cut(home, ">Authentication<")
	group, _, _ = strings.Cut(group, "</ul>")
	at := 0
	for _, want := range []string{
		`href="/admin/auth/keys/?x"><svg `, `href="/admin/auth/keys/">First<`, `href="/admin/auth/sso_providers/">Auth sso providers<`, `href="https://example.com/docs">Docs<`,
		`href="/docs/">Elsewhere<`, `href="#">Nowhere<`,
	} {
		next := strings.Index(group[at:], want)
		if next < 0 {
			t.Errorf("the group lacks %s, or has it too early", want)
			continue
		}
		at += next
	}
	if strings.Contains(group, "Keys<") || !strings.Contains(home, ">Secrets<") || strings.Contains(home, "auth/hidden") {
		t.Error("a page stands in the wrong group, or one that is hidden is shown")
	}
	page := admin.Get("/admin/auth/sso_providers/")
	page.Body = letters.ReplaceAllString(page.Body, "")
	for _, want := range []string{"<h1>Auth sso providers</h1>", "a word above", ">providers<", `href="/admin/auth/sso_providers/" aria-current="page"`} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(group, page.Body)
	}
	for path, want := range map[string]int{"auth/keys": 301, "auth/keys/": 200, "auth/hidden/": 200, "auth/keys//": 404, "auth/": 404, "auth/nothing/": 404} {
		if got := admin.Get("/admin/" + path).Status; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}

func TestFaultsOfPluginsAreFindings(t *testing.T) {
	w := note("w", "")
	page := func(path, name string) greenroom.PluginPage {
		return greenroom.PluginPage{Path: path, Name: name, Main: &w}
	}
	found, err := greenroom.Check(t.Context(), greenroom.Config{DB: checked(t), Only: false, SuppressChecks: []string{"greenroom.A010"}, Plugins: []greenroom.Plugin{
		{},
		{Name: "a b"},
		{Name: "one", Pages: []greenroom.PluginPage{
			page("one/x", "x"), page("/one/x/", "y"), page("one/z", "x"), page("jobs/mine", ""), page("main/mine", ""), page("", ""), page("one/../audit", ""),
			{Path: "one/empty"},
			{Path: "one/lame", Main: &greenroom.Widget{Name: "lame"}},
		}, Nav: []greenroom.NavItem{{URL: "/x"}, {Label: "Bad", URL: "javascript:alert(1)"}}},
		{Name: "one"},
		{Name: "two", Pages: []greenroom.PluginPage{page("one/x", "other")}, Widgets: []greenroom.Widget{note("card", "")}},
		{Name: "three", Widgets: []greenroom.Widget{note("card", "")}},
	}}, "")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range found {
		text.WriteString(f.String() + "\n")
	}
	for _, want := range []string{
		`A020 error: plugin 1: pages: plugin 1: a plugin must have a Name`, `the name "a b" does not fit`, `page "one/x": pages: plugin "one": page "one/x": plugin "one" has a page at this address`,
		`has a page named "x" already`, `"jobs/" is where pages of the admin itself stand (begin it with the plugin's name: one/jobs/mine)`, `"main/" is where the tables of a schema stand`,
		`page "": `, `page "one/../audit": `, `the page shows nothing`, `A072 error: plugin "one": page "one/lame": Main`, `an entry without a Label`, `leads to "javascript:alert(1)"`,
		`a plugin named "one" is in use already`, `plugin "one" has a page at this address already (give one another Path)`, `two widgets are named "card"`,
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(text.String())
	}
}
