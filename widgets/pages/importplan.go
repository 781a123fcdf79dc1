package pages

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	"greenroom/widgets"
)

// What an import does with a row of the file.
const (
	importAdd    = "add"    // adds it
	importUpdate = "update" // changes the row of its key
	importBoth   = "both"   // changes the row of its key, or adds it
)

// importPlan says which cell of a row goes into which column, and what is done with it.
type importPlan struct {
	m    *Model
	in   widgets.In
	mode string
	// columns are by cell; nil leaves a cell out.
	columns []*widgets.Column
}

// offers are the columns that a cell may go into: those of the form that the person may set, and with update the key, which finds the row.
func (m *Model) offers(ctx context.Context, in widgets.In, mode string) (columns []*widgets.Column, err error) {
	g := &grid{Model: m, hide: in.Hide}
	d := m.may(ctx, in.User, widgets.View, nil)
	g.hide = union(g.hide, d.Hide)
	fixed, may := m.fixed(ctx, in, true)
	if !may {
		return nil, widgets.ErrDenied
	}
	if mode != importAdd {
		unset, may := m.fixed(ctx, in, false)
		if !may || !d.Allow {
			return nil, widgets.ErrDenied
		}
		if mode == importUpdate {
			fixed = unset
		} else {
			fixed = union(fixed, slices.DeleteFunc(unset, func(name string) bool { return slices.Contains(m.table().Key, name) }))
		}
	}
	all := g.visible(m.fields)
	for _, name := range m.table().Key {
		if c := m.table().Column(name); mode != importAdd && !slices.ContainsFunc(all, func(o *widgets.Column) bool { return o.Name == name }) && !slices.Contains(g.hide, name) {
			all = append(slices.Clone(all), c)
		}
	}
	for _, c := range all {
		if m.computedOf(c) != nil {
			continue
		}
		if !slices.Contains(fixed, c.Name) || mode != importAdd && c.KeyPart > 0 {
			columns = append(columns, c)
		}
	}
	return columns, nil
}

// guess finds the column that a heading means: its name or label, whatever the case and the signs between the words.
func guess(header []string, columns []*widgets.Column) []*widgets.Column {
	found := make([]*widgets.Column, len(header))
	for _, same := range []func(heading string, c *widgets.Column) bool{
		func(h string, c *widgets.Column) bool { return h == c.Name },
		func(h string, c *widgets.Column) bool { return bare(h) == bare(c.Name) || bare(h) == bare(c.Label) },
		func(h string, c *widgets.Column) bool { return c.Ref != nil && bare(h)+"id" == bare(c.Name) },
	} {
		for i, h := range header {
			for _, c := range columns {
				if found[i] == nil && !slices.Contains(found, c) && same(h, c) {
					found[i] = c
				}
			}
		}
	}
	return found
}

// bare is a heading without case, blanks and signs.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// lacks says what keeps the plan as a whole from being carried out, "" for nothing.
func (p *importPlan) lacks() string {
	has := func(c *widgets.Column) bool {
		return slices.ContainsFunc(p.columns, func(o *widgets.Column) bool { return o != nil && o.Name == c.Name })
	}
	if !slices.ContainsFunc(p.columns, func(c *widgets.Column) bool { return c != nil }) {
		return "Choose a field for at least one column of the file."
	}
	for i, c := range p.columns {
		if c != nil && slices.ContainsFunc(p.columns[:i], func(o *widgets.Column) bool { return o != nil && o.Name == c.Name }) {
			return "Two columns of the file go into “" + c.Label + "”. Leave one out."
		}
	}
	scope := demanded(both(p.in.Scope, p.m.may(context.Background(), p.in.User, widgets.Add, nil).Rows))
	var missing []string
	for _, c := range everyColumn(p.m.table()) {
		_, given := scope[c.Name]
		switch f := (field{column: c}); {
		case p.mode != importAdd && c.KeyPart > 0 && !has(c):
			missing = append(missing, c.Label)
		case p.mode != importUpdate && f.required() && !c.Generated && !given && !has(c):
			missing = append(missing, c.Label)
		}
	}
	if missing != nil {
		return "Every row needs " + strings.Join(missing, ", ") + ": choose the column of the file that has it."
	}
	if p.mode == importUpdate && !slices.ContainsFunc(p.columns, func(c *widgets.Column) bool { return c != nil && c.KeyPart == 0 }) {
		return "Only the key is chosen: there is nothing to change."
	}
	return ""
}

// rowFault is what is wrong with a row as a whole, for people.
type rowFault string

func (f rowFault) Error() string { return string(f) }

