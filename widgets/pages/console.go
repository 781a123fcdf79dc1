package pages

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/console"
	"greenroom/widgets"
)

// The words of a console page's address: what is searched for, the order, the filters, what of the tree is open, how often it is drawn, and a verb on a target
// that waits for its answer.
const (
	consoleName     = "console"
	consoleSearch   = "q"
	consoleSort     = "sort"
	consoleState    = "state"
	consoleKind     = "kind"
	consoleUser     = "user"
	consoleLevel    = "level"
	consoleOpen     = "open"
	consoleJob      = "job"
	consoleEvery    = "every"
	consoleHold     = "hold"
	consoleVerb     = "do"
	consoleTarget   = "on"
	consoleAll      = "*" // the target of a verb for all jobs that fit
	longestSearch   = 200
	longestOpen     = 2000
	consoleInterval = time.Second
	widestCell      = 36 // characters; the rest is told by the tooltip
)

// consoleWords are all of them.
var consoleWords = []string{
	consoleSearch, consoleSort, consoleState, consoleKind, consoleUser, consoleLevel, consoleOpen, consoleJob, consoleEvery, consoleHold, consoleVerb, consoleTarget,
}

// consolePicture is a page of the console. All of it follows from the address, so that the timer that mounts it again keeps what a person chose.
type consolePicture struct{ View consoleView }

// consoleView is what console.html draws.
type consoleView struct {
	Title, Count, Up, Path string
	Search, Find           string
	Everywhere             string // where the search goes on over everything, "" without one
	Hidden                 []consoleWord
	Fields                 []consoleWord
	States                 []consoleChoice
	StateLabel             string
	Tabs                   []consoleTab
	Alerts                 []consoleAlert
	Tiles                  []consoleTile
	Sorts                  []consoleOrder
	Paces                  []consoleOrder
	Bulk                   []consoleVerbLink
	Ask                    *consoleAsk
	Job                    *consoleDetail
	Trace                  *consoleTrace
	Heads                  []consoleHead
	Rows                   []consoleRow
	Verbs                  bool
	More, Empty            string
	Keys                   []console.Key
}

type (
	consoleTab   struct{ Label, URL, Current, Shortcut string }
	consoleAlert struct{ Key, Text, URL string }
	consoleTile  struct{ Label, Value, Note, Points, Area string }
	consoleWord  struct{ Name, Label, Value string }
	// consoleChoice is a state to filter by; Rest is what the select's own address has besides.
	consoleChoice struct {
		Value, Label string
		On           bool
	}
	consoleDetail struct {
		Label, Progress string
		Facts           []console.Fact
		Steps           []consoleStep
		Log             []consoleLine
		Close           linkView
	}
	consoleStep  struct{ Key, At, After, To, Pill, More string }
	consoleLine  struct{ Key, Text string }
	consoleTrace struct {
		Text string
		On   bool
		Stop linkView
	}
	consoleOrder struct {
		Label, Current string
		On             bool
		Link           linkView
	}
	consoleAsk struct {
		Title, Text, Yes, Path, CSRF, Verb, Target, Count string
		No                                                linkView
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
	consoleCell struct {
		Column, Label, Class, Text, Title, Href, Pill string
		Indent, Mark, MarkLabel                       string
		Steps                                         bool // Toggle leads to a job's steps
		Toggle                                        linkView
	}
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
	return &widgets.Page{Title: in.T("Console"), Crumbs: s.crumbs(in.Language), Section: s.consoleURL(""), Main: s.console, Files: []string{"console.js", "console.css"}, In: in}, nil
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
			"pick":   widgets.On(s.consolePick).Latest(),
			"forget": widgets.On(s.consoleForget),
			"run":    widgets.On(s.consoleRun),
		},
	}
}

type consoleEvent = widgets.Event[widgets.Form]

