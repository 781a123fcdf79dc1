package pages

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// historyName is the name of the history page's main widget.
const historyName = "history"

const (
	// historyPage is how many changes a page of the history shows.
	historyPage = 25
	// mostReverted bounds over how many changes a row can be put back at once.
	mostReverted = 2000
)

// historyState is a row's history as one person may see it.
type historyState struct {
	View historyView
}

type historyView struct {
	CSRF, Title, EditURL, Notice string
	Faults                       []faultView
	Lines                        []lineOfHistory
	// Older and Newest lead to the other pages, "" where there is none.
	Older, Newest string
}

// lineOfHistory is what one person did to the row at one time.
type lineOfHistory struct {
	ID, When, Who, Deed, Pill, Text, Undone string
	Fields                                  []fieldOfHistory
	// Restore offers the row as it was then.
	Restore bool
}

type fieldOfHistory struct {
	Column, Label, Old, New, Line string
	// Revert offers the old value.
	Revert bool
}

// HistoryPage builds the page of what was done to a row, for whoever may see the row.
func (s *Site) HistoryPage(in widgets.In, m *Model) (*widgets.Page, error) {
	if s.Audit == nil {
		return nil, widgets.ErrNoRow
	}
	ctx, cancel := context.WithTimeout(context.Background(), pageBudget)
	defer cancel()
	title, err := m.rowTitle(ctx, in)
	if err != nil {
		return nil, err
	}
	list := rawQuery(in.Raw).Get(wordList)
	return &widgets.Page{
		Title: in.T("History"), Crumbs: append(m.crumbsBack(in), widgets.Crumb{Label: title, URL: carried(m.changeURL(in.Key), list)}),
		Section: m.table().ID(), Main: m.history, In: in,
	}, nil
}

var historyTemplate = must("history.html")

func (m *Model) historyWidget() widgets.Widget {
	return widgets.Widget{
		Name: historyName, Label: "History", Bare: true, Template: historyTemplate,
		Mount:  func(ctx context.Context, in widgets.In) (any, error) { return m.mountHistory(ctx, in) },
		Topics: func(widgets.In) []string { return []string{m.table().Topic()} },
		Events: map[string]widgets.Handler{"revert": widgets.On(m.revert)},
	}
}

func (m *Model) historyURL(key widgets.Key) string { return m.url() + key.String() + "/history/" }

func (m *Model) mountHistory(ctx context.Context, in widgets.In) (*historyState, error) {
	g, err := m.see(ctx, in)
	if err != nil {
		return nil, err
	}
	row, err := m.Source.Get(ctx, in.Key, g.scope)
	if err != nil {
		return nil, missing(err)
	}
	query := rawQuery(in.Raw)
	before, _ := strconv.ParseInt(query.Get("before"), 10, 64)
	lines, err := m.site.Audit.Lines(ctx, widgets.AuditQuery{Table: m.table().ID(), Key: row.Key.String(), Before: before, Limit: historyPage + 1})
	if err != nil {
		return nil, err
	}
	list := query.Get(wordList)
	v := historyView{CSRF: in.CSRF, Title: m.titleOf(columnNames(m.table()), row, g.hide), EditURL: carried(m.changeURL(in.Key), list)}
	if before > 0 {
		v.Newest = carried(m.historyURL(in.Key), list)
	}
	if len(lines) > historyPage {
		lines = lines[:historyPage]
		v.Older = m.historyURL(in.Key) + "?before=" + strconv.FormatInt(lines[historyPage-1].ID, 10)
		if list != "" {
			v.Older += "&" + strings.TrimPrefix(carried("", list), "?")
		}
	}
	fixed, may := m.fixed(ctx, in, false)
	for i, l := range lines {
		one := m.site.lineOf(in.Language, l)
		for _, f := range l.Fields {
			if !slices.ContainsFunc(g.choosable, func(c *widgets.Column) bool { return c.Name == f.Column }) {
				continue
			}
			shown := m.fieldOf(f, l)
			shown.Revert = may && l.Deed == widgets.DeedChange && l.Undone == "" && f.Kept == widgets.KeptWhole && m.settable(f.Column, fixed)
			one.Fields = append(one.Fields, shown)
		}
		one.Restore = may && l.Undone == "" && (l.Deed == widgets.DeedChange || l.Deed == widgets.DeedCreate) && (i > 0 || before > 0)
		v.Lines = append(v.Lines, one)
	}
	return &historyState{v}, nil
}

