package pages

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"greenroom/widgets"
)

// withTrash is the shop whose customers and tags go into the trash.
func withTrash(t *testing.T) *house {
	t.Helper()
	h := open(t, func(h *house) {
		h.exec(`ALTER TABLE customers ADD COLUMN deleted_at DATETIME`)
		must0(t, h.tables.Reload(t.Context()))
		h.site.Models = nil
		for _, table := range h.tables.Tables() {
			m := &Model{Source: table}
			switch table.Table().Name {
			case "customers":
				m.SoftDelete = "deleted_at"
			case "orders":
				m.Form.Inlines = nil
			}
			h.site.Models = append(h.site.Models, m)
		}
	})
	h.stock(3)
	return h
}

func (h *house) deleted(key ...string) *tab {
	h.t.Helper()
	m := h.model("customers")
	in := h.in(ann, m, "/admin/main/customers/"+widgets.Key(key).String()+"/delete/")
	in.Key = key
	return h.show(h.site.DeletePage(in, m))
}

func (h *house) trashed() string {
	h.t.Helper()
	return h.one("SELECT ifnull(group_concat(id, ' '), '') FROM customers WHERE deleted_at IS NOT NULL")
}

func TestDeletedRowsGoIntoTheTrashAndComeBack(t *testing.T) {
	h := withTrash(t)
	tb := h.deleted("2")
	if got := text(only(t, tb.dom(), "h1")); got != "Move “bob@x.org” to the trash?" {
		t.Errorf("asks %q", got)
	}
	tb.submit("form", "")
	if got := h.one("SELECT deleted_at || '' FROM customers WHERE id = 2"); len(got) != 19 || tb.last.Effects.Redirect != "/admin/main/customers/" {
		t.Errorf("stored %q, redirect %q", got, tb.last.Effects.Redirect)
	}
	tb = h.list(ann, "customers", "o=id")
	if got := strings.Join(keys(tb.dom()), " "); got != "1 3" {
		t.Errorf("the list has %q", got)
	}
	if got := attr(only(t, tb.dom(), ".gr-head-actions a[href=/admin/main/customers/?trash=1]"), "href"); got == "" {
		t.Errorf("the trash is at %q", got)
	}
	tb = h.list(ann, "customers", "trash=1")
	if got := strings.Join(keys(tb.dom()), " "); got != "2" {
		t.Errorf("the trash has %q", got)
	}
	tb.send("search", "value", "Lee") // still in the trash
	if got := keys(tb.dom()); len(got) != 0 {
		t.Errorf("found %q", got)
	}
	if got := tb.last.Effects.Address; got == nil || !strings.Contains(*got, "trash=1") {
		t.Errorf("address %v", got)
	}
	// Nothing new may refer to it; what does, goes on, by name.
	for _, o := range all(input(t, h.add(ann, "orders").dom(), "customer_id"), "option") {
		if attr(o, "value") == "2" {
			t.Error("offered to a new order")
		}
	}
	tb = h.add(ann, "orders")
	tb.submit(formIs, "", "number", "X", "customer_id", "2")
	if errorOf(t, tb.dom(), "customer_id") == "" {
		t.Error("a new order refers to it")
	}
	if got := text(only(t, h.list(ann, "orders", "f.status=new").dom(), "td[data-col=customer_id]")); got != "bob@x.org" && got != "Bob Ray" {
		t.Errorf("an order calls it %q", got)
	}
	tb = h.change(ann, "customers", "2")
	if len(all(tb.dom(), "[name=name]")) != 0 || !strings.Contains(text(only(t, tb.dom(), ".gr-banner")), "In the trash since 20") {
		t.Errorf("the form of a deleted row:\n%s", tb.html(tb.main))
	}
	tb.send("save", "name", "Bobby")
	tb.submit(formIs, "_restore=1")
	if h.trashed() != "" || len(all(tb.dom(), "[name=name]")) != 1 || h.one("SELECT name FROM customers WHERE id = 2") != "Bob Ray" {
		t.Errorf("after restoring:\n%s", tb.html(tb.main))
	}
}