// consoleGo follows a link of the page.
func (s *Site) consoleGo(ctx context.Context, _ *consolePicture, e consoleEvent) (*consolePicture, error) {
	return s.consoleMove(ctx, e, rawQuery(e.Payload.Get("to")))
}

func (s *Site) consoleSearch(ctx context.Context, _ *consolePicture, e consoleEvent) (*consolePicture, error) {
	at := rawQuery(e.Raw)
	at.Set(consoleSearch, e.Payload.Get("value"))
	return s.consoleMove(ctx, e, at)
}

// consolePick filters by another state, or level.
func (s *Site) consolePick(ctx context.Context, _ *consolePicture, e consoleEvent) (*consolePicture, error) {
	word := consoleState
	if e.Payload.Get("word") == consoleLevel {
		word = consoleLevel
	}
	return s.consoleMove(ctx, e, with(rawQuery(e.Raw), word, e.Payload.Get("value")))
}

// consoleNarrow is the search form, sent as an event.
func (s *Site) consoleNarrow(ctx context.Context, _ *consolePicture, e consoleEvent) (*consolePicture, error) {
	return s.consoleMove(ctx, e, url.Values(e.Payload))
}

// consoleForget answers a question with no.
func (s *Site) consoleForget(ctx context.Context, _ *consolePicture, e consoleEvent) (*consolePicture, error) {
	return s.consoleMove(ctx, e, rawQuery(e.Raw), consoleVerb, consoleTarget)
}

// consoleRun answers it with yes. The right is checked by the console itself.
func (s *Site) consoleRun(ctx context.Context, _ *consolePicture, e consoleEvent) (*consolePicture, error) {
	verb, target, at := e.Payload.Get("verb"), e.Payload.Get("target"), rawQuery(e.Raw)
	var said string
	var err error
	if target == consoleAll || strings.Contains(target, ",") {
		able := s.consoleAble(e.In, at, verb, target)
		if asked, _ := strconv.Atoi(e.Payload.Get("count")); len(able) > asked {
			return nil, widgets.UserError("More jobs fit by now than you were asked about. Look again.")
		}
		said, err = s.Console.DoAll(ctx, e.In.User, verb, able)
	} else {
		said, err = s.Console.Do(ctx, e.In.User, verb, target)
	}
	switch {
	case errors.Is(err, console.ErrNoVerb):
		return nil, widgets.ErrBadPayload
	case err != nil:
		return nil, err
	}
	e.Toast("ok", said)
	at.Del(consoleHold) // what was done is to be seen
	return s.consoleMove(ctx, e, at, consoleVerb, consoleTarget)
}

// consoleAble are the jobs that a verb for many is for: all that fit, or those named that still have it.
func (s *Site) consoleAble(in widgets.In, at url.Values, verb, target string) []string {
	if target == consoleAll {
		return s.Console.Able(in.User, s.consoleQuery(in, at), verb)
	}
	named := strings.Split(target, ",")
	return slices.DeleteFunc(s.Console.Able(in.User, console.Query{Page: console.Jobs}, verb), func(id string) bool { return !slices.Contains(named, id) })
}

// consoleMove shows the page at another address, without some of its words.
func (s *Site) consoleMove(ctx context.Context, e consoleEvent, at url.Values, without ...string) (*consolePicture, error) {
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
	for _, word := range consoleWords {
		most := longestSearch
		if word == consoleOpen || word == consoleTarget {
			most = longestOpen
		}
		if v := at.Get(word); v != "" {
			kept.Set(word, cut(v, most))
		}
	}
	return kept
}

// consoleQuery is what an address asks the console.
func (s *Site) consoleQuery(in widgets.In, at url.Values) console.Query {
	return console.Query{
		Page: s.consolePage(in.Path), Text: at.Get(consoleSearch), Sort: at.Get(consoleSort), State: at.Get(consoleState), Kind: at.Get(consoleKind),
		User: at.Get(consoleUser), Level: at.Get(consoleLevel), Open: at.Get(consoleOpen), Job: at.Get(consoleJob),
	}
}
