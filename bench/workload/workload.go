package workload

import (
	"fmt"
	"html/template"
)

// Workload is one update. States are pointers, and an engine must leave what they point at alone.
type Workload struct {
	// Name is how it is called in benchmarks: tile10, list25-cell.
	Name string
	// Template is the source of an html/template.
	Template string
	// States are the two states; the update goes from one to the other and back.
	States [2]any
}

// Parse parses the template; the text is a constant of this package, so a fault panics.
func (w Workload) Parse() *template.Template {
	return template.Must(template.New(w.Name).Parse(w.Template))
}

// TileTemplate is a dashboard tile: ten values, of which one changes.
const TileTemplate = `<div class="tile {{.State}}" title="{{.Hint}}"><h3>{{.Label}}</h3><p class="big">{{.Value}} {{.Unit}}</p>
<p class="{{if gt .Delta 0}}up{{else}}down{{end}}">{{.Delta}} since {{.Since}}</p><a href="/metrics/{{.ID}}">{{.Link}}</a><small>{{.Note}}</small></div>`

// Tile is the state of TileTemplate.
type Tile struct {
	State, Hint, Label, Unit, Since, ID, Link, Note string
	Value, Delta                                    int
}

// ProgressTemplate is a job's page: seven values and the last lines of its log, to which one is added.
const ProgressTemplate = `<section class="job {{.State}}"><h2>{{.Name}}</h2><progress max="{{.Total}}" value="{{.Current}}"></progress><p>{{.Percent}}%</p><p>{{.Current}} of {{.Total}}</p><p>{{.Message}}</p>
<ol>{{range .Log}}<li class="{{.Level}}"><time>{{.At}}</time> {{.Text}}</li>{{end}}</ol></section>`

// Progress is the state of ProgressTemplate.
type Progress struct {
	State, Name, Message    string
	Current, Total, Percent int
	Log                     []Line
}

// Line is one line of a job's log.
type Line struct{ Level, At, Text string }

// ListTemplate is a list of rows with six columns, matched by key.
const ListTemplate = `{{define "badge"}}<span class="badge {{.Status}}">{{.Status}}</span>{{end}}<table><thead><tr><th>ID</th><th>Customer</th><th>Total</th><th>Status</th><th>Date</th><th></th></tr></thead><tbody>
{{range .Rows}}
<tr data-key="{{.ID}}" class="{{if .Selected}}selected{{else}}row{{end}}"><td><a href="/orders/{{.ID}}">{{.ID}}</a></td><td>{{.Customer}}</td><td>{{.Total}}</td><td>{{template "badge" .}}</td><td>{{.Date}}</td><td>{{if .Paid}}<b>paid</b>{{else}}<button name="pay" value="{{.ID}}">pay</button>{{end}}</td></tr>
{{end}}
</tbody></table>`

// Orders is the state of ListTemplate.
type Orders struct{ Rows []Order }

// Order is one row.
type Order struct {
	ID                     int
	Customer, Status, Date string
	Total                  float64
	Selected, Paid         bool
}

// NewTile makes a tile that shows a value.
func NewTile(value int) *Tile {
	return &Tile{State: "ok", Hint: "Orders a day", Label: "Orders", Unit: "orders", Since: "yesterday", ID: "orders", Link: "all orders", Note: "as of 12:00", Value: value, Delta: 3}
}

// NewProgress makes a job's page with so many lines of log.
func NewProgress(lines int) *Progress {
	p := &Progress{State: "running", Name: "Import customers", Message: fmt.Sprint("row ", 20*lines), Current: 20 * lines, Total: 2000, Percent: lines}
	for i := range lines {
		p.Log = append(p.Log, Line{"info", fmt.Sprintf("12:00:%02d", i%60), fmt.Sprintf("imported customer #%d 'Miller & Co' in 6 ms", 1800+i)})
	}
	return p
}

// NewOrders makes a list of n rows.
func NewOrders(n int) *Orders {
	l := &Orders{}
	for i := range n {
		l.Rows = append(l.Rows, Order{ID: 1000 + i, Customer: fmt.Sprint("Customer ", i, " & Sons"), Status: []string{"open", "shipped", "done"}[i%3], Date: "2026-11-22", Total: float64(i) + 0.5, Selected: i%7 == 0, Paid: i%2 == 0})
	}
	return l
}

// with is a copy of the list with its rows changed.
func (l *Orders) with(change func([]Order) []Order) *Orders {
	return &Orders{Rows: change(append([]Order{}, l.Rows...))}
}

// All returns the seven workloads, freshly made.
func All() []Workload {
	list25, list100 := NewOrders(25), NewOrders(100)
	cell := func(rows []Order) []Order {
		rows[len(rows)/2].Total = 4242
		return rows
	}
	insert := func(rows []Order) []Order { return append([]Order{{ID: 1, Customer: "new"}}, rows...) }
	remove := func(rows []Order) []Order { return append(rows[:33], rows[34:]...) }
	swap := func(rows []Order) []Order {
		rows[1], rows[98] = rows[98], rows[1]
		return rows
	}
	return []Workload{
		{"tile10", TileTemplate, [2]any{NewTile(41), NewTile(42)}},
		{"progress50", ProgressTemplate, [2]any{NewProgress(50), NewProgress(51)}},
		{"list25-cell", ListTemplate, [2]any{list25, list25.with(cell)}},
		{"list100-cell", ListTemplate, [2]any{list100, list100.with(cell)}},
		{"list100-insert", ListTemplate, [2]any{list100, list100.with(insert)}},
		{"list100-remove", ListTemplate, [2]any{list100, list100.with(remove)}},
		{"list100-swap", ListTemplate, [2]any{list100, list100.with(swap)}},
	}
}