func TestWhatIsInTheTrashIsDeletedForGood(t *testing.T) {
	h := withTrash(t)
	h.exec("UPDATE customers SET deleted_at = '2026-01-01 00:00:00' WHERE id = 2")
	tb := h.deleted("2")
	if got := text(only(t, tb.dom(), ".gr-delete")); !strings.Contains(got, "Delete “bob@x.org” for good?") || !strings.Contains(got, "1 orders") {
		t.Errorf("asks %q", got)
	}
	tb.submit("form", "")
	if got := text(only(t, tb.dom(), ".gr-error-summary")); !strings.Contains(got, "still refer to it") {
		t.Errorf("told %q", got)
	}
	h.exec("DELETE FROM orders")
	h.exec("UPDATE customers SET deleted_at = NULL WHERE id = 2")
	tb.submit("form", "")
	if got := text(only(t, tb.dom(), ".gr-error-summary")); !strings.Contains(got, "restored it meanwhile") {
		t.Errorf("told %q", got)
	}
	h.exec("UPDATE customers SET deleted_at = '2026-01-01 00:00:00' WHERE id = 2")
	tb = h.deleted("2")
	tb.submit("form", "")
	if got := h.one("SELECT count(*) FROM customers"); got != "2" {
		t.Errorf("%s rows", got)
	}
}

func TestManyRowsGoThroughTheTrash(t *testing.T) {
	h := withTrash(t)
	run := func(query, action string, keys ...string) {
		t.Helper()
		tb := h.list(ann, "customers", query)
		for _, key := range keys {
			tb.send("select", "key", key, "checked", "true")
		}
		var offered []string
		for _, b := range all(tb.dom(), "[data-action]") {
			offered = append(offered, attr(b, "data-action"))
		}
		want := []string{"delete"}
		if query == "trash=1" {
			want = []string{"restore", "purge"}
		}
		if !slices.Equal(offered, want) {
			t.Errorf("%s offers %q", query, offered)
		}
		tb.send("ask", "action", action)
		if tb.last.Effects.Redirect == "" {
			tb.submit("dialog form", "")
		}
		if tb.last.Effects.Redirect == "" {
			t.Fatalf("%s did not start:\n%s", action, tb.html(tb.main))
		}
	}
	run("o=id", "delete", "1", "2")
	h.until("in the trash", func() bool { return h.trashed() == "1 2" })
	run("trash=1", "restore", "1")
	h.until("restored", func() bool { return h.trashed() == "2" })
	h.exec("DELETE FROM orders")
	run("trash=1", "purge", "2")
	h.until("deleted for good", func() bool { return h.one("SELECT group_concat(id, ' ') FROM customers") == "1 3" })
}

// until waits for what a job does.
func (h *house) until(what string, done func() bool) {
	h.t.Helper()
	tb := h.list(ann, "customers", "")
	tb.wait(what, func(*html.Node) bool { return done() })
}

func TestWhoMayUseTheTrash(t *testing.T) {
	h := withTrash(t)
	h.exec("UPDATE customers SET deleted_at = '2026-01-01 00:00:00' WHERE id = 2")
	bob := &widgets.User{ID: "2", Name: "Bob", Rights: []string{"main.view_customers", "main.change_customers"}, SessionID: "s2"}
	m := h.model("customers")
	in := h.in(bob, m, "/admin/main/customers/?trash=1")
	if _, err := h.site.ListPage(in, m); err == nil {
		t.Error("the trash is open to somebody who may not delete")
	}
	in.Raw, in.Key = "", widgets.Key{"2"}
	if _, err := h.site.ChangePage(in, m); err == nil {
		t.Error("and so is a deleted row")
	}
	tb := h.change(bob, "customers", "1")
	h.exec("UPDATE customers SET deleted_at = '2026-01-01 00:00:00' WHERE id = 1")
	tb.submit(formIs, "", "name", "Late")
	if got := text(only(t, tb.dom(), ".gr-error-summary")); !strings.Contains(got, "deleted meanwhile") || h.one("SELECT name FROM customers WHERE id = 1") != "Ann Lee" {
		t.Errorf("told %q", got)
	}
	if tb.send("restore") == "" || h.trashed() != "1 2" {
		t.Error("restored by somebody who may not delete")
	}
	if got := strings.Join(keys(h.list(bob, "customers", "").dom()), " "); got != "3" {
		t.Errorf("the list has %q", got)
	}
}

func TestPrepareTellsFaultsOfSoftDelete(t *testing.T) {
	for column, want := range map[string]string{"name": "may be NULL", "deletedat": "the nearest is", "id": "may be NULL"} {
		h := withTrash(t)
		h.site.Models = []*Model{{Source: h.tables.Table("customers"), SoftDelete: column}}
		if err := h.site.Prepare(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", column, err)
		}
	}
}
