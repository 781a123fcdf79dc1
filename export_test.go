package greenroom

// Events lists what people can send to a room's pages, by page.
func Events(r *Room) map[string][]string { return r.site.Events() }
