package pages

import (
	"context"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/widgets"
)

// AuditView is the permission to read the audit. Values of rows are shown to those only who may see the table.
const AuditView = "audit.view"

// auditName is the name of the audit page's main widget, auditPage how many lines a page has.
const (
	auditName  = "audit"
	auditLines = 50
)

type auditState struct {
	View auditView
}

type auditView struct {
	Path, User, As, Key, From, To string
	Tables, Deeds                 []selectOption
	Faults                        []string
	Lines                         []lineOfAudit
	Older, Newest                 string
	Filtered                      bool
	Exports                       []exportLink
}

type lineOfAudit struct {
	lineOfHistory
	Address, Table, TableURL, RowKey, RowURL string
	Values                                   string // how many there are
	// Withheld says that there are values which are not the person's to see.
	Withheld bool
}

func (s *Site) auditURL() string { return s.Prefix + "/audit/" }

// mayAudit tells whether a person may read the audit.
func (s *Site) mayAudit(ctx context.Context, u *widgets.User) bool {
	return s.Audit != nil && s.Decider.Decide(ctx, u, widgets.View, widgets.Subject{Permissions: []string{AuditView}}).Allow
}

// AuditPage builds the page of everything that was done.
func (s *Site) AuditPage(in widgets.In) (*widgets.Page, error) {
	if !s.mayAudit(context.Background(), in.User) {
		return nil, widgets.ErrDenied
	}
	return &widgets.Page{Title: in.T("Audit"), Crumbs: s.crumbs(in.Language), Section: s.auditURL(), Main: s.audit, In: in}, nil
}

var auditTemplate = must("audit.html")

func (s *Site) auditWidget() widgets.Widget {
	return widgets.Widget{
		Name: auditName, Label: "Audit", Bare: true, Template: auditTemplate,
		Mount: func(ctx context.Context, in widgets.In) (any, error) { return s.mountAudit(ctx, in) },
	}
}

// auditQuery reads the page's address. Days are those of the server.
func auditQuery(raw url.Values) (q widgets.AuditQuery, faults []string) {
	q = widgets.AuditQuery{User: raw.Get("user"), As: raw.Get("as"), Table: raw.Get("table"), Key: raw.Get("key"), Deed: widgets.Deed(raw.Get("deed"))}
	day := func(word string) time.Time {
		text := raw.Get(word)
		if text == "" {
			return time.Time{}
		}
		at, err := time.ParseInLocation(time.DateOnly, text, time.Local)
		if err != nil {
			faults = append(faults, "“"+cut(text, 40)+"” is no day; write it like 2026-01-31.")
		}
		return at
	}
	q.From, q.To = day("from"), day("to")
	if !q.To.IsZero() {
		q.To = q.To.AddDate(0, 0, 1)
	}
	if q.Deed != "" && !slices.Contains(widgets.Deeds(), q.Deed) {
		faults = append(faults, "“"+cut(string(q.Deed), 40)+"” is no kind of line.")
	}
	q.Before, _ = strconv.ParseInt(raw.Get("before"), 10, 64)
	return q, faults
}

