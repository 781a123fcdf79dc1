package hostile

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greenroom/greenroomtest"
)

func csrf(p *greenroomtest.Person) string { return p.Get("/admin/").Field("csrf") }

// Mass assignment: fields that the form does not have, that are read-only or hidden, by form and by socket, on change, add and cell editing.
func TestFieldsThatAreNotOnesOwnStayAsTheyAre(t *testing.T) {
	c := serve(t)
	mallory := c.SignIn("mallory", password)
	evil := map[string]any{
		"number": "A-999", "tenant": "2", "card_token": "mine now", "id": "77", "rowid": "77", "_rowid_": "77", "main.tenant": "2", "tenant ": "2", "Tenant": "2", "TENANT": "2",
		"note": "a note",
	}
	page := mallory.Open("/admin/main/orders/1/change/")
	_ = page.Event("form", "save", evil)
	fields := url.Values{"csrf": {csrf(mallory)}, "event": {"save"}, "widget": {"form"}}
	for k, v := range evil {
		fields.Set(k, fmt.Sprint(v))
	}
	_ = mallory.Post("/admin/main/orders/1/change/", fields)
	_ = mallory.Post("/admin/main/orders/2/change/?id=1&tenant=2&number=x", fields)
	for _, column := range []string{"number", "tenant", "card_token", "id", "cents", "rowid", "note; DROP TABLE orders", ""} {
		list := mallory.Open("/admin/main/orders/")
		if said := list.Event("orders", "edit-save", map[string]any{"key": "1", "col": column, "value": "7"}); said == "" && !list.Has("[role=alert], .gr-error") {
			t.Errorf("the cell %q was taken without a word", column)
		}
		list.Cut()
	}
	for _, key := range []string{"3", "1 OR 1=1", "1,2", "", "../1", "%33", "1.0", "+1", "1;", "1 --"} { // 3 is the other tenant's
		list := mallory.Open("/admin/main/orders/")
		_ = list.Event("orders", "edit", map[string]any{"row": key, "col": "note"})
		_ = list.Event("orders", "edit-save", map[string]any{"key": key, "col": "note", "value": "owned"})
		list.Cut()
	}
	const want = "1|A-1|a note|100|" + token + "|1\n2|A-2|a note|200|" + token + "|1\n3|B-1|theirs|300|" + token + "|2\nplain|a label\nvault|the vault opens at noon"
	if got := c.contents(); got != want {
		t.Errorf("the shop is\n%s\nwant\n%s", got, want)
	}
	// A row that is added belongs to whom the rule says, whatever was sent along.
	add := mallory.Open("/admin/main/orders/add/")
	_ = add.Event("form", "save", map[string]any{"number": "A-3", "tenant": "2", "card_token": "mine", "note": "added", "cents": "1"})
	_ = mallory.Post("/admin/main/orders/add/", url.Values{"csrf": {csrf(mallory)}, "event": {"save"}, "widget": {"form"}, "number": {"A-4"}, "tenant": {"2"}, "card_token": {"mine"}})
	var foreign int
	if err := c.plain.QueryRowContext(t.Context(), `SELECT count(*) FROM orders WHERE id > 3 AND (tenant <> 1 OR card_token <> '')`).Scan(&foreign); err != nil {
		t.Fatal(err)
	}
	if foreign != 0 {
		t.Errorf("%d rows were added with fields that are not for her to set", foreign)
	}
}

// Rows of the other tenant, by every address and event that takes a key.
func TestRowsOfOthersAreNotThere(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory := c.SignIn("mallory", password)
	for _, path := range []string{"3/change/", "3/delete/", "3/history/", "3%2C/change/", "%33/change/"} {
		at := "/admin/main/orders/" + path
		if got := mallory.Get(at).Status; got != http.StatusNotFound {
			t.Errorf("GET %s: %d, want 404", at, got)
		}
		if got := mallory.Post(at, url.Values{"csrf": {csrf(mallory)}, "event": {"delete"}}).Status; got != http.StatusNotFound {
			t.Errorf("POST %s: %d, want 404", at, got)
		}
	}
	list := mallory.Open("/admin/main/orders/")
	_ = list.Event("orders", "select", map[string]any{"key": "3", "checked": "true"})
	_ = list.Event("orders", "ask", map[string]any{"action": "delete", "key": "3"})
	_ = list.Event("orders", "run", map[string]any{"action": "delete", "key": "3"})
	for _, kind := range []string{"csv", "json", "xlsx"} {
		answer := mallory.Get("/admin/main/orders/export/" + kind)
		if answer.Status != http.StatusOK || strings.Contains(answer.Body, "theirs") || strings.Contains(answer.Body, token) {
			t.Errorf("export/%s: %d, and it may have what is not hers", kind, answer.Status)
		}
		answer = mallory.Post("/admin/main/orders/export/"+kind, url.Values{"csrf": {csrf(mallory)}, "row": {"3"}, "key": {"3"}, "cols": {"id,card_token"}})
		if strings.Contains(answer.Body, "theirs") || strings.Contains(answer.Body, token) {
			t.Errorf("export/%s of a chosen row has what is not hers", kind)
		}
	}
	c.untouched(before)
}

