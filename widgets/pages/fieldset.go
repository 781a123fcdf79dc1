package pages

import (
	"context"
	"slices"
	"strconv"

	"greenroom/widgets"
)

// Fieldset is a group of fields on a form.
type Fieldset struct {
	// Title heads the group, Help stands below it. Empty means none.
	Title, Help string
	// Fields are the columns and computed columns of the group, in order.
	Fields []string
	// Closed folds the group away until somebody opens it, or something in it is wrong. It needs a Title.
	Closed bool
	// Tab puts the group on a tab of this name. Groups without one stand above the tabs.
	Tab string
}

// wordTab is the tab that a form's address opens.
const wordTab = "tab"

// groupView is a Fieldset as form.html draws it.
type groupView struct {
	Key, Title, Help string
	Hidden           bool // on another tab
	Fold, Open       bool
	Inputs           []inputView
	Links            []linksView
}

// tabLink is a tab of a form.
type tabLink struct{ Label, Href, Current, Faults string }

// fieldsets checks the groups of a form, and makes its fields of them.
func (p *preparation) fieldsets(m *Model) {
	if m.Form.Fieldsets == nil {
		return
	}
	id := m.table().ID()
	p.check(m.Form.Fields == nil, "%s: Form has Fields and Fieldsets; say it once", id)
	var names []string
	for n, set := range m.Form.Fieldsets {
		p.check(len(set.Fields) > 0, "%s: Form.Fieldsets: group %d has no Fields", id, n+1)
		p.check(!set.Closed || set.Title != "", "%s: Form.Fieldsets: group %d is Closed and has no Title: nobody could open it", id, n+1)
		names = append(names, set.Fields...)
	}
	m.fields = p.shown(m, "Form.Fieldsets", names)
	m.tabs = nil
	for _, set := range m.Form.Fieldsets {
		if set.Tab != "" && !slices.Contains(m.tabs, set.Tab) {
			m.tabs = append(m.tabs, set.Tab)
		}
	}
}

// tabOf is the tab on which a field stands, "" where there are none.
func (m *Model) tabOf(column string) string {
	for _, set := range m.Form.Fieldsets {
		if slices.Contains(set.Fields, column) {
			return set.Tab
		}
	}
	return ""
}

// openTab is the tab that is shown: the one chosen, unless something is wrong on another only.
func (m *Model) openTab(s *formState, faulty bool) string {
	tab := s.tab
	if len(m.tabs) == 0 {
		return tab
	}
	if !slices.Contains(m.tabs, tab) {
		tab = m.tabs[0]
	}
	if !faulty {
		return tab
	}
	first := ""
	for i := range s.fields {
		f := &s.fields[i]
		if at := m.tabOf(f.column.Name); (f.error != "" || f.theirs != nil) && at != "" {
			if at == tab {
				return tab
			}
			first = firstOf(first, at)
		}
	}
	return firstOf(first, tab)
}

// groups puts the inputs into their groups; without Fieldsets all are in one.
func (m *Model) groups(in widgets.In, s *formState, inputs []inputView) (groups []groupView, tabs []tabLink) {
	if m.Form.Fieldsets == nil {
		return []groupView{{Key: "fields", Inputs: inputs}}, nil
	}
	wrong := map[string]int{}
	for _, set := range m.Form.Fieldsets {
		g := groupView{Title: set.Title, Help: set.Help, Fold: set.Closed}
		for _, v := range inputs {
			if !slices.Contains(set.Fields, v.Field) {
				continue
			}
			g.Inputs = append(g.Inputs, v)
			if v.Error != "" || v.Theirs != nil {
				g.Open = true
				wrong[set.Tab]++
			}
		}
		g.Key = "group-" + firstOf(set.Title, set.Fields[0])
		g.Hidden = set.Tab != "" && set.Tab != s.tab
		if len(g.Inputs) > 0 { // else nobody may see any of it, or the database fills it in
			groups = append(groups, g)
		}
	}
	for _, label := range m.tabs {
		values := rawQuery(in.Raw)
		values.Set(wordTab, label)
		tab := tabLink{Label: label, Href: "?" + values.Encode(), Current: "false"}
		if label == s.tab {
			tab.Current = "page"
		}
		if n := wrong[label]; n > 0 {
			tab.Faults = strconv.Itoa(n)
		}
		tabs = append(tabs, tab)
	}
	return groups, tabs
}

// turnTab shows another tab; what was typed stays where it is.
func (m *Model) turnTab(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	tab := e.Payload.Get(wordTab)
	if !slices.Contains(m.tabs, tab) {
		return nil, widgets.ErrBadPayload
	}
	next := s.copied()
	next.whole = s.whole
	next.tab = tab
	return m.redrawForm(ctx, next, e.In)
}