// form makes a form of a row of the file, filled in and checked as if somebody had typed it. Its fields say what is wrong with single cells; a rowFault
// is about the row, any other error about the database.
func (p *importPlan) form(ctx context.Context, cells []string) (*formState, error) {
	if len(cells) != len(p.columns) {
		return nil, rowFault("It has " + count(len(cells), "cell") + "; the first line has " + count(len(p.columns), "name") + ".")
	}
	if p.mode == importAdd {
		return p.fill(ctx, &formState{add: true}, widgets.Row{}, cells)
	}
	key := make(widgets.Key, len(p.m.table().Key))
	for i, c := range p.columns {
		if c == nil || c.KeyPart == 0 {
			continue
		}
		if key[c.KeyPart-1] = strings.TrimSpace(harmed(cells[i])); key[c.KeyPart-1] == "" {
			if p.mode == importBoth && c.Auto {
				return p.fill(ctx, &formState{add: true}, widgets.Row{}, cells)
			}
			return nil, rowFault(c.Label + " is empty: without it no row can be found.")
		}
	}
	scope := both(p.in.Scope, p.m.may(ctx, p.in.User, widgets.Edit, key).Rows).And(p.m.live())
	row, err := p.m.Source.Get(ctx, key, scope)
	said, isSaid := errors.AsType[widgets.UserError](err)
	switch {
	case errors.Is(err, widgets.ErrNoRow) && p.mode == importBoth:
		return p.fill(ctx, &formState{add: true}, widgets.Row{}, cells)
	case errors.Is(err, widgets.ErrNoRow):
		return nil, rowFault("There is no " + lower(p.m.label()) + " " + strings.Join(key, ", ") + ".")
	case isSaid:
		return nil, rowFault(said)
	case err != nil:
		return nil, err
	}
	return p.fill(ctx, &formState{key: row.Key}, row, cells)
}

// fill puts the cells into fields and checks them.
func (p *importPlan) fill(ctx context.Context, s *formState, row widgets.Row, cells []string) (*formState, error) {
	s.editable = true
	wrong := map[string]string{}
	for i, c := range p.columns {
		text := ""
		if c != nil {
			text = harmed(cells[i])
		}
		switch empty := strings.TrimSpace(text) == ""; {
		case c == nil, !s.add && c.KeyPart > 0, s.add && empty && (c.HasDefault || c.Auto):
			continue // left out: the database fills it in
		}
		f := field{n: i, column: c}
		if s.add {
			f.blank()
		} else {
			f.load(p.m.shownIn(row, c))
		}
		if fault := f.fromCell(text); fault != "" {
			wrong[c.Name] = fault
		}
		s.fields = append(s.fields, f)
	}
	if _, err := p.m.checkAll(ctx, p.in, s.fields, s.add); err != nil {
		return nil, err
	}
	for name, fault := range wrong {
		s.field(name).error = fault
	}
	return s, nil
}

// fromCell takes a cell's text as if it had been typed. An empty cell is NULL where a column may be NULL.
func (f *field) fromCell(text string) (fault string) {
	f.null = f.nullBox() && text == ""
	if f.column.Kind == widgets.KindBool && len(f.column.Choices) == 0 && f.as() != "text" {
		yes, ok := truth(strings.TrimSpace(text))
		switch {
		case ok:
			f.typed = map[bool]string{true: "true", false: map[bool]string{true: "", false: "false"}[f.as() == "check"]}[yes]
		case strings.TrimSpace(text) == "" && f.column.Nullable:
			f.typed = ""
		default:
			return "Write yes or no, true or false, 1 or 0."
		}
		return ""
	}
	f.enter(f.line(text))
	return ""
}

// findings are what is wrong with a row, by column and as a whole.
func (s *formState) findings() (texts []string) {
	for i := range s.fields {
		if f := &s.fields[i]; f.error != "" {
			texts = append(texts, f.column.Label+": "+f.error)
		}
	}
	return append(texts, s.whole...)
}

// keep stores a checked row; in a dry run it only says what would be wrong. What the database has against it stands in s.
func (p *importPlan) keep(ctx context.Context, s *formState, dry bool) (added, changed bool, err error) {
	switch {
	case len(s.findings()) > 0:
		return false, false, nil
	case dry:
		changed = !s.add && slices.ContainsFunc(s.fields, func(f field) bool { return f.changed() })
		if added = s.add; added || changed {
			err = p.judged(ctx, s)
		}
	case s.add:
		_, err = p.m.create(ctx, s, p.in)
		added = err == nil && len(s.whole) == 0
	default:
		changed, err = p.m.store(ctx, s, p.in)
	}
	if err != nil {
		if _, err = p.m.failed(ctx, s, p.in, err); err != nil {
			return false, false, err
		}
		return false, false, nil
	}
	return added, changed, nil
}

// judged asks the model's own check about the row as it would be; storing does that by itself.
func (p *importPlan) judged(ctx context.Context, s *formState) error {
	values := map[string]widgets.Value{}
	if !s.add && p.m.Form.Validate != nil {
		row, err := p.m.Source.Get(ctx, s.key, widgets.Filter{})
		if err != nil {
			return err
		}
		for i, name := range columnNames(p.m.table()) {
			values[name] = row.Values[i]
		}
	}
	for i := range s.fields {
		if v, given := s.fields[i].value(s.add); given {
			values[s.fields[i].column.Name] = v
		}
	}
	return p.m.judged(ctx, p.in, s.key, values)
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return group(int64(n)) + " " + word + "s"
}
