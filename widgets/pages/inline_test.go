package pages

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"greenroom/widgets"
)

// withLines is the shop with the lines of an order, and the orders of a customer, on their forms.
func withLines(t *testing.T) *house {
	t.Helper()
	h := open(t, func(h *house) {
		h.orders().Form.Inlines = []Inline{{Table: "lines", Label: "Lines"}}
		for _, m := range h.site.Models {
			if m.Source.Table().Name == "customers" {
				m.Form.Inlines = []Inline{{Table: "orders", Fields: []string{"number", "status", "total", "note"}, Sort: []string{"number"}, PerPage: 3}}
			}
		}
	})
	h.stock(9)
	h.exec(`INSERT INTO lines VALUES (2, 1, 'Cup'), (2, 2, 'Pot'), (3, 1, 'Jug')`)
	return h
}

func (h *house) lines(order string) string {
	h.t.Helper()
	return h.one("SELECT ifnull(group_concat(position || '=' || what, ' '), '') FROM (SELECT * FROM lines WHERE order_id = " + order + " ORDER BY position)")
}

func lineKeys(dom *html.Node) string {
	return strings.Join(keys(dom), " ")
}

func TestInlineRowsAreAddedChangedAndRemovedWithTheirParent(t *testing.T) {
	h := withLines(t)
	tb := h.change(ann, "orders", "2")
	if got := lineKeys(tb.dom()); got != "2,1 2,2" {
		t.Fatalf("rows %q", got)
	}
	tb.send("inline-add", "inline", "0")
	tb.send("inline-drop", "row", "i.0.2,2.")
	if got := tb.submit(formIs, "", "total", "8", "i.0.2,1.what", "Mug", "i.0.+3.position", "7", "i.0.+3.what", "Pan"); got != "" {
		t.Fatal(got)
	}
	if tb.last.Effects.Redirect == "" {
		t.Fatalf("not saved:\n%s", tb.html(tb.main))
	}
	if got := h.lines("2") + "|" + h.one("SELECT total FROM orders WHERE id = 2"); got != "1=Mug 7=Pan|8" {
		t.Errorf("stored %q", got)
	}
	// A blank new row is nothing; a form with nothing else changed is saved all the same.
	tb = h.change(ann, "orders", "2")
	tb.send("inline-add", "inline", "0")
	tb.submit(formIs, "")
	if toasts := tb.last.Effects.Toasts; len(toasts) != 1 || toasts[0].Text != "Nothing was changed." {
		t.Errorf("told %v", toasts)
	}
}

func TestInlineRowsWorkWithoutJavaScript(t *testing.T) {
	h := withLines(t)
	tb := h.change(ann, "orders", "2")
	again := func(press string, fields ...string) {
		t.Helper()
		payload := formValues(t, only(t, tb.dom(), formIs))
		for i := 0; i < len(fields); i += 2 {
			payload[fields[i]] = []string{fields[i+1]}
		}
		if name, value, ok := strings.Cut(press, "="); ok {
			payload[name] = []string{value}
		}
		tb = h.change(ann, "orders", "2") // each post finds a page that was made anew
		if told := tb.post("save", payload); told != "" {
			t.Fatal(told)
		}
	}
	again("_inline-add=0", "i.0.2,1.what", "Mug")
	again("_inline-drop=i.0.2,2.")
	again("_inline-add=0")
	rows := keys(tb.dom())
	if len(rows) != 4 || rows[2] == rows[3] {
		t.Fatalf("rows %q", rows)
	}
	prefix := "i.0." + rows[2] + "."
	again("", prefix+"position", "9", prefix+"what", "Pan")
	if got := h.lines("2"); got != "1=Mug 9=Pan" {
		t.Errorf("stored %q\n%s", got, tb.html(tb.main))
	}
}

