package pages

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// importName is the name of the import page's main widget, wordFile what carries an upload's id in the address.
const (
	importName = "import"
	wordFile   = "file"
)

const uploadGone = "The file is not kept any more: an hour is the longest, and a restart forgets it. Choose it again."

// importState is an import page as one person has it.
type importState struct {
	file  *upload
	told  importInput
	token string
	fault string

	View importView
}

// importView is what import.html draws: without a File the form that takes one.
type importView struct {
	CSRF, Title, Upload, Back, Most string
	Faults                          []string
	File, Rows, Token               string
	Modes, Commas                   []selectOption
	Cells                           []importCell
	Heads                           []string
	Lines                           []importLine
	Ready, RowFaults                bool
	Note                            string
}

type (
	// importCell is a column of the file and the field that it goes into.
	importCell struct {
		N, Name, Heading, Example string
		Options                   []selectOption
	}
	importLine struct {
		Key, Line, Fault string
		Cells            []importShown
	}
	importShown struct{ Label, Text, Fault string }
)

func (m *Model) importURL() string { return m.url() + "import/" }

// mayImport tells whether a person may add rows, and so import them.
func (m *Model) mayImport(u *widgets.User) bool {
	return m.site.Jobs != nil && m.table().ReadOnly == "" && m.may(context.Background(), u, widgets.Add, nil).Allow
}

// ImportPage builds the page on which a file is chosen, looked at and imported into a table.
func (s *Site) ImportPage(in widgets.In, m *Model) (*widgets.Page, error) {
	if !m.mayImport(in.User) {
		return nil, widgets.ErrDenied
	}
	return &widgets.Page{Title: in.T("Import %s", m.many(in.Language)), Crumbs: m.crumbs(in.Language), Section: m.table().ID(), Main: m.importer, In: in}, nil
}

var importTemplate = must("import.html")

func (m *Model) importWidget() widgets.Widget {
	return widgets.Widget{
		Name: importName, Label: "Import", Bare: true, Template: importTemplate,
		Mount: func(ctx context.Context, in widgets.In) (any, error) { return m.mountImport(ctx, in) },
		Events: map[string]widgets.Handler{
			"choose": widgets.On(m.chooseImport),
			"run":    widgets.On(m.runImport),
		},
	}
}

func (m *Model) mountImport(ctx context.Context, in widgets.In) (*importState, error) {
	if !m.mayImport(in.User) {
		return nil, widgets.ErrDenied
	}
	s := &importState{token: rand.Text(), told: importInput{Mode: importAdd}}
	if id := rawQuery(in.Raw).Get(wordFile); id != "" {
		s.file = m.site.uploads.get(id, in.User.ID, m.table().ID())
		switch {
		case s.file == nil:
			s.fault = uploadGone
		case s.file.fault != "":
			s.fault, s.file = s.file.name+": "+s.file.fault, nil
		default:
			s.told.File = id
		}
	}
	return s, s.draw(ctx, in, m)
}

// chooseImport is a change of one of the page's selects.
func (m *Model) chooseImport(ctx context.Context, s *importState, e widgets.Event[widgets.Form]) (*importState, error) {
	next := *s
	next.fault = ""
	value := e.Payload.Get("value")
	switch what := e.Payload.Get("what"); {
	case s.file == nil:
		return nil, widgets.UserError(uploadGone)
	case what == "mode":
		next.told.Mode = value
	case what == "comma":
		next.told.Comma, next.told.Columns = value, ""
	default:
		text, p, err := m.planned(ctx, e.In, s.file, s.told)
		n, wrong := strconv.Atoi(what)
		if err != nil || wrong != nil || n < 0 || n >= len(text.header) {
			return nil, errors.Join(err, widgets.ErrBadPayload)
		}
		chosen := p.chosen()
		chosen[n] = value
		next.told.Columns = listed(chosen)
	}
	if err := next.draw(ctx, e.In, m); err != nil {
		return nil, err
	}
	return &next, nil
}

// chosen are the columns' names by cell.
func (p *importPlan) chosen() []string {
	names := make([]string, len(p.columns))
	for i, c := range p.columns {
		if c != nil {
			names[i] = c.Name
		}
	}
	return names
}

func listed(names []string) string {
	text, _ := json.Marshal(names) // texts cannot fail
	return string(text)
}

