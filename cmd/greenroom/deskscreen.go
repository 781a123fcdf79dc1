package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	grconsole "greenroom/console"
)

// asker is the connection to a room; Update never waits for it.
type asker interface {
	Ask(q grconsole.Request) (grconsole.Reply, error)
}

// line keeps a connection, and makes it anew after a fault.
type line struct {
	dial   func() (*grconsole.Client, error)
	mu     sync.Mutex
	client *grconsole.Client
}

func (l *line) Ask(q grconsole.Request) (grconsole.Reply, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client == nil {
		client, err := l.dial()
		if err != nil {
			return grconsole.Reply{}, err
		}
		l.client = client
	}
	r, err := l.client.Ask(q)
	if err != nil && r.Error == "" {
		_ = l.client.Close()
		l.client = nil
	}
	return r, err
}

func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client != nil {
		_ = l.client.Close()
	}
}

// watch stays at a room until the person leaves.
func watch(ctx context.Context, con console, dial func() (*grconsole.Client, error), every time.Duration) error {
	l := &line{dial: dial}
	if _, err := l.Ask(grconsole.Request{Query: grconsole.Query{Page: grconsole.Overview}}); err != nil {
		return err
	}
	defer l.close()
	_, err := tea.NewProgram(newScreen(l, every), tea.WithContext(ctx), tea.WithOutput(con.out), tea.WithFPS(10)).Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return nil
	}
	return err
}

// intervals are what + and - choose from, besides the one that was asked for.
var intervals = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second}

// screenModel is the terminal's console. Everything is drawn without colour, so that it can be read on any terminal.
type screenModel struct {
	ask           asker
	every         time.Duration
	width, height int

	query   grconsole.Query
	report  *grconsole.Report
	asking  bool // a question is on its way; one at a time
	paused  bool // the view, not the room
	problem string
	said    string

	row, top  int
	key       string // of the marked row, which keeps the mark when others come and go
	searching bool
	detail    bool
	help      bool
	verb      *grconsole.Request // waits for y
	question  string
	marks     map[string]string // targets of marked rows, by key
	last      string            // the key before, for g
}

type (
	answered struct {
		q grconsole.Request
		r grconsole.Reply
		e error
	}
	tick struct{}
)

func newScreen(a asker, every time.Duration) screenModel {
	return screenModel{ask: a, every: every, width: 80, height: 24, query: grconsole.Query{Page: grconsole.Overview}, asking: true}
}

// Init asks for the first page.
func (m screenModel) Init() tea.Cmd {
	return tea.Batch(m.send(grconsole.Request{Query: m.query}), m.wait())
}

func (m screenModel) send(q grconsole.Request) tea.Cmd {
	return func() tea.Msg {
		r, err := m.ask.Ask(q)
		return answered{q, r, err}
	}
}

func (m screenModel) wait() tea.Cmd {
	return tea.Tick(m.every, func(time.Time) tea.Msg { return tick{} })
}

// look asks for the present page, unless a question is on its way: its answer asks again if the page is another by then.
func (m *screenModel) look() tea.Cmd {
	if m.asking {
		return nil
	}
	m.asking = true
	return m.send(grconsole.Request{Query: m.query})
}

// Update is the table of contents.
func (m screenModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = max(20, msg.Width), max(8, msg.Height)
	case tick:
		if m.paused {
			return m, m.wait()
		}
		return m, tea.Batch(m.look(), m.wait())
	case answered:
		return m.take(msg)
	case tea.KeyPressMsg:
		return m.press(msg.String())
	}
	return m, nil
}

func (m screenModel) take(a answered) (tea.Model, tea.Cmd) {
	m.asking = false
	m.problem = ""
	switch {
	case a.e != nil:
		m.problem = a.e.Error()
		if a.q.Verb != "" {
			return m, m.look()
		}
	case a.q.Verb != "":
		m.said = a.r.Text
		m.marks = nil
		return m, m.look()
	case a.q.Query != m.query:
		return m, m.look()
	default:
		m.report = a.r.Report
		m.follow()
	}
	return m, nil
}

// follow keeps the mark at its row.
func (m *screenModel) follow() {
	rows := m.report.Table.Rows
	if n := slices.IndexFunc(rows, func(r grconsole.Row) bool { return r.Key == m.key }); n >= 0 {
		m.row = n
	}
	m.move(0)
}

