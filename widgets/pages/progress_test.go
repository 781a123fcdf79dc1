package pages

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"greenroom/jobs"
	"greenroom/widgets"
)

func inState(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return len(all(n, "[data-job-state="+name+"]")) == 1 }
}

func verbsOn(n *html.Node) string {
	var verbs []string
	for _, b := range all(n, "[data-verb]") {
		verbs = append(verbs, attr(b, "data-verb"))
	}
	return fmt.Sprint(verbs)
}

// TestVerbsOnTheProgressPage: each stands where it works, and does what it says.
func TestVerbsOnTheProgressPage(t *testing.T) {
	begun, step := make(chan struct{}, 10), make(chan struct{})
	h := open(t, func(h *house) {
		h.orders().Actions = []jobs.Action{jobs.On(jobs.Action{Name: "walk", Resumable: true, DryRun: true, Unique: jobs.PerRows},
			func(ctx context.Context, j *jobs.Job, rows jobs.Rows[widgets.Row], _ struct{}) error {
				err := jobs.Each(ctx, rows, func(ctx context.Context, row widgets.Row) error {
					begun <- struct{}{}
					select {
					case <-step:
					case <-ctx.Done():
						return ctx.Err()
					}
					if row.Key.String() == "2" {
						return widgets.UserError("Not this one.")
					}
					return nil
				})
				j.Result("Walked over <all>.")
				return err
			})}
	})
	h.stock(3)
	tb := h.list(ann, "orders", "")
	tb.send("select-page", "checked", "true")
	tb.send("ask", "action", "walk")
	if len(all(tb.dom(), "dialog button[name=dry]")) != 1 {
		t.Error("the dry run is not offered")
	}
	tb.send("run", "dry", "1")
	to := tb.last.Effects.Redirect
	p := h.show(h.site.ProgressPage(h.in(ann, nil, to), jobOf(to)))
	dom := p.wait("running", inState("running"))
	if verbsOn(dom) != "[pause cancel]" || len(all(dom, "[data-dry]")) != 1 {
		t.Error(verbsOn(dom))
	}
	// Somebody else starts the same on one of the rows, and is led here.
	other := h.list(ann, "orders", "")
	other.send("ask", "action", "walk", "key", "2")
	other.send("run", "key", "2")
	summary := only(t, other.dom(), ".gr-error-summary")
	if got := text(summary); !strings.Contains(got, "already running on this row") || attr(only(t, summary, "a"), "href") != to {
		t.Errorf("%q", got)
	}
	<-begun
	step <- struct{}{}
	<-begun
	p.send("pause")
	step <- struct{}{}
	dom = p.wait("paused", inState("paused"))
	if verbsOn(dom) != "[resume cancel]" || !strings.HasPrefix(text(only(t, dom, "[data-progress]")), "2 of 3 · 1 failed") {
		t.Errorf("%s %s", verbsOn(dom), text(only(t, dom, "[data-progress]")))
	}
	if told := p.send("stop"); !strings.Contains(told, "cancel it instead") && !strings.Contains(told, jobs.Supervise) {
		t.Errorf("told %q", told)
	}
	p.send("resume")
	step <- struct{}{}
	dom = p.wait("done", inState("succeeded"))
	if verbsOn(dom) != "[rerun]" || text(only(t, dom, "[data-result]")) != "Walked over <all>." {
		t.Errorf("%s %s", verbsOn(dom), text(only(t, dom, "[data-result]")))
	}
	link := only(t, dom, "a[download]")
	data, err := h.site.JobFile(h.in(ann, nil, to), jobOf(to), "failed.csv")
	if attr(link, "href") != to+"failed.csv" || err != nil || string(data) != "row,error,attempt\r\n2,Not this one.,1\r\n" {
		t.Errorf("%q %q %v", attr(link, "href"), data, err)
	}
	_, err = h.site.JobFile(h.in(&widgets.User{ID: "9"}, nil, to), jobOf(to), "failed.csv")
	mustErr(t, err, ErrNotFound)
	if told := p.send("pause"); told != "It has finished: there is nothing left to pause." {
		t.Errorf("told %q", told)
	}
	p.send("rerun")
	again := p.last.Effects.Redirect
	p.send("rerun")
	if again == "" || again == to || p.last.Effects.Redirect != again {
		t.Errorf("%q, and the second click %q", again, p.last.Effects.Redirect)
	}
	q := h.show(h.site.ProgressPage(h.in(ann, nil, again), jobOf(again)))
	q.wait("running", inState("running"))
	q.send("cancel")
	dom = q.wait("cancelled", inState("cancelled"))
	if attr(only(t, dom, "p a"), "href") != to || len(all(dom, "[data-dry]")) != 1 {
		t.Error("the repetition does not say of what")
	}
}

// TestARunOfADeadServerIsNotCalledRunning: what is known of it is what was stored, so the page neither says that it runs nor how fast, until it is seen to
// go on; and how fast it was before the crash says nothing of how fast it is.
func TestARunOfADeadServerIsNotCalledRunning(t *testing.T) {
	s := &Site{Prefix: "/admin"}
	snap := jobs.Snapshot{
		ID: "1", Label: "Refund", State: jobs.Running, Archived: true, Current: 3_000, Total: 10_000, Attempt: 1, OwnerID: "ann", Version: 5,
		Started: time.Now().Add(-time.Minute),
	}
	p := s.observe(nil, snap, widgets.In{User: &widgets.User{ID: "ann"}})
	if v := p.View; v.StateText != "Not on this server" || v.Text != "3,000 of 10,000" || !strings.Contains(v.Note, "went down") || len(v.Verbs) != 1 {
		t.Errorf("the page says %q, %q, %q and offers %v", v.StateText, v.Text, v.Note, v.Verbs)
	}
	next := func(ago time.Duration, change func(*jobs.Snapshot)) {
		p.at = p.at.Add(-ago)
		snap.Version++
		change(&snap)
		p = s.observe(p, snap, widgets.In{})
	}
	next(2*time.Second, func(s *jobs.Snapshot) { s.Current = 3_600 })
	if v := p.View; v.StateText != "Running" || !strings.Contains(v.Text, "300/s") || v.Note != "Another server runs this." {
		t.Errorf("seen to go on, it says %q, %q, %q", v.StateText, v.Text, v.Note)
	}
	next(20*time.Second, func(s *jobs.Snapshot) { s.Archived, s.State = false, jobs.Queued })
	next(time.Second, func(s *jobs.Snapshot) { s.State, s.Attempt, s.Started = jobs.Running, 2, time.Now() })
	if v := p.View; v.Text != "3,600 of 10,000" || v.Note != "" {
		t.Errorf("begun again, it says %q, %q", v.Text, v.Note)
	}
	next(2*time.Second, func(s *jobs.Snapshot) { s.Current = 3_800 })
	if v := p.View; v.StateText != "Running" || !strings.Contains(v.Text, "100/s") {
		t.Errorf("here, it says %q, %q", v.StateText, v.Text)
	}
}
