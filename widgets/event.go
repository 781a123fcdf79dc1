package widgets

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
)

// Event is what a handler is given besides the state: where it stands, what came with the event, and ways to answer besides the next state.
type Event[P any] struct {
	In
	// Payload is decoded from the event's JSON object, or from the fields of a posted form.
	Payload P
	effects *Effects
}

// EventWith is the same event with another payload: for a handler that goes on in another's place.
func EventWith[P, Q any](e Event[P], payload Q) Event[Q] {
	return Event[Q]{In: e.In, Payload: payload, effects: e.effects}
}

// Redirect sends the browser to a path of this site.
func (e Event[P]) Redirect(path string) { e.effects.Redirect = path }

// Toast shows a short text, said in the page's language where the catalogue has it; level is info, ok, warn or error.
func (e Event[P]) Toast(level, text string) {
	e.effects.Toasts = append(e.effects.Toasts, Toast{level, e.In.Language.Late(text)})
}

// Address replaces the query of the page's address, without a load.
func (e Event[P]) Address(query url.Values) {
	q := query.Encode()
	e.effects.Address = &q
}

// Requery tells the page's other widgets that the list's query changed: their In.Query is q from now on, and they mount again.
func (e Event[P]) Requery(q Query) { e.effects.Query = &q }

// Effects is what a handler asked for besides its next state.
type Effects struct {
	Redirect string
	Toasts   []Toast
	Address  *string
	Query    *Query
}

// Toast is a short message to a person.
type Toast struct{ Level, Text string }

// toldKey is under which a Notice's context has its Effects.
type toldKey struct{}

// Tell shows a short text to everybody who sees the widget whose Notice ctx is of, on whatever page that is; level is info, ok, warn or error. With another
// context it does nothing.
func Tell(ctx context.Context, level, text string) {
	if fx, ok := ctx.Value(toldKey{}).(*Effects); ok {
		fx.Toasts = append(fx.Toasts, Toast{level, text})
	}
}

// Handler is an event's handler with its types erased; On makes it.
type Handler struct {
	run    func(ctx context.Context, in In, state any, payload []byte, fx *Effects) (any, error)
	latest bool
}

// Latest returns the handler in a form where a newer event of the same name supersedes the older one: that one's context ends and its state is
// dropped. It is right for a search, wrong for anything that writes.
func (h Handler) Latest() Handler {
	h.latest = true
	return h
}

// On makes a Handler of a function over the widget's state S and a payload P. P is decoded from a JSON object whose values are strings, or arrays
// of strings where a field was repeated: strings, []string, and numbers and booleans with the tag option ",string" fit. A payload that does not
// fit P is answered with an error and changes nothing. The returned state replaces the old one; on an error the old one stays.
func On[S, P any](f func(ctx context.Context, state S, e Event[P]) (S, error)) Handler {
	return Handler{run: func(ctx context.Context, in In, state any, payload []byte, fx *Effects) (any, error) {
		s, ok := state.(S)
		if !ok {
			var want S
			return nil, fmt.Errorf("widgets: the state is %T and the handler wants %T: Mount and On must agree", state, want)
		}
		e := Event[P]{In: in, effects: fx}
		if err := json.Unmarshal(payload, &e.Payload); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBadPayload, err)
		}
		return f(ctx, s, e)
	}}
}

// Form is a payload that keeps every field: name to values.
type Form map[string][]string

// UnmarshalJSON takes strings and arrays of strings.
func (f *Form) UnmarshalJSON(data []byte) error {
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*f = make(Form, len(raw))
	for name, value := range raw {
		var one string
		if err := json.Unmarshal(value, &one); err == nil {
			(*f)[name] = []string{one}
			continue
		}
		var many []string
		if err := json.Unmarshal(value, &many); err != nil {
			return fmt.Errorf("field %q is neither a string nor a list of strings", name)
		}
		(*f)[name] = many
	}
	return nil
}

// Get is the first value of a field, "" if absent.
func (f Form) Get(name string) string {
	if v := f[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Has tells an absent field from an empty one.
func (f Form) Has(name string) bool { return len(f[name]) > 0 }
