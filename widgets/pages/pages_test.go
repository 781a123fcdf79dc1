package pages

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"greenroom/jobs"
	"greenroom/widgets"
)

// document draws a whole page as http does.
func (tb *tab) document() string {
	tb.t.Helper()
	drawn := make([]Drawn, 0, 4)
	for n, markup := range tb.s.Draw() {
		drawn = append(drawn, Drawn{tb.s.Placed()[n], markup})
	}
	var b bytes.Buffer
	must0(tb.t, tb.site.Document(&b, Document{
		Page: tb.page, Widgets: drawn, Token: "tok", Socket: "/admin/socket", Assets: Assets{CSS: "/c.css", JS: "/m.js", Preload: []string{"/p.js"}},
		User: tb.page.In.User, CSRF: "csrf-1", Flash: []widgets.Toast{{Level: "ok", Text: "Saved <b>."}},
	}))
	return b.String()
}

func parseDocument(t *testing.T, markup string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(markup))
	must0(t, err)
	return n
}

// strict fails on anything that a strict content security policy would forbid.
func strict(t *testing.T, markup string) {
	t.Helper()
	for _, n := range all(parseDocument(t, markup), "html") {
		var walk func(*html.Node)
		walk = func(n *html.Node) {
			if n.Data == "style" || n.Data == "script" && attr(n, "src") == "" {
				t.Errorf("inline %s", n.Data)
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("attribute %s on %s", a.Key, n.Data)
				}
			}
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c)
			}
		}
		walk(n)
	}
}

func total(context.Context, widgets.In) (Stat, error) {
	return Stat{Value: "42", Delta: "+1 %", Level: "ok", Trend: []float64{1, 3, 2}}, nil
}

func TestDocumentPutsEachWidgetInItsPlace(t *testing.T) {
	h := open(t, func(h *house) {
		secret := StatWidget("secret", "Secret", total)
		secret.Permissions = []string{"shop.secret"}
		card := StatWidget("revenue", "Revenue", total)
		card.Bare, card.Size = false, widgets.LG
		h.orders().List.Widgets = []widgets.Widget{StatWidget("total", "Total", total), card, secret}
	})
	h.stock(3)
	clerk := &widgets.User{ID: "2", Name: "Cle<rk", Rights: []string{"main.view_orders"}}
	markup := h.list(clerk, "orders", "").document()
	strict(t, markup)
	dom := parseDocument(t, markup)
	body := only(t, dom, "body")
	if attr(body, "data-gr-token") != "tok" || attr(body, "data-gr-socket") != "/admin/socket" {
		t.Error("the page cannot attach")
	}
	bare := only(t, dom, ".gr-slots section[data-widget=total]")
	if attr(bare, "class") != "gr-widget gr-sm" || attr(bare, "data-gr") != "0" {
		t.Errorf("bare widget %v", bare.Attr)
	}
	card := only(t, dom, ".gr-slots .gr-lg .gr-card section[data-widget=revenue]")
	if text(only(t, card.Parent, "h2")) != "Revenue" || attr(card, "data-gr") != "1" {
		t.Error("card and heading")
	}
	if main := only(t, dom, "main section[data-widget=orders]"); attr(main, "data-gr") != "2" || len(all(main, "tbody tr")) != 3 {
		t.Error("main widget")
	}
	if strings.Contains(strings.ToLower(markup), "secret\"") || strings.Contains(markup, "Secret") {
		t.Error("B24: a widget without permission left its name")
	}
	nav := only(t, dom, "nav.gr-nav")
	if links := all(nav, "a"); len(links) != 3 || attr(links[2], "href") != "/admin/main/orders/" || attr(links[2], "aria-current") != "page" {
		t.Error("navigation")
	}
	if form := only(t, dom, "header form"); attr(form, "method") != "post" || attr(form, "action") != "/admin/logout/" || formValues(t, form)["csrf"][0] != "csrf-1" {
		t.Error("sign out")
	}
	if got := text(only(t, dom, "header .gr-dropdown summary")); got != "Cle<rk" {
		t.Errorf("user %q", got)
	}
	if got := text(only(t, dom, ".gr-toast")); got != "Saved <b>." {
		t.Errorf("flash %q", got)
	}
	if got := attr(only(t, dom, "html"), "lang"); got == "" {
		t.Error("no language")
	}
}