// settable tells whether a form of the person's could set the column.
func (m *Model) settable(column string, fixed []string) bool {
	return slices.ContainsFunc(m.fields, func(c *widgets.Column) bool { return c.Name == column }) && !slices.Contains(fixed, column)
}

// whoOf names who did something, and as whom.
func whoOf(in *lang.Language, a widgets.Actor) string {
	if a.As != "" {
		return in.T("%s as %s", a.User, a.As)
	}
	return firstOf(a.User, in.T("the program"))
}

// lineOf draws what is about the whole line.
func (s *Site) lineOf(in *lang.Language, l widgets.AuditLine) lineOfHistory {
	words := deedWords[l.Deed]
	one := lineOfHistory{ID: strconv.FormatInt(l.ID, 10), When: in.Time(l.At, lang.Seconds), Who: whoOf(in, l.Actor), Deed: in.T(words.text), Pill: pill(words.level), Text: l.Text}
	if l.Via != "" {
		one.Text = strings.TrimPrefix(one.Text+"; ", "; ") + in.T("by %s", in.Late(l.Via))
	}
	if l.Undone != "" {
		one.Undone = in.T("Did not happen: %s.", l.Undone)
	}
	return one
}

var deedWords = map[widgets.Deed]struct{ level, text string }{
	widgets.DeedSignIn:       {"mute", "signed in"},
	widgets.DeedSignInFailed: {"warn", "could not sign in"},
	widgets.DeedSignOut:      {"mute", "signed out"},
	widgets.DeedRefused:      {"danger", "was refused"},
	widgets.DeedCreate:       {"ok", "added"},
	widgets.DeedChange:       {"info", "changed"},
	widgets.DeedDelete:       {"danger", "deleted"},
	widgets.DeedAction:       {"info", "started an action"},
	widgets.DeedApproval:     {"info", "approval of an action"},
	widgets.DeedCancel:       {"warn", "cancelled a job"},
	widgets.DeedAccount:      {"info", "managed accounts"},
	widgets.DeedSeeAs:        {"warn", "saw the admin as another"},
	widgets.DeedExport:       {"mute", "exported"},
}

// fieldOf draws a value before and after.
func (m *Model) fieldOf(f widgets.AuditField, l widgets.AuditLine) fieldOfHistory {
	label, c := f.Column, m.table().Column(f.Column)
	if c == nil {
		c = &widgets.Column{Name: f.Column, Label: f.Column} // of a time before the schema changed
	}
	label = firstOf(c.Label, label)
	one := fieldOfHistory{Column: f.Column, Label: label, Line: strconv.FormatInt(l.ID, 10)}
	one.Old, one.New = m.keptText(f, c, f.Old), m.keptText(f, c, f.New)
	switch {
	case l.Deed == widgets.DeedCreate:
		one.Old = ""
	case l.Deed == widgets.DeedDelete:
		one.New = ""
	}
	return one
}

func (m *Model) keptText(f widgets.AuditField, c *widgets.Column, v widgets.Value) string {
	if v.IsNull() {
		return none
	}
	switch f.Kept {
	case widgets.KeptMasked:
		return "••••••"
	case widgets.KeptSize:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return bytesText(nil, n)
		}
	}
	return (&field{column: c}).shownText(v)
}

// reverting is what the history's buttons send: the line, and a column for one field only.
type reverting struct {
	Line   int64  `json:"line,string"`
	Column string `json:"column"`
}

