package pages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"

	"greenroom/widgets"
)

// Plugin adds pages, entries of the navigation and cards of the dashboard to a site. What it declares is checked with everything else at the start; a
// fault of it is a fault of the declaration. What goes wrong later stays within it.
type Plugin struct {
	// Name tells plugins apart: letters, digits, '-' and '_'. Label is what people read, the heading of its entries in the navigation. Empty means made
	// from Name.
	Name, Label string
	// Pages are the plugin's own; each makes an entry of the navigation unless it is Hidden.
	Pages []PluginPage
	// Nav are further entries, such as links to other sites.
	Nav []NavItem
	// Widgets stand on the dashboard, after the site's own, sorted with them by Order. A Name must be unique there.
	Widgets []widgets.Widget

	failed atomic.Pointer[string] // why it is switched off
}

// PluginPage is a page at an address of its own below the admin's root.
type PluginPage struct {
	// Path is the address below the root: "auth/providers". Slashes at its ends do not count. Its first part must not be one of the admin's own, nor
	// the schema of a table.
	Path string
	// Name tells the page apart from all others of all plugins; empty means made from Path. Label is the page's heading and entry. Empty means the name
	// in words: "Auth providers" of auth_providers.
	Name, Label string
	// Section is the group of the navigation; empty means the plugin's Label. Order sorts the entries of a group, the least first. Icon is an SVG of
	// 16 by 16 before the label.
	Section string
	Order   int
	Icon    template.HTML
	// Permissions must all be held: for the entry, for the page, and for each event on it.
	Permissions []string
	// Hidden leaves the page out of the navigation.
	Hidden bool
	// Main is the page's own content, Widgets stand in cards above it. One of the two must be there.
	Main    *widgets.Widget
	Widgets []widgets.Widget
}

// NavItem is an entry of the navigation. Without a Section it stands under its plugin's Label, or under "More" when it is the site's own.
type NavItem struct {
	// Label is what people read. URL is where it leads: an address below the admin's root ("auth/providers/"), a path of this server ("/docs/"), or
	// https://….
	Label, URL string
	Section    string
	Order      int
	Icon       template.HTML
	// Permissions must all be held, else the entry is absent. Without any everybody sees it.
	Permissions []string
}

// pluginPage is a PluginPage as it is served.
type pluginPage struct {
	PluginPage
	plugin *Plugin
	main   *widgets.Class
	slots  []*widgets.Class
}

// navEntry is a NavItem with what its plugin decides.
type navEntry struct {
	NavItem
	plugin *Plugin // nil for the site's own
}

// ErrSwitchedOff is returned for a page of a plugin that could not start.
var ErrSwitchedOff = errors.New("pages: the plugin of this page could not start")

// SwitchOff takes a plugin out of use, because it could not start: its entries and cards are gone, and its pages say that they are not available.
func (s *Site) SwitchOff(name, why string) {
	for _, p := range s.Plugins {
		if p.Name == name {
			p.failed.Store(&why)
		}
	}
}

// off tells whether a plugin is out of use; no plugin never is.
func (p *Plugin) off() bool { return p != nil && p.failed.Load() != nil }

// HasPluginPage tells whether an address below the root is a plugin's.
func (s *Site) HasPluginPage(path string) bool { return s.plugged[strings.Trim(path, "/")] != nil }

// PluginPage builds the page of a plugin at an address below the root.
func (s *Site) PluginPage(in widgets.In, path string) (*widgets.Page, error) {
	p := s.plugged[strings.Trim(path, "/")]
	switch {
	case p == nil:
		return nil, ErrNotFound
	case !s.holds(context.Background(), in.User, p.Permissions):
		return nil, widgets.ErrDenied
	case p.plugin.off():
		return nil, fmt.Errorf("%w: %s", ErrSwitchedOff, p.plugin.Name)
	}
	return &widgets.Page{Title: p.Label, Head: p.Label, Crumbs: s.crumbs(in.Language), Section: s.pluginURL(p.Path), Slots: p.slots, Main: p.main, In: in}, nil
}

