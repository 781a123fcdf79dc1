package greenroom

import (
	"cmp"
	"context"

	"greenroom/console"
)

// openPages hands the sessions to the console, which knows nothing of theirs.
func (r *Room) openPages() []console.OpenPage {
	glimpses := r.sessions.Pages()
	all := make([]console.OpenPage, len(glimpses))
	for i, g := range glimpses {
		all[i] = console.OpenPage{
			Actor: g.Actor, SignIn: g.User.SessionID, UserID: g.User.Person().ID, User: g.User.Called(), Path: g.Path, Address: g.Address,
			Attached: g.Attached, Widgets: g.Widgets, Waiting: g.Waiting, Bytes: g.Bytes,
		}
	}
	return all
}

func (r *Room) traffic() console.Traffic { return console.Traffic(r.sessions.Traffic()) }

// kick ends a sign-in before its pages, so that none of them can be loaded again.
func (r *Room) kick(ctx context.Context, signIn string) error {
	if err := r.state.EndSignIn(ctx, signIn); err != nil {
		return err
	}
	r.sessions.EndSignIn(signIn)
	return nil
}

// openSocket serves terminals of this machine. A room works without: a folder that takes no socket is told, and no fault.
func (r *Room) openSocket(ctx context.Context, cfg Config) {
	if cfg.Console == "-" {
		return
	}
	path := cmp.Or(cfg.Console, console.SocketOf(cfg.State))
	ln, err := console.Listen(ctx, path)
	if err != nil {
		r.log.Info("greenroom console cannot reach this room", "err", err)
		return
	}
	life, end := context.WithCancel(context.Background())
	r.endDesk = end
	r.watching.Go(func() { r.console.Serve(life, ln, path) }) // ends with Close, which waits for it
}
