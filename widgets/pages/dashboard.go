package pages

import (
	"context"
	"time"

	"greenroom/widgets"
)

// indexName is the name of the dashboard's main widget.
const indexName = "tables"

// countsBudget is how long the dashboard waits for the counts of its tables; those that are not there by then are left out.
const countsBudget = 300 * time.Millisecond

// indexState is the list of tables below the dashboard's widgets.
type indexState struct {
	Apps  []appView
	Empty bool
}

type (
	appView struct {
		Label  string
		Tables []tableView
	}
	tableView struct{ Key, Label, URL, Count, AddURL, AddLabel string }
)

// Dashboard builds the first page: the site's widgets, then the tables.
func (s *Site) Dashboard(in widgets.In) (*widgets.Page, error) {
	return &widgets.Page{Title: in.T("Dashboard"), Slots: s.cards(), Main: s.index, In: in}, nil
}

var indexTemplate = must("dashboard.html")

func (s *Site) indexWidget() widgets.Widget {
	return widgets.Widget{
		Name: indexName, Label: "Tables", Bare: true, Template: indexTemplate,
		Mount: func(ctx context.Context, in widgets.In) (any, error) { return s.mountIndex(ctx, in), nil },
		Topics: func(in widgets.In) []string {
			var topics []string
			for _, m := range s.visible(context.Background(), in.User) {
				topics = append(topics, m.table().Topic())
			}
			return topics
		},
		Pace: 2 * time.Second,
	}
}

// visible are the models that the user may see.
func (s *Site) visible(ctx context.Context, u *widgets.User) []*Model {
	var models []*Model
	for _, m := range s.Models {
		if m.may(ctx, u, widgets.View, nil).Allow {
			models = append(models, m)
		}
	}
	return models
}

func (s *Site) mountIndex(ctx context.Context, in widgets.In) *indexState {
	models := s.visible(ctx, in.User)
	counts := s.counts(ctx, in.User, models)
	state := &indexState{Empty: len(models) == 0}
	place := map[string]int{}
	for _, m := range models {
		app := m.table().App
		n, known := place[app]
		if !known {
			n = len(state.Apps)
			place[app] = n
			state.Apps = append(state.Apps, appView{Label: app})
		}
		t := tableView{Key: m.table().ID(), Label: in.T(m.plural()), URL: m.url(), Count: countText(in.Language, counts[m.table().ID()])}
		if m.table().ReadOnly == "" && m.may(ctx, in.User, widgets.Add, nil).Allow {
			t.AddURL, t.AddLabel = m.addURL(), in.T("Add %s", m.one(in.Language))
		}
		state.Apps[n].Tables = append(state.Apps[n].Tables, t)
	}
	if len(state.Apps) == 1 {
		state.Apps[0].Label = in.T("Tables")
	}
	return state
}

// counts counts the tables one after the other, for as long as the budget lasts: a dashboard must not cost a database its processors.
func (s *Site) counts(ctx context.Context, u *widgets.User, models []*Model) map[string]widgets.Count {
	ctx, cancel := context.WithTimeout(ctx, countsBudget)
	defer cancel()
	counts := map[string]widgets.Count{}
	for _, m := range models {
		id := m.table().ID()
		counts[id] = widgets.Count{Unknown: true}
		if ctx.Err() != nil {
			continue
		}
		if n, err := m.Source.Count(ctx, widgets.Query{Filter: m.may(ctx, u, widgets.View, nil).Rows.And(m.live())}); err == nil {
			counts[id] = n
		}
	}
	return counts
}
