package widgets

import "context"

// Guarded is w for those whom may lets: it is asked before each load, event and piece of news, so that a right that was taken away is gone from open
// pages too. A shared widget, which has no person, is asked for events only, of which it has none: its page has to ask.
func Guarded(w Widget, may func(ctx context.Context, u *User) bool) Widget {
	if w.Shared != nil {
		return w
	}
	if mount := w.Mount; mount != nil {
		w.Mount = func(ctx context.Context, in In) (any, error) {
			if !may(ctx, in.User) {
				return nil, ErrDenied
			}
			return mount(ctx, in)
		}
	}
	if notice := w.Notice; notice != nil {
		w.Notice = func(ctx context.Context, in In, state any, news News) (any, error) {
			if !may(ctx, in.User) {
				return nil, ErrDenied
			}
			return notice(ctx, in, state, news)
		}
	}
	events := w.Events
	w.Events = nil
	for name, h := range events {
		if w.Events == nil {
			w.Events = make(map[string]Handler, len(events))
		}
		if run := h.run; run != nil {
			h.run = func(ctx context.Context, in In, state any, payload []byte, fx *Effects) (any, error) {
				if !may(ctx, in.User) {
					return nil, ErrDenied
				}
				return run(ctx, in, state, payload, fx)
			}
		}
		w.Events[name] = h
	}
	return w
}
