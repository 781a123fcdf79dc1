package pages

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"greenroom/console"
	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// Assets are the addresses of the client's files. Theme is a plain script that sets the remembered look before the first paint; "" leaves it out.
type Assets struct {
	CSS, JS, Theme  string
	Preload         []string
	Modules, Styles []string // of this page alone
	Static          string   // the folder of them all, with a slash at the end
}

// Document is a page as it is served: what was built, and what its widgets drew first.
type Document struct {
	Page    *widgets.Page
	Widgets []Drawn
	// Token and Socket let the page attach; without a token it stays as it is.
	Token, Socket string
	Assets        Assets
	User          *widgets.User
	CSRF          string
	// Flash is what the person is told once, such as what a form that led here did.
	Flash []widgets.Toast
}

// Drawn is a widget at its place with its live HTML.
type Drawn struct {
	widgets.Placed
	HTML []byte
}

type (
	documentView struct {
		Site, Environment, Home, Logout string
		Account                         string // of whoever looks
		Seeing                          *seeingView
		Heading                         string
		Lang, Dir, Words                string // of the language; Words are those that the client says itself
		Head                            string // drawn above the slots
		AtHome                          bool
		Crumbs                          []widgets.Crumb
		Groups                          []navGroup
		User, CSRF, Token, Socket       string
		Assets                          Assets
		Slots, Main, Side, Top          []widgetView
		Flash                           []widgets.Toast
		Shell                           template.HTML // what is in the body
	}
	navGroup struct {
		Label string
		Items []navLink
	}
	navLink struct {
		Label, URL string
		Icon       template.HTML
		Current    bool
		Go         string // the letter that leads there after g, "" for none
	}
	widgetView struct {
		Name, Label, Class string
		Slot               int
		// Bare leaves out the card; Class is that of the element in the grid.
		Bare bool
		// HTML is empty as long as the widget loads.
		HTML template.HTML
		// Waits draws lines in its place meanwhile.
		Waits bool
	}
)

