package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/console"
	"greenroom/widgets"
)

// lookAt draws the page at an address.
func (s *Site) lookAt(ctx context.Context, in widgets.In, at url.Values) (*consolePicture, error) {
	at = consoleAddress(at)
	q := s.consoleQuery(in, at)
	r, err := s.consoleReport(ctx, in, q, at)
	if err != nil {
		return nil, err
	}
	page := q.Page
	filtered := q.Text != "" || q.State != "" || q.User != "" || q.Kind != ""
	v := consoleView{
		Title: console.Label(page), Path: s.consoleURL(page), Search: q.Text, Find: s.consoleURL(console.Find),
		Up: "Up " + uptime(r.Totals.Up), Empty: nothingOn(page, filtered), Keys: console.Keys(),
	}
	if page != console.Overview {
		v.Count = group(int64(r.Table.Matched))
	}
	if n := len(r.Table.Rows); n < r.Table.Matched && page != console.Overview {
		v.More = "The first " + group(int64(n)) + " are shown; search to see others."
	}
	if q.Text != "" && page != console.Find {
		v.Everywhere = v.Find + "?" + url.Values{consoleSearch: {q.Text}}.Encode()
	}
	s.consoleTabs(&v, in, page)
	for n, a := range r.Attention {
		to := s.consoleURL(a.Page)
		if a.Find != "" {
			to += "?" + url.Values{consoleSearch: {a.Find}}.Encode()
		}
		v.Alerts = append(v.Alerts, consoleAlert{"a" + strconv.Itoa(n), a.Text, to})
	}
	v.filters(q, at)
	v.Paces = consolePaces(v.Path, at)
	switch page {
	case console.Overview:
		v.Tiles = tiles(r.Totals, r.History)
	case console.Actors:
		v.Sorts = consoleSorts(v.Path, at)
	case console.Jobs:
		s.consoleBulk(&v, in, q, at)
		v.Job = s.consoleDetail(v.Path, r.Job, at)
	case console.Trace:
		v.Trace = traceOf(v.Path, r.Trace, at)
	}
	s.consoleRows(&v, r.Table, q, at)
	v.Ask = s.consoleQuestion(v.Path, in, r.Table, q, at)
	v.in(in.Language)
	return &consolePicture{View: v}, nil
}

func (s *Site) consoleTabs(v *consoleView, in widgets.In, page string) {
	for n, name := range console.Names() {
		tab := consoleTab{Label: console.Label(name), URL: s.consoleURL(name), Current: "false", Shortcut: strconv.Itoa((n + 1) % 10)}
		if name == page {
			tab.Current = "page"
		}
		v.Tabs = append(v.Tabs, tab)
	}
	if s.mayAudit(context.Background(), in.User) {
		v.Tabs = append(v.Tabs, consoleTab{Label: "Audit", URL: s.auditURL(), Current: "false"})
	}
}

// filters are what the search form has besides its text; what it does not show goes with it unseen.
func (v *consoleView) filters(q console.Query, at url.Values) {
	shown := map[string]bool{consoleSearch: true, consoleVerb: true, consoleTarget: true, consoleHold: true}
	field := func(name, label string) {
		v.Fields = append(v.Fields, consoleWord{name, label, at.Get(name)})
		shown[name] = true
	}
	switch q.Page {
	case console.Actors:
		field(consoleKind, "Kind")
	case console.Jobs, console.Sessions:
		field(consoleUser, "User")
	case console.Log:
		v.choices(consoleLevel, "Level", []string{"WARN", "ERROR"}, q.Level)
		shown[consoleLevel] = true
	}
	if states := console.States(q.Page); states != nil {
		v.choices(consoleState, "State", states, q.State)
		shown[consoleState] = true
	}
	for _, word := range consoleWords {
		if value := at.Get(word); value != "" && !shown[word] {
			v.Hidden = append(v.Hidden, consoleWord{Name: word, Value: value})
		}
	}
}

func (v *consoleView) choices(name, label string, words []string, chosen string) {
	v.StateLabel = name
	v.States = []consoleChoice{{"", "Any " + strings.ToLower(label), chosen == ""}}
	for _, word := range words {
		v.States = append(v.States, consoleChoice{word, word, word == chosen})
	}
}