// B23 and X27: what stands above a list follows its query, what stands above a form has the key, and on the add page none.
func TestB23SlotsAreToldWhereTheyStand(t *testing.T) {
	h := open(t, func(h *house) {
		m := h.orders()
		m.List.Widgets = []widgets.Widget{StatWidget("sum", "Sum", func(ctx context.Context, in widgets.In) (Stat, error) {
			sum, err := m.Source.Sum(ctx, *in.Query, "total")
			return Stat{Value: sum}, err
		})}
		m.Form.Widgets = []widgets.Widget{StatWidget("which", "Which", func(_ context.Context, in widgets.In) (Stat, error) {
			if in.Key == nil {
				return Stat{Value: "none"}, nil
			}
			return Stat{Value: in.Key.String()}, nil
		})}
	})
	h.stock(60)
	tb := h.list(ann, "orders", "q=N0001")
	value := func(tb *tab) string { return text(only(t, parse(t, tb.html(0)), "[data-value]")) }
	if got := value(tb); got != "1.50" {
		t.Errorf("sum %q", got)
	}
	tb.send("search", "value", "N000")
	tb.wait("the sum of nine orders", func(*html.Node) bool { return value(tb) == "67.50" })
	tb.send("search", "value", "")
	tb.wait("the sum of all pages", func(*html.Node) bool { return value(tb) == "2745.00" })
	if got := value(h.change(ann, "orders", "2")); got != "2" {
		t.Errorf("key %q", got)
	}
	if got := value(h.add(ann, "orders")); got != "none" {
		t.Errorf("key on the add page %q", got)
	}
}

func TestDashboardListsWhatThePersonMaySee(t *testing.T) {
	h := open(t, nil)
	h.stock(1200)
	dom := h.show(h.site.Dashboard(h.in(ann, nil, "/admin/"))).dom()
	row := only(t, dom, "tr[data-key=main.orders]")
	if got := text(all(row, "td")[1]); got != "1,200" {
		t.Errorf("count %q", got)
	}
	if got := attr(all(row, "a")[1], "href"); got != "/admin/main/orders/add/" {
		t.Errorf("add %q", got)
	}
	clerk := &widgets.User{ID: "2", Rights: []string{"main.view_orders"}}
	dom = h.show(h.site.Dashboard(h.in(clerk, nil, "/admin/"))).dom()
	if rows := all(dom, "tbody tr"); len(rows) != 1 || len(all(rows[0], "a")) != 1 {
		t.Error("the clerk sees more than orders, or may add some")
	}
	nobody := &widgets.User{ID: "3"}
	if got := text(only(t, h.show(h.site.Dashboard(h.in(nobody, nil, "/admin/"))).dom(), "h2")); got != "No tables yet." {
		t.Errorf("%q", got)
	}
}

// B22 and X25: the delete page counts what goes along, and says why the database refuses.
func TestB22DeleteAsksWithCounts(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	h.exec("INSERT INTO lines VALUES (2, 1, 'lamp'), (2, 2, 'rug')")
	page := func(name, key string) *tab {
		m := h.model(name)
		in := h.in(ann, m, "/admin/main/"+name+"/"+key+"/delete/")
		in.Key = widgets.Key{key}
		return h.show(h.site.DeletePage(in, m))
	}
	tb := page("orders", "2")
	if got := text(only(t, tb.dom(), "h1")); got != "Delete “N0002”?" {
		t.Errorf("%q", got)
	}
	if got := text(only(t, tb.dom(), "li")); got != "2 lines" {
		t.Errorf("goes along: %q", got)
	}
	tb.submit("form", "")
	if got := tb.last.Effects.Redirect; got != "/admin/main/orders/" || h.one("SELECT count(*) FROM lines") != "0" {
		t.Errorf("redirect %q", got)
	}
	tb.submit("form", "") // twice: it is gone, which is what was wanted
	if got := tb.last.Effects.Redirect; got != "/admin/main/orders/" {
		t.Errorf("redirect %q", got)
	}
	tb = page("customers", "2")
	tb.submit("form", "")
	if got := text(only(t, tb.dom(), ".gr-error-summary")); !strings.Contains(got, "cannot be deleted") {
		t.Errorf("told %q", got)
	}
	m := h.model("orders")
	in := h.in(ann, m, "/admin/main/orders/99/delete/")
	in.Key = widgets.Key{"99"}
	_, err := h.site.DeletePage(in, m)
	mustErr(t, err, widgets.ErrNoRow)
	clerk := &widgets.User{ID: "2", Rights: []string{"main.view_orders"}}
	_, err = h.site.DeletePage(h.in(clerk, m, "/"), m)
	mustErr(t, err, widgets.ErrDenied)
}

