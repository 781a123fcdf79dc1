package pages

import (
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"

	"greenroom/widgets"
)

// Prepare checks the whole declaration, fills in defaults and compiles the pages' widgets. It returns every fault it finds, joined. It must be
// called once before the first page is built.
func (s *Site) Prepare() error {
	p := &preparation{site: s, made: map[*template.Template]*widgets.Class{}, drawn: map[*template.Template]*template.Template{}}
	p.overriding()
	p.papers()
	p.check(s.Decider != nil, "Site.Decider is nil: nobody could be let in; set it")
	p.check(strings.HasPrefix(s.Prefix, "/") && !strings.HasSuffix(s.Prefix, "/"), "Site.Prefix %q: want a path like /admin, without a slash at its end", s.Prefix)
	s.models = make(map[string]*Model, len(s.Models))
	for _, m := range s.Models {
		if m == nil || m.Source == nil {
			p.fault("a Model has no Source")
			continue
		}
		m.site = s
		id := m.table().ID()
		if s.models[id] != nil {
			p.fault("table %s is registered twice; merge the two Models", id)
			continue
		}
		s.models[id] = m
	}
	for _, m := range s.Models {
		if m != nil && m.site != nil && s.models[m.table().ID()] == m {
			p.model(m)
		}
	}
	p.references()
	for _, m := range s.Models {
		if m != nil && m.site != nil && s.models[m.table().ID()] == m {
			p.inlines(m)
			p.links(m)
		}
	}
	s.index = p.own(s.indexWidget())
	s.progress, s.jobHistory = p.own(s.progressWidget()), p.own(s.jobHistoryWidget())
	s.audit, s.account = p.own(s.auditWidget()), p.own(s.accountWidget())
	s.users, s.groups = p.own(s.usersWidget()), p.own(s.groupsWidget())
	s.people = p.own(s.peopleWidget())
	s.console, s.palette = p.own(s.consoleWidget()), p.own(s.paletteWidget())
	if s.Jobs != nil {
		s.jobList, s.tray = p.own(s.jobListWidget()), p.own(s.trayWidget())
		s.approvalClass, s.approvalList = p.own(s.approvalWidget()), p.own(s.approvalsWidget())
		s.approvalSign = p.own(s.approvalSignWidget())
	}
	p.plugins()
	p.pluggedIn()
	return errors.Join(p.faults...)
}

// preparation gathers the faults of a declaration.
type preparation struct {
	site   *Site
	faults []error
	made   map[*template.Template]*widgets.Class     // by own
	drawn  map[*template.Template]*template.Template // by overridden
}

func (p *preparation) fault(format string, args ...any) {
	p.found(FindDeclaration, "the declaration", "mend the declaration as the text says", fmt.Errorf("pages: "+format, args...))
}

// found notes a fault under an ID of docs/checks.md.
func (p *preparation) found(id, place, hint string, err error) {
	p.faults = append(p.faults, &faulty{Finding{id, LevelError, place, err.Error(), hint}, err})
}

func (p *preparation) check(ok bool, format string, args ...any) {
	if !ok {
		p.fault(format, args...)
	}
}

