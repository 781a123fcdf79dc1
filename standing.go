package greenroom

import (
	"context"
	"slices"
	"time"

	"greenroom/widgets"
)

// standingEvery is how often the state is looked at for what other processes changed: well within the second that is promised.
const standingEvery = 250 * time.Millisecond

// watchStanding ends pages whose people are not, or may not do, what they were and did when the page was opened: those without a sign-in for good, the
// others so that they are loaded anew. What this process changes ends them by itself.
func (r *Room) watchStanding(ctx context.Context) {
	r.watching.Go(func() { // ends with Close, which waits for it
		r.state.Watch(ctx, standingEvery, func() {
			if err := r.compareStanding(ctx); err != nil && ctx.Err() == nil {
				r.log.Warn("what another process changed of people's rights is not known to the pages that are open", "err", err)
			}
		})
	})
}

// changed tells whether somebody is, or may do, something else now.
func changed(was, now *widgets.User) bool {
	return now.Super != was.Super || now.Name != was.Name || !slices.Equal(now.Rights, was.Rights)
}

func (r *Room) compareStanding(ctx context.Context) error {
	pages := r.sessions.Pages() // before the look at the state, so that a page opened since is not taken for one without a sign-in
	standing, err := r.state.Standing(ctx)
	if err != nil {
		return err
	}
	for _, page := range pages {
		was, now := page.User, standing[page.User.SessionID]
		switch {
		case now == nil:
			r.sessions.EndSignIn(was.SessionID)
		case now.Seat() != was.Seat():
			r.sessions.ReloadSignIn(was.SessionID)
		case changed(was, now) || changed(was.Person(), now.Person()):
			r.sessions.Reload(was.ID)
		}
	}
	return nil
}
