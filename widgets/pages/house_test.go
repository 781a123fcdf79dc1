package pages

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
	_ "modernc.org/sqlite" // opens the test's own connection

	"greenroom/actors"
	"greenroom/jobs"
	"greenroom/session"
	grsql "greenroom/sql"
	"greenroom/widgets"
)

const shop = `
CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, email VARCHAR(60) NOT NULL UNIQUE, country CHAR(2) NOT NULL, tenant INTEGER NOT NULL DEFAULT 1);
CREATE TABLE orders (
	id INTEGER PRIMARY KEY, number VARCHAR(16) NOT NULL UNIQUE,
	customer_id INTEGER NOT NULL REFERENCES customers (id),
	status VARCHAR(10) NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'paid', 'shipped')),
	total DECIMAL(10,2) NOT NULL DEFAULT 0, rush BOOLEAN NOT NULL DEFAULT 0 CHECK (rush IN (0, 1)),
	created_at DATETIME NOT NULL DEFAULT '2026-01-01 00:00:00', shipped_on DATE, note TEXT, card_token VARCHAR(40)
);
CREATE TABLE lines (order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE, position INTEGER NOT NULL, what VARCHAR(40) NOT NULL, PRIMARY KEY (order_id, position)) WITHOUT ROWID;
CREATE TABLE tags (slug VARCHAR(20) PRIMARY KEY, label VARCHAR(40)) WITHOUT ROWID;
CREATE VIEW totals AS SELECT country, count(*) AS n FROM customers GROUP BY country;
`

// house is an admin on a database of its own, without HTTP: pages are opened and events are sent as http does it.
type house struct {
	t      testing.TB
	site   *Site
	pages  *session.Registry
	raw    *sql.DB // another program at the same database
	tables *grsql.Database
	rules  *rules
}

// rules is a Decider that tests change while pages are open.
type rules struct {
	rows           byTable[widgets.Filter]
	hide, readOnly byTable[[]string]
}

// byTable is a map that a test sets while pages read it.
type byTable[T any] struct{ of sync.Map }

func (b *byTable[T]) set(table string, v T) { b.of.Store(table, v) }

func (b *byTable[T]) get(table string) T {
	v, _ := b.of.Load(table)
	t, _ := v.(T)
	return t
}

func (r *rules) Decide(_ context.Context, u *widgets.User, v widgets.Verb, on widgets.Subject) widgets.Decision {
	allow := u.HasAll(on.Permissions)
	if on.Table == nil {
		return widgets.Decision{Allow: allow}
	}
	if on.Table.ReadOnly != "" && v != widgets.View {
		return widgets.Decision{}
	}
	name := on.Table.Name
	return widgets.Decision{Allow: allow && u.Has(widgets.Permission(v, on.Table)), Rows: r.rows.get(name), Hide: r.hide.get(name), ReadOnly: r.readOnly.get(name)}
}

var ann = &widgets.User{ID: "1", Name: "Ann", Super: true, SessionID: "s1"}

// open builds the house; declare refines the Site before Prepare.
func open(tb testing.TB, declare func(*house)) *house {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "shop.db")
	raw, err := sql.Open("sqlite", path)
	must0(tb, err)
	tb.Cleanup(func() { _ = raw.Close() })
	h := &house{t: tb, raw: raw, rules: &rules{}}
	h.exec("PRAGMA journal_mode=WAL")
	h.exec(shop)
	quiet := slog.New(slog.DiscardHandler)
	system := actors.New(actors.Config{Logger: quiet})
	h.tables, err = grsql.Connect(tb.Context(), path, grsql.Config{OnChange: func(c widgets.Change) { actors.Publish(system, "table/"+c.Table, c) }})
	must0(tb, err)
	hub, err := widgets.NewHub(system, quiet)
	must0(tb, err)
	h.pages, err = session.NewRegistry(session.Config{System: system, Hub: hub, Log: quiet})
	must0(tb, err)
	supervisor := jobs.NewSupervisor(system, jobs.Config{Log: quiet})
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		must0(tb, supervisor.Drain(ctx))
		must0(tb, system.Close(ctx))
		must0(tb, hub.Wait(ctx))
		must0(tb, h.tables.Close())
	})
	h.site = &Site{Title: "Shop", Prefix: "/admin", Decider: h.rules, Jobs: supervisor, Log: quiet}
	for _, table := range h.tables.Tables() {
		h.site.Models = append(h.site.Models, &Model{Source: table})
	}
	if declare != nil {
		declare(h)
	}
	must0(tb, h.site.Prepare())
	return h
}

