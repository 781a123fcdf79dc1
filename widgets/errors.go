package widgets

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"greenroom/widgets/lang"
)

// ErrNoRow is returned for a row that does not exist, or that the person may not see: the two are not told apart.
var ErrNoRow = errors.New("widgets: no such row")

// ErrDenied is returned when the Decider says no.
var ErrDenied = errors.New("widgets: permission denied")

// UserError is an error whose text is written for the person at the page; any other error is shown as a short text and an incident ID.
type UserError string

func (e UserError) Error() string { return string(e) }

// Said is what an error tells a person, in their language; ok is false for one that is not written for people.
func Said(err error, l *lang.Language) (text string, ok bool) {
	if said, ok := errors.AsType[UserError](err); ok {
		return l.Late(string(said)), true
	}
	return "", false
}

// Invalid says what is wrong with the values of a row: by column name, and for the whole form under "".
type Invalid struct {
	Fields map[string]string
}

func (e *Invalid) Error() string {
	names := make([]string, 0, len(e.Fields))
	for name := range e.Fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for i, name := range names {
		names[i] = fmt.Sprintf("%s: %s", name, e.Fields[name])
	}
	return "invalid row: " + strings.Join(names, "; ")
}

// Conflict says that a row changed since the person read it: the columns that differ now, with their present values.
type Conflict struct {
	Theirs map[string]Value
}

func (e *Conflict) Error() string {
	return fmt.Sprintf("the row changed in the meantime (%d fields differ)", len(e.Theirs))
}

// ErrBadPayload is returned for an event whose payload does not fit its handler.
var ErrBadPayload = errors.New("widgets: the event's payload does not fit")
