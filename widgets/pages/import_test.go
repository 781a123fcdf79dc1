package pages

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"greenroom/jobs"
	"greenroom/widgets"
)

func TestCSVIsReadAsItComes(t *testing.T) {
	wide := func(order string, s string) string {
		out := []byte(order)
		for _, u := range utf16.Encode([]rune(s)) {
			if order == "\xff\xfe" {
				out = append(out, byte(u), byte(u>>8))
			} else {
				out = append(out, byte(u>>8), byte(u))
			}
		}
		return string(out)
	}
	for name, c := range map[string]struct {
		text, header, first string
		rows                int64
	}{
		"comma":         {"a,b\n1,2\n3,4\n", "a|b", "1|2", 2},
		"semicolon":     {"a;b\n1,5;2\n", "a|b", "1,5|2", 1},
		"tab":           {"a\tb\n1\t2", "a|b", "1|2", 1},
		"mark":          {"\xef\xbb\xbfa,b\n1,2\n", "a|b", "1|2", 1},
		"little endian": {wide("\xff\xfe", "näme;b\nß;2\n"), "näme|b", "ß|2", 1},
		"big endian":    {wide("\xfe\xff", "a,b\n1,2\n"), "a|b", "1|2", 1},
		"windows lines": {"a,b\r\n1,2\r\n", "a|b", "1|2", 1},
		"old lines":     {"a,b\r1,2\r", "a|b", "1|2", 1},
		"quotes":        {"\"a, or b\",c\n\"x \"\"y\"\"\nz\",2\n", "a, or b|c", "x \"y\"\nz|2", 1},
		"no names":      {"a,,a\n1,2,3\n", "a|Column 2|a", "1|2|3", 1},
		"blank lines":   {"a,b\n\n1,2\n\n", "a|b", "1|2", 1},
		"formula":       {"a\n'=1+1\n", "a", "'=1+1", 1},
	} {
		f, err := readCSV([]byte(c.text), 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.Join(f.header, "|"); got != c.header {
			t.Errorf("%s: header %q, want %q", name, got, c.header)
		}
		if got := strings.Join(f.head[0].cells, "|"); got != c.first || f.rows != c.rows {
			t.Errorf("%s: first %q of %d, want %q of %d", name, got, f.rows, c.first, c.rows)
		}
	}
}

func TestWhatIsNoCSVIsRefusedWithItsPlace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":      {"", "empty"},
		"only names": {"a,b\n", "no rows"},
		"workbook":   {"PK\x03\x04rest", "spreadsheet"},
		"old excel":  {"\xd0\xcf\x11\xe0rest", "spreadsheet"},
		"latin 1":    {"a,b\n1,2\ncaf\xe9,3\n", "Line 3 is not in UTF-8 (byte 0xe9)"},
		"nul":        {"a,b\n1\x00,2\n", "Line 2 has a NUL"},
		"bare quote": {"a,b\n1,2\n5\" disk,3\n", "Line 3, character 2"},
		"open quote": {"a,b\n1,\"2\n3,4\n", "not closed"},
		"after":      {"a,b\n\"x\"y,2\n", "Line 2"},
		"huge cell":  {"a,b\n1," + strings.Repeat("x", cellMost+1) + "\n", "line 2, column 2"},
		"wide":       {strings.Repeat("a,", mostCells) + "a\n1\n", "at most 500 columns"},
	} {
		_, err := readCSV([]byte(c.text), 0)
		if _, said := errors.AsType[widgets.UserError](err); !said || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// FuzzReadCSV: whatever comes is read or refused in words, and what was read is read the same again.
func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\r\n\"x\"\"\";2", "\xff\xfea\x00", "\xef\xbb\xbf", "a\tb\n'=1\t2\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := readCSV(data, 0)
		if err != nil {
			if _, said := errors.AsType[widgets.UserError](err); !said {
				t.Fatalf("not for people: %v", err)
			}
			return
		}
		n := int64(0)
		if err := text.each(func(csvRow) error { n++; return nil }); err != nil || n != text.rows {
			t.Fatalf("read again: %d of %d rows, %v", n, text.rows, err)
		}
	})
}

