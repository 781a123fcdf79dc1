package session

import (
	"time"

	"greenroom/actors"
)

type (
	attached struct{}
	detached struct{}
	// expired is the timer's message; a session that changed since the timer was set ignores it.
	expired struct{ life int }
	end     struct {
		code   int
		reason string
	}
)

// actor is the session's actor: it starts the widgets, holds the timers, and ends everything together.
type actor struct {
	*Session
	closers []func()
	// life counts attachments and detachments; stopTimer ends the running timer.
	life      int
	stopTimer func()
	code      int
	reason    string
	here      bool // counted among those present at its row
}

// Receive is the session's table of contents.
func (a *actor) Receive(c *actors.Context) {
	switch m := c.Message().(type) {
	case actors.Started:
		a.begin(c)
	case attached:
		a.hold()
		a.appear()
	case detached:
		a.vanish()
		a.wait(c, a.registry.cfg.Keep)
	case expired:
		if m.life == a.life {
			c.Stop()
		}
	case end:
		if a.code == 0 {
			a.code, a.reason = m.code, m.reason
		}
		c.Stop()
	case actors.Stopping:
		a.finish()
	case actors.Stopped:
		close(a.ended)
	}
}

func (a *actor) begin(c *actors.Context) {
	if a.refs != nil {
		// Restarted after a panic: the widgets went with the first life, so the page has to load anew.
		a.code, a.reason = CloseGone, "the page's actor failed"
		c.Stop()
		return
	}
	a.wait(c, a.registry.cfg.Attach)
	refs := make([]actors.Ref, len(a.placed))
	for n, p := range a.placed {
		ref, closer, err := a.registry.cfg.Hub.Open(c, p.Class, a.in, a.Session, n)
		if err != nil {
			a.registry.cfg.Log.Error("widget not started", "widget", p.Name, "err", err)
			c.Stop()
			return
		}
		refs[n] = ref
		a.closers = append(a.closers, closer)
	}
	a.refs = refs
	close(a.started)
}

// wait ends the session unless it is attached within d.
func (a *actor) wait(c *actors.Context, d time.Duration) {
	a.hold()
	a.stopTimer = c.System().After(d, c.Self(), expired{a.life})
}

func (a *actor) hold() {
	a.life++
	if a.stopTimer != nil {
		a.stopTimer()
		a.stopTimer = nil
	}
}

func (a *actor) finish() {
	a.hold()
	a.vanish()
	a.registry.remove(a.Session)
	if conn := a.out.close(); conn != nil && a.code != 0 {
		conn.Close(a.code, a.reason)
	}
	for _, closer := range a.closers {
		closer()
	}
	a.closers = nil
}
