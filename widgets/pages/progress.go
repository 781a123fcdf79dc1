package pages

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"net/url"
	"strings"
	"time"

	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// progressName is the name of the progress page's main widget.
const progressName = "progress"

// progressState is a job's progress as one page shows it.
type progressState struct {
	// last is the newest snapshot, which came at at.
	last jobs.Snapshot
	pace pace
	at   time.Time
	// moves says that a run of another server was seen to go on.
	moves bool
	// token makes a second click on "Run again" lead to the run that the first one started.
	token string

	View progressView
}

// progressView is what progress.html draws.
type progressView struct {
	CSRF, State, Title   string
	Pill, StateText      string
	Known                bool // the total
	Current, Total       int64
	Percent              int
	Text, Message, Owner string
	ApprovedBy           string
	Note, Stuck          string
	Error, Incident      string
	Lines                []lineView
	Skipped              string
	Verbs                []verbView
	Waiting              string // the word on the button while what was asked for goes on
	Result               string
	DryRun               bool
	Files                []fileView
	Rerun                string // the address of the run that this one repeats
	Final                bool
	Back, BackLabel      string
}

// verbView is a button: the event, its words, what it asks before, and its class.
type verbView struct{ Event, Label, Busy, Confirm, Class, Token string }

// fileView is what the run left to download.
type fileView struct{ URL, Label string }

type lineView struct {
	Key, Text, Times string
}

// ProgressPage builds the page of a job. Unknown, foreign and expired jobs are the same ErrNotFound.
func (s *Site) ProgressPage(in widgets.In, jobID string) (*widgets.Page, error) {
	snap, err := s.job(jobID, in.User)
	if err != nil {
		return nil, err
	}
	page := &widgets.Page{Title: snap.Label, Crumbs: s.crumbs(in.Language), Section: snap.Table, Main: s.progress, In: in}
	if m := s.models[snap.Table]; m != nil {
		page.Crumbs = m.crumbs(in.Language)
	}
	return page, nil
}

// JobFile is what a job left under a name, for its owner and supervisors.
func (s *Site) JobFile(in widgets.In, jobID, name string) ([]byte, error) {
	if s.Jobs == nil {
		return nil, notFound(jobs.ErrNotFound.Error())
	}
	data, err := s.Jobs.File(jobID, name, in.User)
	if err != nil {
		return nil, notFound("There is no such file, or it is no longer kept.")
	}
	return data, nil
}

func (s *Site) job(id string, u *widgets.User) (jobs.Snapshot, error) {
	if s.Jobs == nil {
		return jobs.Snapshot{}, notFound(jobs.ErrNotFound.Error())
	}
	snap, err := s.Jobs.Get(id, u)
	if errors.Is(err, jobs.ErrNotFound) {
		return snap, notFound(jobs.ErrNotFound.Error())
	}
	return snap, err
}

// jobOf is the job's ID in a progress page's path: its last segment.
func jobOf(path string) string {
	path = strings.TrimSuffix(path, "/")
	id, err := url.PathUnescape(path[strings.LastIndexByte(path, '/')+1:])
	if err != nil {
		return ""
	}
	return id
}

var progressTemplate = must("progress.html")

func (s *Site) progressWidget() widgets.Widget {
	return widgets.Widget{
		Name: progressName, Label: "Progress", Bare: true, Template: progressTemplate, Pace: 100 * time.Millisecond,
		Mount: func(_ context.Context, in widgets.In) (any, error) {
			snap, err := s.job(jobOf(in.Path), in.User)
			if err != nil {
				return nil, widgets.UserError(NotFoundText(err))
			}
			return s.observe(nil, snap, in), nil
		},
		Topics: func(in widgets.In) []string { return []string{jobs.Topic(jobOf(in.Path))} },
		Notice: func(_ context.Context, in widgets.In, state any, news widgets.News) (any, error) {
			old := state.(*progressState)
			switch snap := news.Value.(type) {
			case jobs.Snapshot:
				return s.observe(old, snap, in), nil
			case *jobs.Snapshot:
				return s.observe(old, *snap, in), nil
			}
			return old, nil
		},
		Events: s.jobVerbs(),
	}
}

// observe takes the next snapshot. What comes late changes nothing.
func (s *Site) observe(old *progressState, snap jobs.Snapshot, in widgets.In) *progressState {
	if old != nil && snap.Version < old.last.Version {
		return old
	}
	next := &progressState{last: snap, at: time.Now(), token: rand.Text()}
	if old != nil {
		next.token = old.token
		next.moves = elsewhere(snap) && (old.moves || elsewhere(old.last) && snap.Current != old.last.Current)
	}
	switch {
	case old != nil && snap.Attempt == old.last.Attempt && snap.Archived == old.last.Archived:
		next.pace = old.pace
		if snap.Current >= old.last.Current {
			next.pace = next.pace.after(snap.Current-old.last.Current, next.at.Sub(old.at))
		}
	case snap.Archived || snap.Attempt > 1 || snap.Started.IsZero(): // how long it took to come this far is not known
	default:
		next.pace = next.pace.after(snap.Current, next.at.Sub(snap.Started))
	}
	next.draw(s, in)
	return next
}

var stateText = map[jobs.State][2]string{
	jobs.Queued:     {"mute", "Waiting"},
	jobs.Running:    {"info", "Running"},
	jobs.Pausing:    {"warn", "Pausing…"},
	jobs.Paused:     {"warn", "Paused"},
	jobs.Cancelling: {"warn", "Cancelling…"},
	jobs.Succeeded:  {"ok", "Done"},
	jobs.Failed:     {"danger", "Failed"},
	jobs.Cancelled:  {"mute", "Cancelled"},
}

