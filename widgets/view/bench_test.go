package view_test

import (
	"fmt"
	"html/template"
	"io"
	"testing"

	"greenroom/widgets/view"
)

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

// changeList is a list of rows with six columns.
const changeList = `{{define "badge"}}<span class="badge {{.Status}}">{{.Status}}</span>{{end}}<table><thead><tr><th>ID</th><th>Customer</th><th>Total</th><th>Status</th><th>Date</th><th></th></tr></thead><tbody>
{{range .Rows}}
<tr data-key="{{.ID}}" class="{{if .Selected}}selected{{else}}row{{end}}"><td><a href="/orders/{{.ID}}">{{.ID}}</a></td><td>{{.Customer}}</td><td>{{.Total}}</td><td>{{template "badge" .}}</td><td>{{.Date}}</td><td>{{if .Paid}}<b>paid</b>{{else}}<button name="pay" value="{{.ID}}">pay</button>{{end}}</td></tr>
{{end}}
</tbody></table>`

type orders struct{ Rows []order }

type order struct {
	ID                     int
	Customer, Status, Date string
	Total                  float64
	Selected, Paid         bool
}

func benchTile(value int) *tile {
	return &tile{State: "ok", Hint: "Orders a day", Label: "Orders", Unit: "orders", Since: "yesterday", ID: "orders", Link: "all orders", Note: "as of 12:00", Value: value, Delta: 3}
}

func benchProgress(lines int) *progress {
	p := &progress{State: "running", Name: "Import customers", Message: fmt.Sprint("row ", 20*lines), Current: 20 * lines, Total: 2000, Percent: lines}
	for i := range lines {
		p.Log = append(p.Log, logLine{"info", fmt.Sprintf("12:00:%02d", i%60), fmt.Sprintf("imported customer #%d 'Miller & Co' in 6 ms", 1800+i)})
	}
	return p
}

func benchOrders(n int) *orders {
	l := &orders{}
	for i := range n {
		l.Rows = append(l.Rows, order{ID: 1000 + i, Customer: fmt.Sprint("Customer ", i, " & Sons"), Status: []string{"open", "shipped", "done"}[i%3], Date: "2026-11-22", Total: float64(i) + 0.5, Selected: i%7 == 0, Paid: i%2 == 0})
	}
	return l
}

func (l *orders) with(change func([]order) []order) *orders {
	return &orders{Rows: change(append([]order{}, l.Rows...))}
}

type workload struct {
	name, template string
	states         [2]any
}

func workloads() []workload {
	list25, list100 := benchOrders(25), benchOrders(100)
	cell := func(rows []order) []order {
		rows[len(rows)/2].Total = 4242
		return rows
	}
	return []workload{
		{"tile10", tile10, [2]any{benchTile(41), benchTile(42)}},
		{"progress50", progress50, [2]any{benchProgress(50), benchProgress(51)}},
		{"list25-cell", changeList, [2]any{list25, list25.with(cell)}},
		{"list100-cell", changeList, [2]any{list100, list100.with(cell)}},
		{"list100-insert", changeList, [2]any{list100, list100.with(func(rows []order) []order { return append([]order{{ID: 1, Customer: "new"}}, rows...) })}},
		{"list100-remove", changeList, [2]any{list100, list100.with(func(rows []order) []order { return append(rows[:33], rows[34:]...) })}},
		{"list100-swap", changeList, [2]any{list100, list100.with(func(rows []order) []order {
			rows[1], rows[98] = rows[98], rows[1]
			return rows
		})}},
	}
}

// BenchmarkUpdate is what one event of a widget costs: render the new state, and say what changed. html-template
// executes the whole and does not say what changed.
func BenchmarkUpdate(b *testing.B) {
	for _, w := range workloads() {
		std := template.Must(template.New(w.name).Parse(w.template))
		b.Run(w.name+"/greenroom", func(b *testing.B) {
			c, err := view.Compile(std)
			if err != nil {
				b.Fatal(err)
			}
			last, err := c.Render(w.states[1])
			if err != nil {
				b.Fatal(err)
			}
			var diff []byte
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				tree, err := c.Rerender(last, w.states[i&1])
				if err != nil {
					b.Fatal(err)
				}
				var kind view.Change
				if diff, kind = view.AppendDiff(diff[:0], last, tree); kind != view.Patched {
					b.Fatal(kind)
				}
				last = tree
				i++
			}
			b.ReportMetric(float64(len(diff)), "wire-B")
			b.ReportMetric(float64(last.Size()), "kept-B")
		})
		b.Run(w.name+"/html-template", func(b *testing.B) {
			std := template.Must(std.Clone())
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if err := std.Execute(io.Discard, w.states[i&1]); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

// BenchmarkRerender is what an event costs that changes nothing.
func BenchmarkRerender(b *testing.B) {
	for _, w := range workloads()[:4] {
		b.Run(w.name, func(b *testing.B) {
			c, err := view.Compile(template.Must(template.New(w.name).Parse(w.template)))
			if err != nil {
				b.Fatal(err)
			}
			last, err := c.Render(w.states[0])
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if tree, err := c.Rerender(last, w.states[0]); err != nil || tree != last {
					b.Fatal("another tree", err)
				}
			}
		})
	}
}

// BenchmarkPage is what the first HTML of a widget costs.
func BenchmarkPage(b *testing.B) {
	for _, w := range workloads()[:4] {
		b.Run(w.name, func(b *testing.B) {
			c, err := view.Compile(template.Must(template.New(w.name).Parse(w.template)))
			if err != nil {
				b.Fatal(err)
			}
			var out []byte
			b.ReportAllocs()
			for b.Loop() {
				tree, err := c.Render(w.states[0])
				if err != nil {
					b.Fatal(err)
				}
				out = tree.AppendLive(out[:0])
			}
			b.SetBytes(int64(len(out)))
		})
	}
}

// BenchmarkCompile is what a template costs at start, for one type of data.
func BenchmarkCompile(b *testing.B) {
	std := template.Must(template.New("list").Parse(changeList))
	state := benchOrders(1)
	b.ReportAllocs()
	for b.Loop() {
		c, err := view.Compile(std)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Render(state); err != nil {
			b.Fatal(err)
		}
	}
}
