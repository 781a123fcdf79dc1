package greenroomtest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"golang.org/x/net/html"

	"greenroom/widgets/view/viewtest"
)

// Page is an open page, live over its socket.
type Page struct {
	person *Person
	t      testing.TB
	Path   string
	token  string
	socket string

	writing sync.Mutex // of frames: one at a time
	mu      sync.Mutex
	changed *sync.Cond
	names   []string         // widgets by slot
	parts   []*viewtest.Page // their DOM
	conn    *websocket.Conn
	frames  []string // everything that was received, oldest first
	seq     uint64
	refs    int64
	replies map[int64]string
	goes    string // where the server sent the page
	query   string // of the page's address, as the server last set it
	toasts  []Toast
	back    time.Duration // after which a server that goes down wants the page back; 0 if it did not say
	closed  int           // the close code, 0 while open
	live    bool
}

// Toast is a short message that a page shows: the level is info, ok, warn or error.
type Toast struct{ Level, Text string }

// Open loads a path and attaches its socket, as a browser does.
func (p *Person) Open(path string) *Page {
	p.t.Helper()
	answer := p.Get(path)
	if answer.Status != http.StatusOK {
		p.t.Fatalf("greenroomtest: GET %s is answered %d (%s): %s", path, answer.Status, answer.Location, answer.Text())
	}
	page := p.Load(path, answer)
	page.Attach()
	return page
}

// Load makes a page of an answer without attaching it.
func (p *Person) Load(path string, answer *Answer) *Page {
	p.t.Helper()
	body := first(answer.doc, "body[data-gr-token]")
	if body == nil {
		p.t.Fatalf("greenroomtest: %s is no live page: %s", path, answer.Text())
	}
	page := &Page{person: p, t: p.t, Path: path, token: attr(body, "data-gr-token"), socket: attr(body, "data-gr-socket"), replies: map[int64]string{}}
	page.changed = sync.NewCond(&page.mu)
	sections := all(answer.doc, "[data-gr]")
	slices.SortStableFunc(sections, func(a, b *html.Node) int { // what stands in the top bar has the last number
		return cmp.Compare(number(a), number(b))
	})
	for slot, section := range sections {
		if attr(section, "data-gr") != fmt.Sprint(slot) {
			p.t.Fatalf("greenroomtest: widget %d of %s is numbered %q", slot, path, attr(section, "data-gr"))
		}
		var inner strings.Builder
		for c := section.FirstChild; c != nil; c = c.NextSibling {
			if err := html.Render(&inner, c); err != nil {
				p.t.Fatal(err)
			}
		}
		part, err := viewtest.Parse(inner.String())
		if err != nil {
			p.t.Fatal(err)
		}
		page.names, page.parts = append(page.names, attr(section, "data-widget")), append(page.parts, part)
	}
	p.t.Cleanup(page.Cut)
	return page
}

// number is a widget's slot, a high one where there is none.
func number(section *html.Node) int {
	n, err := strconv.Atoi(attr(section, "data-gr"))
	if err != nil {
		return 1 << 20
	}
	return n
}

// Token is what the page would attach with.
func (g *Page) Token() string { return g.token }