func TestInlineFaultsStandBesideTheirFieldAndNothingIsSaved(t *testing.T) {
	h := withLines(t)
	tb := h.change(ann, "orders", "2")
	tb.send("inline-add", "inline", "0")
	tb.send("check", "field", "i.0.+3.position", "value", "x")
	if errorOf(t, tb.dom(), "i.0.+3.position") != "Enter a whole number." {
		t.Error("not told while typing")
	}
	tb.submit(formIs, "", "total", "8", "i.0.+3.position", "1", "i.0.+3.what", "Pan") // there is a row 2,1
	dom := tb.dom()
	if got := text(only(t, dom, ".gr-error-summary")); !strings.Contains(got, "Lines, 3") {
		t.Errorf("summary %q", got)
	}
	if got := h.lines("2") + "|" + h.one("SELECT total FROM orders WHERE id = 2"); got != "1=Cup 2=Pot|3" {
		t.Errorf("stored %q", got)
	}
	if attr(input(t, dom, "i.0.+3.what"), "value") != "Pan" || attr(input(t, dom, "total"), "value") != "8" {
		t.Error("typed text is lost")
	}
	tb.submit(formIs, "", "i.0.+3.position", "", "i.0.+3.what", "Pan")
	if got := errorOf(t, tb.dom(), "i.0.+3.position"); got != "Please fill this in." {
		t.Errorf("%q", got)
	}
	tb.submit(formIs, "", "i.0.+3.position", "3", "i.0.+3.what", "Pan")
	if got := h.lines("2"); got != "1=Cup 2=Pot 3=Pan" {
		t.Errorf("stored %q", got)
	}
}

func TestInlineConflictsAreDecidedRowByRow(t *testing.T) {
	h := withLines(t)
	tb := h.change(ann, "orders", "2")
	tb.dom()
	h.exec("UPDATE lines SET what = 'Theirs' WHERE order_id = 2 AND position = 1") // by another program: no news
	tb.submit(formIs, "", "i.0.2,1.what", "Mine", "i.0.2,2.what", "Two")
	dom := tb.dom()
	if got := text(only(t, dom, "[data-conflict=i.0.2,1.what]")); !strings.Contains(got, "now Theirs, yours Mine") {
		t.Errorf("bar %q", got)
	}
	if got := h.lines("2"); got != "1=Theirs 2=Pot" {
		t.Errorf("stored %q", got)
	}
	tb.send("keep", "field", "i.0.2,1.what")
	tb.submit(formIs, "", "i.0.2,1.what", "Mine")
	if got := h.lines("2"); got != "1=Mine 2=Two" {
		t.Errorf("stored %q", got)
	}
	// Without JavaScript the mark of what was seen tells.
	tb = h.change(ann, "orders", "2")
	payload := formValues(t, only(t, tb.dom(), formIs))
	payload["i.0.2,1.what"] = []string{"Again"}
	h.exec("UPDATE lines SET what = 'Other' WHERE order_id = 2 AND position = 1")
	tb = h.change(ann, "orders", "2")
	tb.post("save", payload)
	if len(all(tb.dom(), "[data-conflict]")) != 1 || h.lines("2") != "1=Other 2=Two" {
		t.Errorf("stored %q", h.lines("2"))
	}
	// A row that is gone.
	tb = h.change(ann, "orders", "2")
	tb.dom()
	h.exec("DELETE FROM lines WHERE order_id = 2 AND position = 2")
	tb.submit(formIs, "", "i.0.2,2.what", "Late", "total", "77")
	if got := text(only(t, tb.dom(), ".gr-error-summary")); !strings.Contains(got, "deleted meanwhile") || h.one("SELECT total FROM orders WHERE id = 2") == "77" {
		t.Errorf("told %q", got)
	}
}

func TestInlinesHearOfChanges(t *testing.T) {
	h := withLines(t)
	tb := h.change(ann, "orders", "2")
	tb.send("check", "field", "i.0.2,1.what", "value", "Mine")
	lines := h.model("lines").Source
	must0(t, lines.Update(t.Context(), widgets.Key{"2", "1"}, nil, map[string]widgets.Value{"what": widgets.Text("Theirs")}))
	tb.wait("the conflict", func(dom *html.Node) bool { return len(all(dom, "[data-conflict=i.0.2,1.what]")) == 1 })
	if _, err := lines.Insert(t.Context(), map[string]widgets.Value{"order_id": widgets.Text("2"), "position": widgets.Text("5"), "what": widgets.Text("New")}); err != nil {
		t.Fatal(err)
	}
	tb.wait("the new row", func(dom *html.Node) bool { return lineKeys(dom) == "2,1 2,2 2,5" })
	must0(t, lines.Delete(t.Context(), widgets.Key{"2", "1"}, widgets.Key{"2", "2"}))
	dom := tb.wait("what went", func(dom *html.Node) bool { return lineKeys(dom) == "2,1 2,5" })
	if got := text(only(t, dom, "tr[data-key=2,1] .gr-lines-end")); !strings.Contains(got, "Somebody else deleted this.") || attr(input(t, dom, "i.0.2,1.what"), "value") != "Mine" {
		t.Errorf("told %q", got)
	}
}