// runImport starts the import, or with _then=check a dry run of it. A page without JavaScript sends its selects along.
func (m *Model) runImport(ctx context.Context, s *importState, e widgets.Event[widgets.Form]) (*importState, error) {
	next := *s
	next.fault = ""
	if !m.mayImport(e.In.User) {
		return nil, widgets.ErrDenied
	}
	if s.file == nil {
		return nil, widgets.UserError(uploadGone)
	}
	if e.Payload.Has("mode") {
		next.told.Mode = e.Payload.Get("mode")
	}
	if comma := e.Payload.Get("comma"); comma != "" && comma != s.comma() {
		next.told.Comma, next.told.Columns = comma, ""
	} else if e.Payload.Has("cell.0") {
		var chosen []string
		for n := 0; e.Payload.Has("cell." + strconv.Itoa(n)); n++ {
			chosen = append(chosen, e.Payload.Get("cell."+strconv.Itoa(n)))
		}
		next.told.Columns = listed(chosen)
	}
	text, p, err := m.planned(ctx, e.In, next.file, next.told)
	if err != nil {
		return nil, err
	}
	next.told.Columns = listed(p.chosen())
	then := e.Payload.Get("_then")
	if p.lacks() == "" && then != "preview" {
		if err := m.startImport(ctx, &next, e, text, then == "check"); err != nil {
			return nil, err
		}
	}
	if err := next.draw(ctx, e.In, m); err != nil {
		return nil, err
	}
	return &next, nil
}

// comma is the separator that the page was drawn with.
func (s *importState) comma() string {
	for _, o := range s.View.Commas {
		if o.Selected {
			return o.Value
		}
	}
	return ""
}

func (m *Model) startImport(ctx context.Context, s *importState, e widgets.Event[widgets.Form], text *csvText, dry bool) error {
	line := widgets.AuditLine{Deed: widgets.DeedAction, Table: m.table().ID(), Text: "Import of " + s.file.name + ": " + group(text.rows) + " rows, " + s.told.Mode + " " + s.told.Columns}
	if dry {
		line.Text = "Dry run: " + line.Text
	}
	undo, err := m.site.note(ctx, line)
	if err != nil {
		return err
	}
	mode := s.told.Mode
	id, err := m.site.Jobs.Start(ctx, jobs.Request{
		Action: m.importing(), User: e.In.User, Table: m.table().ID(), DryRun: dry,
		Input: map[string][]string{"file": {s.told.File}, "mode": {mode}, "comma": {s.told.Comma}, "columns": {s.told.Columns}},
		Token: firstOf(e.Payload.Get("token"), s.token) + strconv.FormatBool(dry) + s.told.Mode + s.told.Columns + s.told.Comma,
		Decide: func(ctx context.Context, u *widgets.User) widgets.Decision {
			d := m.may(ctx, u, widgets.Add, nil)
			if mode != importAdd {
				d.Allow = d.Allow && m.may(ctx, u, widgets.Edit, nil).Allow
			}
			return d
		},
	})
	if err != nil {
		undo("it did not start")
	}
	said, isSaid := errors.AsType[widgets.UserError](err)
	switch {
	case err == nil:
		e.Redirect(m.site.progressURL(id))
	case errors.Is(err, jobs.ErrBusy):
		s.fault = upper(innermost(err).Error()) + "."
	case isSaid:
		s.fault = string(said)
	default:
		return err
	}
	return nil
}

// draw fills s.View, and checks the first rows as they would be stored.
func (s *importState) draw(ctx context.Context, in widgets.In, m *Model) error {
	v := importView{CSRF: in.CSRF, Title: in.T("Import %s", m.many(in.Language)), Upload: m.importURL() + "upload", Back: m.url(), Most: strconv.Itoa(MaxUpload>>20) + " MiB", Token: s.token}
	if s.fault != "" {
		v.Faults = append(v.Faults, s.fault)
	}
	defer func() {
		v.in(in.Language)
		s.View = v
	}()
	if s.file == nil {
		return nil
	}
	text, p, err := m.planned(ctx, in, s.file, s.told)
	if said, isSaid := errors.AsType[widgets.UserError](err); isSaid {
		v.Faults = append(v.Faults, string(said))
		s.told.Comma, s.told.Columns = "", ""
		text, p, err = m.planned(ctx, in, s.file, s.told)
	}
	if err != nil {
		return err
	}
	v.File, v.Rows = s.file.name, group(text.rows)+" rows"
	if text.rows == 1 {
		v.Rows = "1 row"
	}
	for _, c := range separators {
		label := map[rune]string{',': "Comma ,", ';': "Semicolon ;", '\t': "Tab", '|': "Bar |"}[c]
		v.Commas = append(v.Commas, selectOption{string(c), label, c == text.comma})
	}
	s.modes(ctx, in, m, &v, p.mode)
	offers, err := m.offers(ctx, in, p.mode)
	if err != nil {
		return err
	}
	s.cells(&v, text, p, offers)
	if lacks := p.lacks(); lacks != "" {
		v.Faults = append(v.Faults, lacks)
	} else {
		v.Ready = true
	}
	return s.preview(ctx, &v, text, p)
}

