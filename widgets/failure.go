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
type card struct{ Title, Text, Incident string }

var cardTemplate = template.Must(template.New("error").Parse(
	`<div class="gr-error-card" role="alert"><strong>{{.Title}}</strong><p>{{.Text}}</p>` +
		`{{if .Incident}}<p class="gr-muted">Incident <code>{{.Incident}}</code></p>{{end}}` +
		`<button type="button" class="gr-button gr-small" gr-click="` + RetryEvent + `">Try again</button></div>`))

// fail contains a panic, or a state that cannot be drawn: the page lives on, this part shows an error card and mounts again after a pause.
func (i *instance) fail(c *actors.Context, reason any, stack []byte) string {
	id := Incident()
	i.log().Error("widget panicked", "incident", id, "widget", i.class.Name, "reason", fmt.Sprint(reason), "stack", string(stack))
	i.state, i.mounted, i.resting = nil, false, true
	rest := min(firstRest<<min(i.failures, 10), lastRest)
	i.failures++
	c.System().After(rest, c.Self(), wake{wakeBackoff})
	i.show(card{"This part of the page failed.", "It starts again by itself; the rest of the page is not affected.", id})
	i.dropEvents()
	return "That failed. It is logged as incident " + id + "."
}

// refuse answers an error that a task returned. What a person did wrong is told as it is; anything else gets an incident. A widget that could not
// load shows the card; after a failed event the state is what it was before.
func (i *instance) refuse(done work, err error) string {
	var said UserError
	text, id := "", ""
	switch {
	case errors.As(err, &said):
		text = string(said)
	case errors.Is(err, ErrDenied):
		text = "You do not have permission to do that."
	case errors.Is(err, ErrBadPayload):
		text = "The page sent something this version does not understand. Reload the page."
		i.log().Warn("event refused", "widget", i.class.Name, "err", err)
	case errors.Is(err, ErrTimeout):
		id = Incident()
		text = fmt.Sprintf("That took longer than %s and was stopped.", i.class.Timeout)
	default:
		id = Incident()
		text = "Something went wrong on the server."
	}
	if id != "" {
		i.log().Error("widget failed", "incident", id, "widget", i.class.Name, "err", err)
	}
	if done.input != nil && !done.mount {
		if id != "" {
			text += " Incident " + id + "."
		}
		return text
	}
	i.show(card{"This part of the page could not be loaded.", text, id})
	if !i.mounted {
		i.dropEvents()
	}
	return ""
}

// dropEvents answers what waits for a state that will not come.
func (i *instance) dropEvents() {
	for _, m := range i.events {
		i.answer(m.Ref, "This part of the page is not available right now.", Effects{})
	}
	i.events = nil
}

func (i *instance) show(c card) {
	tree, err := i.hub.card.Render(c)
	if err != nil {
		i.log().Error("error card failed", "err", err)
		return
	}
	i.push(tree)
}

func (i *instance) log() *slog.Logger { return i.hub.log }