func must0(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	if _, err := h.raw.Exec(query, args...); err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
}

// one reads one value as text, "NULL" for NULL.
func (h *house) one(query string) string {
	h.t.Helper()
	var v sql.NullString
	if err := h.raw.QueryRow(query).Scan(&v); err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
	if !v.Valid {
		return "NULL"
	}
	return v.String
}

// stock fills in customers 1 to 3 and n orders.
func (h *house) stock(n int) {
	h.t.Helper()
	h.exec(`INSERT INTO customers (id, name, email, country, tenant) VALUES (1,'Ann Lee','ann@x.org','DE',1), (2,'Bob Ray','bob@x.org','FR',1), (3,'Cid Poe','cid@x.org','DE',2)`)
	h.exec(`WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < ?)
		INSERT INTO orders (id, number, customer_id, status, total, rush, card_token)
		SELECT i, printf('N%04d', i), 1 + i % 3, CASE i % 3 WHEN 0 THEN 'paid' WHEN 1 THEN 'new' ELSE 'shipped' END, i * 1.5, i % 2, 'secret' FROM k`, n)
}

func (h *house) model(name string) *Model { return h.site.Model("main", name) }

// tab is an open page.
type tab struct {
	*house
	s    *session.Session
	page *widgets.Page
	raw  string
	main int
	last widgets.Reply
}

// in is where a request for path stands.
func (h *house) in(u *widgets.User, m *Model, path string) widgets.In {
	path, raw, _ := strings.Cut(path, "?")
	in := widgets.In{User: u, Prefix: "/admin", Path: path, Raw: raw, CSRF: "csrf-1"}
	if m != nil {
		in.Table = m.table()
	}
	return in
}

func (h *house) show(page *widgets.Page, err error) *tab {
	h.t.Helper()
	must0(h.t, err)
	s, err := h.pages.Open(h.t.Context(), page, "")
	must0(h.t, err)
	h.t.Cleanup(func() { s.End(0, "") })
	tb := &tab{house: h, s: s, page: page, raw: page.In.Raw}
	for _, p := range s.Placed() {
		if p.Place == widgets.InMain {
			tb.main = p.Slot
		}
	}
	return tb
}

func (h *house) list(u *widgets.User, name, query string) *tab {
	h.t.Helper()
	m := h.model(name)
	return h.show(h.site.ListPage(h.in(u, m, "/admin/main/"+name+"/?"+query), m))
}

func (h *house) change(u *widgets.User, name string, key ...string) *tab {
	h.t.Helper()
	m := h.model(name)
	in := h.in(u, m, "/admin/main/"+name+"/"+widgets.Key(key).String()+"/change/")
	in.Key = key
	return h.show(h.site.ChangePage(in, m))
}

func (h *house) add(u *widgets.User, name string) *tab {
	h.t.Helper()
	m := h.model(name)
	return h.show(h.site.AddPage(h.in(u, m, "/admin/main/"+name+"/add/"), m))
}

// html is what the slot shows now.
func (tb *tab) html(slot int) string {
	tb.t.Helper()
	return string(tb.s.Draw()[slot])
}

func (tb *tab) dom() *html.Node {
	tb.t.Helper()
	return parse(tb.t, tb.html(tb.main))
}

// send is an event of the main widget; it returns what the person is told of a failure.
func (tb *tab) send(event string, fields ...string) string {
	tb.t.Helper()
	payload := map[string][]string{}
	for i := 0; i < len(fields); i += 2 {
		payload[fields[i]] = append(payload[fields[i]], fields[i+1])
	}
	return tb.post(event, payload)
}

func (tb *tab) post(event string, payload map[string][]string) string {
	tb.t.Helper()
	reply, err := tb.s.Post(tb.t.Context(), tb.main, event, payload)
	must0(tb.t, err)
	tb.last = reply
	return reply.Err
}

// submit posts a form of the page as a browser without JavaScript would, after setting fields; a value "-" leaves one out. press is the button.
func (tb *tab) submit(form, press string, fields ...string) string {
	tb.t.Helper()
	payload := formValues(tb.t, only(tb.t, tb.dom(), form))
	for i := 0; i < len(fields); i += 2 {
		delete(payload, fields[i])
	}
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] != "-" {
			payload[fields[i]] = append(payload[fields[i]], fields[i+1])
		}
	}
	if name, value, ok := strings.Cut(press, "="); ok {
		payload[name] = []string{value}
	}
	event := payload["event"]
	if len(event) == 0 {
		tb.t.Fatalf("form %s has no event", form)
	}
	return tb.post(event[0], payload)
}