func TestInlinesArePagedAndKeepEdits(t *testing.T) {
	h := withLines(t)
	h.exec(`WITH RECURSIVE k(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM k WHERE i < 40) INSERT INTO orders (id, number, customer_id) SELECT i, printf('N%04d', i), 1 FROM k`)
	tb := h.change(ann, "customers", "1")
	if got := lineKeys(tb.dom()); got != "3 6 9" {
		t.Fatalf("first page %q", got)
	}
	tb.send("check", "field", "i.0.6.note", "value", "Mine")
	to := func(label string) string {
		for _, b := range all(tb.dom(), "button[name=_inline-go]") {
			if text(b) == label {
				return attr(b, "value")
			}
		}
		t.Fatalf("no button %q", label)
		return ""
	}
	tb.send("inline-go", "to", to("Next"))
	if got := lineKeys(tb.dom()); got != "6 10 11 12" {
		t.Errorf("second page %q, want the edited row too", got)
	}
	tb.send("inline-go", "to", to("Last"))
	if got := lineKeys(tb.dom()); got != "6 38 39 40" {
		t.Errorf("last page %q", got)
	}
	tb.submit(formIs, "_then=continue", "i.0.40.note", "Last")
	if got := h.one("SELECT group_concat(id || note) FROM orders WHERE note IS NOT NULL"); got != "6Mine,40Last" {
		t.Errorf("stored %q\n%s", got, tb.html(tb.main))
	}
	if got := lineKeys(tb.dom()); got != "38 39 40" {
		t.Errorf("after saving %q", got)
	}
	if got := text(only(t, tb.dom(), ".gr-lines .gr-pager-text")); !strings.Contains(got, "34 in all") {
		t.Errorf("count %q", got)
	}
	// Another parent's row cannot be slipped in.
	tb.submit(formIs, "", "i.0", "1", "i.0.1.note", "Theft")
	if got := h.one("SELECT count(*) FROM orders WHERE note = 'Theft'"); got != "0" {
		t.Error("the row of another customer was changed")
	}
}

func TestANewRowIsSavedWithItsInlines(t *testing.T) {
	h := withLines(t)
	tb := h.add(ann, "orders")
	tb.send("inline-add", "inline", "0")
	id := keys(tb.dom())[0]
	fields := []string{"number", "X1", "customer_id", "1", "i.0." + id + ".what", "Cup"}
	tb.submit(formIs, "", fields...)
	if h.one("SELECT count(*) FROM orders WHERE number = 'X1'") != "0" || errorOf(t, tb.dom(), "i.0."+id+".position") == "" {
		t.Error("saved without its line")
	}
	tb.submit(formIs, "_then=continue", append(fields, "i.0."+id+".position", "4")...)
	key := h.one("SELECT id FROM orders WHERE number = 'X1'")
	if got := h.lines(key); got != "4=Cup" || tb.last.Effects.Redirect != "/admin/main/orders/"+key+"/change/" {
		t.Errorf("stored %q, redirect %q", got, tb.last.Effects.Redirect)
	}
}

