package widgets

import "time"

// Present is a person who has a row's page open in a browser that is connected.
type Present struct {
	UserID, User string
	// Since is when their first page of the row was connected.
	Since time.Time
}

// Presence knows who has which row open. It is kept by the pages themselves, never read from a database.
type Presence interface {
	// Present lists the people at a row, by In.Presence, who came first first; each person once.
	Present(topic string) []Present
}

// Came is the news of a Presence topic: that somebody came or left.
type Came struct{}

// Presence is the topic on which news of the people at the page's row is published, "" for a page that is about no single row.
func (in In) Presence() string {
	if in.Table == nil || in.Key == nil {
		return ""
	}
	return "present/" + in.Table.ID() + "/" + in.Key.String()
}
