package workload

import "fmt"

// tile10 is a dashboard tile: ten values, of which one changes.
const tile10 = `<div class="tile {{.State}}" title="{{.Hint}}"><h3>{{.Label}}</h3><p class="big">{{.Value}} {{.Unit}}</p>
<p class="{{if gt .Delta 0}}up{{else}}down{{end}}">{{.Delta}} since {{.Since}}</p><a href="/metrics/{{.ID}}">{{.Link}}</a><small>{{.Note}}</small></div>`

type tile struct {
	State, Hint, Label, Unit, Since, ID, Link, Note string
	Value, Delta                                    int
}

// progress50 is a job's page: seven values and the last fifty lines of its log, to which one is added.
const progress50 = `<section class="job {{.State}}"><h2>{{.Name}}</h2><progress max="{{.Total}}" value="{{.Current}}"></progress><p>{{.Percent}}%</p><p>{{.Current}} of {{.Total}}</p><p>{{.Message}}</p>
<ol>{{range .Log}}<li class="{{.Level}}"><time>{{.At}}</time> {{.Text}}</li>{{end}}</ol></section>`

type progress struct {
	State, Name, Message    string
	Current, Total, Percent int
	Log                     []logLine
}

type logLine struct{ Level, At, Text string }

// ChangeList is the template of a list of rows with six columns.
const ChangeList = `{{define "badge"}}<span class="badge {{.Status}}">{{.Status}}</span>{{end}}<table><thead><tr><th>ID</th><th>Customer</th><th>Total</th><th>Status</th><th>Date</th><th></th></tr></thead><tbody>
{{range .Rows}}
<tr data-key="{{.ID}}" class="{{if .Selected}}selected{{else}}row{{end}}"><td><a href="/orders/{{.ID}}">{{.ID}}</a></td><td>{{.Customer}}</td><td>{{.Total}}</td><td>{{template "badge" .}}</td><td>{{.Date}}</td><td>{{if .Paid}}<b>paid</b>{{else}}<button name="pay" value="{{.ID}}">pay</button>{{end}}</td></tr>
{{end}}
</tbody></table>`

// Orders is the data of ChangeList.
type Orders struct{ Rows []Order }

// Order is a row of it.
type Order struct {
	ID                     int
	Customer, Status, Date string
	Total                  float64
	Selected, Paid         bool
}

func newTile(value int) *tile {
	return &tile{State: "ok", Hint: "Orders a day", Label: "Orders", Unit: "orders", Since: "yesterday", ID: "orders", Link: "all orders", Note: "as of 12:00", Value: value, Delta: 3}
}

func newProgress(lines int) *progress {
	p := &progress{State: "running", Name: "Import customers", Message: fmt.Sprint("row ", 20*lines), Current: 20 * lines, Total: 2000, Percent: lines}
	for i := range lines {
		p.Log = append(p.Log, logLine{"info", fmt.Sprintf("12:00:%02d", i%60), fmt.Sprintf("imported customer #%d 'Miller & Co' in 6 ms", 1800+i)})
	}
	return p
}

// NewOrders makes n rows, the same each time.
func NewOrders(n int) *Orders {
	l := &Orders{}
	for i := range n {
		l.Rows = append(l.Rows, Order{ID: 1000 + i, Customer: fmt.Sprint("Customer ", i, " & Sons"), Status: []string{"open", "shipped", "done"}[i%3], Date: "2026-11-22", Total: float64(i) + 0.5, Selected: i%7 == 0, Paid: i%2 == 0})
	}
	return l
}

// With is a copy whose rows were changed.
func (l *Orders) With(change func([]Order) []Order) *Orders {
	return &Orders{Rows: change(append([]Order{}, l.Rows...))}
}

// A Workload is a template and two states of its data, between which an update goes back and forth.
type Workload struct {
	Name, Template string
	States         [2]any
}

// All are the workloads that updates are measured with. The states are pointers to structs; nobody may change them.
//
//	tile10          ten values, of which one changes
//	progress50      seven values change, and a line is added to fifty
//	list25-cell     one cell of 25 rows of six columns; list100-cell of 100
//	list100-insert  a row on top, and away again; -remove one from the middle; -swap two far apart
func All() []Workload {
	list25, list100 := NewOrders(25), NewOrders(100)
	cell := func(rows []Order) []Order {
		rows[len(rows)/2].Total = 4242
		return rows
	}
	return []Workload{
		{"tile10", tile10, [2]any{newTile(41), newTile(42)}},
		{"progress50", progress50, [2]any{newProgress(50), newProgress(51)}},
		{"list25-cell", ChangeList, [2]any{list25, list25.With(cell)}},
		{"list100-cell", ChangeList, [2]any{list100, list100.With(cell)}},
		{"list100-insert", ChangeList, [2]any{list100, list100.With(func(rows []Order) []Order { return append([]Order{{ID: 1, Customer: "new"}}, rows...) })}},
		{"list100-remove", ChangeList, [2]any{list100, list100.With(func(rows []Order) []Order { return append(rows[:33], rows[34:]...) })}},
		{"list100-swap", ChangeList, [2]any{list100, list100.With(func(rows []Order) []Order {
			rows[1], rows[98] = rows[98], rows[1]
			return rows
		})}},
	}
}