func TestWhoMaySaveInlines(t *testing.T) {
	bob := func(rights ...string) *widgets.User {
		return &widgets.User{ID: "2", Name: "Bob", Rights: append(rights, "main.view_orders"), SessionID: "s2"}
	}
	for name, c := range map[string]struct {
		user  *widgets.User
		shown bool
		want  string
	}{
		"no right to see":   {bob("main.change_orders"), false, "1=Cup 2=Pot"},
		"to see":            {bob("main.change_orders", "main.view_lines"), true, "1=Cup 2=Pot"},
		"to see, no parent": {bob("main.view_lines"), true, "1=Cup 2=Pot"},
		"to change":         {bob("main.view_lines", "main.change_lines"), true, "1=Mug 2=Pot"},
		"to add":            {bob("main.view_lines", "main.add_lines"), true, "1=Cup 2=Pot 9=Pan"},
		"to delete":         {bob("main.view_lines", "main.delete_lines"), true, "1=Cup"},
	} {
		t.Run(name, func(t *testing.T) {
			h := withLines(t)
			tb := h.change(c.user, "orders", "2")
			if got := len(all(tb.dom(), "[data-inline=lines]")) == 1; got != c.shown {
				t.Errorf("shown: %t", got)
			}
			payload := formValues(t, only(t, tb.dom(), formIs))
			for name, value := range map[string]string{"i.0.2,1.what": "Mug", "drop.i.0.2,2.": "1", "i.0.+9.position": "9", "i.0.+9.what": "Pan"} {
				payload[name] = []string{value}
			}
			payload["i.0"] = []string{"2,1", "2,2", "+9"}
			tb.post("save", payload) // whatever the page shows
			if got := h.lines("2"); got != c.want {
				t.Errorf("stored %q, want %q", got, c.want)
			}
			if h.one("SELECT total FROM orders WHERE id = 2") != "3" {
				t.Error("the parent was changed")
			}
		})
	}
	t.Run("rows and columns", func(t *testing.T) {
		h := withLines(t)
		h.rules.rows.set("lines", widgets.Where("position", widgets.OpEq, "1"))
		tb := h.change(ann, "orders", "2")
		if got := lineKeys(tb.dom()); got != "2,1" {
			t.Errorf("rows %q", got)
		}
		payload := formValues(t, only(t, tb.dom(), formIs))
		payload["i.0"], payload["i.0.2,2.what"] = []string{"2,1", "2,2"}, []string{"Theft"}
		tb.post("save", payload)
		tb.send("inline-add", "inline", "0")
		tb.submit(formIs, "", "i.0.2,1.what", "Mug", fmt.Sprintf("i.0.%s.position", keys(tb.dom())[1]), "5", fmt.Sprintf("i.0.%s.what", keys(tb.dom())[1]), "Out")
		if got := h.lines("2"); got != "1=Cup 2=Pot" {
			t.Errorf("stored %q", got)
		}
		h.rules.rows.set("lines", widgets.Filter{})
		h.rules.readOnly.set("lines", []string{"what"})
		tb = h.change(ann, "orders", "2")
		if len(all(tb.dom(), "[name=i.0.2,1.what]")) != 0 {
			t.Error("a read-only field can be typed in")
		}
		tb.submit(formIs, "", "i.0.2,1.what", "Mug")
		h.rules.readOnly.set("lines", nil)
		h.rules.hide.set("lines", []string{"what"})
		tb = h.change(ann, "orders", "2")
		if strings.Contains(tb.html(tb.main), "Cup") {
			t.Error("a hidden column is shown")
		}
		if got := h.lines("2"); got != "1=Cup 2=Pot" {
			t.Errorf("stored %q", got)
		}
	})
}

func TestPrepareTellsFaultsOfInlines(t *testing.T) {
	for want, declared := range map[string]Inline{
		"which is no table of this admin":   {Table: "line"},
		"has no foreign key to main.orders": {Table: "tags"},
		"starts with the column":            {Table: "lines", Column: "position"},
		"the nearest is":                    {Table: "lines", Fields: []string{"wath"}},
		"has 1 to 100 rows":                 {Table: "lines", PerPage: 1000},
	} {
		h := open(t, nil)
		h.site.Models = nil
		for _, table := range h.tables.Tables() {
			h.site.Models = append(h.site.Models, &Model{Source: table})
		}
		h.orders().Form.Inlines = []Inline{declared}
		if err := h.site.Prepare(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", declared, err, want)
		}
	}
}

func TestFormsLeadToRelatedRows(t *testing.T) {
	h := open(t, nil)
	h.stock(9)
	related := func(u *widgets.User) (found []string) {
		for _, a := range all(h.change(u, "customers", "1").dom(), ".gr-related a") {
			found = append(found, text(a)+" "+attr(a, "href"))
		}
		return found
	}
	if got := related(ann); !slices.Equal(got, []string{"Orders /admin/main/orders/?f.customer_id=1"}) { // without an index nothing is counted
		t.Errorf("%q", got)
	}
	if got := related(&widgets.User{ID: "2", Rights: []string{"main.view_customers"}}); got != nil {
		t.Errorf("to somebody who may not see them: %q", got)
	}
}
