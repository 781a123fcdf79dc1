package pages

import (
	"context"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"greenroom/widgets"
)

// exportBatch is how many rows of an export are read, and kept in memory, at a time.
const exportBatch = 500

// Export is the rows of a list as a file that is yet to be written: those of the list's address, or of a selection, with the columns shown there.
type Export struct {
	model   *Model
	in      widgets.In
	format  exportFormat
	at      address
	columns []*widgets.Column
	sel     selection
}

// exportFormat is a kind of file.
type exportFormat struct {
	suffix, mime string
	open         func(w io.Writer, title string, columns []*widgets.Column) sheet
}

// sheet is a file being written. Nothing is kept that was written.
type sheet interface {
	row(values []widgets.Value) error
	close() error
}

var exportFormats = map[string]exportFormat{
	"csv":  {"csv", "text/csv; charset=utf-8", newCSV},
	"json": {"json", "application/json", newJSON},
	"xlsx": {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", newXLSX},
}

// Export makes ready a file of a list: in.Raw is the list's address, format one of csv, json and xlsx. Rows are what a form posted about a selection:
// "rows" are keys joined by blanks, and with "all" those left out; without either every row of the address is meant. ErrNoRow is returned for an
// unknown format, ErrDenied when the user may not see the table.
func (s *Site) Export(ctx context.Context, in widgets.In, m *Model, format string, rows map[string][]string) (*Export, error) {
	kind, known := exportFormats[format]
	if !known {
		return nil, widgets.ErrNoRow
	}
	g, err := m.see(ctx, in)
	if err != nil {
		return nil, err
	}
	at, faults := g.parse(rawQuery(in.Raw))
	if len(faults) > 0 {
		return nil, widgets.UserError(faults[0]) // better no file than one with other rows than were asked for
	}
	g.dress(at, widgets.Look{})
	e := &Export{model: m, in: in, format: kind, at: at.firstPage(), columns: g.columns}
	e.sel.all = len(rows["rows"]) == 0 || ticked(first(rows["all"]))
	keys := strings.Fields(first(rows["rows"]))
	if len(keys) > maxPicked {
		return nil, widgets.ErrBadPayload
	}
	for _, text := range keys {
		if key, err := widgets.ParseKey(text); err != nil || len(key) != len(m.table().Key) {
			return nil, widgets.ErrBadPayload
		}
	}
	if len(keys) > 0 {
		e.sel = e.sel.set(keys, !e.sel.all)
	}
	if e.sel.empty() {
		return nil, widgets.UserError("Select at least one row first.")
	}
	return e, nil
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// Name is the file's name: the table and the day.
func (e *Export) Name() string {
	return widgetName(e.model.table().Name) + "-" + time.Now().Format(time.DateOnly) + "." + e.format.suffix
}

// Type is the file's media type.
func (e *Export) Type() string { return e.format.mime }

// Write writes the file row by row, in the list's order, and returns how many rows that were. Memory does not grow with the table: rows are read some
// hundred at a time, and before each of these reads it is asked again whether the person may. It ends with ctx, or with w's first error; what was
// written by then is no whole file.
func (e *Export) Write(ctx context.Context, w io.Writer) (n int64, err error) {
	out := e.format.open(w, e.model.plural(), e.columns)
	for batch, err := range e.batches(ctx) {
		if err != nil {
			return n, err
		}
		for _, values := range batch {
			if err := out.row(values); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, out.close()
}

// look asks anew what the person may see; a column that has been hidden since ends the export.
func (e *Export) look(ctx context.Context) (*grid, error) {
	g, err := e.model.see(ctx, e.in)
	if err != nil {
		return nil, err
	}
	for _, c := range e.columns {
		if g.hiddenBy(c, g.hide) {
			return nil, widgets.ErrDenied
		}
	}
	g.columns = e.columns
	return g, nil
}

// batches reads the rows page by page.
func (e *Export) batches(ctx context.Context) func(yield func([][]widgets.Value, error) bool) {
	return func(yield func([][]widgets.Value, error) bool) {
		left, most := e.sel.keys(), exportBatch
		if len(e.model.table().Key) > 1 {
			most = 100 // a filter has room for so many keys of several parts
		}
		after := ""
		for {
			g, err := e.look(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			q := g.query(e.at)
			q.Limit, q.After = exportBatch, after
			if !e.sel.all {
				chunk := left[:min(most, len(left))]
				if left = left[len(chunk):]; len(chunk) == 0 {
					return
				}
				q.Search, q.In, q.Named, q.After = "", nil, nil, ""
				q.Filter = g.scope.And(keyed(g.table(), chunk))
			}
			batch, next, err := e.read(ctx, g, q)
			if after = next; !yield(batch, err) || err != nil || e.sel.all && next == "" {
				return
			}
		}
	}
}

// keyed is the filter for rows of these keys.
func keyed(t *widgets.Table, keys []widgets.Key) widgets.Filter {
	if len(t.Key) == 1 {
		values := make([]string, len(keys))
		for i, key := range keys {
			values[i] = key[0]
		}
		return widgets.Where(t.Key[0], widgets.OpIn, values...)
	}
	any := make([]widgets.Filter, 0, len(keys))
	for _, key := range keys {
		var f widgets.Filter
		for i, part := range key {
			f = f.And(widgets.Where(t.Key[i], widgets.OpEq, part))
		}
		any = append(any, f)
	}
	return widgets.Filter{Any: any}
}

// read reads a page of rows with whole values: a list shortens what is long, so that such columns are fetched by key.
func (e *Export) read(ctx context.Context, g *grid, q widgets.Query) (batch [][]widgets.Value, next string, err error) {
	whole := len(g.table().Key) > 0 && slices.ContainsFunc(e.columns, long)
	if whole {
		q.Select = g.table().Key
	}
	rows, err := g.Source.List(ctx, q)
	if err != nil {
		return nil, "", err
	}
	columns, read := rows.Columns, rows.Rows
	if whole && len(rows.Rows) > 0 {
		keys := make([]widgets.Key, len(rows.Rows))
		for i, row := range rows.Rows {
			keys[i] = row.Key
		}
		if read, err = g.Source.Fetch(ctx, keys, g.scope); err != nil {
			return nil, "", err
		}
		columns = columnNames(g.table())
	}
	where := make([]int, len(e.columns))
	for i, c := range e.columns {
		if where[i] = slices.Index(columns, c.Name); where[i] < 0 && g.computedOf(c) == nil {
			return nil, "", errors.New("pages: export: the column " + c.Name + " was not read")
		}
	}
	for _, row := range read {
		if e.sel.all && e.sel.picked[row.Key.String()] {
			continue // left out
		}
		values := make([]widgets.Value, len(where))
		for i, at := range where {
			if own := g.computedOf(e.columns[i]); own != nil {
				values[i] = g.computedText(own, FieldsOf(row.Key, columns, row.Values))
				continue
			}
			values[i] = row.Values[at]
		}
		batch = append(batch, values)
	}
	return batch, rows.Next, nil
}

// long tells whether a list may show the beginning of a column's values only.
func long(c *widgets.Column) bool {
	switch c.Kind {
	case widgets.KindText, widgets.KindLongText, widgets.KindJSON, widgets.KindBytes:
		return c.MaxLen == 0 || c.MaxLen > 500
	}
	return false
}

// exportView is the menu of files: links for all rows of the list, and a form for those selected.
type exportView struct {
	CSRF  string
	Files []exportLink
	// Rows are the selected keys (or with All those left out), "" where nothing is selected.
	Rows, All string
}

type exportLink struct{ Format, Label, Href string }

func (g *grid) exportView(csrf string, s *listState) exportView {
	at := s.at.firstPage()
	at.rows, at.view = "", ""
	if at.cols = nil; !slices.Equal(g.columns, g.own) {
		at.cols = columnsOf(g.columns)
	}
	query := at.values().Encode()
	v := exportView{CSRF: csrf}
	for _, f := range []exportLink{{"csv", "CSV", ""}, {"xlsx", "Excel", ""}, {"json", "JSON", ""}} {
		f.Href = g.url() + "export/" + url.PathEscape(f.Format)
		if query != "" {
			f.Href += "?" + query
		}
		v.Files = append(v.Files, f)
	}
	if !s.sel.empty() {
		texts := make([]string, 0, len(s.sel.picked))
		for _, key := range s.sel.keys() {
			texts = append(texts, key.String())
		}
		v.Rows = strings.Join(texts, " ")
		if s.sel.all {
			v.All = "1"
		}
	}
	return v
}