// B29, X03 and X08: progress is pushed, a cancel says "cancelling" until the body returned, and strangers see nothing.
func TestX08ProgressAndCancel(t *testing.T) {
	running, ended := make(chan struct{}), make(chan struct{})
	h := open(t, func(h *house) {
		h.orders().Actions = []jobs.Action{jobs.On(jobs.Action{Name: "slow"},
			func(ctx context.Context, j *jobs.Job, _ jobs.Rows[widgets.Row], _ struct{}) error {
				j.Update(1, 4, "one\x1b[31m <done>")
				close(running)
				<-ctx.Done()
				j.Update(2, 4, "stopping")
				<-ended
				return context.Cause(ctx)
			})}
	})
	h.stock(3)
	tb := h.list(ann, "orders", "")
	tb.send("ask", "action", "slow", "key", "1")
	to := tb.last.Effects.Redirect
	if to == "" {
		t.Fatal("an action without question or fields did not start at once")
	}
	<-running
	p := h.show(h.site.ProgressPage(h.in(ann, nil, to), jobOf(to)))
	state := func(name string) func(*html.Node) bool {
		return func(n *html.Node) bool { return len(all(n, "[data-job-state="+name+"]")) == 1 }
	}
	dom := p.wait("one of four", func(n *html.Node) bool { return strings.HasPrefix(text(only(t, n, "[data-progress]")), "1 of 4") })
	if bar := only(t, dom, "progress"); attr(bar, "max") != "4" || attr(bar, "value") != "1" {
		t.Errorf("bar %v", bar.Attr)
	}
	if got := text(only(t, dom, ".gr-log li")); strings.Contains(got, "\x1b") || !strings.Contains(got, "<done>") {
		t.Errorf("log %q", got)
	}
	stranger := &widgets.User{ID: "9", Rights: []string{"main.view_orders"}}
	_, err := h.site.ProgressPage(h.in(stranger, nil, to), jobOf(to))
	mustErr(t, err, ErrNotFound)
	_, err = h.site.ProgressPage(h.in(ann, nil, "/admin/progress/nope/"), "nope")
	mustErr(t, err, ErrNotFound)
	if got := NotFoundText(err); got != "Job not found or expired." {
		t.Errorf("%q", got)
	}
	p.submit("form", "")
	dom = p.wait("cancelling", state("cancelling"))
	if len(all(dom, "[data-verb=cancel]")) != 0 || !strings.Contains(text(only(t, dom, ".gr-actions")), "Cancelling…") {
		t.Error("the button")
	}
	close(ended)
	dom = p.wait("cancelled", state("cancelled"))
	if got := text(only(t, dom, "h1")); !strings.Contains(got, "Cancelled") || strings.Contains(got, "Done") {
		t.Errorf("%q", got)
	}
	if a := only(t, dom, ".gr-actions a"); attr(a, "href") != "/admin/main/orders/" {
		t.Errorf("back leads to %q", attr(a, "href"))
	}
}

// B28: what went wrong stays in the log; the page has a number to find it by.
func TestB28FailuresTellNoSecrets(t *testing.T) {
	h := open(t, func(h *house) {
		h.orders().Actions = []jobs.Action{jobs.On(jobs.Action{Name: "bad"},
			func(context.Context, *jobs.Job, jobs.Rows[widgets.Row], struct{}) error { panic("password is hunter2") })}
	})
	h.stock(3)
	tb := h.list(ann, "orders", "")
	tb.send("ask", "action", "bad", "key", "1")
	to := tb.last.Effects.Redirect
	p := h.show(h.site.ProgressPage(h.in(ann, nil, to), jobOf(to)))
	dom := p.wait("failed", func(n *html.Node) bool { return len(all(n, "[data-job-state=failed]")) == 1 })
	if strings.Contains(p.html(p.main), "hunter2") {
		t.Error("the reason is on the page")
	}
	if got := text(only(t, dom, ".gr-error-summary")); !strings.Contains(got, jobs.FailedText) || len(all(dom, ".gr-error-summary code")) != 1 {
		t.Errorf("told %q", got)
	}
	if strings.Contains(text(only(t, dom, "h1")), "Done") {
		t.Error("X08: failed and done")
	}
}

func TestLoginAndProblemPages(t *testing.T) {
	h := open(t, nil)
	var b bytes.Buffer
	must0(t, h.site.Login(&b, LoginData{CSRF: "c", Next: "/admin/x?a=b", Username: `"ann`, Error: "No.", SignedOut: true}))
	strict(t, b.String())
	form := only(t, parseDocument(t, b.String()), "form")
	if v := formValues(t, form); v["csrf"][0] != "c" || v["next"][0] != "/admin/x?a=b" || v["username"][0] != `"ann` || v["password"][0] != "" {
		t.Errorf("fields %v", v)
	}
	if attr(form, "action") != "/admin/login/" || attr(form, "method") != "post" || !strings.Contains(text(form), "signed out") {
		t.Error("form")
	}
	for _, d := range []ProblemData{{Status: 404}, {Status: 403, Title: "Not allowed", Text: "<script>", Hint: "h", Incident: "ABC"}, {Status: 418}} {
		b.Reset()
		must0(t, h.site.Problem(&b, d))
		strict(t, b.String())
		dom := parseDocument(t, b.String())
		if text(only(t, dom, "h1")) == "" || attr(only(t, dom, "a"), "href") != "/admin/" {
			t.Errorf("%d: %s", d.Status, b.String())
		}
	}
}

func TestPagesAreStrictAndEscaped(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	h.exec(`UPDATE orders SET number = '"><script>', note = '</textarea><script>', card_token = 'javascript:x' WHERE id = 2`)
	for _, tb := range []*tab{h.list(ann, "orders", `q="><script>`), h.list(ann, "orders", ""), h.change(ann, "orders", "2"), h.add(ann, "orders")} {
		strict(t, tb.document())
	}
}