// consolePaces are how often the page is drawn, and not at all.
func consolePaces(path string, at url.Values) []consoleOrder {
	var all []consoleOrder
	chosen := firstOf(at.Get(consoleEvery), "1")
	if at.Get(consoleHold) != "" {
		chosen = "0"
	}
	for _, pace := range []string{"1", "2", "5", "10", "0"} {
		o := consoleOrder{Label: pace + " s", Current: "false", Link: consoleLink(path, with(with(at, consoleEvery, pace), consoleHold, ""))}
		switch pace {
		case "0":
			o.Label, o.Link = "Hold", consoleLink(path, with(at, consoleHold, strconv.FormatInt(time.Now().Unix(), 36)))
		case "1":
			o.Link = consoleLink(path, with(with(at, consoleEvery, ""), consoleHold, ""))
		}
		if pace == chosen {
			o.Current, o.On = "true", true
		}
		if o.On && pace == "0" {
			o.Link = consoleLink(path, at)
		}
		all = append(all, o)
	}
	return all
}

// consoleBulk are the verbs for all jobs that fit, where more than one has them.
func (s *Site) consoleBulk(v *consoleView, in widgets.In, q console.Query, at url.Values) {
	for _, verb := range console.Bulk() {
		able := len(s.Console.Able(in.User, q, verb))
		if able < 2 {
			continue
		}
		b := consoleVerbLink{Verb: verb, Label: console.VerbLabel(verb) + " all " + group(int64(able)), Class: "gr-button gr-small"}
		if verb == console.Cancel {
			b.Class += " gr-danger"
		}
		b.Link = consoleLink(v.Path, with(with(at, consoleVerb, verb), consoleTarget, consoleAll))
		v.Bulk = append(v.Bulk, b)
	}
}

func (s *Site) consoleDetail(path string, d *console.JobDetail, at url.Values) *consoleDetail {
	if d == nil {
		return nil
	}
	c := &consoleDetail{Label: d.Label, Facts: d.Facts, Progress: s.progressURL(d.ID), Close: consoleLink(path, with(at, consoleJob, ""))}
	for n, step := range d.Steps {
		var more []string
		for _, word := range []string{step.Attempt, step.By, step.Node} {
			if word != "" {
				more = append(more, word)
			}
		}
		if step.After != "" {
			step.After = "after " + step.After
		}
		c.Steps = append(c.Steps, consoleStep{
			Key: "s" + strconv.Itoa(n), At: step.At.Local().Format(time.TimeOnly), After: step.After, To: step.To, Pill: pill(step.Level), More: strings.Join(more, " · "),
		})
	}
	for n, line := range d.Log {
		c.Log = append(c.Log, consoleLine{"l" + strconv.Itoa(n), line})
	}
	return c
}

func traceOf(path string, t *console.TraceState, at url.Values) *consoleTrace {
	if t == nil || t.Of == "" {
		return nil
	}
	c := &consoleTrace{On: t.On && t.May, Text: "The last trace was of " + t.Of + ": " + many(t.Seen, "message") + "."}
	if t.On {
		c.Text = "Of " + t.Of + ": " + many(t.Actors, "actor") + ", " + many(t.Seen, "message") + " so far, for another " + strconv.Itoa(int(t.Left.Seconds())+1) + " s."
		c.Stop = consoleLink(path, with(with(at, consoleVerb, console.Unfollow), consoleTarget, t.Of))
	}
	return c
}

func consoleLink(path string, at url.Values) linkView {
	q := at.Encode()
	if q == "" {
		return linkView{Href: path}
	}
	return linkView{Href: path + "?" + q, To: q}
}

// with is an address with one word changed, "" to leave it out.
func with(at url.Values, word, value string) url.Values {
	next := url.Values{}
	for k, v := range at {
		next[k] = slices.Clone(v)
	}
	next.Del(word)
	if value != "" {
		next.Set(word, value)
	}
	return next
}

func consoleSorts(path string, at url.Values) []consoleOrder {
	var all []consoleOrder
	for _, sort := range append([]string{""}, console.Sorts()...) {
		o := consoleOrder{Label: "By " + sort, Current: "false", Link: consoleLink(path, with(at, consoleSort, sort))}
		if sort == "" {
			o.Label = "Tree"
		}
		if at.Get(consoleSort) == sort {
			o.Current, o.On = "true", true
		}
		all = append(all, o)
	}
	return all
}

