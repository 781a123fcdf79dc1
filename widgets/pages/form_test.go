package pages

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"greenroom/widgets"
)

const formIs = "form.gr-form"

func errorOf(t *testing.T, dom *html.Node, field string) string {
	t.Helper()
	return text(only(t, dom, "[data-error-for="+field+"]"))
}

func input(t *testing.T, dom *html.Node, name string) *html.Node {
	t.Helper()
	for _, tag := range []string{"input", "select", "textarea"} {
		for _, n := range all(dom, tag+"[name="+name+"]") {
			return n
		}
	}
	t.Fatalf("no input %q", name)
	return nil
}

func TestFormEntersEachKindInItsWay(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	dom := h.change(ann, "orders", "2").dom()
	for name, want := range map[string]string{"number": "text", "created_at": "datetime-local", "shipped_on": "date", "rush": "checkbox"} {
		if got := attr(input(t, dom, name), "type"); got != want {
			t.Errorf("%s is of type %q, want %q", name, got, want)
		}
	}
	if n := input(t, dom, "status"); n.Data != "select" || len(all(n, "option")) != 3 {
		t.Error("a column with choices is no list of them")
	}
	if n := input(t, dom, "note"); n.Data != "textarea" || !has(input(t, dom, "null.note"), "checked") {
		t.Error("long text, or its NULL")
	}
	ref := input(t, dom, "customer_id")
	if ref.Data != "select" || len(all(ref, "option")) != 3 {
		t.Error("few customers are no list to choose from")
	}
	for _, o := range all(ref, "option") {
		if has(o, "selected") && text(o) != "cid@x.org" {
			t.Errorf("chosen %q", text(o))
		}
	}
	if got := attr(input(t, dom, "total"), "inputmode"); got != "decimal" {
		t.Errorf("number's inputmode %q", got)
	}
	if got := text(only(t, dom, "[data-value-of=id]")); got != "2" {
		t.Errorf("key %q", got)
	}
	if got := text(only(t, dom, "h1")); got != "N0002" {
		t.Errorf("heading %q", got)
	}
	n := input(t, dom, "number")
	if !strings.Contains(attr(n, "aria-describedby"), attr(only(t, dom, "[data-error-for=number]"), "id")) {
		t.Error("the input does not say where its error stands")
	}
}

func TestNewRowsAskForReadOnlyFieldsTheyNeed(t *testing.T) {
	h := open(t, func(h *house) { h.orders().Form.ReadOnly = []string{"number", "total", "note"} })
	h.stock(1)
	dom := h.add(ann, "orders").dom()
	if len(all(dom, "[name=number]")) != 1 || len(all(dom, "[name=total]")) != 0 || len(all(dom, "[name=note]")) != 0 {
		t.Error("a new row asks for the wrong fields")
	}
	if dom = h.change(ann, "orders", "1").dom(); len(all(dom, "[name=number]")) != 0 {
		t.Error("a read-only field can be changed")
	}
	// What the rules forbid to set cannot be asked for; the refusal says which field it is about.
	h.rules.readOnly.set("orders", []string{"number"})
	tb := h.add(ann, "orders")
	tb.submit(formIs, "", "customer_id", "1")
	if got := text(only(t, tb.dom(), ".gr-error-summary")); !strings.Contains(got, "Number, which is not yours to set here:") {
		t.Errorf("told %q", got)
	}
}

// B21: save leads to the list, "continue" stays, "add another" leads to an empty form.
func TestB21SaveAndItsSisters(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	tb := h.change(ann, "orders", "2")
	if told := tb.submit(formIs, "", "total", "7.25", "null.note", "-", "note", "call\r\nfirst"); told != "" {
		t.Fatal(told)
	}
	if got := tb.last.Effects.Redirect; got != "/admin/main/orders/" {
		t.Errorf("redirect %q\n%s", got, tb.html(tb.main))
	}
	if got := h.one("SELECT total || '|' || note FROM orders WHERE id = 2"); got != "7.25|call\nfirst" {
		t.Errorf("stored %q", got)
	}
	tb = h.change(ann, "orders", "2")
	tb.submit(formIs, "_then=continue", "total", "8")
	if tb.last.Effects.Redirect != "" || attr(input(t, tb.dom(), "total"), "value") != "8" {
		t.Error("continue left the page, or shows an old value")
	}
	tb.submit(formIs, "_then=add")
	if got := tb.last.Effects.Redirect; got != "/admin/main/orders/add/" {
		t.Errorf("redirect %q", got)
	}
}

