package pages

import (
	"context"
	"errors"

	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// jobVerbs are what people can do with a run. What the page shows then is the run's own word: "cancelling" until its body really returned.
func (s *Site) jobVerbs() map[string]widgets.Handler {
	if s.Jobs == nil { // there is no progress page then
		return nil
	}
	verb := func(name string, f func(context.Context, string, *widgets.User) (jobs.Snapshot, error)) widgets.Handler {
		return widgets.On(func(ctx context.Context, state *progressState, e widgets.Event[widgets.Form]) (*progressState, error) {
			undo, err := s.noteVerb(ctx, name, state)
			if err != nil {
				return nil, err
			}
			snap, err := f(ctx, jobOf(e.In.Path), e.In.User)
			if err != nil {
				undo("it was refused")
				return s.verbFailed(state, err)
			}
			return s.observe(state, snap, e.In), nil
		})
	}
	return map[string]widgets.Handler{
		"cancel": verb("cancel", s.Jobs.Cancel), "pause": verb("pause", s.Jobs.Pause), "resume": verb("resume", s.Jobs.Resume),
		"stop": verb("stop", s.Jobs.Stop), "release": verb("release", s.Jobs.Release), "rerun": widgets.On(s.rerunJob),
	}
}

// noteVerb writes down what somebody does with a run.
func (s *Site) noteVerb(ctx context.Context, name string, state *progressState) (undo func(why string), err error) {
	deed := widgets.DeedAction
	if name == "cancel" || name == "stop" {
		deed = widgets.DeedCancel
	}
	return s.note(ctx, widgets.AuditLine{Deed: deed, Table: state.last.Table, Text: name + ": " + state.last.Label + ", job " + state.last.ID})
}

// verbText is an error in words for people, if it has any.
func verbText(err error) (string, bool) {
	var said widgets.UserError
	switch {
	case errors.Is(err, jobs.ErrNotFound):
		return jobs.ErrNotFound.Error(), true
	case errors.Is(err, jobs.ErrBusy):
		return upper(innermost(err).Error()) + ".", true
	case errors.As(err, &said):
		return string(said), true
	}
	return "", false
}

// verbFailed passes on a sentence that was written for people.
func (s *Site) verbFailed(state *progressState, err error) (*progressState, error) {
	if errors.Is(err, jobs.ErrNotFound) && state.last.State.Final() {
		return nil, widgets.UserError("It is no longer kept. Start the action again from its list.")
	}
	if said, ok := verbText(err); ok {
		return nil, widgets.UserError(said)
	}
	return nil, err
}

// rerunJob starts the action again, over what its selection has now, and leads to the new run.
func (s *Site) rerunJob(ctx context.Context, state *progressState, e widgets.Event[widgets.Form]) (*progressState, error) {
	undo, err := s.noteVerb(ctx, "rerun", state)
	if err != nil {
		return nil, err
	}
	id, err := s.Jobs.Rerun(ctx, jobOf(e.In.Path), e.In.User, firstOf(e.Payload.Get("token"), state.token))
	if err != nil {
		undo("it did not start")
		return s.verbFailed(state, err)
	}
	e.Redirect(s.progressURL(id))
	return state, nil
}

// verbs are the buttons that fit the state and the person. The supervisor of jobs refuses what does not fit, whatever was shown.
func (p *progressState) verbs(u *widgets.User, l *lang.Language) (verbs []verbView, waiting string) {
	snap := p.last
	chief := u != nil && u.Has(jobs.Supervise)
	add := func(event, label, busy, class, confirm string) {
		verbs = append(verbs, verbView{Event: event, Label: l.T(label), Busy: l.T(busy), Class: "gr-button" + class, Confirm: l.T(confirm), Token: p.token})
	}
	again := "Run the action again, over the rows that the selection has now?"
	if snap.Archived {
		again = "Run the action again, over the same rows?"
	}
	switch snap.State {
	case jobs.Queued:
		add("pause", "Pause", "Pausing…", "", "")
	case jobs.Running:
		if snap.Resumable {
			add("pause", "Pause", "Pausing…", "", "")
		}
	case jobs.Pausing:
		waiting = l.T("Pausing…")
	case jobs.Paused:
		add("resume", "Resume", "Resuming…", " gr-primary", "")
	case jobs.Cancelling:
		waiting = l.T("Cancelling…")
	case jobs.Failed:
		if snap.Resumable {
			add("resume", "Go on where it stopped", "Resuming…", " gr-primary", "")
		}
	case jobs.Succeeded, jobs.Cancelled: // for good
	}
	switch {
	case snap.State.Final() && snap.Archived && !snap.Resumable: // its rows are not known any more
	case snap.State.Final():
		add("rerun", "Run again", "Starting…", "", again)
	case snap.State != jobs.Cancelling:
		add("cancel", "Cancel", "Cancelling…", " gr-danger", "")
	}
	if chief && (snap.Stuck || elsewhere(snap) && waiting != "") {
		add("stop", "Stop by force", "Stopping…", " gr-danger",
			"Give this run up? Its code cannot be ended: it may still have effects, and keeps its slot and its rows until it returns.")
	}
	if chief && snap.Zombie {
		add("release", "Release its slot", "Releasing…", " gr-danger", "Give its slot to others although its code still runs?")
	}
	return verbs, waiting
}
