package pages

import (
	"context"
	"time"

	"greenroom/jobs"
	"greenroom/widgets"
)

// trayState is what every page of a person knows of their jobs.
type trayState struct {
	// settled are the runs of which is known that they ended; those that end later are told.
	settled map[string]bool
	View    trayView
}

type trayView struct {
	Running string // how many, "" for none
	Jobs    []trayItem
	All     string
}

type trayItem struct{ Key, URL, Label, State, Pill string }

var trayTemplate = must("tray.html")

// trayWidget is one for all pages of a person. It tells each of them when a job ends.
func (s *Site) trayWidget() widgets.Widget {
	return widgets.Widget{
		Name: "tray", Bare: true, Template: trayTemplate,
		Shared: func(in widgets.In) string { return "tray of " + in.User.ID },
		Mount: func(_ context.Context, in widgets.In) (any, error) {
			return s.trayOf(in), nil
		},
		Topics: func(in widgets.In) []string { return []string{jobs.OwnerTopic(in.User.ID)} },
		// What the news say does not matter: of several that wait only the newest is handed over, and each end is to be told.
		Notice: func(ctx context.Context, in widgets.In, state any, _ widgets.News) (any, error) {
			before := state.(*trayState)
			next, l := s.trayOf(in), in.Language
			for _, snap := range s.Jobs.Overview(in.User, true) {
				if next.settled[snap.ID] && !before.settled[snap.ID] {
					widgets.Tell(ctx, toastLevel(snap), l.Late(snap.Label)+": "+l.Inside(l.T(stateWords(snap)[1]))+", "+(&progressState{last: snap, at: time.Now()}).text(l))
				}
			}
			return next, nil
		},
	}
}

// mostTray is how many runs the tray names.
const mostTray = 5

func (s *Site) trayOf(in widgets.In) *trayState {
	u, l := in.User, in.Language
	t := &trayState{settled: map[string]bool{}, View: trayView{All: s.Prefix + "/jobs/"}}
	running := int64(0)
	for _, snap := range s.Jobs.Overview(u, true) {
		if snap.Settled() {
			t.settled[snap.ID] = true
		} else {
			running++
		}
		if words := stateWords(snap); len(t.View.Jobs) < mostTray {
			t.View.Jobs = append(t.View.Jobs, trayItem{snap.ID, s.progressURL(snap.ID), l.Late(snap.Label), l.T(words[1]), pill(words[0])})
		}
	}
	if running > 0 {
		t.View.Running = l.Number(running)
	}
	return t
}

func toastLevel(snap jobs.Snapshot) string {
	switch {
	case snap.State == jobs.Failed:
		return "error"
	case snap.WithErrors():
		return "warn"
	case snap.State == jobs.Succeeded:
		return "ok"
	}
	return "info"
}
