package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	grconsole "greenroom/console"
)

// pretence is the room that a test's terminal looks at.
type pretence struct {
	asked []grconsole.Request
	rows  []grconsole.Row
	alert []grconsole.Alert
	err   error
}

func (p *pretence) Ask(q grconsole.Request) (grconsole.Reply, error) {
	p.asked = append(p.asked, q)
	if p.err != nil {
		return grconsole.Reply{}, p.err
	}
	if q.Verb != "" {
		return grconsole.Reply{Text: "Done: " + q.Verb}, nil
	}
	return grconsole.Reply{Report: &grconsole.Report{Page: q.Page, Attention: p.alert, Table: grconsole.Table{
		Matched: len(p.rows), Rows: p.rows,
		Columns: []grconsole.Column{
			{Name: "label", Label: "Job", Wide: true},
			{Name: "state", Label: "State"},
			{Name: "rows", Label: "Rows", Number: true},
			{Name: "note", Label: "Note"},
			{Name: "id", Label: "ID"},
		},
	}}}, nil
}

// terminal drives a screen without a terminal.
type terminal struct {
	t *testing.T
	m screenModel
}

func (r *terminal) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case answered:
		next, more := r.m.Update(msg)
		r.m = next.(screenModel)
		r.do(more)
	case tea.QuitMsg:
		r.t.Log("quit")
	}
}

// press sends keys, and carries out what each leads to.
func (r *terminal) press(keys ...string) {
	for _, key := range keys {
		next, cmd := r.m.press(key)
		r.m = next.(screenModel)
		r.do(cmd)
	}
}

func (r *terminal) shows() string { return r.m.View().Content }

func (r *terminal) must(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(r.shows(), w) {
			t.Errorf("%q is not on the screen:\n%s", w, r.shows())
		}
	}
}

func cells(texts ...string) []grconsole.Cell {
	var all []grconsole.Cell
	for _, s := range texts {
		all = append(all, grconsole.Cell{Text: s})
	}
	return all
}

func newTerminal(t *testing.T, rows int) (*terminal, *pretence) {
	t.Helper()
	p := &pretence{}
	for n := range rows {
		p.rows = append(p.rows, grconsole.Row{
			Key: strconv.Itoa(n), Verbs: []string{"pause", "cancel"}, Target: "job" + strconv.Itoa(n), Name: "Refund " + strconv.Itoa(n),
			Cells: cells("Refund "+strconv.Itoa(n)+" 退款 of a customer with a long name", "running", "12", strings.Repeat("note ", 20), "ID"+strconv.Itoa(n)),
		})
	}
	r := &terminal{t, newScreen(p, time.Second)}
	r.do(r.m.send(grconsole.Request{Query: r.m.query}))
	return r, p
}

func TestScreenFitsAndMoves(t *testing.T) {
	r, p := newTerminal(t, 60)
	p.alert = []grconsole.Alert{{Text: "one"}, {Text: "two"}, {Text: "three"}}
	r.press("3")
	for _, size := range [][2]int{{80, 24}, {40, 10}, {200, 50}, {20, 8}} {
		next, _ := r.m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		r.m = next.(screenModel)
		lines := strings.Split(r.shows(), "\n")
		if len(lines) != size[1] {
			t.Errorf("%v: %d lines", size, len(lines))
		}
		for _, l := range lines {
			if ansi.StringWidth(l) > size[0] || strings.Contains(l, "\x1b") {
				t.Errorf("%v: %d cells: %q", size, ansi.StringWidth(l), l)
			}
		}
	}
	next, _ := r.m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	r.m = next.(screenModel)
	r.must(t, "[3 Jobs]", " ! one", " ! and 1 more", ">Refund 0", "[c] cancel")
	r.press("G")
	r.must(t, ">Refund 59")
	r.press("g", "g", "j", "j", "k")
	r.must(t, ">Refund 1")
	r.press("pgdown")
	p.rows = p.rows[3:] // others end; the mark stays where it was
	marked := r.m.key
	r.do(r.m.look())
	if r.m.marked().Key != marked {
		t.Errorf("the mark went from %s to %s", marked, r.m.marked().Key)
	}
	p.rows = nil
	r.do(r.m.look())
	r.must(t, "Nothing to show.")
	r.press("j", "k", "G", "enter", "c")
	r.must(t, "There is nothing here to cancel.")
}

func TestScreenAsksBeforeAVerb(t *testing.T) {
	r, p := newTerminal(t, 3)
	r.press("3", "j", "c")
	r.must(t, "Cancel “Refund 1”? [y/N]")
	verbs := func() (n int) {
		for _, q := range p.asked {
			if q.Verb != "" {
				n++
			}
		}
		return n
	}
	for _, no := range []string{"enter", "n", "Y", "space", "esc", "c"} {
		r.press(no)
		if verbs() != 0 {
			t.Fatalf("%s means yes", no)
		}
		r.must(t, "Nothing was done.")
		r.press("c")
	}
	r.press("y")
	if verbs() != 1 {
		t.Fatalf("%d verbs", verbs())
	}
	at := p.asked[len(p.asked)-2]
	if at.Verb != "cancel" || at.Target != "job1" {
		t.Errorf("%+v", at)
	}
	r.must(t, "Done: cancel")
	r.press("p", "y")
	r.must(t, "Done: pause")
}

