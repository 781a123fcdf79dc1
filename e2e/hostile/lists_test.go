package hostile

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A filter, an order, a search or a facet over a column that is hidden would tell its content letter by letter.
func TestHiddenColumnsAnswerNoQuestion(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory := c.SignIn("mallory", password)
	rows := func(query string) (n int, said string) {
		t.Helper()
		answer := mallory.Get("/admin/main/orders/?" + query)
		if answer.Status != http.StatusOK {
			t.Fatalf("?%s is answered %d: %s", query, answer.Status, answer.Text())
		}
		if strings.Contains(answer.Body, token) && !strings.Contains(query, token) { // what was typed stands in the search box
			t.Errorf("?%s shows the token", query)
		}
		return strings.Count(answer.Body, "<tr data-key="), answer.Text()
	}
	all, _ := rows("")
	for _, query := range []string{
		"f.card_token=" + token, "f.card_token=nothing", "null.card_token=1", "null.card_token=0", "from.card_token=a", "to.card_token=z", "f.card_token=tok..toz",
		"o=card_token", "o=-card_token", "cols=card_token", "cols=id,card_token", "view=card_token",
		"f.orders.card_token=x", "f.card_token%00=x", "f.CARD_TOKEN=x", "f.\"card_token\"=x", "o=card_token%20DESC", "o=(SELECT%20card_token)", "o=1,(CASE%20WHEN%201%20THEN%20id%20END)",
		"f.id%3D1%20OR%201=1", "f.tenant)=2", "o=random()", "o=rowid", "f.rowid=1", "f.sqlite_master=1",
	} {
		n, said := rows(query)
		if n != all {
			t.Errorf("?%s shows %d rows, want all %d: the column answered", query, n, all)
		}
		if asks := !strings.HasPrefix(query, "cols=") && !strings.HasPrefix(query, "view="); asks && !strings.Contains(said, "This list") {
			t.Errorf("?%s is not told that it means nothing", query)
		}
	}
	if n, _ := rows("q=" + token); n != 0 {
		t.Errorf("a search for the token finds %d rows", n)
	}
	if n, _ := rows("q=" + url.QueryEscape("card_token:"+token[:4])); n != 0 {
		t.Errorf("a search in the hidden column finds %d rows", n)
	}
	list := mallory.Open("/admin/main/orders/")
	for _, column := range []string{"card_token", "nothing", "", "id; DROP TABLE orders"} {
		_ = list.Event("orders", "facets", map[string]any{"column": column})
	}
	_ = list.Event("orders", "columns", map[string]any{"cols": "id,card_token"})
	_ = list.Event("orders", "go", map[string]any{"to": "?o=card_token&f.card_token=" + token})
	for _, frame := range list.Frames() {
		if strings.Contains(frame, token) {
			t.Errorf("a frame has the token: %s", frame)
		}
	}
	c.untouched(before)
}

func TestSearchesAndFiltersAreNoSQL(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory := c.SignIn("mallory", password)
	for _, evil := range []string{
		`' OR '1'='1`, `" OR ""="`, `'; DROP TABLE orders; --`, `%' UNION SELECT word FROM secrets --`, `\`, `%`, `_`, `^`, `=`, `"`, `""`, "\x00", "a\x00b", `1e999`,
		`{{.}}`, `${7*7}`, `A-1' AND (SELECT word FROM secrets) LIKE 'the%`, strings.Repeat("(", 5000), strings.Repeat(`"a" `, 3000), strings.Repeat("%", 10000), "\u202e\ufeff",
	} {
		for _, query := range []string{"q=", "f.note=", "f.cents=", "f.id=", "o=", "after=", "before=", "cols=", "view="} {
			answer := mallory.Get("/admin/main/orders/?" + query + url.QueryEscape(evil))
			if answer.Status >= 500 && answer.Status != http.StatusServiceUnavailable {
				t.Errorf("?%s%.40q: %d: %s", query, evil, answer.Status, answer.Text())
			}
			if strings.Contains(answer.Body, "the vault opens") || strings.Contains(answer.Body, "theirs") {
				t.Errorf("?%s%.40q shows what is not hers", query, evil)
			}
		}
	}
	c.untouched(before)
}

