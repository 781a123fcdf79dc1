package widgets

import (
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"time"

	"greenroom/actors"
)

// Incident is a short random ID that stands both on the page and in the log: eight letters and digits, 40 bits.
func Incident() string { return rand.Text()[:8] }

// The first pause after a panic; it doubles with each further one up to the last.
const (
	firstRest = time.Second
	lastRest  = 30 * time.Second
)

// card is what the error card shows.
type card struct{ Title, Text, Incident, IncidentWord, Again string }

var cardTemplate = template.Must(template.New("error").Parse(
	`<div class="gr-error-card" role="alert"><strong>{{.Title}}</strong><p>{{.Text}}</p>` +
		`{{if .Incident}}<p class="gr-muted">{{.IncidentWord}} <code>{{.Incident}}</code></p>{{end}}` +
		`<button type="button" class="gr-button gr-small" gr-click="` + RetryEvent + `">{{.Again}}</button></div>`))

// fail contains a panic, or a state that cannot be drawn: the page lives on, this part shows an error card and mounts again after a pause.
func (i *instance) fail(c *actors.Context, reason any, stack []byte) string {
	id := Incident()
	i.log().Error("widget panicked", "incident", id, "widget", i.class.Name, "reason", fmt.Sprint(reason), "stack", string(stack))
	i.state, i.mounted, i.resting = nil, false, true
	rest := min(firstRest<<min(i.failures, 10), lastRest)
	i.failures++
	c.System().After(rest, c.Self(), wake{wakeBackoff})
	l := i.in.Language
	i.show(card{l.T("%s failed.", i.name()), l.T("It starts again by itself; the rest of the page is not affected."), id, l.T("Incident"), l.T("Try again")})
	i.dropEvents()
	return l.T("That failed. It is logged as incident %s.", id)
}

// refuse answers an error that a task returned. What a person did wrong is told as it is; anything else gets an incident. A widget that could not
// load shows the card; after a failed event the state is what it was before.
func (i *instance) refuse(done work, err error) string {
	l := i.in.Language
	text, id := "", ""
	said, forPeople := Said(err, l)
	switch {
	case forPeople:
		text = said
	case errors.Is(err, ErrDenied):
		text = l.T("You do not have permission to do that.")
	case errors.Is(err, ErrBadPayload):
		text = l.T("The page sent something this version does not understand. Reload the page.")
		i.log().Warn("event refused", "widget", i.class.Name, "err", err)
	case errors.Is(err, ErrTimeout):
		id = Incident()
		text = l.T("That took longer than %s and was stopped.", i.class.Timeout)
	default:
		id = Incident()
		text = l.T("Something went wrong on the server.")
	}
	if id != "" {
		i.log().Error("widget failed", "incident", id, "widget", i.class.Name, "err", err)
	}
	if done.input != nil && !done.mount {
		if id != "" {
			text += " " + l.T("Incident %s.", id)
		}
		return text
	}
	i.show(card{l.T("%s could not be loaded.", i.name()), text, id, l.T("Incident"), l.T("Try again")})
	if !i.mounted {
		i.dropEvents()
	}
	return ""
}

// dropEvents answers what waits for a state that will not come.
func (i *instance) dropEvents() {
	for _, m := range i.events {
		i.answer(m.Ref, i.in.Language.T("This part of the page is not available right now."), Effects{})
	}
	i.events = nil
}

// name says which part of the page it is. A card around it has its heading already.
func (i *instance) name() string {
	if i.class.Bare && i.class.Label != "" {
		return i.in.T("“%s”", i.in.T(i.class.Label))
	}
	return i.in.T("This part of the page")
}

func (i *instance) show(c card) {
	tree, err := i.hub.card.Render(c)
	if err != nil {
		i.log().Error("error card failed", "err", err)
		return
	}
	i.push(tree)
}

// log names the page and the sign-in, unless many share the instance.
func (i *instance) log() *slog.Logger {
	if i.audience.shared || i.in.User == nil {
		return i.hub.log
	}
	return i.hub.log.With("session", i.in.User.SessionID, "page", i.in.Path)
}
