package pages

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"greenroom/widgets"
)

// exported writes a list's file; rows is what a form posted about a selection.
func (h *house) exported(u *widgets.User, table, query, format string, rows map[string][]string) ([]byte, error) {
	m := h.model(table)
	e, err := h.site.Export(h.t.Context(), h.in(u, m, "/admin/main/"+table+"/export/"+format+"?"+query), m, format, rows)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	n, err := e.Write(h.t.Context(), &b)
	if err == nil && format == "csv" && n+1 != int64(len(mustOf(csv.NewReader(bytes.NewReader(b.Bytes())).ReadAll()))) {
		h.t.Errorf("wrote %d rows, says Write", n)
	}
	return b.Bytes(), err
}

func (h *house) csv(query string, rows map[string][]string) [][]string {
	h.t.Helper()
	b, err := h.exported(ann, "orders", query, "csv", rows)
	must0(h.t, err)
	return mustOf(csv.NewReader(bytes.NewReader(b)).ReadAll())
}

func column0(table [][]string) string {
	var out []string
	for _, row := range table[1:] {
		out = append(out, row[0])
	}
	return strings.Join(out, " ")
}

func TestExportHoldsTheViewAsItIs(t *testing.T) {
	h := open(t, nil)
	h.stock(1203)
	table := h.csv("f.status=paid&o=number&cols=number,total,note", nil)
	if len(table) != 402 || !slices.Equal(table[0], []string{"number", "total", "note"}) || table[1][0] != "N0003" || table[401][0] != "N1203" {
		t.Errorf("%d rows, %v, %v … %v", len(table), table[0], table[1], table[len(table)-1])
	}
	if got := column0(h.csv("q=number:^N001&cols=id&o=id", nil)); got != "10 11 12 13 14 15 16 17 18 19" {
		t.Errorf("search: %s", got)
	}
	if got := column0(h.csv("o=-id&q=nothing+of+this&cols=id", map[string][]string{"rows": {"3 1 7"}})); got != "7 3 1" {
		t.Errorf("selection: %s", got)
	}
	table = h.csv("cols=id&o=id", map[string][]string{"rows": {"2 600"}, "all": {"1"}})
	if got := column0(table); len(table) != 1202 || !strings.HasPrefix(got, "1 3 4 ") || strings.Contains(got, " 600 ") {
		t.Errorf("all but two: %d", len(table))
	}
	h.exec("INSERT INTO lines VALUES (1, 1, 'lamp'), (1, 2, 'rug'), (2, 1, 'cup')")
	b, err := h.exported(ann, "lines", "cols=what", "csv", map[string][]string{"rows": {"1,2 2,1"}})
	if must0(t, err); string(b) != "what\r\ncup\r\nrug\r\n" {
		t.Errorf("keys of two parts: %q", b)
	}
	for _, rows := range []string{"1", "1,2,3", "%zz"} {
		_, err := h.exported(ann, "lines", "", "csv", map[string][]string{"rows": {rows}})
		mustErr(t, err, widgets.ErrBadPayload)
	}
}