func TestFormsFromElsewhereAreRefused(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory, victim := c.SignIn("mallory", password), c.SignIn("victim", password)
	body := url.Values{"csrf": {csrf(victim)}, "event": {"save"}, "widget": {"form"}, "note": {"owned"}}
	target := c.URL + "/admin/main/orders/1/change/"
	for name, change := range map[string]func(r *http.Request, v url.Values){
		"no token":               func(_ *http.Request, v url.Values) { v.Del("csrf") },
		"an empty token":         func(_ *http.Request, v url.Values) { v.Set("csrf", "") },
		"mallory's token":        func(_ *http.Request, v url.Values) { v.Set("csrf", csrf(mallory)) },
		"two tokens":             func(_ *http.Request, v url.Values) { v["csrf"] = []string{"x", v.Get("csrf")} },
		"sent by another site":   func(r *http.Request, _ url.Values) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"another site's origin":  func(r *http.Request, _ url.Values) { r.Header.Set("Origin", "https://evil.example") },
		"an opaque origin":       func(r *http.Request, _ url.Values) { r.Header.Set("Origin", "null") },
		"as text/plain":          func(r *http.Request, _ url.Values) { r.Header.Set("Content-Type", "text/plain") },
		"as JSON":                func(r *http.Request, _ url.Values) { r.Header.Set("Content-Type", "application/json") },
		"token in a header only": func(r *http.Request, v url.Values) { r.Header.Set("X-CSRF-Token", v.Get("csrf")); v.Del("csrf") },
		"token in the query": func(r *http.Request, v url.Values) {
			r.URL.RawQuery = "csrf=" + url.QueryEscape(v.Get("csrf"))
			v.Del("csrf")
		},
	} {
		fields := url.Values{}
		maps.Copy(fields, body)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Cookie", victim.Cookie("greenroom"))
		change(request, fields)
		text := fields.Encode()
		request.Body, request.ContentLength = readCloser(text), int64(len(text))
		if answer := c.raw(request); answer.StatusCode != http.StatusForbidden && answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
	}
	c.untouched(before)
	c.told("POST /admin/main/orders/1/change/", "another site")
	// The same without any trick is taken: else the refusals would prove nothing.
	if got := victim.Post("/admin/main/orders/1/change/", body).Status; got != http.StatusSeeOther {
		t.Errorf("the victim's own form: %d", got)
	}
}

// Methods other than the few that there are change nothing, however they are dressed up.
func TestOtherMethods(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory := c.SignIn("mallory", password)
	token := csrf(mallory)
	for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND"} {
		for _, path := range []string{"/admin/main/orders/1/delete/", "/admin/main/orders/1/change/", "/admin/logout/"} {
			request, err := http.NewRequestWithContext(t.Context(), method, c.URL+path+"?event=delete&csrf="+url.QueryEscape(token), nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Cookie", mallory.Cookie("greenroom"))
			request.Header.Set("X-HTTP-Method-Override", "POST")
			if answer := c.raw(request); answer.StatusCode < 400 {
				t.Errorf("%s %s: %d", method, path, answer.StatusCode)
			}
		}
	}
	if got := mallory.Get("/admin/logout/").Status; got != http.StatusMethodNotAllowed {
		t.Errorf("GET logout: %d", got)
	}
	if got := mallory.Get("/admin/").Status; got != http.StatusOK {
		t.Errorf("mallory is signed out: %d", got)
	}
	c.untouched(before)
}
