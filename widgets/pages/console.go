package pages

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/console"
	"greenroom/widgets"
)

// The words of a console page's address: what is searched for, the order, and a verb on a target that waits for its answer.
const (
	consoleName     = "console"
	consoleSearch   = "q"
	consoleSort     = "sort"
	consoleVerb     = "do"
	consoleTarget   = "on"
	longestSearch   = 200
	consoleInterval = time.Second
	widestCell      = 36 // characters; the rest is told by the tooltip
)

// consoleState is a page of the console. All of it follows from the address, so that the timer that mounts it again keeps what a person chose.
type consoleState struct{ View consoleView }

// consoleView is what console.html draws.
type consoleView struct {
	Title, Count, Up, Path string
	Search, Sort           string
	Tabs                   []consoleTab
	Alerts                 []consoleAlert
	Tiles                  []consoleTile
	Sorts                  []consoleOrder
	Ask                    *consoleAsk
	Heads                  []consoleHead
	Rows                   []consoleRow
	Verbs                  bool
	More, Empty            string
}

type (
	consoleTab   struct{ Label, URL, Current, Shortcut string }
	consoleAlert struct{ Key, Text, URL string }
	consoleTile  struct{ Label, Value, Note string }
	consoleOrder struct {
		Label, Current string
		On             bool
		Link           linkView
	}
	consoleAsk struct {
		Title, Text, Yes, Path, CSRF, Verb, Target string
		No                                         linkView
	}
	consoleHead struct{ Label, Class string }
	consoleRow  struct {
		Key, Name string
		Cells     []consoleCell
		Verbs     []consoleVerbLink
	}
	consoleVerbLink struct {
		Verb, Label, Class string
		Link               linkView
	}
	consoleCell struct{ Column, Label, Class, Text, Title, Href, Pill string }
)

// ConsolePage builds a page of the console; name is "" for the overview. ErrNotFound for a name that does not exist.
func (s *Site) ConsolePage(in widgets.In, name string) (*widgets.Page, error) {
	if s.Console == nil {
		return nil, notFound("This admin has no console.")
	}
	name = firstOf(name, console.Overview)
	if console.Label(name) == "" {
		return nil, notFound(NotFoundText(ErrNotFound))
	}
	if !s.Console.May(context.Background(), in.User, console.ViewRight) {
		return nil, widgets.ErrDenied
	}
	return &widgets.Page{Title: "Console", Crumbs: s.crumbs(), Section: s.consoleURL(""), Main: s.console, In: in}, nil
}

func (s *Site) consoleURL(page string) string {
	if page == "" || page == console.Overview {
		return s.Prefix + "/console/"
	}
	return s.Prefix + "/console/" + page + "/"
}

// consolePage is the page that a path of the console names.
func (s *Site) consolePage(path string) string {
	return firstOf(strings.Trim(strings.TrimPrefix(path, s.consoleURL("")), "/"), console.Overview)
}

var consoleTemplate = must("console.html")

func (s *Site) consoleWidget() widgets.Widget {
	return widgets.Widget{
		Name: consoleName, Label: "Console", Bare: true, Template: consoleTemplate, Refresh: consoleInterval,
		Mount: func(ctx context.Context, in widgets.In) (any, error) { return s.lookAt(ctx, in, rawQuery(in.Raw)) },
		Events: map[string]widgets.Handler{
			"go":     widgets.On(s.consoleGo).Latest(),
			"search": widgets.On(s.consoleSearch).Latest(),
			"narrow": widgets.On(s.consoleNarrow).Latest(),
			"forget": widgets.On(s.consoleForget),
			"run":    widgets.On(s.consoleRun),
		},
	}
}

type consoleEvent = widgets.Event[widgets.Form]

// consoleGo follows a link of the page.
func (s *Site) consoleGo(ctx context.Context, _ *consoleState, e consoleEvent) (*consoleState, error) {
	return s.consoleMove(ctx, e, rawQuery(e.Payload.Get("to")))
}

func (s *Site) consoleSearch(ctx context.Context, _ *consoleState, e consoleEvent) (*consoleState, error) {
	at := rawQuery(e.Raw)
	at.Set(consoleSearch, e.Payload.Get("value"))
	return s.consoleMove(ctx, e, at)
}

// consoleNarrow is the search form, sent as an event.
func (s *Site) consoleNarrow(ctx context.Context, _ *consoleState, e consoleEvent) (*consoleState, error) {
	return s.consoleMove(ctx, e, url.Values(e.Payload))
}

// consoleForget answers a question with no.
func (s *Site) consoleForget(ctx context.Context, _ *consoleState, e consoleEvent) (*consoleState, error) {
	return s.consoleMove(ctx, e, rawQuery(e.Raw), consoleVerb, consoleTarget)
}

// consoleRun answers it with yes. The right is checked by the console itself.
func (s *Site) consoleRun(ctx context.Context, _ *consoleState, e consoleEvent) (*consoleState, error) {
	said, err := s.Console.Do(ctx, e.In.User, e.Payload.Get("verb"), e.Payload.Get("target"))
	switch {
	case errors.Is(err, console.ErrNoVerb):
		return nil, widgets.ErrBadPayload
	case err != nil:
		return nil, err
	}
	e.Toast("ok", said)
	return s.consoleMove(ctx, e, rawQuery(e.Raw), consoleVerb, consoleTarget)
}