func TestSavingLeadsBackToTheSamePlaceInTheList(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	link := attr(only(t, all(h.list(ann, "orders", "q=N0002").dom(), "tbody tr")[0], "a.gr-open"), "href")
	_, query, _ := strings.Cut(link, "?")
	m := h.model("orders")
	in := h.in(ann, m, link)
	in.Key = widgets.Key{"2"}
	in.Raw = query
	tb := h.show(h.site.ChangePage(in, m))
	tb.submit(formIs, "", "total", "1")
	if got := tb.last.Effects.Redirect; got != "/admin/main/orders/?q=N0002" {
		t.Errorf("redirect %q", got)
	}
}

func TestErrorsKeepWhatWasTypedAndSayWhere(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	tb := h.change(ann, "orders", "2")
	tb.submit(formIs, "", "total", "a lot", "number", "N0001")
	dom := tb.dom()
	if errorOf(t, dom, "total") == "" || attr(input(t, dom, "total"), "value") != "a lot" || attr(input(t, dom, "total"), "aria-invalid") != "true" {
		t.Error("the wrong number")
	}
	if got := attr(only(t, dom, ".gr-error-summary a"), "href"); got != "#"+attr(input(t, dom, "total"), "id") {
		t.Errorf("the summary leads to %q", got)
	}
	tb.submit(formIs, "", "total", "2", "number", "N0001")
	if got := errorOf(t, tb.dom(), "number"); got == "" {
		t.Error("a number that is taken already")
	}
	if got := h.one("SELECT total FROM orders WHERE id = 2"); got != "3" {
		t.Errorf("something was stored: %s", got)
	}
}

func TestFieldsAreCheckedWhileTheFormIsFilledIn(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	tb := h.change(ann, "orders", "2")
	tb.send("check", "field", "total", "value", "x")
	if errorOf(t, tb.dom(), "total") == "" {
		t.Error("not told")
	}
	tb.send("check", "field", "total", "value", "4")
	if errorOf(t, tb.dom(), "total") != "" {
		t.Error("told although right")
	}
	tb.send("check", "field", "number", "value", "")
	tb.send("check", "field", "number", "value", strings.Repeat("N", 17))
	if got := errorOf(t, tb.dom(), "number"); got != "At most 16 characters; this has 17." {
		t.Errorf("%q", got)
	}
}

// X26: a change in between is shown field by field; nothing is overwritten and nothing typed is lost.
func TestX26ConflictsAreShownFieldByField(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	tb := h.change(ann, "orders", "2")
	tb.dom()
	h.exec("UPDATE orders SET status = 'paid', total = 99 WHERE id = 2") // by another program: no news
	tb.submit(formIs, "", "status", "new", "note", "mine", "null.note", "-")
	dom := tb.dom()
	bar := only(t, dom, "[data-conflict=status]")
	if got := text(bar); !strings.Contains(got, "now paid, yours new") {
		t.Errorf("bar %q", got)
	}
	if len(all(dom, "[data-conflict]")) != 1 {
		t.Error("a field that only they changed is in conflict")
	}
	if text(input(t, dom, "note")) != "mine" || h.one("SELECT status FROM orders WHERE id = 2") != "paid" {
		t.Error("typed text lost, or their value overwritten")
	}
	tb.submit(formIs, "", "status", "new")
	if tb.last.Effects.Redirect != "" {
		t.Error("saved without a decision")
	}
	tb.send("keep", "field", "status")
	tb.submit(formIs, "", "status", "new")
	if got := h.one("SELECT status || '|' || total || '|' || note FROM orders WHERE id = 2"); got != "new|99|mine" {
		t.Errorf("stored %q", got)
	}
}

func TestConflictsAreNoticedBeforeSavingToo(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	tb := h.change(ann, "orders", "2")
	tb.send("check", "field", "total", "value", "50")
	must0(t, h.model("orders").Source.Update(t.Context(), widgets.Key{"2"}, nil, map[string]widgets.Value{"total": widgets.Text("60")}))
	dom := tb.wait("the conflict", func(n *html.Node) bool { return len(all(n, "[data-conflict=total]")) == 1 })
	if got := attr(input(t, dom, "total"), "value"); got != "50" {
		t.Errorf("typed text became %q", got)
	}
	tb.send("take", "field", "total")
	if got := attr(input(t, tb.dom(), "total"), "value"); got != "60" {
		t.Errorf("theirs is %q", got)
	}
	must0(t, h.model("orders").Source.Delete(t.Context(), widgets.Key{"2"}))
	tb.wait("that it was deleted", func(n *html.Node) bool {
		s := all(n, ".gr-error-summary")
		return len(s) == 1 && strings.Contains(text(s[0]), "was deleted meanwhile")
	})
}