func TestScreenSearchDetailAndFaults(t *testing.T) {
	r, p := newTerminal(t, 3)
	r.press("2", "/", "a", "b", "space", "q", "backspace", "enter")
	if last := p.asked[len(p.asked)-1].Query; last.Text != "ab " || last.Page != grconsole.Actors {
		t.Errorf("%+v", last)
	}
	r.must(t, "/ ab ", "sort: tree")
	r.press("s", "s")
	if last := p.asked[len(p.asked)-1].Query; last.Sort != "rate" {
		t.Errorf("%+v", last)
	}
	r.press("enter")
	r.must(t, "note note", "ID0")
	r.press("q", "q", "?")
	r.must(t, "every key but y means no")
	r.press("q", "P", "+", "+")
	r.must(t, "HELD")
	r.press("P", "-")
	r.must(t, "LIVE 2s")
	p.err = errors.New("no server answers")
	r.do(r.m.look())
	r.must(t, "NO ANSWER", "no server answers", "Refund 0")
	p.err = nil
	r.do(r.m.look())
	r.must(t, "LIVE 2s")
	if next, cmd := r.m.press("Q"); cmd == nil || next.(screenModel).problem != "" {
		t.Error("Q does not quit")
	}
}

// running is a demo that serves until the test's end.
func running(t *testing.T) (state string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "gr") //nolint:usetesting // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_DATA_HOME", dir)
	t.Setenv("GREENROOM_PASSWORD", "correct horse battery")
	ctx, stop := context.WithCancel(t.Context())
	var out, errs screen
	ended := make(chan int, 1)
	done := make(chan struct{})
	go func() {
		ended <- run(ctx, console{&out, &errs}, []string{"demo", "--orders", "30", "--listen", "127.0.0.1:0"})
		close(done)
	}()
	t.Cleanup(func() { stop(); <-done; _ = os.RemoveAll(dir) })
	awaitURL(t, &out, &errs, ended)
	return filepath.Join(dir, "greenroom", "demo.db.state")
}

func TestConsoleOnce(t *testing.T) {
	state := running(t)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--once", "overview"}, 0, "actors 1"},
		{[]string{"--once", "jobs", "--state", state}, 0, "Started by"},
		{[]string{"--once", "actors", "--search", "supervisor", "--sort", "messages"}, 0, "jobs/supervisor"},
		{[]string{"--once", "metrics"}, 0, "greenroom_pages 0"},
		{[]string{"--once", "planets"}, 2, "there are overview"},
		{[]string{"--json"}, 2, "go with --once"},
		{[]string{"--once", "actors", "--sort", "colour"}, 2, "mailbox"},
		{[]string{"--once", "actors", "--state", state + "x"}, 1, "is it running"},
		{[]string{"--once", "actors", "--state", "a", "--db", "b"}, 2, "the same thing"},
		{[]string{"--every", "1ms"}, 2, "200ms"},
	} {
		var out, errs screen
		code := run(t.Context(), console{&out, &errs}, append([]string{"console"}, c.args...))
		if text := out.String() + errs.String(); code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("console %s: exit %d, says %q; want %d and %q", strings.Join(c.args, " "), code, text, c.code, c.says)
		}
	}
	var out, errs screen
	run(t.Context(), console{&out, &errs}, []string{"console", "--once", "actors", "--json"})
	var told struct {
		Totals    struct{ Actors int }
		Attention []any
		Rows      []struct {
			Actor    string
			Messages float64
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &told); err != nil || told.Totals.Actors < 1 || len(told.Rows) < 1 || told.Attention == nil {
		t.Errorf("%v %+v\n%s", err, told, out.String())
	}
}

func TestGlanceEndsWithAttention(t *testing.T) {
	var out screen
	r := &grconsole.Report{Attention: []grconsole.Alert{{Text: "Job “Refund” is stuck"}}}
	for _, asJSON := range []bool{false, true} {
		if err := glance(console{&out, &out}, grconsole.Reply{Report: r}, asJSON); !errors.Is(err, errAttention) {
			t.Errorf("json %v: %v", asJSON, err)
		}
	}
	if !strings.Contains(out.String(), "! Job “Refund” is stuck\n") {
		t.Error(out.String())
	}
}

func TestScreenMarksTurnsAndOpens(t *testing.T) {
	r, p := newTerminal(t, 4)
	r.press("g", "j")
	r.must(t, "[3 Jobs]")
	r.press("space", "space", "c")
	r.must(t, "2 marked", "*Refund 1", "Cancel 2 jobs? [y/N]")
	r.press("y")
	at := p.asked[len(p.asked)-2]
	if at.Verb != "cancel" || strings.Join(at.Targets, " ") != "job0 job1" {
		t.Errorf("%+v", at)
	}
	r.press("*", "X")
	r.must(t, "None of the marked has that.")
	r.press("esc", "f", "f")
	if last := p.asked[len(p.asked)-1].Query; last.State != "queued" {
		t.Errorf("%+v", last)
	}
	r.must(t, "state: queued")
	r.press("enter")
	if last := p.asked[len(p.asked)-1].Query; last.Job == "" {
		t.Errorf("%+v", last)
	}
	r.press("q", "q", "2")
	p.rows[0].Branch = "jobs"
	r.do(r.m.look())
	r.must(t, "+ Refund 0")
	r.press("g", "g", "l")
	if last := p.asked[len(p.asked)-1].Query; last.Open != "jobs" {
		t.Errorf("%+v", last)
	}
	p.rows[0].Page, p.rows[0].Find = "sessions", "ann"
	r.do(r.m.look())
	r.press("enter")
	r.must(t, "[4 Sessions]")
	r.do(r.m.look())
	if last := p.asked[len(p.asked)-1].Query; last.Page != "sessions" || last.Text != "ann" {
		t.Errorf("%+v", last)
	}
	r.press("?")
	for _, key := range grconsole.Keys() {
		r.must(t, key.Text)
	}
	for line := range strings.SplitSeq(r.shows(), "\n") {
		if ansi.StringWidth(line) >= 80 && strings.HasSuffix(line, "…") {
			t.Errorf("cut: %q", line)
		}
	}
}
