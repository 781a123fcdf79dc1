package pages

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"greenroom/widgets"
)

// ShareViews is the permission to show a saved view to everybody, and to change those that are shown so.
const ShareViews = "lists.share"

const (
	// everyRow marks the address of the list as it is without a saved view, also where one opens the list.
	everyRow = "-"
	// mostViews is how many views a person may keep of a table, maxViewName how long a name may be in characters, maxViewQuery an address in bytes.
	mostViews    = 50
	maxViewName  = 60
	maxViewQuery = 4000
)

// opensWith is the address that the list opens with, "" for the plain list: the person's own choice before everybody's.
func (m *Model) opensWith(ctx context.Context, u *widgets.User) string {
	_, views := m.remembered(ctx, u)
	query := ""
	for _, v := range views {
		if !v.Opens {
			continue
		}
		values := rawQuery(v.Query)
		values.Set(wordView, v.ID)
		if query = values.Encode(); v.Owner == u.ID {
			break
		}
	}
	return query
}

// viewsView are the saved views as tabs, and the menu in which they are kept.
type viewsView struct {
	Tabs []tabView
	// Open is the view that the address was taken from, if it is one that the person may change; Changed says that the list shows something else by now.
	Open    *widgets.SavedView
	Changed bool
	// MayShare offers to show a view to everybody.
	MayShare bool
}

type tabView struct {
	ID, Label, Title, Current string
	Link                      linkView
}

func (g *grid) viewsView(ctx context.Context, u *widgets.User, path string, s *listState) *viewsView {
	if g.site.Memory == nil || u == nil {
		return nil
	}
	v := &viewsView{MayShare: g.mayShare(ctx, u)}
	tab := func(id, label, title string, at address) {
		at.view = id
		current := "false"
		if open := s.at.view; open == id || id == everyRow && !slices.ContainsFunc(s.views, func(v widgets.SavedView) bool { return v.ID == open }) {
			current = "page"
		}
		v.Tabs = append(v.Tabs, tabView{id, label, title, current, g.link(path, at)})
	}
	if len(s.views) > 0 {
		tab(everyRow, g.l.T("All"), "", address{trash: g.trash})
	}
	for _, saved := range s.views {
		at, _ := g.parse(rawQuery(saved.Query)) // without what this person may not see
		title := g.l.T("Only you see this view")
		if saved.Shared {
			title = g.l.T("Everybody sees this view")
		}
		tab(saved.ID, saved.Name, title, at)
		if s.at.view == saved.ID && g.mayChange(u, saved, v.MayShare) {
			v.Open, v.Changed = &saved, viewQuery(s.at) != viewQuery(at)
		}
	}
	return v
}

func (m *Model) mayShare(ctx context.Context, u *widgets.User) bool {
	return m.site.Decider.Decide(ctx, u, widgets.View, widgets.Subject{Table: m.table(), Permissions: []string{ShareViews}}).Allow
}

// mayChange tells whether a view is the person's to change: his own, or one that is shown to everybody.
func (m *Model) mayChange(u *widgets.User, v widgets.SavedView, mayShare bool) bool {
	return v.Owner == u.ID && (mayShare || !v.Shared) || v.Shared && mayShare
}

// viewQuery is what a view keeps of an address.
func viewQuery(at address) string {
	at = at.firstPage()
	at.view = ""
	return at.values().Encode()
}

// saveView keeps the list as it is shown: under a new name, or in place of the view of an id.
func (m *Model) saveView(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	if m.site.Memory == nil {
		return nil, widgets.ErrBadPayload
	}
	if _, err := m.see(ctx, e.In); err != nil {
		return nil, err
	}
	u := e.In.User
	views, err := m.site.Memory.Views(ctx, u.ID, m.table().ID())
	if err != nil {
		return nil, err
	}
	mayShare := m.mayShare(ctx, u)
	v := widgets.SavedView{Owner: u.ID, Table: m.table().ID()}
	own := 0
	for _, known := range views {
		if known.Owner == u.ID {
			own++
		}
	}
	if id := e.Payload.Get("id"); id != "" {
		at := slices.IndexFunc(views, func(v widgets.SavedView) bool { return v.ID == id })
		switch {
		case at < 0:
			return nil, widgets.UserError("This view does not exist any more.")
		case !m.mayChange(u, views[at], mayShare):
			return nil, widgets.ErrDenied
		}
		v = views[at]
	} else if own >= mostViews {
		return nil, widgets.UserError("You have " + group(mostViews) + " views of this table already; delete one first.")
	}
	v.Name, v.Query = strings.TrimSpace(oneLine(e.Payload.Get("name"))), viewQuery(s.at)
	v.Shared, v.Opens = ticked(e.Payload.Get("shared")), ticked(e.Payload.Get("opens"))
	switch {
	case v.Name == "":
		return nil, widgets.UserError("A view needs a name.")
	case utf8.RuneCountInString(v.Name) > maxViewName:
		return nil, widgets.UserError("A view's name has at most " + group(maxViewName) + " characters.")
	case len(v.Query) > maxViewQuery:
		return nil, widgets.UserError("This search is too long to be kept.")
	case v.Shared && !mayShare:
		return nil, widgets.ErrDenied
	}
	if v, err = m.site.Memory.KeepView(ctx, v); err != nil {
		return nil, err
	}
	e.Toast("ok", "View saved.")
	at := s.at
	at.view = v.ID
	return m.withViews(ctx, s, e, at)
}

// dropView deletes a view; the list stays as it is shown.
func (m *Model) dropView(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	if m.site.Memory == nil {
		return nil, widgets.ErrBadPayload
	}
	u := e.In.User
	_, views := m.remembered(ctx, u)
	at := slices.IndexFunc(views, func(v widgets.SavedView) bool { return v.ID == e.Payload.Get("id") })
	if at >= 0 {
		if !m.mayChange(u, views[at], m.mayShare(ctx, u)) {
			return nil, widgets.ErrDenied
		}
		if err := m.site.Memory.DropView(ctx, views[at].ID); err != nil {
			return nil, err
		}
		e.Toast("ok", "View deleted.")
	}
	place := s.at
	place.view = everyRow
	return m.withViews(ctx, s, e, place)
}

// withViews draws the list at an address that differs in its view only, with the views read anew.
func (m *Model) withViews(ctx context.Context, s *listState, e widgets.Event[widgets.Form], at address) (*listState, error) {
	g, err := m.see(ctx, e.In)
	if err != nil {
		return nil, err
	}
	next := *s
	next.at = at
	_, next.views = m.remembered(ctx, e.In.User)
	next.draw(ctx, e.In, g)
	e.Address(at.values())
	return &next, nil
}
