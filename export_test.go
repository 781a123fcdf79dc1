package greenroom

import (
	"context"
	"errors"

	"greenroom/jobs"
)

// Events lists what people can send to a room's pages, by page.
func Events(r *Room) map[string][]string { return r.site.Events() }

// StartJob starts an action on all rows of a table, for a user by name.
func StartJob(ctx context.Context, r *Room, table, action, user string) (string, error) {
	u, err := r.state.UserByName(ctx, user)
	if err != nil {
		return "", err
	}
	for _, m := range r.site.Models {
		for _, a := range m.Actions {
			if m.Source.Table().Name == table && a.Name == action {
				return r.jobs.Start(ctx, jobs.Request{Action: a, User: u.Widget(""), Selection: jobs.Selection{Source: m.Source, All: true}})
			}
		}
	}
	return "", errors.New("no such action")
}