// A cursor is made by the server; one that is not says nothing about rows beyond the person's.
func TestCursorsReachNoFurtherThanTheList(t *testing.T) {
	c := serve(t)
	mallory := c.SignIn("mallory", password)
	for _, cursor := range []string{"3", "0", "-1", "W10", "WyIzIl0", "eyJpZCI6M30", "../3", "AAAA", strings.Repeat("A", 8000), "WyIxIiwiMSIsIjEiXQ", "null", "%00"} {
		for _, word := range []string{"after", "before"} {
			answer := mallory.Get("/admin/main/orders/?" + word + "=" + cursor)
			if answer.Status >= 500 || strings.Contains(answer.Body, "theirs") {
				t.Errorf("%s=%.20s: %d, or a row of another tenant", word, cursor, answer.Status)
			}
		}
	}
}

func TestKeysAreNoPaths(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory := c.SignIn("mallory", password)
	for _, evil := range []string{
		"..", ".", "%2e%2e", "..%2f..%2fsecrets%2fvault", "%2f", "1%2f..%2f3", "1%00", "1%0d%0aSet-Cookie:%20a=b", "%ff", "1%2c3", "1,3", "1%20OR%201=1", "1%3b", "add",
		"%31%00", "1%09", "+1", "0x1", "1.0", "1e0", strings.Repeat("9", 400), "%25%32%65", "\\", "%5c..%5c",
	} {
		for _, path := range []string{
			"/admin/main/orders/" + evil + "/change/", "/admin/main/labels/" + evil + "/change/", "/admin/main/" + evil + "/", "/admin/" + evil + "/orders/",
			"/admin/static/" + evil + "/main.js", "/admin/static/x/" + evil, "/admin/progress/" + evil + "/", "/admin/progress/" + evil + "/failed.csv", "/admin/console/profile/" + evil, "/admin/audit/export/" + evil,
		} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.URL.Opaque = "//" + strings.TrimPrefix(c.URL, "http://") + path
			request.Header.Set("Cookie", mallory.Cookie("greenroom"))
			answer := c.raw(request)
			if answer.StatusCode >= 500 || len(answer.Header.Values("Set-Cookie")) > 0 && strings.Contains(fmt.Sprint(answer.Header), "a=b") {
				t.Errorf("GET %.60s: %d %v", path, answer.StatusCode, answer.Header)
			}
			if strings.Contains(path, "/change/") && answer.StatusCode == http.StatusOK {
				t.Errorf("GET %.60s is a row", path)
			}
		}
	}
	c.untouched(before)
}

// Jobs have IDs that cannot be guessed; those of others are as if they were not there.
func TestForeignJobs(t *testing.T) {
	c := serve(t)
	mallory, victim := c.SignIn("mallory", password), c.SignIn("victim", password)
	list := victim.Open("/admin/main/orders/")
	_ = list.Event("orders", "select", map[string]any{"key": "1", "checked": "true"})
	if said := list.Event("orders", "ask", map[string]any{"action": "wait"}); said != "" {
		t.Fatal(said)
	}
	at := list.Redirected()
	<-c.began
	id := strings.TrimSuffix(strings.TrimPrefix(at, "/admin/progress/"), "/")
	if len(id) < 20 {
		t.Errorf("the job's ID %q can be guessed", id)
	}
	own := mallory.Open("/admin/jobs/")
	for _, verb := range []string{"cancel", "pause", "resume"} {
		if said := own.Event("jobs", verb, map[string]any{"job": id}); said != "Job not found or expired." {
			t.Errorf("%s of a foreign job is answered %q", verb, said)
		}
		if got := mallory.Post(at, url.Values{"csrf": {csrf(mallory)}, "event": {verb}, "widget": {"progress"}}).Status; got != http.StatusNotFound {
			t.Errorf("POST %s to a foreign job: %d", verb, got)
		}
	}
	for _, path := range []string{at, at + "failed.csv", at + "../" + id + "/"} {
		if got := mallory.Get(path).Status; got != http.StatusNotFound {
			t.Errorf("GET %s: %d, want 404", path, got)
		}
	}
	if answer := mallory.Get("/admin/jobs/history/?job=" + id); strings.Contains(answer.Body, id) {
		t.Error("the history shows a foreign job")
	}
	if got := victim.Get(at).Text(); !strings.Contains(got, "Cancel") {
		t.Errorf("the victim's job does not run any more: %s", got)
	}
}