// Document writes the whole page: shell, navigation, and the drawn widgets at their places. Nothing is written when it fails before.
func (s *Site) Document(w io.Writer, d Document) error {
	l := d.Page.In.Language
	v := documentView{
		Lang: l.Tag(), Dir: l.Dir(), Words: clientWords(l),
		Site: s.Title, Environment: s.Environment, Home: s.Prefix + "/", Logout: s.Prefix + "/logout/",
		Heading: d.Page.Title, Head: d.Page.Head, AtHome: len(d.Page.Crumbs) == 0 && d.Page.Section == "", Crumbs: d.Page.Crumbs,
		Groups: lettered(s.navigation(d.User, d.Page.Section, l)), CSRF: d.CSRF, Token: d.Token, Socket: d.Socket, Assets: d.Assets,
		Flash: d.Flash,
	}
	load := func(names []string) {
		for _, name := range names {
			at := d.Assets.Static + name
			to := &v.Assets.Modules
			if strings.HasSuffix(name, ".css") {
				to = &v.Assets.Styles
			}
			if !slices.Contains(*to, at) {
				*to = append(*to, at)
			}
		}
	}
	load(d.Page.Files)
	if d.User != nil && d.User.Behind != nil {
		load([]string{seeingStyles})
	}
	if d.User != nil {
		v.User = firstOf(d.User.Called(), d.User.ID)
		v.Seeing = s.seeing(d.User, d.CSRF)
		if s.Keyring != nil && v.Seeing == nil {
			v.Account = s.accountURL()
		}
	}
	for _, drawn := range d.Widgets {
		load(drawn.Styles)
		shown := widgetView{Name: drawn.Name, Label: drawn.Label, Slot: drawn.Slot, HTML: template.HTML(drawn.HTML), Waits: drawn.HTML == nil} //nolint:gosec // a view.Tree's own output
		switch drawn.Place {
		case widgets.InMain:
			shown.Bare, shown.Class, shown.Label = true, "gr-widget", ""
			v.Main = append(v.Main, shown)
		case widgets.InTop:
			shown.Bare, shown.Class, shown.Waits = true, "gr-top-widget", false
			v.Top = append(v.Top, shown)
		case widgets.InSide:
			shown.Bare, shown.Class = drawn.Bare, "gr-widget gr-"+string(drawn.Size)
			v.Side = append(v.Side, shown)
		default:
			shown.Bare, shown.Class = drawn.Bare, "gr-widget gr-"+string(drawn.Size)
			v.Slots = append(v.Slots, shown)
		}
	}
	tree, err := s.paper(l).shell.Render(&v)
	if err != nil {
		return fmt.Errorf("pages: draw the document: %w", err)
	}
	v.Shell = template.HTML(tree.AppendHTML(nil)) //nolint:gosec // the engine's own output
	out := documents.Get().(*bytes.Buffer)
	defer documents.Put(out)
	out.Reset()
	if err := s.paper(l).document.Execute(out, &v); err != nil {
		return fmt.Errorf("pages: draw the document: %w", err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("pages: write the document: %w", err)
	}
	return nil
}

// documents lends the memory in which pages are put together.
var documents = sync.Pool{New: func() any { return &bytes.Buffer{} }}

// navigation lists what the user may see, grouped by schema; a site with one schema needs no second word for it.
func (s *Site) navigation(u *widgets.User, section string, l *lang.Language) []navGroup {
	var groups []navGroup
	place := map[string]int{}
	for _, m := range s.Models {
		if !m.may(context.Background(), u, widgets.View, nil).Allow {
			continue
		}
		app := m.table().App
		n, known := place[app]
		if !known {
			n = len(groups)
			place[app] = n
			groups = append(groups, navGroup{Label: app})
		}
		groups[n].Items = append(groups[n].Items, navLink{Label: m.plural(), URL: m.url(), Current: m.table().ID() == section})
	}
	if len(groups) == 1 {
		groups[0].Label = "Tables"
	}
	groups = append(groups, s.extras(u, section)...)
	if s.Jobs != nil && s.Jobs.Remembers() {
		if last := len(groups) - 1; last < 0 || groups[last].Label != "More" {
			groups = append(groups, navGroup{Label: "More"})
		}
		more := &groups[len(groups)-1]
		if at := s.approvalsURL(); s.approves(context.Background(), u) {
			more.Items = append(more.Items, navLink{Label: "Approvals", URL: at, Current: at == section})
		}
		at := s.jobHistoryURL()
		more.Items = append(more.Items, navLink{Label: "Job history", URL: at, Current: at == section})
	}
	for i := range groups {
		groups[i].Label = l.T(groups[i].Label)
		for n := range groups[i].Items {
			groups[i].Items[n].Label = l.T(groups[i].Items[n].Label)
		}
	}
	if own := s.overseeing(u, section, l); own != nil {
		groups = append(groups, navGroup{Label: l.T("Admin"), Items: own})
	}
	return groups
}

// overseeing are the pages about the admin itself.
func (s *Site) overseeing(u *widgets.User, section string, l *lang.Language) []navLink {
	var links []navLink
	if s.Console != nil && s.Console.May(context.Background(), u, console.ViewRight) {
		links = append(links, navLink{Label: l.T("Console"), URL: s.consoleURL(""), Current: section == s.consoleURL("")})
	}
	if s.mayAudit(context.Background(), u) {
		links = append(links, navLink{Label: l.T("Audit"), URL: s.auditURL(), Current: section == s.auditURL()})
	}
	if s.finds(context.Background(), u) {
		links = append(links, navLink{Label: l.T("Users"), URL: s.usersURL(), Current: section == s.usersURL()})
	}
	if s.manages(u) {
		links = append(links, navLink{Label: l.T("Groups"), URL: s.groupsURL(), Current: section == s.groupsURL()})
	}
	return links
}

// LoginData is what the sign-in page shows. The password is never among it.
type LoginData struct {
	// Pending is set when the password was right and the code of the second factor is asked for; the form brings it back.
	Pending                     string
	CSRF, Next, Username, Error string
	Prefix                      string
	Assets                      Assets
	// SignedOut tells that the person just left.
	SignedOut bool
	// Language is the one that the browser asks for. Error is in it.
	Language *lang.Language
}

// Login writes the sign-in page, a plain document: there is no session and no actor before somebody signed in.
func (s *Site) Login(w io.Writer, d LoginData) error {
	prefix := firstOf(d.Prefix, s.Prefix)
	err := s.paper(d.Language).login.Execute(w, loginView{d, s.Title, s.Environment, prefix + "/login/"})
	if err != nil {
		return fmt.Errorf("pages: write the sign-in page: %w", err)
	}
	return nil
}

// ProblemData is what an error page shows: a short text and what to do, never the cause; that stands in the log under Incident.
type ProblemData struct {
	Status                      int
	Title, Text, Hint, Incident string
	// Prefix is where the dashboard is; "" means the Site's. User is who asked, nil for nobody.
	Prefix string
	Assets Assets
	User   *widgets.User
	CSRF   string
	// Language is the one to say it in; Title, Text and Hint are English, as the catalogue has them.
	Language *lang.Language
}

// Problem writes an error page. Empty fields get the status' usual words.
func (s *Site) Problem(w io.Writer, d ProblemData) error {
	usual := usualWords[d.Status]
	if d.Title == "" {
		d.Title, d.Text, d.Hint = firstOf(usual.Title, "Something went wrong"), firstOf(d.Text, usual.Text), firstOf(d.Hint, usual.Hint)
	}
	d.Title, d.Text, d.Hint = d.Language.T(d.Title), d.Language.Late(d.Text), d.Language.T(d.Hint)
	seeing := s.seeing(d.User, d.CSRF)
	if seeing != nil {
		d.Assets.Styles = []string{d.Assets.Static + seeingStyles}
	}
	err := s.paper(d.Language).problem.Execute(w, problemView{d, s.Title, firstOf(d.Prefix, s.Prefix) + "/", seeing})
	if err != nil {
		return fmt.Errorf("pages: write the error page: %w", err)
	}
	return nil
}

var usualWords = map[int]ProblemData{
	400: {Title: "The request does not fit", Text: "The page sent something that this admin does not understand.", Hint: "Go back, reload the page and try again."},
	403: {Title: "Not allowed", Text: "You do not have permission to see or do this.", Hint: "Ask whoever runs this admin for access."},
	404: {Title: "Not found", Text: "There is nothing at this address, or it is not yours to see.", Hint: "It may have been deleted or moved."},
	410: {Title: "No longer here", Text: "What stood at this address is gone."},
	429: {Title: "Too many requests", Text: "Please wait a moment before you try again."},
	500: {Title: "Something went wrong", Text: "The server could not show this page.", Hint: "Try again; if it stays so, tell whoever runs this admin the incident's number."},
	503: {Title: "Busy", Text: "The server has more open pages than it can serve.", Hint: "Try again in a moment."},
}