func (s *Site) consoleRows(v *consoleView, t console.Table, q console.Query, at url.Values) {
	page := q.Page
	for _, c := range t.Columns {
		h := consoleHead{Label: c.Label}
		if c.Number {
			h.Class = "gr-num"
		}
		v.Heads = append(v.Heads, h)
	}
	for _, r := range t.Rows {
		row := consoleRow{Key: r.Key, Name: r.Name}
		for _, verb := range r.Verbs {
			v.Verbs = true
			button := consoleVerbLink{Verb: verb, Label: console.VerbLabel(verb), Class: "gr-button gr-small gr-danger"}
			if verb == console.Pause || verb == console.Resume || verb == console.Follow {
				button.Class = "gr-button gr-small"
			}
			button.Link = consoleLink(v.Path, with(with(at, consoleVerb, verb), consoleTarget, r.Target))
			row.Verbs = append(row.Verbs, button)
		}
		for n, c := range r.Cells {
			column := t.Columns[n]
			most := widestCell
			if column.Name == "id" {
				most = 8
			}
			cell := consoleCell{Column: column.Name, Label: column.Label, Class: v.Heads[n].Class, Text: cut(c.Text, most), Title: c.Title}
			if cell.Text != c.Text && cell.Title == "" {
				cell.Title = c.Text
			}
			if c.Level != "" && c.Text != "" {
				cell.Pill = pill(c.Level)
			}
			if n == 0 && page == console.Actors {
				cell.Indent = strings.Repeat("\u2003", r.Depth)
				if r.Depth > 0 && cell.Title == "" {
					cell.Title = c.Text
				}
				if r.Depth > 0 { // the parents stand above it
					cell.Text = cut(c.Text[strings.LastIndexByte(c.Text, '/')+1:], most)
				}
				if r.Branch != "" {
					cell.Mark, cell.MarkLabel = "▸", "Open "+r.Name
					if r.Open {
						cell.Mark, cell.MarkLabel = "▾", "Close "+r.Name
					}
					cell.Toggle = consoleLink(v.Path, with(at, consoleOpen, q.Toggle(r.Branch).Open))
				}
			}
			switch {
			case r.Page != "" && column.Name == "name":
				cell.Href = s.consoleURL(r.Page) + "?" + url.Values{consoleSearch: {r.Find}}.Encode()
			case page == console.Jobs && column.Name == "id":
				cell.Steps, cell.Toggle = true, consoleLink(v.Path, with(at, consoleJob, r.Key))
			case page == console.Jobs && column.Name == "label":
				cell.Href = s.progressURL(r.Key)
			case page != console.Actors && page != console.Overview && (column.Name == "actor" || column.Name == "to"):
				cell.Href = s.consoleURL(console.Actors) + "?" + url.Values{consoleSearch: {c.Text}}.Encode()
			}
			row.Cells = append(row.Cells, cell)
		}
		v.Rows = append(v.Rows, row)
	}
}

// consoleQuestion is the dialog of a verb that waits for its answer; nil once its row is gone, or has no such verb.
func (s *Site) consoleQuestion(path string, in widgets.In, t console.Table, query console.Query, at url.Values) *consoleAsk {
	verb, target, csrf := at.Get(consoleVerb), at.Get(consoleTarget), in.CSRF
	no := consoleLink(path, with(with(at, consoleVerb, ""), consoleTarget, ""))
	if (target == consoleAll || strings.Contains(target, ",")) && query.Page == console.Jobs {
		able := len(s.consoleAble(in, at, verb, target))
		q := console.AskAll(verb, able)
		if q.Title == "" || able == 0 {
			return nil
		}
		return &consoleAsk{Title: q.Title, Text: q.Text, Yes: q.Yes, Path: no.Href, CSRF: csrf, Verb: verb, Target: target, Count: strconv.Itoa(able), No: no}
	}
	if verb == console.Unfollow && query.Page == console.Trace {
		return &consoleAsk{Title: "End the trace?", Text: "What was noted stays to be read.", Yes: "Yes, end it", Path: no.Href, CSRF: csrf, Verb: verb, Target: target, No: no}
	}
	n := slices.IndexFunc(t.Rows, func(r console.Row) bool { return slices.Contains(r.Verbs, verb) && r.Target == target })
	if n < 0 {
		return nil
	}
	q := console.Ask(verb, cut(t.Rows[n].Name, 80))
	return &consoleAsk{
		Title: q.Title, Text: q.Text, Yes: q.Yes, Path: no.Href, CSRF: csrf, Verb: verb, Target: target, No: no,
	}
}

// nothingOn is what a table of the console says when it has no rows.
func nothingOn(page string, filtered bool) string {
	switch page {
	case console.Jobs:
		if filtered {
			return "No job fits."
		}
		return "No action runs, or ended within the last 30 seconds."
	case console.Nodes:
		return "Jobs are remembered by this process alone."
	case console.Log:
		return "No warning since the server started."
	case console.Trace:
		return "No message has been noted. Start a trace at an actor's row."
	case console.Find:
		return "Search for an actor, a job, a user, a session or a node."
	case console.Failures:
		return "No actor has failed since the server started."
	case console.Dead:
		return "Every message has reached somebody since the server started."
	}
	return "Nothing that fits."
}