// importing is an open import page with a file.
func (h *house) importing(u *widgets.User, text string) *tab {
	h.t.Helper()
	const table = "orders"
	m := h.model(table)
	to, err := h.site.ImportFile(h.in(u, m, "/admin/main/"+table+"/import/upload"), m, `C:\files\`+table+".csv", []byte(text))
	must0(h.t, err)
	return h.show(h.site.ImportPage(h.in(u, m, to), m))
}

// ran waits for the run that the page led to.
func (tb *tab) ran(u *widgets.User) jobs.Snapshot {
	tb.t.Helper()
	id, found := strings.CutPrefix(tb.last.Effects.Redirect, "/admin/progress/")
	if !found {
		tb.t.Fatalf("no run was started: %q %s", tb.last.Effects.Redirect, tb.html(tb.main))
	}
	id = strings.TrimSuffix(id, "/")
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		s, err := tb.site.Jobs.Get(id, u)
		must0(tb.t, err)
		if s.Settled() {
			return s
		}
		select {
		case <-deadline:
			tb.t.Fatalf("the run does not end: %+v", s)
		case <-tick.C:
		}
	}
}

func (tb *tab) failedRows(u *widgets.User, s jobs.Snapshot, comma rune) [][]string {
	tb.t.Helper()
	data, err := tb.site.Jobs.File(s.ID, jobs.FailedFile, u)
	must0(tb.t, err)
	r := csv.NewReader(strings.NewReader(string(data)))
	r.Comma, r.FieldsPerRecord = comma, -1
	return mustOf(r.ReadAll())
}

func TestImportGuessesShowsAndStores(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	tb := h.importing(ann, "Number;Customer;STATUS;total;rush;Shipped on;remark\n"+
		"X1;1;paid;9.50;yes;2026-02-01;a\nX2;2;;;no;;b\nX3;99;paid;1;1;;c\nX4;1;lost;x;maybe;soon;d\nX5;1;paid;1;0\nN0001;1;paid;1;0;;e\n'=X6;3;new;2,5;0;;f\n")
	dom := tb.dom()
	if got := text(only(t, dom, "h2.gr-card-title[data-file]")); !strings.HasPrefix(got, "orders.csv") || !strings.HasSuffix(got, "7 rows") {
		t.Errorf("heading %q", got)
	}
	for cell, want := range map[string]string{"cell.0": "number", "cell.1": "customer_id", "cell.2": "status", "cell.5": "shipped_on", "cell.6": ""} {
		if got := attr(only(t, dom, `select[name=`+cell+`] option[selected]`), "value"); got != want {
			t.Errorf("%s goes into %q, want %q", cell, got, want)
		}
	}
	preview := text(only(t, dom, "table[data-preview]"))
	for _, want := range []string{"There is no customer “99”.", "Choose one of the list.", "Enter a number, with a point for decimals.", "Write yes or no", "Enter a date like", "It has 5 cells; the first line has 7 names."} {
		if !strings.Contains(preview, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	if n := h.one("SELECT count(*) FROM orders"); n != "3" {
		t.Fatalf("the preview stored: %s", n)
	}
	if said := tb.submit("#import", "_then=check"); said != "" {
		t.Fatal(said)
	}
	if s := tb.ran(ann); s.State != jobs.Succeeded || s.Failed != 4 || h.one("SELECT count(*) FROM orders") != "3" || !strings.HasPrefix(s.Result, "Would add 3 orders") {
		t.Errorf("dry: %+v", s)
	}
	if said := tb.submit("#import", ""); said != "" {
		t.Fatal(said)
	}
	s := tb.ran(ann)
	if s.State != jobs.Succeeded || s.Current != 7 || s.Total != 7 || s.Failed != 5 || s.Result != "Added 2 orders, 5 failed." || s.Table != "main.orders" {
		t.Errorf("%+v", s)
	}
	if got := h.one("SELECT group_concat(number || ' ' || customer_id || ' ' || status || ' ' || total || ' ' || rush || ' ' || coalesce(shipped_on, 'NULL'), ', ') FROM orders WHERE number LIKE '%X%'"); got != "X1 1 paid 9.5 1 2026-02-01, X2 2 new 0 0 NULL" {
		t.Errorf("stored %s", got)
	}
	failed := tb.failedRows(ann, s, ';')
	if len(failed) != 6 || failed[0][7] != reasonColumn || failed[1][0] != "X3" || !strings.Contains(failed[1][7], "no customer") || failed[3][5] != "It has 5 cells; the first line has 7 names." {
		t.Errorf("failed rows %q", failed)
	}
	if got := failed[5][0]; got != "'=X6" || !strings.Contains(failed[4][7], "Number:") {
		t.Errorf("a formula came back as %q; %q", got, failed[4])
	}
}

func TestImportUpdatesByKey(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	tb := h.importing(ann, "id,note,number,customer_id\n1,'=sum,N0001,2\n2,,N0002,3\n77,x,N77,1\n,y,N88,1\nabc,x,y,1\n")
	tb.send("choose", "what", "mode", "value", importUpdate)
	dom := tb.dom()
	if got := attr(only(t, dom, `select[name=cell.0] option[selected]`), "value"); got != "id" {
		t.Errorf("the key goes into %q", got)
	}
	if preview := text(only(t, dom, "table[data-preview]")); !strings.Contains(preview, "There is no order 77.") || !strings.Contains(preview, "without it no row can be found") {
		t.Errorf("preview: %s", preview)
	}
	tb.send("run")
	if s := tb.ran(ann); s.Failed != 3 || s.Result != "Added no orders, updated 1, 1 were so already, 3 failed." && s.Result != "Added 0 orders, updated 1, 1 were so already, 3 failed." {
		t.Errorf("%d failed: %s", s.Failed, s.Result)
	}
	if got := h.one("SELECT note || customer_id FROM orders WHERE id = 1"); got != "=sum2" {
		t.Errorf("row 1 is %s", got)
	}
	tb = h.importing(ann, "id,note,number,customer_id\n1,z,N0001,2\n77,x,N77,1\n,y,N88,1\n")
	tb.send("choose", "what", "mode", "value", importBoth)
	tb.send("run")
	if s := tb.ran(ann); s.Failed != 0 || s.Result != "Added 2 orders, updated 1." {
		t.Errorf("%d failed: %s", s.Failed, s.Result)
	}
	if got := h.one("SELECT group_concat(id || note, ' ') FROM orders WHERE id > 3"); got != "77x 78y" {
		t.Errorf("added %s", got)
	}
}

// What a form refuses, a file is refused too: fields that are read-only or hidden, rows out of reach, and whoever may only add must not change.
func TestX13ImportSetsNothingThatTheFormWouldNot(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	h.rules.hide.set("orders", []string{"card_token"})
	h.rules.readOnly.set("orders", []string{"status"})
	h.rules.rows.set("customers", widgets.Where("tenant", widgets.OpEq, "1"))
	adder := &widgets.User{ID: "7", Name: "Add", Rights: []string{"main.add_*", "main.view_*"}, SessionID: "s7"}
	tb := h.importing(adder, "number,customer_id,status,card_token\nX1,1,paid,stolen\nX2,3,paid,stolen\n")
	html := tb.html(tb.main)
	for _, word := range []string{`value="status"`, `value="card_token"`, importUpdate + `"`} {
		if strings.Contains(html, word) {
			t.Errorf("the page offers %s", word)
		}
	}
	if said := tb.send("run", "mode", importAdd, "cell.0", "number", "cell.1", "customer_id", "cell.2", "status", "cell.3", ""); !strings.Contains(said, "no field that you may set") {
		t.Errorf("a read-only field: %q", said)
	}
	if said := tb.send("run", "mode", importAdd, "cell.0", "number", "cell.1", "customer_id", "cell.2", "", "cell.3", "card_token"); !strings.Contains(said, "no field that you may set") {
		t.Errorf("a hidden field: %q", said)
	}
	if said := tb.send("run", "mode", importUpdate, "cell.0", "number"); !strings.Contains(said, "permission") {
		t.Errorf("an update by whoever may add: %q", said)
	}
	tb.send("run", "mode", importAdd, "cell.0", "number", "cell.1", "customer_id", "cell.2", "", "cell.3", "")
	if s := tb.ran(adder); s.Result != "Added 1 order, 1 failed." {
		t.Errorf("%s", s.Result)
	}
	if got := h.one("SELECT group_concat(number || status || coalesce(card_token, '-')) FROM orders WHERE id > 3"); got != "X1new-" {
		t.Errorf("stored %s", got)
	}
	nobody := &widgets.User{ID: "8", Name: "See", Rights: []string{"main.view_*"}, SessionID: "s8"}
	m := h.model("orders")
	_, err := h.site.ImportPage(h.in(nobody, m, "/admin/main/orders/import/"), m)
	mustErr(t, err, widgets.ErrDenied)
	_, err = h.site.ImportFile(h.in(nobody, m, "/admin/main/orders/import/upload"), m, "x.csv", []byte("a\n1\n"))
	mustErr(t, err, widgets.ErrDenied)
	if list := h.list(nobody, "orders", ""); strings.Contains(list.html(list.main), "/import/") {
		t.Error("the list offers an import to whoever may not add")
	}
}

func TestUploadsAreFewAndForgotten(t *testing.T) {
	var u uploads
	now := time.Now()
	for i, f := range []*upload{
		{id: "a", owner: "1", table: "t", data: make([]byte, 10), at: now.Add(-2 * uploadKept)},
		{id: "b", owner: "1", table: "t", data: make([]byte, 10), at: now.Add(-3)},
		{id: "c", owner: "1", table: "t", data: make([]byte, 10), at: now.Add(-2)},
		{id: "d", owner: "1", table: "t", data: make([]byte, 10), at: now.Add(-1)},
		{id: "e", owner: "2", table: "t", data: make([]byte, uploadsMost-5), at: now},
	} {
		u.put(f)
		if got := u.get(f.id, f.owner, "t"); (got == f) != (i > 0) {
			t.Errorf("%s: %v", f.id, got)
		}
		if u.get(f.id, "3", "t") != nil || u.get(f.id, f.owner, "other") != nil {
			t.Errorf("%s is found by others", f.id)
		}
		if f.id == "d" && (u.get("b", "1", "t") != nil || u.get("c", "1", "t") == nil) {
			t.Error("a person keeps two files")
		}
	}
	if len(u.kept) != 1 {
		t.Errorf("%d files are kept", len(u.kept))
	}
}