// move goes up or down, within what there is.
func (m *screenModel) move(by int) {
	if m.report == nil || len(m.report.Table.Rows) == 0 {
		m.row, m.top, m.key = 0, 0, ""
		return
	}
	m.row = min(max(0, m.row+by), len(m.report.Table.Rows)-1)
	m.key = m.report.Table.Rows[m.row].Key
	m.top = min(m.top, m.row)
	m.top = max(m.top, m.row-m.body()+1)
}

// body is how many rows fit.
func (m *screenModel) body() int { return max(1, m.height-len(m.head())-2) }

func (m *screenModel) marked() *grconsole.Row {
	if m.report == nil || m.row >= len(m.report.Table.Rows) {
		return nil
	}
	return &m.report.Table.Rows[m.row]
}

func (m *screenModel) open(page string) tea.Cmd {
	m.query = grconsole.Query{Page: page}
	m.marks = nil
	m.row, m.top, m.key, m.detail, m.help, m.said = 0, 0, "", false, false, ""
	m.report = nil
	return m.look()
}

// press is a key. What is asked comes first, then what is typed, then the keys themselves.
func (m screenModel) press(key string) (tea.Model, tea.Cmd) {
	last := m.last
	m.last = key
	switch {
	case key == "ctrl+c":
		return m, tea.Quit
	case m.verb != nil:
		q := *m.verb
		m.verb = nil
		if key != "y" {
			m.said = "Nothing was done."
			return m, nil
		}
		m.asking = true
		return m, m.send(q)
	case m.searching:
		return m.typed(key)
	}
	m.said = ""
	if last == "g" {
		if page := grconsole.PageKey(key); page != "" {
			return m, m.open(page)
		}
	}
	if n := strings.Index("1234567890", key); n >= 0 && len(key) == 1 {
		return m, m.open(grconsole.Names()[n])
	}
	switch key {
	case "Q":
		return m, tea.Quit
	case "q", "esc", "backspace":
		return m.back(key)
	case "tab":
		names := grconsole.Names()
		return m, m.open(names[(slices.Index(names, m.query.Page)+1)%len(names)])
	case "?":
		m.help = !m.help
	case "/":
		m.searching = true
	case "enter", "e":
		return m, m.expand()
	case "s", "f":
		return m, m.turn(key)
	case "h", "left", "l", "right":
		return m, m.branch(key == "l" || key == "right")
	case "space", "*":
		m.mark(key == "*")
	case "P":
		m.paused = !m.paused
	case "+", "-":
		m.pace(key == "+")
	case "y":
		if row := m.marked(); row != nil {
			m.said = "Copied " + row.Key
			return m, tea.SetClipboard(row.Key)
		}
	case "g":
		if last == "g" {
			m.move(-1 << 20)
			m.last = ""
		}
	default:
		if verbs := grconsole.VerbKeys(key); verbs != nil {
			m.intend(verbs)
		} else {
			m.walk(key)
		}
	}
	return m, nil
}

// walk are the keys that move the mark.
func (m *screenModel) walk(key string) {
	page := m.body()
	for _, step := range []struct {
		keys string
		by   int
	}{
		{"j down", 1}, {"k up", -1}, {"pgdown", page}, {"pgup", -page}, {"G end", 1 << 20}, {"home", -1 << 20},
	} {
		if slices.Contains(strings.Fields(step.keys), key) {
			m.move(step.by)
		}
	}
}

// pace chooses the next slower or faster interval.
func (m *screenModel) pace(slower bool) {
	n, _ := slices.BinarySearch(intervals, m.every)
	if slower && n < len(intervals) && intervals[n] == m.every {
		n++
	}
	if !slower {
		n--
	}
	m.every = intervals[min(max(0, n), len(intervals)-1)]
}

// typed edits the search.
func (m screenModel) typed(key string) (tea.Model, tea.Cmd) {
	switch {
	case key == "enter":
		m.searching = false
		return m, nil
	case key == "esc":
		m.searching, m.query.Text = false, ""
	case key == "backspace":
		if r := []rune(m.query.Text); len(r) > 0 {
			m.query.Text = string(r[:len(r)-1])
		}
	case key == "space":
		m.query.Text += " "
	case len([]rune(key)) == 1:
		m.query.Text += key
	default:
		return m, nil
	}
	m.row, m.top, m.key = 0, 0, ""
	return m, m.look()
}