// holds asks the Decider for permissions that are about no table; none are everybody's.
func (s *Site) holds(ctx context.Context, u *widgets.User, permissions []string) bool {
	return len(permissions) == 0 || s.Decider.Decide(ctx, u, widgets.View, widgets.Subject{Permissions: permissions}).Allow
}

func (s *Site) pluginURL(path string) string { return s.Prefix + "/" + path + "/" }

// words makes a label of a name: "Auth providers" of auth_providers.
func words(name string) string {
	text := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '/' {
			return ' '
		}
		return r
	}, name))
	for at, r := range text {
		return string(unicode.ToUpper(r)) + text[at+len(string(r)):]
	}
	return text
}

// plugins checks the plugins and makes their pages and entries.
func (p *preparation) plugins() {
	s := p.site
	s.plugged, s.entries = map[string]*pluginPage{}, nil
	for _, item := range s.Nav {
		p.entry(nil, item)
	}
	byName, names := map[string]bool{}, map[string]string{}
	for n, plugin := range s.Plugins {
		place := fmt.Sprintf("plugin %q", plugin.Name)
		switch {
		case plugin.Name == "":
			p.plugin(fmt.Sprintf("plugin %d", n+1), "give it a Name", "a plugin must have a Name")
			continue
		case unfit.MatchString(plugin.Name):
			p.plugin(place, "use letters, digits, '-' and '_' only", "the name %q does not fit", plugin.Name)
			continue
		case byName[plugin.Name]:
			p.plugin(place, "use it once, or give one another Name", "a plugin named %q is in use already", plugin.Name)
			continue
		}
		byName[plugin.Name] = true
		plugin.Label = firstOf(plugin.Label, words(plugin.Name))
		for _, page := range plugin.Pages {
			p.page(plugin, page, names)
		}
		for _, item := range plugin.Nav {
			p.entry(plugin, item)
		}
	}
	slices.SortStableFunc(s.entries, func(a, b navEntry) int { return cmp.Compare(a.Order, b.Order) })
}

func (p *preparation) plugin(place, hint, format string, args ...any) {
	p.found(FindPlugin, place, hint, fmt.Errorf("pages: %s: "+format, append([]any{place}, args...)...))
}

// page checks a plugin's page: its address and its name are nobody else's, and it shows something.
func (p *preparation) page(plugin *Plugin, page PluginPage, names map[string]string) {
	s := p.site
	page.Path = strings.Trim(page.Path, "/")
	place := fmt.Sprintf("plugin %q: page %q", plugin.Name, page.Path)
	first, _, _ := strings.Cut(page.Path, "/")
	page.Name = firstOf(page.Name, strings.ReplaceAll(page.Path, "/", "_"))
	page.Label = firstOf(page.Label, words(page.Name))
	switch {
	case !plainPath.MatchString(page.Path):
		p.plugin(place, "such as auth/providers", "a Path has letters, digits, '-', '_' and '.' between its slashes")
		return
	case slices.Contains(s.Reserved, first):
		p.plugin(place, "begin it with the plugin's name: "+plugin.Name+"/"+page.Path, "%q is where pages of the admin itself stand", first+"/")
		return
	case slices.ContainsFunc(s.Models, func(m *Model) bool { return m != nil && m.site != nil && m.table().App == first }):
		p.plugin(place, "begin it with the plugin's name: "+plugin.Name+"/"+page.Path, "%q is where the tables of a schema stand", first+"/")
		return
	case s.plugged[page.Path] != nil:
		p.plugin(place, "give one another Path", "plugin %q has a page at this address already", s.plugged[page.Path].plugin.Name)
		return
	case names[page.Name] != "":
		p.plugin(place, "give one another Name", "plugin %q has a page named %q already", names[page.Name], page.Name)
		return
	case page.Main == nil && len(page.Widgets) == 0:
		p.plugin(place, "set Main or Widgets", "the page shows nothing")
		return
	}
	names[page.Name] = plugin.Name
	made := &pluginPage{PluginPage: page, plugin: plugin}
	main := ""
	guarded := func(w widgets.Widget) widgets.Widget {
		if len(page.Permissions) == 0 {
			return w
		}
		return widgets.Guarded(w, func(ctx context.Context, u *widgets.User) bool { return s.holds(ctx, u, page.Permissions) })
	}
	if page.Main != nil {
		w := guarded(*page.Main)
		w.Bare = true
		main = w.Name
		made.main = p.compile(place+": Main", w)
	}
	var above []widgets.Widget
	for _, w := range page.Widgets {
		above = append(above, guarded(w))
	}
	made.slots = p.slots(place+": Widgets", above, main)
	s.plugged[page.Path] = made
	if !page.Hidden {
		p.entry(plugin, NavItem{Label: page.Label, URL: page.Path + "/", Section: page.Section, Order: page.Order, Icon: page.Icon, Permissions: page.Permissions})
	}
}