// revert puts a field back to what it was before a line, or the whole row to what it was after it. It goes the way of the form: what the person may
// not set stays, what is not valid any more is refused, and the line about it says where it came from.
func (m *Model) revert(ctx context.Context, _ *historyState, e widgets.Event[reverting]) (*historyState, error) {
	fixed, may := m.fixed(ctx, e.In, false)
	if !may {
		return nil, widgets.ErrDenied
	}
	back, lost, err := m.valuesOf(ctx, e.In, e.Payload)
	if err != nil {
		return nil, err
	}
	form, err := m.mountForm(ctx, e.In)
	if err != nil {
		return nil, err
	}
	for _, column := range slices.Sorted(maps.Keys(back)) {
		f := form.field(column)
		if f == nil || f.fixed || !m.settable(column, fixed) {
			lost = append(lost, column)
			continue
		}
		f.put(back[column])
	}
	if e.Payload.Column != "" && len(lost) > 0 {
		return nil, widgets.UserError("This field cannot be put back.")
	}
	actor, _ := widgets.ActorOf(ctx)
	actor.Via = "putting back line " + strconv.FormatInt(e.Payload.Line, 10)
	ctx = widgets.WithActor(ctx, actor)
	faults, err := m.checkAll(ctx, e.In, form.fields, form.add)
	if err != nil {
		return nil, err
	}
	saved := widgets.EventWith(e, widgets.Form{"_then": {thenContinue}})
	if !faults {
		if form, err = m.update(ctx, form, saved); err != nil {
			return nil, err
		}
	}
	problems := summary(late(e.In.Language, form.whole), nil)
	for i := range form.fields {
		if f := &form.fields[i]; f.error != "" {
			problems = append(problems, faultView{Label: e.In.T(f.column.Label), Text: e.In.T(f.column.Label) + ": " + e.In.Language.Late(f.error)})
		}
	}
	next, err := m.mountHistory(ctx, e.In)
	if err != nil {
		return nil, err
	}
	next.View.Faults = problems
	if labels := m.labelsOf(ctx, lost, e.In); len(problems) == 0 && labels != "" {
		next.View.Notice = e.In.T("Put back, but for what is not kept whole or not yours to set: %s.", labels)
	}
	return next, nil
}

// labelsOf names columns that the person may see.
func (m *Model) labelsOf(ctx context.Context, columns []string, in widgets.In) string {
	hide := union(in.Hide, m.may(ctx, in.User, widgets.View, nil).Hide)
	var labels []string
	for _, name := range columns {
		if c := m.table().Column(name); c != nil && !slices.Contains(hide, name) && !slices.Contains(labels, c.Label) {
			labels = append(labels, c.Label)
		}
	}
	return strings.Join(labels, ", ")
}

// put enters a value as if it was typed.
func (f *field) put(v widgets.Value) {
	f.typed, f.null, f.name = f.shown(v), f.nullBox() && v.IsNull(), named{}
}

// valuesOf are the values to put back; lost are columns whose old values the audit does not have.
func (m *Model) valuesOf(ctx context.Context, in widgets.In, r reverting) (back map[string]widgets.Value, lost []string, err error) {
	g, err := m.see(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	row, err := m.Source.Get(ctx, in.Key, g.scope)
	if err != nil {
		return nil, nil, missing(err)
	}
	q := widgets.AuditQuery{Table: m.table().ID(), Key: row.Key.String()}
	q.Before, q.Limit = r.Line+1, 1
	lines, err := m.site.Audit.Lines(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	if len(lines) == 0 || lines[0].ID != r.Line || lines[0].Undone != "" {
		return nil, nil, widgets.UserError("There is no such change of this row. Reload the page.")
	}
	if r.Column != "" {
		at := slices.IndexFunc(lines[0].Fields, func(f widgets.AuditField) bool { return f.Column == r.Column })
		if at < 0 || lines[0].Deed != widgets.DeedChange || lines[0].Fields[at].Kept != widgets.KeptWhole {
			return nil, nil, widgets.UserError("The old value of this field is not kept.")
		}
		return map[string]widgets.Value{r.Column: lines[0].Fields[at].Old}, nil, nil
	}
	back = map[string]widgets.Value{}
	q.Before, q.Limit = 0, 200
	for seen := 0; ; {
		lines, err := m.site.Audit.Lines(ctx, q)
		if err != nil {
			return nil, nil, err
		}
		for _, l := range lines {
			if l.ID <= r.Line {
				return back, lost, nil
			}
			if seen++; seen > mostReverted {
				return nil, nil, widgets.UserError("Too many changes lie between then and now.")
			}
			if l.Undone != "" || l.Deed != widgets.DeedChange {
				continue
			}
			for _, f := range l.Fields {
				delete(back, f.Column)
				lost = slices.DeleteFunc(lost, func(name string) bool { return name == f.Column })
				if f.Kept == widgets.KeptWhole {
					back[f.Column] = f.Old
				} else {
					lost = append(lost, f.Column)
				}
			}
		}
		if len(lines) < q.Limit {
			return nil, nil, errors.New("pages: the audit lost a line that it had")
		}
		q.Before = lines[len(lines)-1].ID
	}
}