func (s *Site) mountAudit(ctx context.Context, in widgets.In) (*auditState, error) {
	if !s.mayAudit(ctx, in.User) {
		return nil, widgets.ErrDenied
	}
	raw := rawQuery(in.Raw)
	q, faults := auditQuery(raw)
	v := auditView{Path: s.auditURL(), User: q.User, As: q.As, Key: q.Key, From: raw.Get("from"), To: raw.Get("to"), Faults: late(in.Language, faults)}
	v.Tables = []selectOption{{Value: "", Label: in.T("All tables"), Selected: q.Table == ""}}
	for _, m := range s.visible(ctx, in.User) {
		v.Tables = append(v.Tables, selectOption{m.table().ID(), in.T(m.plural()), m.table().ID() == q.Table})
	}
	v.Deeds = []selectOption{{Value: "", Label: in.T("Everything"), Selected: q.Deed == ""}}
	for _, d := range widgets.Deeds() {
		v.Deeds = append(v.Deeds, selectOption{string(d), in.T(deedWords[d].text), d == q.Deed})
	}
	at := func(before string) string {
		next := url.Values{}
		for _, word := range []string{"user", "as", "table", "key", "deed", "from", "to"} {
			if raw.Get(word) != "" {
				next.Set(word, raw.Get(word))
			}
		}
		v.Filtered = len(next) > 0
		if before != "" {
			next.Set("before", before)
		}
		if len(next) == 0 {
			return ""
		}
		return "?" + next.Encode()
	}
	v.Exports = []exportLink{
		{"csv", "CSV", v.Path + "export/csv" + at("")}, {"xlsx", "Excel", v.Path + "export/xlsx" + at("")}, {"json", "JSON", v.Path + "export/json" + at("")},
	}
	if q.Before > 0 {
		v.Newest = v.Path + at("")
	}
	if len(faults) > 0 {
		return &auditState{v}, nil
	}
	q.Limit = auditLines + 1
	lines, err := s.Audit.Lines(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(lines) > auditLines {
		lines = lines[:auditLines]
		v.Older = v.Path + at(strconv.FormatInt(lines[auditLines-1].ID, 10))
	}
	for _, l := range lines {
		one := s.auditLine(ctx, in, l)
		one.Values = in.Language.N(int64(len(one.Fields)), "%d value", "%d values", len(one.Fields))
		v.Lines = append(v.Lines, one)
	}
	return &auditState{v}, nil
}

// auditLine draws a line with as much of it as the person may see: no values of tables that are closed to them, or open to them in part, where it
// cannot be told any more which part a row belonged to.
func (s *Site) auditLine(ctx context.Context, in widgets.In, l widgets.AuditLine) lineOfAudit {
	u := in.User
	one := lineOfAudit{lineOfHistory: s.lineOf(in.Language, l), Address: l.Address, Table: l.Table, RowKey: l.Key}
	m := s.models[l.Table]
	if l.Table == "" {
		return one
	}
	if m == nil {
		one.Withheld = len(l.Fields) > 0 && !u.Super
		if u.Super {
			for _, f := range l.Fields {
				one.Fields = append(one.Fields, fieldOfHistory{Column: f.Column, Label: f.Column, Old: f.Old.String(), New: f.New.String()})
			}
		}
		return one
	}
	one.Table = in.T(m.plural())
	d := m.may(ctx, u, widgets.View, nil)
	if !d.Allow {
		one.Withheld = len(l.Fields) > 0
		return one
	}
	one.TableURL = m.url()
	if key, err := widgets.ParseKey(l.Key); err == nil && len(key) == len(m.table().Key) && l.Deed != widgets.DeedDelete {
		one.RowURL = m.historyURL(key)
	}
	if !d.Rows.Empty() {
		one.Withheld = len(l.Fields) > 0
		return one
	}
	for _, f := range l.Fields {
		if slices.Contains(d.Hide, f.Column) {
			one.Withheld = true
			continue
		}
		one.Fields = append(one.Fields, m.fieldOf(f, l))
	}
	return one
}

// AuditExport is the audit as a file that is yet to be written.
type AuditExport struct {
	site   *Site
	in     widgets.In
	query  widgets.AuditQuery
	format exportFormat
}

// auditColumns are the columns of the file.
var auditColumns = func() []*widgets.Column {
	var all []*widgets.Column
	for _, name := range []string{"id", "at", "deed", "user", "address", "sign_in", "via", "table", "key", "text", "fields", "undone", "as"} {
		c := &widgets.Column{Name: name, Label: name}
		if name == "id" {
			c.Kind = widgets.KindInteger
		}
		all = append(all, c)
	}
	return all
}()

// AuditExport makes ready a file of the audit: in.Raw is the page's address, format one of csv, json and xlsx.
func (s *Site) AuditExport(ctx context.Context, in widgets.In, format string) (*AuditExport, error) {
	if !s.mayAudit(ctx, in.User) {
		return nil, widgets.ErrDenied
	}
	kind, known := exportFormats[format]
	if !known {
		return nil, widgets.ErrNoRow
	}
	q, faults := auditQuery(rawQuery(in.Raw))
	if len(faults) > 0 {
		return nil, widgets.UserError(faults[0])
	}
	q.Before, q.Limit = 0, exportBatch
	return &AuditExport{s, in, q, kind}, nil
}

// Name is the file's name.
func (e *AuditExport) Name() string {
	return "audit-" + time.Now().Format(time.DateOnly) + "." + e.format.suffix
}

// Type is the file's media type.
func (e *AuditExport) Type() string { return e.format.mime }

// Write writes the file, the newest lines first, and returns how many there were. Some hundred are in memory at a time.
func (e *AuditExport) Write(ctx context.Context, w io.Writer) (n int64, err error) {
	out := e.format.open(w, "Audit", auditColumns)
	q := e.query
	for {
		if !e.site.mayAudit(ctx, e.in.User) {
			return n, widgets.ErrDenied
		}
		lines, err := e.site.Audit.Lines(ctx, q)
		if err != nil {
			return n, err
		}
		for _, l := range lines {
			if err := out.row(e.values(ctx, l)); err != nil {
				return n, err
			}
			n++
		}
		if len(lines) < q.Limit {
			return n, out.close()
		}
		q.Before = lines[len(lines)-1].ID
	}
}

func (e *AuditExport) values(ctx context.Context, l widgets.AuditLine) []widgets.Value {
	drawn := e.site.auditLine(ctx, e.in, l)
	var fields []string
	for _, f := range drawn.Fields {
		fields = append(fields, f.Column+": "+f.Old+" → "+f.New)
	}
	if drawn.Withheld {
		fields = append(fields, "(values are withheld)")
	}
	texts := []string{
		strconv.FormatInt(l.ID, 10), l.At.UTC().Format(time.RFC3339), string(l.Deed), l.User, l.Address, l.SignIn, l.Via, l.Table, l.Key, l.Text, strings.Join(fields, "\n"), l.Undone, l.As,
	}
	values := make([]widgets.Value, len(texts))
	for i, text := range texts {
		values[i] = widgets.Text(text)
	}
	return values
}