// Without JavaScript each post meets a page made anew: the form carries a mark of what it was made from.
func TestX26ConflictsWithoutJavaScript(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	form := formValues(t, only(t, h.change(ann, "orders", "2").dom(), formIs))
	form["status"] = []string{"new"}
	h.exec("UPDATE orders SET status = 'paid' WHERE id = 2")
	tb := h.change(ann, "orders", "2")
	tb.post("save", form)
	if len(all(tb.dom(), "[data-conflict=status]")) != 1 || h.one("SELECT status FROM orders WHERE id = 2") != "paid" {
		t.Fatal("the change in between was overwritten")
	}
	form = formValues(t, only(t, tb.dom(), formIs))
	form["_take"] = []string{"status"}
	tb = h.change(ann, "orders", "2")
	tb.post("save", form)
	if got := formValues(t, only(t, tb.dom(), formIs))["status"][0]; got != "paid" {
		t.Errorf("theirs is %q", got)
	}
	delete(form, "_take")
	tb = h.change(ann, "orders", "2")
	tb.post("save", form)
	if got := h.one("SELECT status FROM orders WHERE id = 2"); got != "new" {
		t.Errorf("kept mine, stored %q", got)
	}
}

func TestAddingUsesDefaultsAndSaysWhatIsMissing(t *testing.T) {
	h := open(t, nil)
	h.stock(1)
	tb := h.add(ann, "orders")
	dom := tb.dom()
	if tb.page.In.Key != nil {
		t.Error("B23: the add page has a key")
	}
	if len(all(dom, "[name=id]")) != 0 {
		t.Error("an automatic key is asked for")
	}
	tb.submit(formIs, "")
	dom = tb.dom()
	if errorOf(t, dom, "customer_id") == "" || errorOf(t, dom, "number") == "" || errorOf(t, dom, "status") != "" || errorOf(t, dom, "card_token") != "" {
		t.Error("what is missing")
	}
	tb.submit(formIs, "_then=continue", "number", "X1", "customer_id", "3", "note", "", "null.note", "-")
	if got := tb.last.Effects.Redirect; got != "/admin/main/orders/2/change/" {
		t.Fatalf("redirect %q\n%s", got, tb.html(tb.main))
	}
	if got := h.one("SELECT status || '|' || total || '|' || created_at || '|' || coalesce(note, 'NULL') || '|' || coalesce(card_token, 'NULL') FROM orders WHERE id = 2"); got != "new|0|2026-01-01 00:00:00||NULL" {
		t.Errorf("stored %q", got)
	}
}

// X13: what is read-only or hidden is refused even when it is posted.
func TestX13ReadOnlyAndHiddenFieldsCannotBePosted(t *testing.T) {
	h := open(t, func(h *house) { h.orders().Form.ReadOnly = []string{"number"} })
	h.stock(3)
	h.rules.readOnly.set("orders", []string{"total"})
	h.rules.hide.set("orders", []string{"card_token"})
	tb := h.change(ann, "orders", "2")
	dom := tb.dom()
	if strings.Contains(tb.html(tb.main), "card_token") || strings.Contains(tb.html(tb.main), "secret") {
		t.Error("a hidden column is on the page")
	}
	if text(only(t, dom, "[data-value-of=number]")) != "N0002" || len(all(dom, "[name=number]")) != 0 {
		t.Error("a read-only column is an input")
	}
	tb.submit(formIs, "", "number", "HACK", "total", "0", "card_token", "HACK", "id", "77", "status", "paid")
	if got := h.one("SELECT number || '|' || total || '|' || card_token || '|' || status FROM orders WHERE id = 2"); got != "N0002|3|secret|paid" {
		t.Errorf("stored %q", got)
	}
}

// X11: whoever may only look gets no form to save, and no handler that does.
func TestX11SavingChecksPermissionOnTheServer(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	guest := &widgets.User{ID: "2", Rights: []string{"main.view_orders"}}
	tb := h.change(guest, "orders", "2")
	dom := tb.dom()
	if len(all(dom, "button[type=submit]")) != 0 || text(only(t, dom, "[data-value-of=status]")) != "shipped" {
		t.Error("a form is offered")
	}
	if told := tb.send("save", "status", "paid"); told != "You do not have permission to do that." {
		t.Errorf("told %q", told)
	}
}

