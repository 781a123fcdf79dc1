package hostile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/fasthttp/websocket"
)

// dial opens a socket with headers of the test's own choice; the status is that of the handshake.
func (c *company) dial(header http.Header) (conn *websocket.Conn, status int) {
	c.t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{"greenroom.1"}}
	conn, response, err := dialer.DialContext(c.t.Context(), "ws"+strings.TrimPrefix(c.URL, "http")+"/admin/socket", header)
	if response == nil {
		c.t.Fatal(err)
	}
	_ = response.Body.Close()
	if conn != nil {
		c.t.Cleanup(func() { _ = conn.Close() })
	}
	return conn, response.StatusCode
}

// closedWith sends frames and returns the code that the socket is closed with.
func closedWith(t *testing.T, conn *websocket.Conn, frames ...string) int {
	t.Helper()
	for _, f := range frames {
		_ = conn.WriteMessage(websocket.TextMessage, []byte(f)) // it may be closed already
	}
	for {
		_, _, err := conn.ReadMessage()
		if closed, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // the library returns it bare
			return closed.Code
		}
		if err != nil {
			t.Fatalf("the socket ended without a word: %v", err)
		}
	}
}

func TestForgedAndForeignPageTokensAttachToNothing(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory, victim := c.SignIn("mallory", password), c.SignIn("victim", password)
	theirs := victim.Get("/admin/main/orders/1/change/")
	page := victim.Load("/admin/main/orders/1/change/", theirs)
	stolen := page.Token()
	id, signature, _ := strings.Cut(stolen, ".")
	mine := mallory.Load("/admin/", mallory.Get("/admin/")).Token()
	_, mySignature, _ := strings.Cut(mine, ".")
	for name, forged := range map[string]string{
		"stolen whole":          stolen,
		"id with my signature":  id + "." + mySignature,
		"no signature":          id,
		"empty signature":       id + ".",
		"cut signature":         id + "." + signature[:len(signature)-2],
		"nothing":               "",
		"path":                  "../../" + stolen,
		"two dots":              id + "." + signature + "." + signature,
		"a NUL":                 id + "\x00." + signature,
		"very long":             strings.Repeat("A", 60_000),
		"of another encoding":   id + "." + strings.ReplaceAll(signature, "-", "+") + "=",
		"id of another letters": strings.ToLower(id) + "." + signature,
	} {
		conn, status := c.dial(http.Header{"Origin": {c.URL}, "Cookie": {mallory.Cookie("greenroom")}})
		if status != http.StatusSwitchingProtocols {
			t.Fatalf("%s: the handshake is answered %d", name, status)
		}
		frame, err := json.Marshal([]any{"attach", forged, 0})
		if err != nil {
			t.Fatal(err)
		}
		event := `["event",0,"save",{"note":"owned"},1]`
		if code := closedWith(t, conn, string(frame), event); code != 4004 {
			t.Errorf("%s: closed with %d, want 4004", name, code)
		}
	}
	c.untouched(before)
	c.told("socket closed", "not this sign-in's")
	// The token is its owner's all the same.
	page.Attach()
	if said := page.Event("form", "save", map[string]any{"note": "changed in peace"}); said != "" {
		t.Errorf("the owner's page does not work any more: %s", said)
	}
}

func TestASignInThatEndedTakesItsTokensAlong(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory := c.SignIn("mallory", password)
	page := mallory.Open("/admin/main/orders/1/change/")
	kept, token := mallory.Cookie("greenroom"), page.Token()
	home := mallory.Get("/admin/")
	if got := mallory.Post("/admin/logout/", map[string][]string{"csrf": {home.Field("csrf")}}).Status; got != http.StatusSeeOther {
		t.Fatalf("signing out: %d", got)
	}
	page.Closed()
	if _, status := c.dial(http.Header{"Origin": {c.URL}, "Cookie": {kept}}); status != http.StatusUnauthorized {
		t.Errorf("the kept cookie opens a socket: %d", status)
	}
	again := c.SignIn("mallory", password)
	conn, _ := c.dial(http.Header{"Origin": {c.URL}, "Cookie": {again.Cookie("greenroom")}})
	frame, err := json.Marshal([]any{"attach", token, 0})
	if err != nil {
		t.Fatal(err)
	}
	if code := closedWith(t, conn, string(frame)); code != 4004 {
		t.Errorf("a page of the sign-in before: closed with %d, want 4004", code)
	}
	c.untouched(before)
}

func TestAttachIsSaidOnceAndFirst(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory := c.SignIn("mallory", password)
	for name, then := range map[string][]string{
		"event before attach":    {`["event",0,"save",{"note":"owned"},1]`},
		"pong before attach":     {`["pong"]`},
		"attach as an object":    {`{"attach":"x"}`},
		"attach of two words":    {`["attach","x"]`},
		"sequence as a text":     {`["attach","x","0"]`},
		"sequence below nothing": {`["attach","x",-1]`},
		"sequence of a fraction": {`["attach","x",0.5]`},
	} {
		conn, _ := c.dial(http.Header{"Origin": {c.URL}, "Cookie": {mallory.Cookie("greenroom")}})
		if code := closedWith(t, conn, then...); code != 1008 {
			t.Errorf("%s: closed with %d, want 1008", name, code)
		}
	}
	page := mallory.Open("/admin/main/orders/")
	page.Raw([]byte(`["attach","` + page.Token() + `",0]`))
	if code := page.Closed(); code != 1008 {
		t.Errorf("a second attach on one socket: closed with %d, want 1008", code)
	}
	c.untouched(before)
	c.told("socket closed", "code=1008")
}

