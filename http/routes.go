package http

import (
	"net/url"
	"slices"
	"strings"

	"greenroom/widgets"
	"greenroom/widgets/pages"
)

// route is a line of the route table. Patterns are matched segment by segment below the prefix; {name} takes one segment.
type route struct {
	pattern string
	// open routes are answered to anybody; all others need a sign-in, and a verb on the table when the pattern names one.
	open bool
	verb widgets.Verb
	// page builds what a GET shows and a POST acts on; serve answers routes that are no pages.
	page  func(g *Gate, in widgets.In, p params) (*widgets.Page, error)
	serve func(g *Gate, r *request)
}

// params are the segments that a pattern named.
type params struct {
	app, model, key, job, file, console string
	plugin                              string // the path of a plugin's page
	of                                  *pages.Model
}

// routes is every address of an admin.
var routes = []route{
	{pattern: "login/", open: true, serve: (*Gate).login},
	{pattern: "logout/", serve: (*Gate).logout},
	{pattern: "static/{hash}/{file}", open: true, serve: (*Gate).static},
	{pattern: "socket", serve: (*Gate).socket},
	{pattern: "", page: func(g *Gate, in widgets.In, _ params) (*widgets.Page, error) { return g.site.Dashboard(in) }},
	{pattern: "jobs/", page: func(g *Gate, in widgets.In, _ params) (*widgets.Page, error) { return g.site.JobsPage(in) }},
	{pattern: "progress/{job}/", page: func(g *Gate, in widgets.In, p params) (*widgets.Page, error) { return g.site.ProgressPage(in, p.job) }},
	{pattern: "progress/{job}/{file}", serve: (*Gate).jobFile},
	{pattern: "approvals/", page: func(g *Gate, in widgets.In, _ params) (*widgets.Page, error) { return g.site.ApprovalsPage(in) }},
	{pattern: "approvals/{job}/", page: func(g *Gate, in widgets.In, p params) (*widgets.Page, error) { return g.site.ApprovalPage(in, p.job) }},
	{pattern: "jobs/history/", page: func(g *Gate, in widgets.In, _ params) (*widgets.Page, error) { return g.site.JobHistoryPage(in) }},
	{pattern: "audit/", page: func(g *Gate, in widgets.In, _ params) (*widgets.Page, error) { return g.site.AuditPage(in) }},
	{pattern: "account/", page: func(g *Gate, in widgets.In, _ params) (*widgets.Page, error) { return g.site.AccountPage(in) }},
	{pattern: "users/", page: func(g *Gate, in widgets.In, _ params) (*widgets.Page, error) { return g.site.UsersPage(in) }},
	{pattern: "groups/", page: func(g *Gate, in widgets.In, _ params) (*widgets.Page, error) { return g.site.GroupsPage(in) }},
	{pattern: pages.SeeAsPath, serve: (*Gate).seeAs},
	{pattern: pages.SeeAsEnd, serve: (*Gate).seeAsOneself},
	{pattern: "audit/export/{file}", serve: (*Gate).exportAudit},
	{pattern: "metrics", serve: (*Gate).metrics},
	{pattern: "console/profile/{file}", serve: (*Gate).profile},
	{pattern: "console/ask", open: true, serve: (*Gate).ask}, // by a token of its own
	{pattern: "console/", page: func(g *Gate, in widgets.In, _ params) (*widgets.Page, error) { return g.site.ConsolePage(in, "") }},
	{pattern: "console/{console}/", page: func(g *Gate, in widgets.In, p params) (*widgets.Page, error) {
		return g.site.ConsolePage(in, p.console)
	}},
	{pattern: "{app}/{model}/", verb: widgets.View, page: func(g *Gate, in widgets.In, p params) (*widgets.Page, error) { return g.site.ListPage(in, p.of) }},
	{pattern: "{app}/{model}/export/{file}", verb: widgets.View, serve: (*Gate).export},
	{pattern: "{app}/{model}/import/", verb: widgets.Add, page: func(g *Gate, in widgets.In, p params) (*widgets.Page, error) {
		return g.site.ImportPage(in, p.of)
	}},
	{pattern: uploadPattern, verb: widgets.Add, serve: (*Gate).importFile},
	{pattern: "{app}/{model}/add/", verb: widgets.Add, page: func(g *Gate, in widgets.In, p params) (*widgets.Page, error) { return g.site.AddPage(in, p.of) }},
	{pattern: "{app}/{model}/{key}/change/", verb: widgets.View, page: func(g *Gate, in widgets.In, p params) (*widgets.Page, error) { return g.site.ChangePage(in, p.of) }},
	{pattern: "{app}/{model}/{key}/history/", verb: widgets.View, page: func(g *Gate, in widgets.In, p params) (*widgets.Page, error) { return g.site.HistoryPage(in, p.of) }},
	{pattern: filePattern, verb: widgets.View, serve: (*Gate).file},
	{pattern: "{app}/{model}/{key}/delete/", verb: widgets.Delete, page: func(g *Gate, in widgets.In, p params) (*widgets.Page, error) { return g.site.DeletePage(in, p.of) }},
}

// plugged is the route of every page that plugins add. It stands in no table of patterns: the site knows the addresses, and no two can be the same.
var plugged = route{pattern: pluginPattern, page: func(g *Gate, in widgets.In, p params) (*widgets.Page, error) { return g.site.PluginPage(in, p.plugin) }}

const pluginPattern = "{plugin}/"

// Reserved are the first parts of the admin's own addresses, which pages of plugins may not take.
func Reserved() []string {
	var all []string
	for _, r := range routes {
		if first, _, _ := strings.Cut(r.pattern, "/"); first != "" && !strings.HasPrefix(first, "{") && !slices.Contains(all, first) {
			all = append(all, first)
		}
	}
	return all
}

// find matches the raw path below the prefix with the pages of plugins and the table.
func (g *Gate) find(path string) (found *route, p params, slash bool) {
	if g.site.HasPluginPage(path) && !strings.HasPrefix(path, "/") && !strings.HasSuffix(path, "//") {
		if !strings.HasSuffix(path, "/") {
			return nil, params{}, true
		}
		return &plugged, params{plugin: path}, false
	}
	return find(path)
}

// find matches the raw path below the prefix. slash tells that the address lacks its final slash only.
func find(path string) (found *route, p params, slash bool) {
	for i := range routes {
		if p, ok := match(routes[i].pattern, path); ok {
			return &routes[i], p, false
		}
	}
	if !strings.HasSuffix(path, "/") {
		if found, _, _ := find(path + "/"); found != nil {
			return nil, params{}, true
		}
	}
	return nil, params{}, false
}

func match(pattern, path string) (params, bool) {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	var p params
	if len(want) != len(have) {
		return p, false
	}
	for i, segment := range want {
		if !strings.HasPrefix(segment, "{") {
			if segment != have[i] {
				return p, false
			}
			continue
		}
		value, err := url.PathUnescape(have[i])
		if err != nil || value == "" {
			return p, false
		}
		switch segment {
		case "{app}":
			p.app = value
		case "{model}":
			p.model = value
		case "{key}":
			p.key = have[i] // still encoded: its parts are joined by commas
		case "{job}":
			p.job = value
		case "{console}":
			p.console = value
		case "{file}":
			p.file = value
		}
	}
	return p, true
}

// Patterns lists the addresses of an admin below its prefix, as the route table has them.
func Patterns() []string {
	all := make([]string, len(routes), len(routes)+1)
	for i, r := range routes {
		all[i] = r.pattern
	}
	return append(all, plugged.pattern)
}