// Attach opens the page's socket and waits until it is attached. After Cut it resumes.
func (g *Page) Attach() {
	g.t.Helper()
	header := http.Header{"Origin": {g.person.server.URL}}
	at := "ws" + strings.TrimPrefix(g.person.server.URL, "http") + g.socket
	dialer := websocket.Dialer{Subprotocols: []string{"greenroom.1"}, HandshakeTimeout: patience}
	// The jar speaks of http addresses only.
	request, err := http.NewRequestWithContext(g.t.Context(), http.MethodGet, g.person.server.URL+g.socket, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, c := range g.person.client.Jar.Cookies(request.URL) {
		header.Add("Cookie", c.Name+"="+c.Value)
	}
	conn, response, err := dialer.DialContext(g.t.Context(), at, header)
	if err != nil {
		g.t.Fatalf("greenroomtest: open the socket of %s: %v", g.Path, err)
	}
	_ = response.Body.Close()
	g.mu.Lock()
	g.conn, g.live, g.closed = conn, false, 0
	seq := g.seq
	g.mu.Unlock()
	go g.listen(conn)
	g.send("attach", g.token, seq)
	g.wait("the socket is attached", func() bool { return g.live || g.closed != 0 })
}

// listen applies what comes until the socket ends.
func (g *Page) listen(conn *websocket.Conn) {
	for {
		_, data, err := conn.ReadMessage()
		g.mu.Lock()
		if g.conn != conn {
			g.mu.Unlock()
			return
		}
		if err != nil {
			g.live, g.closed = false, 1006
			var code *websocket.CloseError
			if asClose(err, &code) {
				g.closed = code.Code
			}
			g.changed.Broadcast()
			g.mu.Unlock()
			return
		}
		g.frames = append(g.frames, string(data))
		if err := g.apply(data); err != nil {
			g.t.Errorf("greenroomtest: frame %s: %v", data, err)
		}
		g.changed.Broadcast()
		g.mu.Unlock()
	}
}

// apply does what a frame says; the lock is held.
func (g *Page) apply(data []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	var word string
	if err := json.Unmarshal(parts[0], &word); err != nil {
		return err
	}
	switch word {
	case "attached":
		g.live = true
	case "patch":
		var seq uint64
		if err := json.Unmarshal(parts[1], &seq); err != nil {
			return err
		}
		g.seq = seq
		for n := 2; n+1 < len(parts); n += 2 {
			var slot int
			if err := json.Unmarshal(parts[n], &slot); err != nil {
				return err
			}
			if err := g.parts[slot].Apply(parts[n+1]); err != nil {
				return err
			}
		}
	case "reply":
		var ref int64
		if err := json.Unmarshal(parts[1], &ref); err != nil {
			return err
		}
		said := ""
		if len(parts) > 2 {
			if err := json.Unmarshal(parts[2], &said); err != nil {
				return err
			}
		}
		g.replies[ref] = said
	case "redirect":
		return json.Unmarshal(parts[1], &g.goes)
	case "url":
		return json.Unmarshal(parts[1], &g.query)
	case "toast":
		var t Toast
		if err := errors.Join(json.Unmarshal(parts[1], &t.Level), json.Unmarshal(parts[2], &t.Text)); err != nil {
			return err
		}
		g.toasts = append(g.toasts, t)
	case "restarting":
		var ms int64
		if err := json.Unmarshal(parts[1], &ms); err != nil {
			return err
		}
		g.back = time.Duration(ms) * time.Millisecond
	case "ping":
		return g.write(g.conn, []byte(`["pong"]`))
	default:
		return fmt.Errorf("the word %q is not in docs/protocol.md", word)
	}
	return nil
}

func (g *Page) send(parts ...any) {
	g.t.Helper()
	data, err := json.Marshal(parts)
	if err != nil {
		g.t.Fatal(err)
	}
	g.Raw(data)
}

// Raw sends bytes as a text frame. A server that does not want them may close the socket before the last was written: that is told by Closed, and by
// everything that waits for an answer.
func (g *Page) Raw(data []byte) {
	g.t.Helper()
	g.mu.Lock()
	conn := g.conn
	g.mu.Unlock()
	_ = g.write(conn, data)
}

// write sends one frame after the other: the test's, and what answers a ping meanwhile.
func (g *Page) write(conn *websocket.Conn, data []byte) error {
	g.writing.Lock()
	defer g.writing.Unlock()
	return conn.WriteMessage(websocket.TextMessage, data)
}

// Event sends an event to a widget by name and returns what it was answered, "" when all went well.
func (g *Page) Event(widget, name string, payload map[string]any) string {
	g.t.Helper()
	slot := slices.Index(g.names, widget)
	if slot < 0 {
		g.t.Fatalf("greenroomtest: %s has no widget %q; it has %v", g.Path, widget, g.names)
	}
	g.mu.Lock()
	g.refs++
	ref := g.refs
	g.mu.Unlock()
	if payload == nil {
		payload = map[string]any{}
	}
	g.send("event", slot, name, payload, ref)
	g.wait(fmt.Sprintf("%s answers %s", widget, name), func() bool { _, ok := g.replies[ref]; return ok || g.closed != 0 })
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.replies[ref]
}

// wait blocks until a condition over the page's state holds; it is checked after each frame.
func (g *Page) wait(what string, done func() bool) {
	g.t.Helper()
	late := time.AfterFunc(patience, func() { g.mu.Lock(); defer g.mu.Unlock(); g.changed.Broadcast() })
	defer late.Stop()
	end := time.Now().Add(patience)
	g.mu.Lock()
	defer g.mu.Unlock()
	for !done() {
		if time.Now().After(end) {
			g.t.Fatalf("greenroomtest: waited in vain until %s; closed with %d; the page says: %s", what, g.closed, g.say())
		}
		g.changed.Wait()
	}
}

func (g *Page) say() string {
	var b strings.Builder
	for n, part := range g.parts {
		fmt.Fprintf(&b, "\n[%s] %s", g.names[n], text(part.Root()))
	}
	return b.String()
}

// Cut ends the socket without a word, as a lost network does. Attach resumes.
func (g *Page) Cut() {
	g.mu.Lock()
	conn := g.conn
	g.conn = nil
	g.mu.Unlock()
	if conn != nil {
		_ = conn.NetConn().Close()
	}
}

// Frames returns what was received since the last call, as text.
func (g *Page) Frames() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	frames := g.frames
	g.frames = nil
	return frames
}

// WaitToast waits until the page was told a text that contains want.
func (g *Page) WaitToast(want string) {
	g.t.Helper()
	g.wait(fmt.Sprintf("a toast says %q", want), func() bool {
		return slices.ContainsFunc(g.toasts, func(t Toast) bool { return strings.Contains(t.Text, want) })
	})
}

