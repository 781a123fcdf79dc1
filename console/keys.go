package console

// Key is a line of the help: the keys, and what they do. It is the same in a browser and in a terminal.
type Key struct{ Keys, Text string }

// Keys is the key map. Lower case is safe, or can be taken back; upper case asks first, and the answer is no unless one says yes.
func Keys() []Key {
	return []Key{
		{"1-9, 0", "pages"},
		{"g then o a j s n f d l t", "pages by first letter"},
		{"/, esc", "search, clear it"},
		{"j k, arrows", "move"},
		{"g g, G, PgUp, PgDn", "first, last, a screen"},
		{"enter", "all of a row"},
		{"h l", "close, open a branch"},
		{"q", "back"},
		{"space, *", "mark, mark all shown"},
		{"s", "next order (actors)"},
		{"f", "next state"},
		{"P", "hold the view still"},
		{"+ -", "slower, faster"},
		{"c", "cancel a job, end a trace"},
		{"p", "pause or resume a job"},
		{"X", "stop a stuck job"},
		{"L", "release a given-up slot"},
		{"K", "end a sign-in"},
		{"t", "trace an actor for 30 s"},
		{"e", "steps of a job"},
		{"y", "copy the row's id"},
		{"?", "this help"},
	}
}

// PageKey is the page that a letter after g opens, "" for none.
func PageKey(letter string) string {
	return map[string]string{
		"o": Overview, "a": Actors, "j": Jobs, "s": Sessions, "n": Nodes, "f": Failures, "d": Dead, "l": Log, "t": Trace,
	}[letter]
}

// VerbKeys are the verbs of a key; the first that the row has is meant.
func VerbKeys(key string) []string {
	return map[string][]string{
		"c": {Cancel}, "p": {Pause, Resume}, "X": {Stop}, "L": {Release}, "K": {Kick}, "t": {Follow},
	}[key]
}
