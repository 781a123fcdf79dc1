package hostile

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func readCloser(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

// A cookie that was there before the sign-in is worth nothing afterwards (session fixation).
func TestASignInIsNeverTheOneThatWasBroughtAlong(t *testing.T) {
	c := serve(t)
	visitor := c.Visitor()
	form := visitor.Get("/admin/login/")
	fields := url.Values{"username": {"victim"}, "password": {password}, "csrf": {form.Field("csrf")}, "next": {"/admin/"}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.URL+"/admin/login/", strings.NewReader(fields.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	const planted = "PLANTEDPLANTEDPLANTEDPLANTED"
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Cookie", "greenroom="+planted+"; "+visitor.Cookie("greenroom_login"))
	answer := c.raw(request)
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("the sign-in is answered %d", answer.StatusCode)
	}
	given := ""
	for _, cookie := range answer.Cookies() {
		if cookie.Name == "greenroom" {
			given = cookie.Value
			if !cookie.HttpOnly || cookie.SameSite == http.SameSiteNoneMode || cookie.Domain != "" {
				t.Errorf("the cookie is %v", cookie)
			}
		}
	}
	if given == "" || given == planted {
		t.Errorf("the sign-in has the ID %q", given)
	}
	// Signing in again ends the one before: it is not left lying about.
	first, second := c.SignIn("mallory", password), ""
	before := first.Cookie("greenroom")
	form2 := c.Visitor()
	second = form2.Get("/admin/login/").Field("csrf")
	request, err = http.NewRequestWithContext(t.Context(), http.MethodPost, c.URL+"/admin/login/",
		strings.NewReader(url.Values{"username": {"mallory"}, "password": {password}, "csrf": {second}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Cookie", before+"; "+form2.Cookie("greenroom_login"))
	c.raw(request)
	request, err = http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+"/admin/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Cookie", before)
	if got := c.raw(request).StatusCode; got != http.StatusSeeOther {
		t.Errorf("the sign-in before still opens pages: %d", got)
	}
}

func TestSignInLeadsNowhereElse(t *testing.T) {
	c := serve(t)
	for _, next := range []string{
		"https://evil.example/", "//evil.example/", `/\evil.example/`, `\\evil.example`, "/admin//evil.example", "/admin/\r\nSet-Cookie: a=b", "javascript:alert(1)", "/admin",
		"http:/admin/", "///admin/", "/admin/../../evil", "/adminevil/", "%2f%2fevil.example", " //evil.example", "/admin/%0d%0aLocation:%20https://evil.example", "https:evil.example",
		"/admin/\t//evil.example", "data:text/html,x", "/admin/@evil.example/..", "//admin/",
	} {
		visitor := c.Visitor()
		form := visitor.Get("/admin/login/?next=" + url.QueryEscape(next))
		answer := visitor.Post("/admin/login/", url.Values{"username": {"victim"}, "password": {password}, "csrf": {form.Field("csrf")}, "next": {next}})
		to, err := url.Parse(answer.Location)
		if err != nil || answer.Status != http.StatusSeeOther || to.Host != "" || to.Scheme != "" || !strings.HasPrefix(answer.Location, "/admin/") ||
			strings.HasPrefix(answer.Location, "//") || strings.ContainsAny(answer.Location, "\\\r\n") || answer.Header.Get("Set-Cookie") == "a=b" {
			t.Errorf("next=%q leads to %q (%d)", next, answer.Location, answer.Status)
		}
	}
}

func TestHeadersAreNotSplit(t *testing.T) {
	c := serve(t)
	mallory := c.SignIn("mallory", password)
	for _, path := range []string{
		"/admin/main/orders?x=%0d%0aSet-Cookie:%20evil=1", "/admin/main/orders/%0d%0aSet-Cookie:%20evil=1", "/admin/login/?next=%2Fadmin%2F%0d%0aSet-Cookie:%20evil=1",
		"/admin/main/labels/%0aSet-Cookie:%20evil=1/change", "/admin/main/orders/export/csv?q=%0d%0aSet-Cookie:%20evil=1&o=%0d%0aX:y",
	} {
		answer := mallory.Get(path)
		for name, values := range answer.Header {
			for _, v := range values {
				if strings.ContainsAny(v, "\r\n") || name == "Set-Cookie" && strings.HasPrefix(v, "evil") || name == "X" {
					t.Errorf("%s has the header %s: %q", path, name, v)
				}
			}
		}
	}
	for header, value := range map[string]string{
		"X-Forwarded-For": "127.0.0.1, evil", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Original-URL": "/admin/users/",
		"X-Rewrite-URL": "/admin/users/", "X-Forwarded-User": "boss", "Remote-User": "boss", "X-Remote-User": "boss", "Authorization": "Basic Ym9zczp4",
	} {
		for _, path := range []string{"/admin/users/", "/admin"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Cookie", mallory.Cookie("greenroom"))
			request.Header.Set(header, value)
			answer := c.raw(request)
			if path == "/admin/users/" && answer.StatusCode != http.StatusForbidden || strings.Contains(answer.Header.Get("Location"), "evil") || answer.Header.Get("Strict-Transport-Security") != "" {
				t.Errorf("%s with %s: %s is answered %d, %v", path, header, value, answer.StatusCode, answer.Header)
			}
		}
	}
}

// Guessing: five tries are free, then it takes time, by whatever spelling of the name, and however many come at once.
func TestGuessingIsSlow(t *testing.T) {
	c := serve(t)
	visitor := c.Visitor()
	token := visitor.Get("/admin/login/").Field("csrf")
	try := func(name, word string) int {
		return visitor.Post("/admin/login/", url.Values{"username": {name}, "password": {word}, "csrf": {token}}).Status
	}
	var mu sync.Mutex
	answers := map[int]int{}
	var all sync.WaitGroup
	for n := range 40 {
		name := []string{"victim", "VICTIM", "Victim", "vicTIM"}[n%4]
		all.Go(func() {
			code := try(name, "guess")
			mu.Lock()
			answers[code]++
			mu.Unlock()
		})
	}
	all.Wait()
	if tested := answers[http.StatusUnauthorized]; tested > 5 || answers[http.StatusTooManyRequests] < 30 {
		t.Errorf("40 guesses at once are answered %v: %d passwords were tried, want at most 5", answers, tested)
	}
	if code := try("victim", password); code != http.StatusTooManyRequests {
		t.Errorf("the right password during the pause is answered %d, want 429: else guessing goes on", code)
	}
	c.told("sign-in-failed", "victim")
}

// Whether a name exists does not show in the answer, nor in what it costs: both take one hash. Measured is the process's own CPU time, which other
// programs do not disturb; without the hash nobody would cost a hundredth.
func TestSignInCostsAsMuchForNobody(t *testing.T) {
	c := serve(t)
	costs, texts := map[string]time.Duration{}, map[string]string{}
	names := []string{"victim", "nobody"}
	for range 2 { // four failures, which are free
		for _, name := range names {
			visitor := c.Visitor()
			token := visitor.Get("/admin/login/").Field("csrf")
			before := cpu(t)
			answer := visitor.Post("/admin/login/", url.Values{"username": {name}, "password": {"guess"}, "csrf": {token}})
			if cost := cpu(t) - before; costs[name] == 0 || cost < costs[name] {
				costs[name] = cost
			}
			if answer.Status != http.StatusUnauthorized {
				t.Fatalf("%s is answered %d", name, answer.Status)
			}
			texts[name] = strings.ReplaceAll(answer.Text(), name, "")
		}
	}
	if somebody, nobody := costs["victim"], costs["nobody"]; nobody < somebody/3 || nobody > 3*somebody {
		t.Errorf("a sign-in of somebody costs %v, of nobody %v", somebody, nobody)
	}
	if texts["victim"] != texts["nobody"] {
		t.Errorf("the answers differ: %q", texts)
	}
}

func cpu(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