// consoleMove shows the page at another address, without some of its words.
func (s *Site) consoleMove(ctx context.Context, e consoleEvent, at url.Values, without ...string) (*consoleState, error) {
	for _, word := range without {
		at.Del(word)
	}
	next, err := s.lookAt(ctx, e.In, at)
	if err != nil {
		return nil, err
	}
	e.Address(consoleAddress(at))
	return next, nil
}

// consoleAddress keeps the words that a console page knows.
func consoleAddress(at url.Values) url.Values {
	kept := url.Values{}
	for _, word := range []string{consoleSearch, consoleSort, consoleVerb, consoleTarget} {
		if v := at.Get(word); v != "" {
			kept.Set(word, cut(v, longestSearch))
		}
	}
	return kept
}

// lookAt draws the page at an address.
func (s *Site) lookAt(ctx context.Context, in widgets.In, at url.Values) (*consoleState, error) {
	at = consoleAddress(at)
	page := s.consolePage(in.Path)
	r, err := s.Console.Look(ctx, in.User, console.Query{Page: page, Text: at.Get(consoleSearch), Sort: at.Get(consoleSort)})
	if err != nil {
		return nil, err
	}
	v := consoleView{
		Title: console.Label(page), Path: s.consoleURL(page), Search: at.Get(consoleSearch), Sort: at.Get(consoleSort),
		Up: "Up " + uptime(r.Totals.Up), Empty: nothingOn(page),
	}
	if page != console.Overview {
		v.Count = group(int64(r.Table.Matched))
	}
	if n := len(r.Table.Rows); n < r.Table.Matched && page != console.Overview {
		v.More = "The first " + group(int64(n)) + " are shown; search to see others."
	}
	for n, name := range console.Names() {
		tab := consoleTab{Label: console.Label(name), URL: s.consoleURL(name), Current: "false", Shortcut: strconv.Itoa(n + 1)}
		if name == page {
			tab.Current = "page"
		}
		v.Tabs = append(v.Tabs, tab)
	}
	for n, a := range r.Attention {
		to := s.consoleURL(a.Page)
		if a.Find != "" {
			to += "?" + url.Values{consoleSearch: {a.Find}}.Encode()
		}
		v.Alerts = append(v.Alerts, consoleAlert{"a" + strconv.Itoa(n), a.Text, to})
	}
	switch page {
	case console.Overview:
		v.Tiles = tiles(r.Totals)
	case console.Actors:
		v.Sorts = consoleSorts(v.Path, at)
	}
	s.consoleRows(&v, r.Table, page, at)
	v.Ask = consoleQuestion(v.Path, in.CSRF, r.Table, at)
	return &consoleState{View: v}, nil
}

func uptime(seconds float64) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

// tiles are the numbers of the overview.
func tiles(t console.Totals) []consoleTile {
	whole := func(n uint64) string { return group(int64(n)) }
	rate := func(per float64) string { return group(int64(per)) + "/s" }
	running, waiting := t.Unfinished()
	return []consoleTile{
		{"Open pages", group(int64(t.Pages)), many(t.SignIns, "sign-in")},
		{"Actors", group(int64(t.Actors)), group(int64(t.Busy)) + " busy, " + group(int64(t.Queued)) + " messages waiting"},
		{"Jobs", group(int64(running)), group(int64(waiting)) + " waiting"},
		{"Messages", rate(t.MessageRate), rate(t.EventRate) + " from people"},
		{"Patches", rate(t.PatchRate), sizeText(uint64(t.ByteRate)) + "/s"},
		{"Heap", sizeText(t.Heap), sizeText(t.Memory) + " in all"},
		{"Goroutines", whole(t.Goroutines), ""},
		{"Failures", whole(t.Failures), whole(t.Restarts) + " restarts, " + whole(t.Dead) + " dead letters"},
	}
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return group(int64(n)) + " " + what + "s"
}

func sizeText(n uint64) string {
	switch {
	case n < 1000:
		return strconv.FormatUint(n, 10) + " B"
	case n < 1000<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
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
		o := consoleOrder{Label: "By " + firstOf(sort, "path"), Current: "false", Link: consoleLink(path, with(at, consoleSort, sort))}
		if at.Get(consoleSort) == sort {
			o.Current, o.On = "true", true
		}
		all = append(all, o)
	}
	return all
}

func (s *Site) consoleRows(v *consoleView, t console.Table, page string, at url.Values) {
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
			if verb == console.Pause || verb == console.Resume {
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
			switch {
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
func consoleQuestion(path, csrf string, t console.Table, at url.Values) *consoleAsk {
	verb, target := at.Get(consoleVerb), at.Get(consoleTarget)
	n := slices.IndexFunc(t.Rows, func(r console.Row) bool { return slices.Contains(r.Verbs, verb) && r.Target == target })
	if n < 0 {
		return nil
	}
	q := console.Ask(verb, cut(t.Rows[n].Name, 80))
	no := consoleLink(path, with(with(at, consoleVerb, ""), consoleTarget, ""))
	return &consoleAsk{
		Title: q.Title, Text: q.Text, Yes: q.Yes, Path: no.Href, CSRF: csrf, Verb: verb, Target: target, No: no,
	}
}

// nothingOn is what a table of the console says when it has no rows.
func nothingOn(page string) string {
	switch page {
	case console.Jobs:
		return "No action runs, or ended within the last 30 seconds."
	case console.Failures:
		return "No actor has failed since the server started."
	case console.Dead:
		return "Every message has reached somebody since the server started."
	}
	return "Nothing that fits."
}