func TestExportKeepsValuesWholeAndHarmless(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	long := strings.Repeat("käse ", 400)
	h.exec("UPDATE orders SET note = ? WHERE id = 1", long)
	h.exec(`UPDATE orders SET note = '=HYPERLINK("http://x","y")', total = -5 WHERE id = 2`)
	h.exec("UPDATE orders SET note = '', rush = 1 WHERE id = 3")
	table := h.csv("cols=note,total,rush&o=id", nil)
	if table[1][0] != long {
		t.Errorf("a long text has %d bytes, want %d", len(table[1][0]), len(long))
	}
	if table[2][0] != `'=HYPERLINK("http://x","y")` || table[2][1] != "-5" {
		t.Errorf("formula: %q", table[2])
	}
	for text, want := range map[string]string{"-5.50": "-5.50", "+49 30": "'+49 30", "@x": "'@x", "\tx": "'\tx", "a=b": "a=b", "": "", "-": "'-", "＝1": "'＝1"} {
		if got := harmless(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	h.exec("UPDATE orders SET note = NULL WHERE id = 1")
	b, err := h.exported(ann, "orders", "cols=id,total,note,rush,customer_id&o=id", "json", nil)
	must0(t, err)
	var rows []map[string]any
	must0(t, json.Unmarshal(b, &rows))
	if len(rows) != 3 || rows[0]["id"] != 1.0 || rows[0]["note"] != nil || rows[1]["total"] != "-5" || rows[2]["rush"] != true || rows[2]["note"] != "" {
		t.Errorf("JSON: %s", b)
	}
	if b, err = h.exported(ann, "orders", "q=zzz", "json", nil); err != nil || string(b) != "[]\n" {
		t.Errorf("no rows: %q, %v", b, err)
	}
}

func TestExportedWorkbookIsOne(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	h.exec("UPDATE orders SET note = '<&\x01=1+1', number = '0012' WHERE id = 1")
	b, err := h.exported(ann, "orders", "cols=id,number,note&o=id", "xlsx", nil)
	must0(t, err)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must0(t, err)
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		must0(t, err)
		text := string(mustOf(io.ReadAll(r)))
		parts[f.Name] = text
		for d := xml.NewDecoder(strings.NewReader(text)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
	}
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/worksheets/sheet1.xml"} {
		if parts[name] == "" {
			t.Errorf("no %s", name)
		}
	}
	sheet := parts["xl/worksheets/sheet1.xml"]
	if strings.Count(sheet, "<row>") != 4 || strings.Contains(sheet, "<f>") || !strings.Contains(sheet, "<c><v>1</v></c>") || !strings.Contains(sheet, ">0012<") {
		t.Error(sheet)
	}
	if got := sheetName("a[b]:*?/\\'" + strings.Repeat("x", 40)); got != "ab'"+strings.Repeat("x", 23) {
		t.Errorf("name %q", got)
	}
}

// X11 and X12: what may not be seen does not leave by a file either, and a right that is taken away ends one that is being written.
func TestX11ExportAsksLikeTheList(t *testing.T) {
	h := open(t, nil)
	h.stock(1200)
	h.rules.hide.set("orders", []string{"card_token"})
	h.rules.rows.set("orders", widgets.Where("customer_id", widgets.OpEq, "1"))
	for _, format := range []string{"csv", "json"} {
		b, err := h.exported(ann, "orders", "", format, nil)
		if must0(t, err); bytes.Contains(b, []byte("secret")) || bytes.Contains(b, []byte("card_token")) || bytes.Contains(b, []byte("N0001")) {
			t.Errorf("%s: what is hidden is in the file", format)
		}
	}
	if _, err := h.exported(ann, "orders", "cols=card_token", "csv", nil); err == nil {
		t.Error("a hidden column can be asked for")
	}
	if got := column0(h.csv("cols=id", map[string][]string{"rows": {"1 3"}})); got != "3" {
		t.Errorf("a selection reaches beyond the scope: %s", got)
	}
	_, err := h.exported(&widgets.User{ID: "9"}, "orders", "", "csv", nil)
	mustErr(t, err, widgets.ErrDenied)
	_, err = h.exported(ann, "orders", "", "exe", nil)
	mustErr(t, err, widgets.ErrNoRow)

	h.rules.rows.set("orders", widgets.Filter{})
	m := h.model("orders")
	revoked := &widgets.User{ID: "7", Rights: []string{"main.view_orders"}}
	e, err := h.site.Export(t.Context(), h.in(revoked, m, "/?o=id"), m, "csv", nil)
	must0(t, err)
	n, err := e.Write(t.Context(), writer(func(p []byte) (int, error) { revoked.Rights = nil; return len(p), nil }))
	if mustErr(t, err, widgets.ErrDenied); n == 0 || n >= 1200 {
		t.Errorf("%d rows were written", n)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// asked counts the pages that are read.
type asked struct {
	widgets.Source
	lists *int
}

func (a asked) List(ctx context.Context, q widgets.Query) (widgets.Rows, error) {
	*a.lists++
	return a.Source.List(ctx, q)
}

func TestExportEndsWithItsReader(t *testing.T) {
	lists := 0
	h := open(t, func(h *house) { m := h.orders(); m.Source = asked{m.Source, &lists} })
	h.stock(20_000)
	m := h.model("orders")
	e, err := h.site.Export(t.Context(), h.in(ann, m, "/?o=id"), m, "csv", nil)
	must0(t, err)
	gone := errors.New("gone")
	_, err = e.Write(t.Context(), writer(func([]byte) (int, error) { return 0, gone }))
	if mustErr(t, err, gone); lists > 3 {
		t.Errorf("%d pages were read for nobody", lists)
	}
	ctx, cancel := context.WithCancel(t.Context())
	lists = 0
	_, err = e.Write(ctx, writer(func(p []byte) (int, error) { cancel(); return len(p), nil }))
	if mustErr(t, err, context.Canceled); lists > 3 {
		t.Errorf("%d pages were read after the end", lists)
	}
}

func TestListOffersItsFiles(t *testing.T) {
	h := open(t, nil)
	h.stock(30)
	tb := h.list(ann, "orders", "f.status=paid&o=number&cols=number&after=x")
	href := attr(only(t, tb.dom(), "[data-export=csv]"), "href")
	if href != "/admin/main/orders/export/csv?cols=number&f.status=paid&o=number" {
		t.Errorf("leads to %q", href)
	}
	tb.send("select", "key", "3", "key", "6", "checked", "true")
	form := only(t, tb.dom(), "#export")
	if v := formValues(t, form); v["rows"][0] != "3 6" || v["all"][0] != "" || v["csrf"][0] == "" {
		t.Errorf("posts %v", v)
	}
	tb.send("select-all")
	tb.send("select", "key", "3", "checked", "false")
	if v := formValues(t, only(t, tb.dom(), "#export")); v["rows"][0] != "3" || v["all"][0] != "1" {
		t.Errorf("posts %v", v)
	}
}

// BenchmarkExport tells what a row costs in each format, and that twice the rows take twice as much and no more.
func BenchmarkExport(b *testing.B) {
	for _, n := range []int{10_000, 20_000} {
		h := open(b, nil)
		h.stock(n)
		m := h.model("orders")
		for _, format := range []string{"csv", "json", "xlsx"} {
			b.Run(format+"/"+strconv.Itoa(n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					e, err := h.site.Export(b.Context(), h.in(ann, m, "/?o=id"), m, format, nil)
					must0(b, err)
					_, err = e.Write(b.Context(), io.Discard)
					must0(b, err)
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/row")
			})
		}
	}
}

func mustOf[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
