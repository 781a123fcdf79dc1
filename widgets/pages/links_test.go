package pages

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"greenroom/widgets"
)

const tagging = `
CREATE TABLE tagged (order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE, tag VARCHAR(20) NOT NULL REFERENCES tags (slug), PRIMARY KEY (order_id, tag)) WITHOUT ROWID;
INSERT INTO tags VALUES ('big', 'Big'), ('gift', 'Gift'), ('odd', 'Odd'), ('red', 'Red');`

// tagged is the shop with tags on orders; more is SQL that runs before the tables are read.
func tagged(t *testing.T, more string) *house {
	t.Helper()
	h := open(t, func(h *house) {
		h.exec(tagging + more)
		must0(t, h.tables.Reload(t.Context()))
		h.site.Models = nil
		for _, table := range h.tables.Tables() {
			h.site.Models = append(h.site.Models, &Model{Source: table})
		}
	})
	h.stock(3)
	h.exec(`INSERT INTO tagged VALUES (2, 'gift'), (2, 'odd'), (3, 'odd')`)
	return h
}

func (h *house) tags(order string) string {
	h.t.Helper()
	return h.one("SELECT ifnull(group_concat(tag, ' '), '') FROM (SELECT tag FROM tagged WHERE order_id = " + order + " ORDER BY tag)")
}

func chips(dom *html.Node) string {
	var names []string
	for _, li := range all(dom, ".gr-chips li") {
		names = append(names, strings.TrimSuffix(text(li), "×")+strings.TrimPrefix(attr(li, "class"), "gr-chip"))
	}
	return strings.Join(names, " ")
}

func TestLinksAreChosenOnTheForm(t *testing.T) {
	h := tagged(t, "")
	tb := h.change(ann, "orders", "2")
	if got := chips(tb.dom()); got != "Gift Odd" {
		t.Fatalf("chips %q", got)
	}
	tb.send("check", "field", "m.0.tag", "value", "red")
	tb.send("check", "field", "m.0.tag", "value", "gift") // is there
	tb.send("check", "field", "m.0.tag", "value", "none")
	dom := tb.dom()
	if got := chips(dom); got != "Gift Odd Red-new" || errorOf(t, dom, "m.0.tag") == "" {
		t.Errorf("chips %q, told %q", got, errorOf(t, dom, "m.0.tag"))
	}
	tb.send("link-drop", "chip", "0.odd")
	if got := chips(tb.dom()); got != "Gift Odd-off Red-new" {
		t.Errorf("chips %q", got)
	}
	tb.submit(formIs, "", "m.0.tag", "")
	if got := h.tags("2") + "|" + h.tags("3"); got != "gift red|odd" {
		t.Errorf("stored %q\n%s", got, tb.html(tb.main))
	}
	// The other side has a picker too, and neither form links to the table itself.
	dom = h.change(ann, "tags", "odd").dom()
	if got := chips(dom); got != "N0003" || len(all(dom, ".gr-related a")) != 0 {
		t.Errorf("chips %q", got)
	}
	// Nothing declared away; and a new row takes its links with it.
	tb = h.add(ann, "orders")
	tb.send("check", "field", "m.0.tag", "value", "big")
	tb.submit(formIs, "", "number", "X1", "customer_id", "1")
	if got := h.one("SELECT tag FROM tagged JOIN orders ON id = order_id WHERE number = 'X1'"); got != "big" {
		t.Errorf("stored %q", got)
	}
}

func TestLinksWorkWithoutJavaScript(t *testing.T) {
	h := tagged(t, "")
	payload := formValues(t, only(t, h.change(ann, "orders", "2").dom(), formIs))
	payload["m.0.tag"], payload["_link-drop"] = []string{"red"}, []string{"0.odd"}
	tb := h.change(ann, "orders", "2")
	tb.post("save", payload)
	if got := chips(tb.dom()); got != "Gift Odd-off Red-new" || h.tags("2") != "gift odd" {
		t.Fatalf("chips %q, stored %q", got, h.tags("2"))
	}
	payload = formValues(t, only(t, tb.dom(), formIs))
	tb = h.change(ann, "orders", "2")
	tb.post("save", payload)
	if got := h.tags("2"); got != "gift red" {
		t.Errorf("stored %q\n%s", got, tb.html(tb.main))
	}
}

func TestLinksOfOthersMeanwhile(t *testing.T) {
	h := tagged(t, "")
	tb := h.change(ann, "orders", "2")
	tb.send("check", "field", "m.0.tag", "value", "red")
	tb.send("link-drop", "chip", "0.odd")
	h.exec("DELETE FROM tagged WHERE order_id = 2 AND tag = 'odd'") // by another program
	tb.submit(formIs, "", "total", "9")
	if got := text(only(t, tb.dom(), ".gr-error-summary")); !strings.Contains(got, "Nothing was saved") || h.tags("2") != "gift" {
		t.Errorf("told %q, stored %q", got, h.tags("2"))
	}
	tb.submit(formIs, "", "total", "9")
	if got := h.tags("2") + h.one("SELECT total FROM orders WHERE id = 2"); got != "gift red9" {
		t.Errorf("stored %q", got)
	}
	tb = h.change(ann, "orders", "3")
	_, err := h.model("tagged").Source.Insert(t.Context(), map[string]widgets.Value{"order_id": widgets.Text("3"), "tag": widgets.Text("big")})
	must0(t, err)
	tb.wait("the new link", func(dom *html.Node) bool { return chips(dom) == "Big Odd" })
}

