package pages

import (
	"context"
	"io/fs"
	"log/slog"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"greenroom/console"
	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// Site is everything the pages need to know of an admin: what stands in it and whom to ask. It is built once and not changed afterwards, except
// through Prepare.
type Site struct {
	// Title stands in the top corner and in the document's title. Environment is a short label beside it ("demo", "staging"), "" for none.
	Title, Environment string
	// Prefix is the admin's root without a final slash: "/admin".
	Prefix string
	// Models are the tables shown, in the order of the navigation.
	Models []*Model
	// Widgets stand on the dashboard, above the list of tables.
	Widgets []widgets.Widget
	// Nav are further entries of the navigation, below the tables.
	Nav []NavItem
	// Plugins add pages, entries and cards. Reserved are the first parts of addresses below the root that no page of a plugin may take.
	Plugins  []*Plugin
	Reserved []string
	// Jobs runs the actions.
	Jobs *jobs.Supervisor
	// Console is what operators see of the running admin. Nil leaves its pages out.
	Console *console.Console
	// Decider answers what a person may do.
	Decider widgets.Decider
	// Memory keeps columns, row height and saved views. Nil offers no saved views, and keeps the rest in the address only.
	Memory widgets.Memory
	// Others is how often changes by other programs are looked for. Zero means never: the lists say so.
	Others time.Duration
	// Audit is told of actions before they start, and shows the pages of what was done. Nil means that there is none.
	Audit widgets.Audit
	// Presence knows who has which row open. Nil shows nobody.
	Presence widgets.Presence
	// Keyring is what people do with their own account, Roster what superusers do with all. Nil leaves the pages out.
	Keyring widgets.Keyring
	// Factors keeps people's second factors; nil means that there are none. FactorNeeded tells that superusers must have one.
	Factors      widgets.Factors
	FactorNeeded bool
	Roster       widgets.Roster
	// Languages are those that the pages speak. Nil means English alone.
	Languages *lang.Spoken
	// Files keeps what people upload; see Form.Files. Nil means that nothing can be.
	Files widgets.FileStore
	// Templates holds files in place of those of widgets/pages/templates, by the same names: list.html. Those that it lacks are the built-in ones. Nil means
	// that all are.
	Templates fs.FS
	// Log is told what a page must not say of an error. Nil means slog.Default.
	Log *slog.Logger

	dashboard       []*widgets.Class
	index, progress *widgets.Class
	jobList, tray   *widgets.Class // nil without Jobs
	approvalClass   *widgets.Class // nil without Jobs, as the two below
	approvalList    *widgets.Class
	approvalSign    *widgets.Class
	audit, account  *widgets.Class
	jobHistory      *widgets.Class
	users, groups   *widgets.Class
	people          *widgets.Class
	console         *widgets.Class
	palette         *widgets.Class
	held            heldReports
	models          map[string]*Model // by Table.ID
	translated      translated
	plugged         map[string]*pluginPage
	overrides       map[string]bool // files of Templates that replace a built-in one
	sheet           *paper          // nil for the built-in one
	entries         []navEntry
	cardOf          map[string]*Plugin // whose a card of the dashboard is; nil for the site's own
	uploads         uploads
}

// Model is a table in the admin: what was introspected, refined by what was declared. The zero List and Form show every column.
type Model struct {
	// Source reads and writes the table; its Table names it.
	Source widgets.Source
	// Label and Plural replace the introspected ones: "order", "Orders".
	Label, Plural string
	// Help is a sentence on what the table holds, beside the list's heading. Empty means the comment that the database keeps on the table.
	Help string
	// Labels replace the introspected names of columns, by column: "total_cents" is "Total cents" by itself.
	Labels map[string]string
	// Title names a row: column names in braces, "{last_name}, {first_name}". Empty means design.md 10's rule.
	Title string
	// Computed are columns that are worked out from others of the row.
	Computed []Computed
	// Empty is shown in lists for what has no value (NULL). Empty means "–".
	Empty   string
	List    List
	Form    Form
	Actions []jobs.Action
	// SoftDelete is the column that has the time at which a row was deleted, NULL for rows that were not: deleting puts it into the trash. Empty means that
	// rows are deleted for good.
	SoftDelete string

	// What Prepare made of the above.
	site                     *Site
	relabelled               atomic.Pointer[relabelled]
	title                    []piece
	columns, filters, fields []*widgets.Column
	choosable                []*widgets.Column // for the list: its own columns, and those of the form
	order                    []widgets.Order
	perPage                  int
	actions                  []jobs.Action // the built-in ones too
	list, form, deleteOne    *widgets.Class
	history, importer        *widgets.Class
	listSlots, formSlots     []*widgets.Class
	inlines                  []*inlineClass
	referring                []reference // from other tables
	links                    []*linkClass
	computed                 map[string]*computed
	own                      map[string]*ownFilter
	tabs                     []string
}

// List refines the list page of a Model.
type List struct {
	// Columns are shown in this order, computed ones too; nil means the first seven that are neither long text nor bytes, and those computed.
	Columns []string
	// Search are the columns that a search looks in; nil means the text columns.
	Search []string
	// Filters are the columns offered as filters; nil means those with choices, booleans, foreign keys and dates, six at most.
	Filters []string
	// Own are further filters, which stand after those of columns.
	Own []OwnFilter
	// Open are the columns whose cells lead to the row; nil, or none of them shown, means the first one.
	Open []string
	// Sort is the order at first, "-column" for descending; nil means the primary key, newest first.
	Sort []string
	// DateBy is a date column with an index; above the list its years lead to months and days, with how many rows each has. Empty means none.
	DateBy string
	// PerPage is the page's size; 0 means 25.
	PerPage int
	// Edit are columns that can be edited in the list itself: a click on a cell, Enter or F2 opens it. Nil means none.
	Edit []string
	// Widgets stand above the list and follow its query.
	Widgets []widgets.Widget
	// Cells draws columns in a way of its own: money, dates, pills. The result is escaped unless it is template.HTML.
	Cells map[string]func(widgets.Value) any
}

// Form refines the add and change pages of a Model.
type Form struct {
	// Fields are shown in this order; nil means every column.
	Fields []string
	// Fieldsets are groups of fields, instead of Fields.
	Fieldsets []Fieldset
	// Validate says what is wrong with a row as it would be stored, by column, "" for all of it; nil if nothing is. It is asked when a form, a cell or an
	// inline row is saved and each value fits its column, and of the field in hand while somebody types. in.Key is nil for a new row. What must hold
	// whoever writes belongs into the database, or into Model.BeforeSave. Nil means no further rules.
	Validate func(ctx context.Context, in widgets.In, row Fields) map[string]string
	// ReadOnly are shown but not editable, besides generated columns. A new row asks for those of them that it cannot do without.
	ReadOnly []string
	// Help stands below a field and is the list heading's tooltip, by column. Without one it is the comment that the database keeps on the column.
	Help map[string]string
	// Inlines are rows of other tables that refer to this one, edited on its form and saved with it. They need a Source that changes rows together.
	Inlines []Inline
	// Files are columns that name a file of the Site's store, which is uploaded and downloaded on the row's page.
	Files []File
	// Links are the link tables (many-to-many) whose other side is chosen on the form; nil means every one that refers to this table, no names none.
	Links []string
	// Widgets stand above the form; on the change page their In has the row's Key, on the add page it has none.
	Widgets []widgets.Widget
}

// Pill is a Cell that draws a value as a coloured pill; level is ok, warn, danger, info or mute.
type Pill struct{ Level, Text string }

// Model finds a table of the site by schema and name, nil if it is not shown.
func (s *Site) Model(app, name string) *Model { return s.models[app+"."+name] }

// relabelled is a table with the Model's Labels on it, and the one that it was made of, which a Reload replaces.
type relabelled struct{ of, table *widgets.Table }

// table is the model's table as the catalogue describes it, under the names that the Model gives its columns.
func (m *Model) table() *widgets.Table {
	t := m.Source.Table()
	if len(m.Labels) == 0 {
		return t
	}
	if known := m.relabelled.Load(); known != nil && known.of == t {
		return known.table
	}
	named := *t
	named.Columns = slices.Clone(t.Columns)
	for i := range named.Columns {
		c := &named.Columns[i]
		c.Label = firstOf(m.Labels[c.Name], c.Label)
	}
	m.relabelled.Store(&relabelled{t, &named})
	return &named
}

// help is a sentence on a column, "" for none.
func (m *Model) help(c *widgets.Column) string { return firstOf(m.Form.Help[c.Name], c.Help) }

// label is what one row is called, plural what many are.
func (m *Model) label() string  { return firstOf(m.Label, m.table().Label, m.table().Name) }
func (m *Model) plural() string { return firstOf(m.Plural, m.table().Plural, m.table().Name) }

// url is the list's path; urlOf is a row's change page.
func (m *Model) url() string {
	t := m.table()
	return m.site.Prefix + "/" + url.PathEscape(t.App) + "/" + url.PathEscape(t.Name) + "/"
}

func (m *Model) addURL() string                   { return m.url() + "add/" }
func (m *Model) changeURL(key widgets.Key) string { return m.url() + key.String() + "/change/" }
func (m *Model) deleteURL(key widgets.Key) string { return m.url() + key.String() + "/delete/" }

// crumbs lead to the pages below the list, and below the dashboard.
func (m *Model) crumbs(l *lang.Language) []widgets.Crumb {
	return append(m.site.crumbs(l), widgets.Crumb{Label: l.T(m.plural()), URL: m.url()})
}

func (s *Site) crumbs(l *lang.Language) []widgets.Crumb {
	return []widgets.Crumb{{Label: l.T("Dashboard"), URL: s.Prefix + "/"}}
}

// Furnish adds what stands on every page.
func (s *Site) Furnish(page *widgets.Page) {
	page.Top = []*widgets.Class{s.palette}
	if s.tray != nil && s.approves(context.Background(), page.In.User) {
		page.Top = append(page.Top, s.approvalSign)
	}
	if s.tray != nil {
		page.Top = append(page.Top, s.tray)
	}
}

func (s *Site) progressURL(id string) string {
	return s.Prefix + "/progress/" + url.PathEscape(id) + "/"
}

// firstOf is the first text that is not empty.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// may asks the Decider for a verb on the model's table, or one row of it.
func (m *Model) may(ctx context.Context, u *widgets.User, v widgets.Verb, key widgets.Key) widgets.Decision {
	return m.site.Decider.Decide(ctx, u, v, widgets.Subject{Table: m.table(), Key: key})
}

// incident logs what went wrong at a table's page and returns what a person is told of it: no more than where to look.
func (s *Site) incident(what string, m *Model, err error) string {
	id := widgets.Incident()
	s.log().Error("page failed", "what", what, "incident", id, "table", m.table().ID(), "err", err)
	return "Something went wrong on the server. It is logged as incident " + id + "."
}

func (s *Site) log() *slog.Logger {
	if s.Log == nil {
		return slog.Default()
	}
	return s.Log
}

// Events lists what people can send to the main widgets of the pages, by page, such as dashboard, list, form, progress.
func (s *Site) Events() map[string][]string {
	all := map[string][]string{
		"dashboard": s.index.EventNames(), "progress": s.progress.EventNames(), "job history": s.jobHistory.EventNames(), "audit": s.audit.EventNames(),
		"account": s.account.EventNames(), "users": s.users.EventNames(), "groups": s.groups.EventNames(),
		"console": s.console.EventNames(), "every page": s.palette.EventNames(),
	}
	if s.jobList != nil {
		all["jobs"], all["approval"] = s.jobList.EventNames(), s.approvalClass.EventNames()
	}
	if len(s.Models) > 0 { // every table has the same pages
		m := s.Models[0]
		all["list"], all["form"], all["delete"], all["history"] = m.list.EventNames(), m.form.EventNames(), m.deleteOne.EventNames(), m.history.EventNames()
		all["import"] = m.importer.EventNames()
	}
	return all
}
