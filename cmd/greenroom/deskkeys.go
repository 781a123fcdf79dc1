package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	grconsole "greenroom/console"
)

// back closes what is open, layer by layer; from the overview q leaves.
func (m screenModel) back(key string) (tea.Model, tea.Cmd) {
	switch {
	case m.help, m.detail:
		m.help, m.detail, m.query.Job = false, false, ""
	case len(m.marks) > 0:
		m.marks = nil
	case m.query.Text != "" || m.query.State != "":
		m.query.Text, m.query.State = "", ""
		return m, m.look()
	case m.query.Page != grconsole.Overview:
		return m, m.open(grconsole.Overview)
	case key == "q":
		return m, tea.Quit
	}
	return m, nil
}

// expand shows all of a row; of what leads elsewhere, where it leads; of a job its steps too.
func (m *screenModel) expand() tea.Cmd {
	row := m.marked()
	if row == nil {
		return nil
	}
	if row.Page != "" {
		find := row.Find
		cmd := m.open(row.Page)
		m.query.Text = find
		return cmd
	}
	m.detail = true
	if m.query.Page != grconsole.Jobs {
		return nil
	}
	m.query.Job = row.Key
	return m.look()
}

// turn goes on to the next order of the actors, or the next state to filter by.
func (m *screenModel) turn(key string) tea.Cmd {
	next := func(now string, words []string) string {
		words = append([]string{""}, words...)
		return words[(slices.Index(words, now)+1)%len(words)]
	}
	switch {
	case key == "f" && grconsole.States(m.query.Page) != nil:
		m.query.State = next(m.query.State, grconsole.States(m.query.Page))
	case key == "s" && m.query.Page == grconsole.Actors:
		m.query.Sort = next(m.query.Sort, grconsole.Sorts())
	default:
		return nil
	}
	return m.look()
}

// branch opens or closes a branch of the tree.
func (m *screenModel) branch(open bool) tea.Cmd {
	row := m.marked()
	if row == nil || row.Branch == "" || row.Open == open {
		return nil
	}
	m.query = m.query.Toggle(row.Branch)
	return m.look()
}

// mark marks the row in hand and goes on to the next, or marks all that are shown.
func (m *screenModel) mark(all bool) {
	if m.report == nil {
		return
	}
	marks := map[string]string{}
	maps.Copy(marks, m.marks)
	if all {
		for _, row := range m.report.Table.Rows {
			marks[row.Key] = row.Target
		}
	} else if row := m.marked(); row != nil {
		if _, on := marks[row.Key]; on {
			delete(marks, row.Key)
		} else {
			marks[row.Key] = row.Target
		}
		m.move(1)
	}
	m.marks = marks
}

// intend asks before a verb is carried out, on the row in hand or on those that are marked.
func (m *screenModel) intend(verbs []string) {
	if m.query.Page == grconsole.Trace && verbs[0] == grconsole.Cancel {
		if m.report != nil && m.report.Trace != nil && m.report.Trace.On {
			m.verb, m.question = &grconsole.Request{Verb: grconsole.Unfollow, Target: m.report.Trace.Of}, "End the trace?"
		}
		return
	}
	if len(m.marks) > 1 {
		for _, verb := range verbs {
			var targets []string
			for _, row := range m.report.Table.Rows {
				if _, on := m.marks[row.Key]; on && slices.Contains(row.Verbs, verb) {
					targets = append(targets, row.Target)
				}
			}
			if q := grconsole.AskAll(verb, len(targets)); len(targets) > 0 && q.Title != "" {
				m.verb, m.question = &grconsole.Request{Verb: verb, Targets: targets}, q.Title
				return
			}
		}
		m.said = "None of the marked has that."
		return
	}
	row := m.marked()
	if row != nil {
		if at := slices.IndexFunc(verbs, func(v string) bool { return slices.Contains(row.Verbs, v) }); at >= 0 {
			m.verb = &grconsole.Request{Verb: verbs[at], Target: row.Target}
			m.question = grconsole.Ask(verbs[at], row.Name).Title
			return
		}
	}
	m.said = "There is nothing here to " + verbs[0] + "."
}

// stepLines are the steps of a job.
func stepLines(d *grconsole.JobDetail) []string {
	if d == nil || len(d.Steps) == 0 {
		return nil
	}
	lines := []string{""}
	for _, s := range d.Steps {
		after := ""
		if s.After != "" {
			after = "after " + s.After
		}
		lines = append(lines, fmt.Sprintf(" %s  %-14s %-16s %s %s", s.At.Local().Format(time.TimeOnly), s.To, after, s.Attempt, s.By))
	}
	return lines
}