// entry checks an entry of the navigation and finds its place.
func (p *preparation) entry(plugin *Plugin, item NavItem) {
	place, section := "Nav", "More"
	if plugin != nil {
		place, section = fmt.Sprintf("plugin %q: Nav", plugin.Name), plugin.Label
	}
	lower := strings.ToLower(item.URL)
	switch at, _, scheme := strings.Cut(lower, ":"); {
	case item.Label == "":
		p.plugin(place, "give it a Label", "an entry without a Label")
		return
	case scheme && !strings.Contains(at, "/") && at != "https" && at != "http" && at != "mailto":
		p.plugin(place, "a path, or https://…", "entry %q leads to %q, which no entry may", item.Label, item.URL)
		return
	case scheme && !strings.Contains(at, "/"), strings.HasPrefix(item.URL, "/"):
	case item.URL == "":
		item.URL = "#"
	default:
		item.URL = p.site.Prefix + "/" + item.URL
	}
	item.Section = firstOf(item.Section, section)
	p.site.entries = append(p.site.entries, navEntry{item, plugin})
}

// pluggedIn are the dashboard's cards: the site's own, and those of the plugins.
func (p *preparation) pluggedIn() {
	s := p.site
	all := slices.Clone(s.Widgets)
	for _, plugin := range s.Plugins {
		all = append(all, plugin.Widgets...)
	}
	s.dashboard = p.slots("dashboard", all, indexName)
	s.cardOf = map[string]*Plugin{}
	for _, plugin := range s.Plugins {
		for _, w := range plugin.Widgets {
			if !slices.ContainsFunc(s.Widgets, func(own widgets.Widget) bool { return own.Name == w.Name }) {
				s.cardOf[w.Name] = plugin
			}
		}
	}
}

// cards are the dashboard's, without those of plugins that are switched off.
func (s *Site) cards() []*widgets.Class {
	if !slices.ContainsFunc(s.Plugins, (*Plugin).off) {
		return s.dashboard
	}
	return slices.DeleteFunc(slices.Clone(s.dashboard), func(c *widgets.Class) bool { return s.cardOf[c.Name].off() })
}

// extras are the groups of entries that plugins and the site itself add, by the alphabet; the site's own without a section come last.
func (s *Site) extras(u *widgets.User, section string) []navGroup {
	var groups []navGroup
	for _, e := range s.entries {
		if e.plugin.off() || !s.holds(context.Background(), u, e.Permissions) {
			continue
		}
		at := slices.IndexFunc(groups, func(g navGroup) bool { return g.Label == e.Section })
		if at < 0 {
			at = len(groups)
			groups = append(groups, navGroup{Label: e.Section})
		}
		groups[at].Items = append(groups[at].Items, navLink{Label: e.Label, URL: e.URL, Icon: e.Icon, Current: e.URL == section})
	}
	slices.SortStableFunc(groups, func(a, b navGroup) int {
		if last := (a.Label == "More"); last != (b.Label == "More") {
			if last {
				return 1
			}
			return -1
		}
		return cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
	})
	return groups
}