// head are the lines above the rows.
func (m *screenModel) head() []string {
	state := "LIVE " + m.every.String()
	switch {
	case m.problem != "":
		state = "NO ANSWER"
	case m.paused:
		state = "HELD"
	}
	first := "greenroom"
	if m.report != nil {
		first = summary(m.report.Totals)
	}
	room := m.width - ansi.StringWidth(state) - 3
	first = ansi.Truncate(first, room, "…")
	lines := []string{" " + first + strings.Repeat(" ", max(1, m.width-2-ansi.StringWidth(first)-ansi.StringWidth(state))) + state}
	var tabs []string
	for n, name := range grconsole.Names() {
		label, _, _ := strings.Cut(grconsole.Label(name), " ")
		tab := fmt.Sprintf("%d%s", (n+1)%10, label)
		if name == m.query.Page {
			tab = fmt.Sprintf("[%d %s]", (n+1)%10, label)
		}
		tabs = append(tabs, tab)
	}
	lines = append(lines, " "+strings.Join(tabs, " "))
	if m.report != nil {
		for n, a := range m.report.Attention {
			if n == 2 {
				lines = append(lines, fmt.Sprintf(" ! and %d more", len(m.report.Attention)-2))
				break
			}
			lines = append(lines, " ! "+a.Text)
		}
	}
	if m.searching || m.query.Text != "" {
		cursor := ""
		if m.searching {
			cursor = "_"
		}
		lines = append(lines, " / "+m.query.Text+cursor)
	}
	if m.query.State != "" {
		lines = append(lines, " state: "+m.query.State)
	}
	if n := len(m.marks); n > 0 {
		lines = append(lines, fmt.Sprintf(" %d marked", n))
	}
	if m.report != nil && m.report.Trace != nil && m.report.Trace.On {
		t := m.report.Trace
		lines = append(lines, fmt.Sprintf(" tracing %s for another %d s: %d messages", t.Of, int(t.Left.Seconds())+1, t.Seen))
	}
	return lines
}

// foot is the last line.
func (m *screenModel) foot() string {
	switch {
	case m.verb != nil:
		return " " + m.question + " [y/N]"
	case m.problem != "":
		return " " + m.problem
	case m.said != "":
		return " " + m.said
	}
	foot := "  [enter] open  [/] search  [P] hold  [?] help  [q] back"
	switch m.query.Page {
	case grconsole.Jobs:
		foot = " [c] cancel  [p] pause  [f] state" + foot
	case grconsole.Sessions:
		foot = " [K] kick" + foot
	case grconsole.Actors:
		order := m.query.Sort
		if order == "" {
			order = "tree"
		}
		foot = " [s] sort: " + order + foot
	}
	return foot
}

// helpLines are the key map in two columns.
func helpLines() []string {
	keys := grconsole.Keys()
	half := (len(keys) + 1) / 2
	lines := []string{""}
	for n := range half {
		left, right := keys[n], grconsole.Key{}
		if n+half < len(keys) {
			right = keys[n+half]
		}
		cut, _, _ := strings.Cut(left.Keys, " then")
		lines = append(lines, fmt.Sprintf(" %-19s %-22s %-6s %s", cut, left.Text, right.Keys, right.Text))
	}
	return append(lines, "", " Q, ctrl-c           quit", " All that changes something asks first; every key but y means no.")
}

// View draws the whole screen.
func (m screenModel) View() tea.View {
	lines := m.head()
	rest := m.height - len(lines) - 1
	var body []string
	switch row := m.marked(); {
	case m.help:
		body = helpLines()
	case m.report == nil:
		body = []string{"", " Asking the room…"}
	case m.detail && row != nil:
		body = []string{""}
		for n, c := range row.Cells {
			body = append(body, fmt.Sprintf(" %-14s %s", m.report.Table.Columns[n].Label, c.Text))
			if c.Title != "" {
				body = append(body, strings.Repeat(" ", 16)+c.Title)
			}
		}
		body = append(body, stepLines(m.report.Job)...)
	case len(m.report.Table.Rows) == 0:
		body = []string{"", " Nothing to show."}
	default:
		table := layout(m.report.Table, m.width-1)
		body = append(body, " "+table[0])
		for n, l := range table[1:] {
			mark := " "
			switch _, on := m.marks[m.report.Table.Rows[n].Key]; {
			case n == m.row:
				mark = ">"
			case on:
				mark = "*"
			}
			if n >= m.top && n < m.top+rest-1 {
				body = append(body, mark+l)
			}
		}
	}
	for n := range rest {
		if n < len(body) {
			lines = append(lines, body[n])
		} else {
			lines = append(lines, "")
		}
	}
	lines = append(lines, m.foot())
	for n := range lines {
		lines[n] = ansi.Truncate(lines[n], m.width, "…")
	}
	v := tea.NewView(strings.Join(lines, "\n"))
	v.AltScreen = true
	return v
}