// A row cannot be moved, or added, outside of what the person may see.
func TestSavedRowsStayInScope(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	h.rules.rows.set("customers", widgets.Where("tenant", widgets.OpEq, "1"))
	tb := h.change(ann, "customers", "1")
	tb.submit(formIs, "", "tenant", "2")
	if got := h.one("SELECT tenant FROM customers WHERE id = 1"); got != "1" {
		t.Errorf("moved to tenant %s", got)
	}
	if !strings.Contains(text(only(t, tb.dom(), ".gr-error-summary")), "out of your reach") {
		t.Error("not told why")
	}
	tb = h.add(ann, "customers")
	tb.submit(formIs, "", "name", "Eve", "email", "e@x.org", "country", "DE", "tenant", "2")
	if got := h.one("SELECT count(*) FROM customers WHERE email = 'e@x.org'"); got != "0" {
		t.Error("added out of reach")
	}
	h.rules.hide.set("customers", []string{"tenant"})
	h.rules.rows.set("customers", widgets.Where("tenant", widgets.OpEq, "7"))
	tb = h.add(ann, "customers")
	tb.submit(formIs, "", "name", "Eve", "email", "e@x.org", "country", "DE")
	if got := h.one("SELECT tenant FROM customers WHERE email = 'e@x.org'"); got != "7" {
		t.Errorf("added to tenant %s", got)
	}
	// Nor may a reference lead there.
	tb = h.change(ann, "orders", "2")
	tb.submit(formIs, "", "customer_id", "1")
	if errorOf(t, tb.dom(), "customer_id") == "" || h.one("SELECT customer_id FROM orders WHERE id = 2") != "3" {
		t.Error("a reference to a row out of reach was stored")
	}
}

// X22: a reference to one of many rows is found by typing, and its name is shown.
func TestX22ManyRowsAreLookedUp(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	h.exec(`WITH RECURSIVE k(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM k WHERE i < 80)
		INSERT INTO customers (id, name, email, country) SELECT i, 'C' || i, 'c' || i || '@x.org', 'DE' FROM k`)
	tb := h.change(ann, "orders", "2")
	n := input(t, tb.dom(), "customer_id")
	if n.Data != "input" || attr(n, "value") != "3" || !strings.Contains(text(only(t, tb.dom(), "[data-field=customer_id]")), "cid@x.org") {
		t.Fatal("the present row and its name")
	}
	tb.send("lookup", "field", "customer_id", "value", "c77")
	options := all(only(t, tb.dom(), "#"+attr(n, "list")), "option")
	if len(options) != 1 || attr(options[0], "value") != "77" || text(options[0]) != "c77@x.org" {
		t.Fatalf("%d options", len(options))
	}
	// A name that was typed and left at that is as good as the key.
	tb.send("check", "field", "customer_id", "value", "C42@x.org")
	if got := attr(input(t, tb.dom(), "customer_id"), "value"); got != "42" {
		t.Errorf("the name became %q", got)
	}
	tb.submit(formIs, "", "customer_id", "999")
	if errorOf(t, tb.dom(), "customer_id") == "" {
		t.Error("a row that does not exist was taken")
	}
	tb.submit(formIs, "", "customer_id", "77")
	if got := h.one("SELECT customer_id FROM orders WHERE id = 2"); got != "77" {
		t.Errorf("stored %s", got)
	}
}

// Drawing and saving a form without touching it changes nothing, whatever odd values the row has.
func TestAnUntouchedFormChangesNothing(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	h.exec("PRAGMA ignore_check_constraints = 1")
	h.exec("UPDATE orders SET created_at = '2026-01-02T03:04:05.678Z', shipped_on = '2026-1-2', note = char(10) || ' a' || char(10) || 'b ', card_token = '', status = 'odd', rush = 7 WHERE id = 2")
	before := h.one("SELECT json_array(number, customer_id, status, total, rush, created_at, shipped_on, note, card_token) FROM orders WHERE id = 2")
	tb := h.change(ann, "orders", "2")
	tb.submit(formIs, "")
	if tb.last.Effects.Redirect == "" {
		t.Errorf("not saved: %s", tb.html(tb.main))
	}
	if got := tb.last.Effects.Toasts[0].Text; got != "Nothing was changed." {
		t.Errorf("told %q", got)
	}
	if after := h.one("SELECT json_array(number, customer_id, status, total, rush, created_at, shipped_on, note, card_token) FROM orders WHERE id = 2"); after != before {
		t.Errorf("%s became %s", before, after)
	}
}
