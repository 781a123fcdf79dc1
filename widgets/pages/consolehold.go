package pages

import (
	"context"
	"net/url"
	"strconv"
	"sync"
	"time"

	"greenroom/console"
	"greenroom/widgets"
)

// mostHeld is how many pages of the console may be held still, or drawn more slowly than once a second, at once; of more the oldest moves on.
const mostHeld = 40

// heldReports keeps what people look at who do not want it to move.
type heldReports struct {
	mu  sync.Mutex
	all map[string]heldReport
}

type heldReport struct {
	at time.Time
	r  *console.Report
}

// consoleReport looks, unless the page is held, or it is too early for its pace. A page that is held costs nothing and watches nothing.
func (s *Site) consoleReport(ctx context.Context, in widgets.In, q console.Query, at url.Values) (*console.Report, error) {
	every, _ := strconv.Atoi(at.Get(consoleEvery))
	hold := at.Get(consoleHold) != ""
	if in.User != nil {
		q.Watcher = in.User.SessionID + " " + in.Path // and not what is searched for: each letter would be another
	}
	if !hold && every <= 1 {
		return s.Console.Look(ctx, in.User, q)
	}
	if !s.Console.May(ctx, in.User, console.ViewRight) {
		return nil, widgets.ErrDenied
	}
	key := in.User.ID + " " + q.Page + "?" + with(with(at, consoleVerb, ""), consoleTarget, "").Encode()
	now := time.Now()
	s.held.mu.Lock()
	old, known := s.held.all[key]
	s.held.mu.Unlock()
	if known && (hold || now.Sub(old.at) < time.Duration(min(every, 10))*time.Second-consoleInterval/2) {
		return old.r, nil
	}
	r, err := s.Console.Look(ctx, in.User, q)
	if err == nil {
		s.held.keep(key, heldReport{now, r})
	}
	return r, err
}

func (h *heldReports) keep(key string, v heldReport) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		h.all = map[string]heldReport{}
	}
	h.all[key] = v
	if len(h.all) <= mostHeld {
		return
	}
	oldest := key
	for k, other := range h.all {
		if other.at.Before(h.all[oldest].at) {
			oldest = k
		}
	}
	delete(h.all, oldest)
}