// model resolves what a Model declares against its table.
func (p *preparation) model(m *Model) {
	t := m.table()
	m.title = p.pieces(m)
	p.computeds(m)
	m.columns = p.shown(m, "List.Columns", m.List.Columns)
	if m.List.Columns == nil {
		m.columns = defaultColumns(t)
		for _, c := range m.Computed {
			if own := m.computed[c.Name]; own != nil {
				m.columns = append(m.columns, own.column)
			}
		}
	}
	p.shown(m, "List.Open", m.List.Open)
	p.columns(m, "List.Search", m.List.Search)
	p.columns(m, "List.Edit", m.List.Edit)
	m.filters = p.columns(m, "List.Filters", m.List.Filters)
	if m.List.Filters == nil {
		m.filters = defaultFilters(t)
	}
	p.ownFilters(m)
	m.order = p.order(m, "List.Sort", m.List.Sort)
	if c := p.columns(m, "List.DateBy", present(m.List.DateBy)); len(c) == 1 {
		p.check(filterKind(c[0]) == byDate, "%s: List.DateBy names %q, which holds no dates", t.ID(), c[0].Name)
	}
	m.fields = p.shown(m, "Form.Fields", m.Form.Fields)
	if m.Form.Fields == nil {
		m.fields = everyColumn(t)
	}
	p.softDelete(m)
	p.files(m)
	p.fieldsets(m)
	m.choosable = slices.Clone(m.columns)
	for _, c := range m.fields {
		if c.Kind != widgets.KindBytes && !slices.Contains(m.choosable, c) {
			m.choosable = append(m.choosable, c)
		}
	}
	p.columns(m, "Form.ReadOnly", m.Form.ReadOnly)
	for _, name := range sortedKeys(m.List.Cells) {
		p.columns(m, "List.Cells", []string{name})
	}
	for _, name := range sortedKeys(m.Labels) {
		p.columns(m, "Labels", []string{name})
	}
	for _, name := range sortedKeys(m.Form.Help) {
		p.columns(m, "Form.Help", []string{name})
	}
	p.check(m.List.PerPage >= 0 && m.List.PerPage <= 500, "%s: List.PerPage is %d; a page has 1 to 500 rows", t.ID(), m.List.PerPage)
	m.perPage = m.List.PerPage
	if m.perPage == 0 {
		m.perPage = 25
	}
	p.actions(m)
	m.list = p.own(m.listWidget())
	m.form = p.own(m.formWidget())
	m.deleteOne = p.own(m.deleteWidget())
	m.history = p.own(m.historyWidget())
	m.importer = p.own(m.importWidget())
	m.listSlots = p.slots(t.ID()+": List.Widgets", m.List.Widgets, widgetName(t.Name))
	m.formSlots = p.slots(t.ID()+": Form.Widgets", m.Form.Widgets, formName)
}