func TestWhoMaySaveLinks(t *testing.T) {
	for name, c := range map[string]struct{ rights, chips, want string }{
		"no right to see":         {"main.change_orders main.view_tags", "", "gift odd"},
		"nor the other side":      {"main.change_orders main.view_tagged", "", "gift odd"},
		"to see":                  {"main.change_orders main.view_tagged main.view_tags", "Gift Odd", "gift odd"},
		"to add":                  {"main.view_tagged main.view_tags main.add_tagged", "Gift Odd", "gift odd red"},
		"to remove":               {"main.view_tagged main.view_tags main.delete_tagged", "Gift Odd", "gift"},
		"to change the link only": {"main.view_tagged main.view_tags main.change_tagged", "Gift Odd", "gift odd"},
	} {
		t.Run(name, func(t *testing.T) {
			h := tagged(t, "")
			bob := &widgets.User{ID: "2", Name: "Bob", Rights: append(strings.Fields(c.rights), "main.view_orders"), SessionID: "s2"}
			tb := h.change(bob, "orders", "2")
			if got := chips(tb.dom()); got != c.chips {
				t.Errorf("chips %q, want %q", got, c.chips)
			}
			payload := formValues(t, only(t, tb.dom(), formIs))
			payload["m.0.add"], payload["m.0.drop"] = []string{"red"}, []string{"odd"}
			tb.post("save", payload)
			if got := h.tags("2"); got != c.want {
				t.Errorf("stored %q, want %q", got, c.want)
			}
		})
	}
	h := tagged(t, "")
	h.rules.rows.set("tags", widgets.Where("slug", widgets.OpIn, "big", "gift"))
	tb := h.change(ann, "orders", "2")
	if got := chips(tb.dom()); got != "Gift" {
		t.Errorf("chips %q: a tag that is not hers to see", got)
	}
	payload := formValues(t, only(t, tb.dom(), formIs))
	payload["m.0.add"] = []string{"red", "big"}
	tb.post("save", payload)
	if got := h.tags("2"); got != "big gift odd" {
		t.Errorf("stored %q", got)
	}
}

func TestManyLinksAreBounded(t *testing.T) {
	h := tagged(t, "")
	h.exec(`WITH RECURSIVE k(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM k WHERE i < 400) INSERT INTO tags SELECT printf('t%d', i), printf('T%d', i) FROM k`)
	h.exec(`INSERT OR IGNORE INTO tagged SELECT 2, slug FROM tags WHERE slug <> 't400'`)
	tb := h.change(ann, "orders", "2")
	dom := tb.dom()
	if n := len(all(dom, ".gr-chips li")); n != mostChips {
		t.Errorf("%d chips", n)
	}
	if got := text(only(t, dom, ".gr-links")); !strings.Contains(got, "and 294 more") {
		t.Errorf("%q", got)
	}
	tb.send("lookup", "field", "m.0.tag", "value", "T40")
	if got := len(all(tb.dom(), ".gr-links datalist option")); got != 2 { // T40 and T400
		t.Errorf("%d found", got)
	}
	tb.send("check", "field", "m.0.tag", "value", "t399") // linked, but not among the chips
	tb.send("check", "field", "m.0.tag", "value", "t400")
	if got := len(all(tb.dom(), ".gr-chip-new")); got != 1 {
		t.Errorf("%d new chips", got)
	}
}

func TestWhatIsALink(t *testing.T) {
	h := tagged(t, `
		CREATE TABLE friends (a INTEGER NOT NULL REFERENCES customers (id), b INTEGER NOT NULL REFERENCES customers (id), since DATE, PRIMARY KEY (a, b)) WITHOUT ROWID;
		CREATE TABLE rated (order_id INTEGER NOT NULL REFERENCES orders (id), tag VARCHAR(20) NOT NULL REFERENCES tags (slug), stars INTEGER NOT NULL, PRIMARY KEY (order_id, tag)) WITHOUT ROWID;`)
	for table, want := range map[string]bool{"tagged": true, "friends": true, "rated": false, "lines": false, "orders": false} {
		if got := isLink(h.model(table).table()); got != want {
			t.Errorf("%s: %t", table, got)
		}
	}
	if n := len(all(h.change(ann, "customers", "1").dom(), ".gr-links")); n != 2 {
		t.Errorf("%d sides of friends", n)
	}
}