func TestFramesThatNoPageSends(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory := c.SignIn("mallory", password)
	deep := strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000)
	for name, one := range map[string]struct {
		frame string
		code  int
	}{
		"an undeclared event":        {`["event",0,"drop table",{},1]`, 1008},
		"an event of another widget": {`["event",0,"console-run",{},1]`, 1008},
		"a widget that is not there": {`["event",99,"save",{},1]`, 1008},
		"a widget below zero":        {`["event",-1,"save",{},1]`, 1008},
		"a widget beyond int":        {`["event",99999999999999999999,"save",{},1]`, 1008},
		"a negative ref":             {`["event",0,"save",{},-1]`, 1008},
		"a payload that is a list":   {`["event",0,"save",[],1]`, 1008},
		"resync of nothing":          {`["resync",7]`, 1008},
		"a word of the server's":     {`["redirect","https://evil.example/"]`, 1008},
		"no JSON":                    {`DROP TABLE orders`, 1008},
		"two values":                 {`["pong"]["pong"]`, 1008},
		"not UTF-8":                  {"[\"event\",0,\"save\",{\"note\":\"\xff\xfe\"},1]", 1007},
		"too large":                  {`["event",0,"save",{"note":"` + strings.Repeat("A", 70_000) + `"},1]`, 1009},
	} {
		page := mallory.Open("/admin/main/orders/1/change/")
		page.Raw([]byte(one.frame))
		if code := page.Closed(); code != one.code {
			t.Errorf("%s: closed with %d, want %d", name, code, one.code)
		}
	}
	// What is well-formed but senseless is answered, and the page lives on.
	page := mallory.Open("/admin/main/orders/1/change/")
	for name, payload := range map[string]map[string]any{
		"nested":   {"note": map[string]any{"$ne": ""}},
		"a number": {"note": 1e308},
		"a list":   {"note": []any{"a", map[string]any{"b": "c"}}},
		"deep":     {"note": json.RawMessage(deep)},
	} {
		if said := page.Event("form", "save", payload); said == "" && c.contents() != before {
			t.Errorf("%s: was taken", name)
		}
	}
	c.untouched(before)
}

func TestOriginsCookiesAndHosts(t *testing.T) {
	c := serve(t)
	mallory := c.SignIn("mallory", password)
	cookie := mallory.Cookie("greenroom")
	host := strings.TrimPrefix(c.URL, "http://")
	for _, origin := range []string{
		"", "null", "https://evil.example", "http://" + host + ".evil.example", "http://evil.example/" + host, "http://evil.example#" + host,
		"http://user@evil.example", "file://", "http://127.0.0.1", "http://" + host + "@evil.example", "javascript:" + host,
	} {
		header := http.Header{"Cookie": {cookie}}
		if origin != "" {
			header.Set("Origin", origin)
		}
		if _, status := c.dial(header); status != http.StatusForbidden {
			t.Errorf("origin %q: the handshake is answered %d, want 403", origin, status)
		}
	}
	for _, bad := range []string{"greenroom=", "greenroom=x", "greenroom=" + strings.Repeat("A", 3000), "greenroom=a; greenroom=b", "greenroom=\x01"} {
		if _, status := c.dial(http.Header{"Origin": {c.URL}, "Cookie": {bad}}); status != http.StatusUnauthorized && status != http.StatusBadRequest {
			t.Errorf("cookie %.20q: the handshake is answered %d", bad, status)
		}
	}
	for _, evil := range []string{"evil.example", "127.0.0.1.evil.example", "evil.example:" + host[strings.LastIndex(host, ":")+1:]} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+"/admin/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = evil
		request.Header.Set("Cookie", cookie)
		answer := c.raw(request)
		if answer.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("under the name %q: %d, want 421", evil, answer.StatusCode)
		}
	}
}

// raw sends a request as it is, without following anything.
func (c *company) raw(request *http.Request) *http.Response {
	c.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

// A page that sends without end keeps its own socket busy and nobody else's.
func TestAFloodHarmsItsOwnPageOnly(t *testing.T) {
	c := serve(t)
	before := c.contents()
	mallory, victim := c.SignIn("mallory", password), c.SignIn("victim", password)
	theirs := victim.Open("/admin/main/orders/")
	flood := mallory.Open("/admin/main/orders/")
	var rest sync.WaitGroup
	stop := make(chan struct{})
	rest.Go(func() {
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			default:
				flood.Raw(fmt.Appendf(nil, `["event",0,"search",{"value":"%d"},%d]`, i, 1000+i))
			}
		}
	})
	for range 20 {
		for _, number := range []string{"A-1", "A-2"} {
			if said := theirs.Event("orders", "search", map[string]any{"value": number}); said != "" {
				t.Errorf("another person's search is answered %q", said)
			}
			theirs.WaitFor("table tbody", number)
		}
	}
	close(stop)
	rest.Wait()
	c.untouched(before)
}