// wait waits until the main widget shows what news brought; the test's deadline bounds it.
func (tb *tab) wait(what string, shown func(*html.Node) bool) (dom *html.Node) {
	tb.t.Helper()
	tb.await(what, func() bool {
		dom = tb.dom()
		return shown(dom)
	})
	return dom
}

// await waits until something of the page holds.
func (tb *tab) await(what string, holds func() bool) {
	tb.t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			tb.t.Fatalf("not shown in time: %s\n%s", what, tb.document())
		case <-tick.C:
		}
	}
}

// keys are the rows shown.
func keys(dom *html.Node) []string {
	var out []string
	for _, tr := range all(dom, "tbody tr") {
		out = append(out, attr(tr, "data-key"))
	}
	return out
}

// column is the text of a column's cells.
func column(dom *html.Node, name string) []string {
	var out []string
	for _, td := range all(dom, "td[data-col="+name+"]") {
		out = append(out, text(td))
	}
	return out
}

func parse(tb testing.TB, markup string) *html.Node {
	tb.Helper()
	n, err := html.ParseWithOptions(strings.NewReader("<!DOCTYPE html><body>"+markup), html.ParseOptionEnableScripting(false))
	must0(tb, err)
	return n
}

// all finds the elements that a selector matches: words of tag, .class, #id, [name] and [name=value], a blank for "inside".
func all(n *html.Node, selector string) []*html.Node {
	words := strings.Fields(selector)
	var found []*html.Node
	var walk func(n *html.Node, words []string)
	walk = func(n *html.Node, words []string) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			rest := words
			if c.Type == html.ElementNode && matches(c, words[0]) {
				if len(words) == 1 {
					found = append(found, c)
				} else {
					rest = words[1:]
				}
			}
			walk(c, rest)
		}
	}
	walk(n, words)
	return found
}

func matches(n *html.Node, word string) bool {
	for word != "" {
		end := len(word)
		if i := strings.IndexAny(word[1:], ".#["); i >= 0 && word[0] != '[' {
			end = i + 1
		} else if word[0] == '[' {
			end = strings.IndexByte(word, ']') + 1
		}
		part := word[:end]
		word = word[end:]
		switch part[0] {
		case '.':
			if !slices.Contains(strings.Fields(attr(n, "class")), part[1:]) {
				return false
			}
		case '#':
			if attr(n, "id") != part[1:] {
				return false
			}
		case '[':
			name, value, exact := strings.Cut(strings.Trim(part, "[]"), "=")
			if !has(n, name) || exact && attr(n, name) != value {
				return false
			}
		default:
			if n.Data != part {
				return false
			}
		}
	}
	return true
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func text(n *html.Node) string { return strings.TrimSpace(rawText(n)) }

func rawText(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return b.String()
}

func only(tb testing.TB, n *html.Node, selector string) *html.Node {
	tb.Helper()
	found := all(n, selector)
	if len(found) != 1 {
		var b bytes.Buffer
		_ = html.Render(&b, n)
		tb.Fatalf("%d of %q in\n%s", len(found), selector, b.String())
	}
	return found[0]
}

// formValues are the fields that a browser would post, inputs elsewhere that name the form by its id included.
func formValues(tb testing.TB, form *html.Node) map[string][]string {
	tb.Helper()
	values := map[string][]string{}
	for _, n := range all(form, "input") {
		name, kind := attr(n, "name"), attr(n, "type")
		if name == "" || (kind == "checkbox" || kind == "radio") && !has(n, "checked") {
			continue
		}
		values[name] = append(values[name], attr(n, "value"))
	}
	for _, n := range all(form, "textarea") {
		values[attr(n, "name")] = append(values[attr(n, "name")], strings.ReplaceAll(rawText(n), "\n", "\r\n"))
	}
	for _, n := range all(form, "select") {
		for _, o := range all(n, "option") {
			if has(o, "selected") {
				values[attr(n, "name")] = []string{attr(o, "value")}
			}
		}
		if values[attr(n, "name")] == nil {
			if options := all(n, "option"); len(options) > 0 {
				values[attr(n, "name")] = []string{attr(options[0], "value")}
			}
		}
	}
	return values
}

func mustErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}