// elsewhere reports whether a run that the supervisor was asked for by its ID, and that has not ended, is known from the store only: its process went
// down, or another one has it. (In the history everything is from the store.)
func elsewhere(snap jobs.Snapshot) bool { return snap.Archived && !snap.State.Final() }

// stateWords are the level and the words for a run's state.
func stateWords(snap jobs.Snapshot) [2]string {
	words := stateText[snap.State]
	switch {
	case snap.WithErrors():
		return [2]string{"warn", "Done, with errors"}
	case snap.Reason == jobs.ReasonNodeLost && snap.State.Final():
		words[1] = "Interrupted"
	case snap.Reason == jobs.ReasonForced:
		words[1] = "Stopped by force"
	}
	return words
}

func (p *progressState) draw(s *Site, in widgets.In) {
	l := in.Language
	snap := p.last
	words := stateWords(snap)
	if elsewhere(snap) && !p.moves {
		words = [2]string{"mute", "Not on this server"}
	}
	v := progressView{
		CSRF: in.CSRF, State: string(snap.State), Title: l.Late(snap.Label), Pill: pill(words[0]), StateText: l.T(words[1]),
		Known: snap.Total > 0, Current: min(snap.Current, max(snap.Total, 0)), Total: snap.Total, Percent: snap.Percent(), Text: p.text(l),
		Message: l.Late(snap.Message), Note: l.Late(snap.Note), Error: l.Late(snap.Error), Incident: snap.Incident, Final: snap.State.Final(),
		Result: snap.Result, DryRun: snap.DryRun, Back: s.Prefix + "/", BackLabel: l.T("Back to the dashboard"),
	}
	if in.User != nil && snap.OwnerID != in.User.ID {
		v.Owner = snap.Owner
	}
	v.ApprovedBy = snap.ApprovedBy
	v.Verbs, v.Waiting = p.verbs(in.User, l)
	for _, f := range snap.Files {
		v.Files = append(v.Files, fileView{s.progressURL(snap.ID) + url.PathEscape(f.Name), f.Name + " (" + bytesText(l, int(f.Size)) + ")"})
	}
	if snap.Failed > 0 {
		v.Files = append(v.Files, fileView{s.progressURL(snap.ID) + jobs.FailedFile, l.T("Failed rows (CSV)")})
	}
	if snap.RerunOf != "" {
		v.Rerun = s.progressURL(snap.RerunOf)
	}
	if snap.State == jobs.Queued && snap.Position > 0 && v.Note == "" {
		v.Note = l.T("Number %s in the queue.", l.Number(int64(snap.Position)))
	}
	if elsewhere(snap) {
		v.Note = l.T("The server that runs this is another one, or went down. In that case it goes on, or ends, within seconds.")
		if p.moves {
			v.Note = l.T("Another server runs this.")
		}
	}
	if snap.Stuck {
		v.Note, v.Stuck = "", l.T("Still working: this action does not look whether it was cancelled. It ends when its present step does.")
		if snap.State == jobs.Pausing {
			v.Stuck = l.T("Still working: the row in hand takes long. The pause begins when it is done.")
		}
	}
	if snap.Zombie {
		v.Note, v.Stuck = "", l.Late(snap.Note)
	}
	if snap.Skipped > 0 {
		v.Skipped = l.T("%s earlier lines are not kept.", l.Number(int64(snap.Skipped)))
	}
	for _, said := range snap.Log {
		line := lineView{Key: group(said.N), Text: said.Text}
		if said.Times > 1 {
			line.Times = "×" + l.Number(int64(said.Times))
		}
		v.Lines = append(v.Lines, line)
	}
	if m := s.models[snap.Table]; m != nil {
		v.Back, v.BackLabel = m.url(), l.T("Back to the list")
	}
	p.View = v
}

// text is how far the job is: "4,210 of 10,000 · 350/s · about 17 s left", and afterwards what came of it.
func (p *progressState) text(l *lang.Language) string {
	snap := p.last
	words := []string{l.Number(snap.Current)}
	if snap.Total > 0 {
		words[0] = l.T("%s of %s", words[0], l.Number(snap.Total))
	}
	if (snap.State == jobs.Running || snap.State == jobs.Cancelling) && (!snap.Archived || p.moves) {
		rate := p.pace.perSecond()
		if rate >= 0.5 {
			words = append(words, l.T("%s/s", l.Number(int64(math.Round(rate)))))
		}
		ran := p.at.Sub(snap.Started)
		if left := snap.Total - snap.Current; snap.State == jobs.Running && left > 0 && rate > 0 && (snap.Percent() >= 2 || ran > 5*time.Second) {
			if d := time.Duration(float64(left) / rate * float64(time.Second)); d < 100*time.Hour {
				words = append(words, l.T("about %s left", span(l, d)))
			}
		}
	}
	if snap.Failed > 0 {
		words = append(words, l.T("%s failed", l.Number(snap.Failed)))
	}
	if snap.Vanished > 0 {
		words = append(words, l.T("%s skipped (no longer there)", l.Number(snap.Vanished)))
	}
	if snap.State.Final() && !snap.Started.IsZero() && !snap.Ended.IsZero() {
		words = append(words, l.T("took %s", span(l, snap.Ended.Sub(snap.Started))))
	}
	return strings.Join(words, " · ")
}
