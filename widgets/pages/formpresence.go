package pages

import (
	"context"

	"greenroom/widgets"
)

// presentView is somebody else who has the row open; Title says since when.
type presentView struct{ ID, Name, Title string }

// formTopics are the changes of the form's tables, and who comes to the row and leaves.
func (m *Model) formTopics(in widgets.In) []string {
	topics := m.formTables()
	if at := in.Presence(); at != "" && m.site.Presence != nil {
		topics = append(topics, at)
	}
	return topics
}

// present lists who else has the row open, for those who may view it. Nothing is read from the database: that the row may be seen was found out when
// the page was opened.
func (m *Model) present(ctx context.Context, in widgets.In) (views []presentView) {
	at := in.Presence()
	if at == "" || m.site.Presence == nil || !m.may(ctx, in.User, widgets.View, in.Key).Allow {
		return nil
	}
	for _, p := range m.site.Presence.Present(at) {
		if p.UserID != in.User.Person().ID {
			views = append(views, presentView{p.UserID, cut(oneLine(p.User), 40), in.T("Since %s", p.Since.Format("15:04"))})
		}
	}
	return views
}

// noticePresence redraws who is there, and nothing else: what was typed and told stays as it is.
func (m *Model) noticePresence(ctx context.Context, in widgets.In, s *formState) *formState {
	next := *s
	next.View.Present = m.present(ctx, in)
	return &next
}
