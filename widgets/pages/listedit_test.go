package pages

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"greenroom/widgets"
)

// openEdits is a house whose list of orders is edited in place, with a list open.
func openEdits(t *testing.T, query string) *tab {
	t.Helper()
	h := open(t, func(h *house) {
		h.orders().List.Edit = []string{"number", "total", "status", "rush", "shipped_on", "customer_id", "note", "id"}
	})
	h.stock(5)
	return h.list(ann, "orders", query)
}

func (tb *tab) typed(key, column, value string) string {
	tb.t.Helper()
	if told := tb.send("edit", "row", key, "col", column); told != "" {
		tb.t.Fatal(told)
	}
	form := formValues(tb.t, only(tb.t, tb.dom(), "form.gr-cell"))
	return tb.send("edit-save", "key", form["key"][0], "col", form["col"][0], "seen", form["seen"][0], "value", value)
}

func cellError(dom *html.Node) string {
	if found := all(dom, "#cell-error"); len(found) == 1 {
		return text(found[0])
	}
	return "no cell is open"
}

func TestCellsAreEditedInTheList(t *testing.T) {
	tb := openEdits(t, "cols=number,total,status,rush,shipped_on,customer_id,note,id")
	for _, c := range []struct{ column, value, stored string }{
		{"number", "Z9", "Z9"},
		{"total", "12.5", "12.5"},
		{"status", "paid", "paid"},
		{"rush", "", "0"},
		{"rush", "true", "1"},
		{"shipped_on", "2026-02-03", "2026-02-03"},
		{"shipped_on", "", "NULL"},
		{"customer_id", "3", "3"},
	} {
		if told := tb.typed("5", c.column, c.value); told != "" {
			t.Fatalf("%s: %s", c.column, told)
		}
		if got := tb.one("SELECT CAST(" + c.column + " AS TEXT) FROM orders WHERE id = 5"); got != c.stored {
			t.Errorf("%s: stored %q, want %q", c.column, got, c.stored)
		}
		dom := tb.dom()
		if len(all(dom, "form.gr-cell")) != 0 {
			t.Errorf("%s: the cell is still open: %s", c.column, cellError(dom))
		}
		if at := only(t, dom, `td[data-focus=1]`); attr(at, "data-col") != c.column {
			t.Errorf("the keyboard is in %q", attr(at, "data-col"))
		}
	}
	if got := all(tb.dom(), "tr.gr-flash"); len(got) != 0 {
		t.Error("an own change flashes")
	}
	tb.send("edit", "row", "5", "col", "number")
	tb.send("edit-cancel")
	if len(all(tb.dom(), "form.gr-cell")) != 0 || tb.one("SELECT number FROM orders WHERE id = 5") != "Z9" {
		t.Error("cancel")
	}
	// A text of several lines would lose them in a cell.
	tb.exec("UPDATE orders SET note = ? WHERE id = 4", "one\ntwo")
	if told := tb.send("edit", "row", "4", "col", "note"); !strings.Contains(told, "open the row") {
		t.Errorf("two lines: %q", told)
	}
	if told := tb.typed("3", "note", "line"); told != "" || tb.one("SELECT note FROM orders WHERE id = 3") != "line" {
		t.Errorf("one line: %q", told)
	}
	// The key is nobody's to edit, and what was not declared neither.
	if cells := all(tb.dom(), "td[data-col=id][tabindex=0]"); len(cells) != 0 {
		t.Error("the key looks as if it could be edited")
	}
	for _, column := range []string{"id", "created_at", "nope"} {
		if told := tb.send("edit", "row", "5", "col", column); told == "" {
			t.Errorf("%s is opened", column)
		}
	}
}

func TestWhatIsWrongStandsInTheCell(t *testing.T) {
	tb := openEdits(t, "")
	tb.typed("5", "total", "much")
	dom := tb.dom()
	if got := cellError(dom); got != "Enter a number, with a point for decimals." {
		t.Errorf("told %q", got)
	}
	if got := only(t, dom, "form.gr-cell input[name=value]"); attr(got, "value") != "much" || attr(got, "aria-invalid") != "true" {
		t.Errorf("the field has %v", got.Attr)
	}
	// What the database refuses is told there too.
	tb.typed("5", "number", "N0004")
	if got := cellError(tb.dom()); !strings.Contains(got, "already") && !strings.Contains(got, "taken") && !strings.Contains(got, "unique") {
		t.Errorf("told %q", got)
	}
	if got := tb.one("SELECT number FROM orders WHERE id = 5"); got != "N0005" {
		t.Errorf("stored %q", got)
	}
}

func TestACellThatSomebodyElseChangedIsNotOverwrittenUnseen(t *testing.T) {
	tb := openEdits(t, "")
	tb.send("edit", "row", "5", "col", "number")
	seen := formValues(t, only(t, tb.dom(), "form.gr-cell"))["seen"][0]
	tb.edit("5", "number", "THEIRS")
	tb.send("edit-save", "key", "5", "col", "number", "seen", seen, "value", "MINE")
	if got := cellError(tb.dom()); !strings.Contains(got, "“THEIRS”") {
		t.Errorf("told %q", got)
	}
	if got := tb.one("SELECT number FROM orders WHERE id = 5"); got != "THEIRS" {
		t.Errorf("stored %q", got)
	}
	seen = formValues(t, only(t, tb.dom(), "form.gr-cell"))["seen"][0]
	tb.send("edit-save", "key", "5", "col", "number", "seen", seen, "value", "MINE")
	if got := tb.one("SELECT number FROM orders WHERE id = 5"); got != "MINE" {
		t.Errorf("stored %q", got)
	}
	// A server that forgot the open cell sees it by the mark.
	tb.send("edit-save", "key", "4", "col", "number", "seen", "old", "value", "BLIND")
	if got := tb.one("SELECT number FROM orders WHERE id = 4"); got != "N0004" || !strings.Contains(cellError(tb.dom()), "“N0004”") {
		t.Errorf("stored %q, told %q", got, cellError(tb.dom()))
	}
}

func TestCellsFollowRightsAndScope(t *testing.T) {
	tb := openEdits(t, "")
	tb.rules.readOnly.set("orders", []string{"number"})
	tb.rules.rows.set("orders", widgets.Where("customer_id", widgets.OpEq, "3"))
	for told, at := range map[string]place{"read-only": {"5", "number"}, "out of sight": {"4", "total"}} {
		if got := tb.send("edit", "row", at.key, "col", at.column); got == "" {
			t.Errorf("%s: opened", told)
		}
		if got := tb.send("edit-save", "key", at.key, "col", at.column, "value", "1"); got == "" {
			t.Errorf("%s: saved", told)
		}
	}
	tb.typed("5", "customer_id", "1")
	if got := tb.one("SELECT customer_id FROM orders WHERE id = 5"); got != "3" || !strings.Contains(cellError(tb.dom()), "reach") {
		t.Errorf("moved to customer %s: %q", got, cellError(tb.dom()))
	}
}