// Closed waits until the server closed the socket and returns the code.
func (g *Page) Closed() int {
	g.t.Helper()
	g.wait("the socket is closed", func() bool { return g.closed != 0 })
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

// Redirected waits until the server sends the page elsewhere and returns where.
func (g *Page) Redirected() string {
	g.t.Helper()
	g.wait("the page is sent elsewhere", func() bool { return g.goes != "" })
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.goes
}

// Toasts returns the messages that the page was told to show since the last call.
func (g *Page) Toasts() []Toast {
	g.mu.Lock()
	defer g.mu.Unlock()
	toasts := g.toasts
	g.toasts = nil
	return toasts
}

// Query is the query that the server gave the page's address last, with its "?"; "" if it gave none.
func (g *Page) Query() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.query
}

// ComesBack waits until the server says that it goes down, and returns after how long it wants the page back.
func (g *Page) ComesBack() time.Duration {
	g.t.Helper()
	g.wait("the server goes down", func() bool { return g.back != 0 })
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.back
}

// Resync asks for a widget as a whole, as a page does that a patch did not fit.
func (g *Page) Resync(widget string) {
	g.t.Helper()
	g.send("resync", slices.Index(g.names, widget))
}

// Widgets are the names of the page's widgets, in order.
func (g *Page) Widgets() []string { return slices.Clone(g.names) }

// Click does what a click on the first match of a selector does: it fires the element's gr-click, submits its form, or fires gr-change of a box.
func (g *Page) Click(selector string) string {
	g.t.Helper()
	slot, n := g.must(selector)
	payload := values(n)
	switch {
	case attr(n, "gr-click") != "":
		return g.Event(g.names[slot], attr(n, "gr-click"), payload)
	case attr(n, "gr-change") != "" && attr(n, "type") == "checkbox":
		payload["checked"] = fmt.Sprint(!has(n, "checked"))
		payload["value"] = attr(n, "value")
		return g.Event(g.names[slot], attr(n, "gr-change"), payload)
	}
	form := enclosing(n, "form")
	if form == nil || attr(form, "gr-submit") == "" {
		g.t.Fatalf("greenroomtest: %s on %s does nothing when clicked", selector, g.Path)
	}
	return g.submit(slot, form, n, nil)
}

// Write puts text into a field and fires its gr-input or gr-change.
func (g *Page) Write(selector, value string) string {
	g.t.Helper()
	slot, n := g.must(selector)
	payload := values(n)
	payload["value"], payload["name"] = value, attr(n, "name")
	for _, kind := range []string{"gr-input", "gr-change"} {
		if name := attr(n, kind); name != "" {
			return g.Event(g.names[slot], name, payload)
		}
	}
	g.t.Fatalf("greenroomtest: %s on %s has neither gr-input nor gr-change", selector, g.Path)
	return ""
}

// Submit sends a form with the fields as they stand, but for those given.
func (g *Page) Submit(selector string, fields map[string]string) string {
	g.t.Helper()
	slot, form := g.must(selector)
	return g.submit(slot, form, nil, fields)
}

func (g *Page) submit(slot int, form, button *html.Node, fields map[string]string) string {
	g.t.Helper()
	g.mu.Lock()
	payload := formFields(form)
	g.mu.Unlock()
	if button != nil && attr(button, "name") != "" {
		payload[attr(button, "name")] = attr(button, "value")
	}
	for name, value := range fields {
		payload[name] = value
	}
	return g.Event(g.names[slot], attr(form, "gr-submit"), payload)
}

// must finds the first match among the page's widgets.
func (g *Page) must(selector string) (slot int, n *html.Node) {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for slot, part := range g.parts {
		if n := first(part.Root(), selector); n != nil {
			return slot, n
		}
	}
	g.t.Fatalf("greenroomtest: %s has no %s; the page says: %s", g.Path, selector, g.say())
	return 0, nil
}

// Has reports whether a selector finds anything in the page's widgets.
func (g *Page) Has(selector string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.has(selector)
}

func (g *Page) has(selector string) bool {
	for _, part := range g.parts {
		if first(part.Root(), selector) != nil {
			return true
		}
	}
	return false
}

// All is the text of every match, in order.
func (g *Page) All(selector string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.all(selector)
}

func (g *Page) all(selector string) []string {
	var texts []string
	for _, part := range g.parts {
		for _, n := range all(part.Root(), selector) {
			texts = append(texts, text(n))
		}
	}
	return texts
}

// Attrs is an attribute of every match, in order.
func (g *Page) Attrs(selector, name string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var values []string
	for _, part := range g.parts {
		for _, n := range all(part.Root(), selector) {
			values = append(values, attr(n, name))
		}
	}
	return values
}

// Text is the text of the first match, "" if there is none.
func (g *Page) Text(selector string) string {
	if texts := g.All(selector); len(texts) > 0 {
		return texts[0]
	}
	return ""
}

// WaitFor waits until the first match of a selector contains a text.
func (g *Page) WaitFor(selector, want string) {
	g.t.Helper()
	g.wait(fmt.Sprintf("%s says %q", selector, want), func() bool {
		texts := g.all(selector)
		return len(texts) > 0 && strings.Contains(texts[0], want)
	})
}

// WaitUntil waits until a selector finds something, or nothing if present is false.
func (g *Page) WaitUntil(selector string, present bool) {
	g.t.Helper()
	g.wait(fmt.Sprintf("%s is there: %v", selector, present), func() bool { return g.has(selector) == present })
}