// present is a list of a name that was given.
func present(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// columns finds each name among the table's columns.
func (p *preparation) columns(m *Model, where string, names []string) []*widgets.Column {
	var found []*widgets.Column
	seen := map[string]bool{}
	for _, name := range names {
		c := p.column(m, where, name)
		if c == nil {
			continue
		}
		p.check(!seen[name], "%s: %s names %q twice", m.table().ID(), where, name)
		seen[name] = true
		found = append(found, c)
	}
	return found
}

func (p *preparation) column(m *Model, where, name string) *widgets.Column {
	c := m.table().Column(name)
	if c == nil {
		near := nearest(name, m.table())
		p.found(FindColumn, m.table().ID()+": "+where, fmt.Sprintf("did you mean %q?", near),
			fmt.Errorf("pages: %s: %s names %q, which is no column; the nearest is %q", m.table().ID(), where, name, near))
	}
	return c
}

// order reads a sort of m's rows; without one the newest rows come first, as far as the key tells.
func (p *preparation) order(m *Model, where string, words []string) []widgets.Order {
	var order []widgets.Order
	if words == nil {
		for _, name := range m.table().Key {
			order = append(order, widgets.Order{Column: name, Desc: true})
		}
		return order
	}
	for _, word := range words {
		name, desc := strings.CutPrefix(word, "-")
		if m.table().Column(word) != nil {
			name, desc = word, false
		}
		if c := p.column(m, where, name); c != nil {
			order = append(order, widgets.Order{Column: name, Desc: desc})
		}
	}
	return order
}

// slots compiles the widgets above a page; main is the name that the page itself takes.
func (p *preparation) slots(where string, declared []widgets.Widget, main string) []*widgets.Class {
	var classes []*widgets.Class
	seen := map[string]bool{main: true}
	declared = slices.Clone(declared)
	slices.SortStableFunc(declared, func(a, b widgets.Widget) int { return cmp.Compare(a.Order, b.Order) })
	for _, w := range declared {
		if seen[w.Name] {
			p.fault("%s: two widgets are named %q; give one another Name", where, w.Name)
			continue
		}
		seen[w.Name] = true
		if c := p.compile(where, w); c != nil {
			classes = append(classes, c)
		}
	}
	return classes
}

func (p *preparation) compile(where string, w widgets.Widget) *widgets.Class {
	w.Template = p.overridden(w.Template)
	c, err := w.CompileBy(compiled)
	if err != nil {
		p.found(FindSlot, where, "a slot takes live widgets only: give it a Name, a Template that compiles and a Mount", fmt.Errorf("pages: %s: %w", where, err))
	}
	if c != nil && (w.Template == boardTemplate || w.Template == chartTemplate) {
		c.Translate(p.site.in(w.Template))
	}
	return c
}

// own compiles a widget of this package. Those of one kind differ in what they close over only, so that their template is compiled once, however many
// tables there are.
func (p *preparation) own(w widgets.Widget) *widgets.Class {
	first := p.made[w.Template]
	if first == nil {
		if first = p.compile("own page", w); first != nil {
			first.Translate(p.site.in(w.Template))
		}
		p.made[w.Template] = first
		return first
	}
	same := *first
	same.Name, same.Label, same.Mount, same.Events, same.Topics, same.Notice = w.Name, w.Label, w.Mount, w.Events, w.Topics, w.Notice
	return &same
}

// pieces of a row's title: a column's value, or text between columns.
type piece struct{ column, text string }

var braces = regexp.MustCompile(`\{([^{}]*)\}`)

func (p *preparation) pieces(m *Model) []piece {
	if m.Title == "" {
		return nil
	}
	var pieces []piece
	from := 0
	for _, at := range braces.FindAllStringSubmatchIndex(m.Title, -1) {
		if at[0] > from {
			pieces = append(pieces, piece{text: m.Title[from:at[0]]})
		}
		name := m.Title[at[2]:at[3]]
		if p.column(m, "Title", name) != nil {
			pieces = append(pieces, piece{column: name})
		}
		from = at[1]
	}
	p.check(from > 0, "%s: Title %q names no column; write them in braces: \"{name}\"", m.table().ID(), m.Title)
	if from < len(m.Title) {
		pieces = append(pieces, piece{text: m.Title[from:]})
	}
	return pieces
}

func everyColumn(t *widgets.Table) []*widgets.Column {
	all := make([]*widgets.Column, len(t.Columns))
	for i := range t.Columns {
		all[i] = &t.Columns[i]
	}
	return all
}

// defaultColumns are the first seven that fit a cell.
func defaultColumns(t *widgets.Table) []*widgets.Column {
	var columns []*widgets.Column
	for _, c := range everyColumn(t) {
		if c.Kind != widgets.KindLongText && c.Kind != widgets.KindBytes && len(columns) < 7 {
			columns = append(columns, c)
		}
	}
	if columns == nil {
		return everyColumn(t)
	}
	return columns
}

// defaultFilters are the first six columns whose values repeat or have a range that people ask for.
func defaultFilters(t *widgets.Table) []*widgets.Column {
	var columns []*widgets.Column
	for _, c := range everyColumn(t) {
		if filterKind(c) == byText || filterKind(c) == byNumber || len(columns) == 6 || c.KeyPart > 0 && c.Ref == nil {
			continue
		}
		columns = append(columns, c)
	}
	return columns
}

// nearest is the column whose name takes the fewest changes to become name.
func nearest(name string, t *widgets.Table) string {
	best, least := "", len(name)+64
	for _, c := range t.Columns {
		if d := distance(strings.ToLower(name), strings.ToLower(c.Name)); d < least {
			best, least = c.Name, d
		}
	}
	return best
}

// distance counts the insertions, deletions and replacements between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// plainPath is a path that needs no escaping.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$`)

var unfit = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// widgetName makes a widget's name of a table's, which may hold anything.
func widgetName(table string) string {
	name := unfit.ReplaceAllString(table, "-")
	if name == "" || !(name[0] >= 'a' && name[0] <= 'z' || name[0] >= 'A' && name[0] <= 'Z') {
		name = "t-" + name
	}
	return name
}