// in says the page in a language; what stands in the file stays.
func (v *importView) in(l *lang.Language) {
	if l == nil {
		return
	}
	v.Faults, v.Rows, v.Note = late(l, v.Faults), l.Late(v.Rows), l.Late(v.Note)
	for _, options := range [][]selectOption{v.Commas, v.Modes} {
		for i := range options {
			options[i].Label = l.Late(options[i].Label)
		}
	}
	for i := range v.Cells {
		for n := range v.Cells[i].Options {
			o := &v.Cells[i].Options[n]
			o.Label = l.Late(o.Label)
		}
	}
	for i := range v.Heads {
		v.Heads[i] = l.T(v.Heads[i])
	}
	for i := range v.Lines {
		line := &v.Lines[i]
		line.Fault = l.Late(line.Fault)
		for n := range line.Cells {
			line.Cells[n].Label, line.Cells[n].Fault = l.T(line.Cells[n].Label), l.Late(line.Cells[n].Fault)
		}
	}
}

func (s *importState) modes(ctx context.Context, in widgets.In, m *Model, v *importView, mode string) {
	v.Modes = []selectOption{{importAdd, "Add every row as a new " + lower(m.label()), mode == importAdd}}
	if _, err := m.offers(ctx, in, importUpdate); err == nil && len(m.table().Key) > 0 && !hidesAny(in.Hide, m.table().Key) {
		v.Modes = append(v.Modes, selectOption{importUpdate, "Update the " + lower(m.plural()) + " whose key is in the file", mode == importUpdate},
			selectOption{importBoth, "Update by key, and add those that are missing", mode == importBoth})
	}
}

// cells are the columns of the file with an example and what they may go into.
func (s *importState) cells(v *importView, text *csvText, p *importPlan, offers []*widgets.Column) {
	for i, heading := range text.header {
		cell := importCell{N: strconv.Itoa(i), Name: "cell." + strconv.Itoa(i), Heading: cut(heading, 60)}
		for _, row := range text.head {
			if i < len(row.cells) && cell.Example == "" {
				cell.Example = cut(oneLine(row.cells[i]), 40)
			}
		}
		cell.Options = append(cell.Options, selectOption{"", "— leave out —", p.columns[i] == nil})
		for _, c := range offers {
			label := c.Label
			if c.KeyPart > 0 {
				label += " (key)"
			}
			cell.Options = append(cell.Options, selectOption{c.Name, label, p.columns[i] != nil && c.Name == p.columns[i].Name})
		}
		v.Cells = append(v.Cells, cell)
	}
}

// preview checks the first rows and shows what is wrong where.
func (s *importState) preview(ctx context.Context, v *importView, text *csvText, p *importPlan) error {
	for _, c := range p.columns {
		if c != nil {
			v.Heads = append(v.Heads, c.Label)
		}
	}
	if v.Heads == nil {
		return nil
	}
	wrong := 0
	for _, row := range text.head {
		line := importLine{Key: "line" + strconv.Itoa(row.line), Line: group(int64(row.line))}
		form, err := p.form(ctx, row.cells)
		fault, isFault := errors.AsType[rowFault](err)
		if err != nil && !isFault {
			return err
		}
		line.Fault = string(fault)
		v.RowFaults = v.RowFaults || fault != ""
		for i, c := range p.columns {
			if c == nil {
				continue
			}
			shown := importShown{Label: c.Label}
			if i < len(row.cells) {
				shown.Text = cut(oneLine(row.cells[i]), 60)
			}
			if form != nil {
				if f := form.field(c.Name); f != nil {
					shown.Fault = f.error
				}
			}
			line.Cells = append(line.Cells, shown)
		}
		if line.Fault != "" || slices.ContainsFunc(line.Cells, func(c importShown) bool { return c.Fault != "" }) {
			wrong++
		}
		v.Lines = append(v.Lines, line)
	}
	v.Note = "The first " + count(len(v.Lines), "row") + " as they would be stored."
	if len(v.Lines) == int(text.rows) {
		v.Note = "All rows as they would be stored."
	}
	if wrong > 0 {
		v.Note += " " + count(wrong, "row") + " would fail."
	}
	return nil
}
