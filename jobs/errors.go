package jobs

import (
	"errors"

	"greenroom/widgets"
)

// UserError is an error whose text is shown as it is. Only the error that a body returns counts, not one that it wraps.
type UserError = widgets.UserError

// FailedText is what a page shows of every other error, next to the incident.
const FailedText = "Action failed — see server logs for details"

// Errors of the Supervisor's methods; compare with errors.Is.
var (
	// ErrDenied is returned by Start when the person lacks a permission.
	ErrDenied = widgets.ErrDenied
	// ErrBusy is returned by Start when too much is unfinished; the text says what and is meant for the person.
	ErrBusy = errors.New("jobs: too many actions are unfinished")
	// ErrNotFound is returned for a run that is unknown, not the person's, or forgotten: the three are not told apart.
	ErrNotFound = errors.New("Job not found or expired.") //nolint:staticcheck,revive // the text stands on the page
)

// ErrPaused is what a loop over rows yields when the run is to pause. The context does not end, so that the row in hand can be finished.
var ErrPaused = errors.New("jobs: paused")

// Causes of a body's context; see context.Cause.
var (
	// ErrCancelled is the cause when a person cancelled.
	ErrCancelled = errors.New("jobs: cancelled")
	// ErrShutdown is the cause when the server goes down.
	ErrShutdown = errors.New("jobs: the server is shutting down")
	// ErrGivenUp is the cause when a supervisor stopped the run by force: nothing that the body still does counts.
	ErrGivenUp = errors.New("jobs: the run was given up")
)

// busy is an ErrBusy with its own text.
type busy string

func (e busy) Error() string { return string(e) }

func (e busy) Is(target error) bool { return target == ErrBusy }
