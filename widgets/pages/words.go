package pages

import (
	"encoding/json"

	"greenroom/widgets/lang"
)

// late says in a language what was said in English below.
func late(l *lang.Language, texts []string) []string {
	if l == nil {
		return texts
	}
	said := make([]string, len(texts))
	for i, text := range texts {
		said[i] = l.Late(text)
	}
	return said
}

// clientTexts are what the client says without being told to, in English as its modules have them.
var clientTexts = []string{
	"Dismiss", "Connected again.", "Cancel", "Continue", "Reconnecting… your edits are kept", "The server restarts. Your edits are kept.",
	"This page is open in another tab.", "Use it here", "The connection was closed.", "Reload", "This page cannot connect.", "Your edits are back.",
	"Keyboard", "Search", "Next, previous row", "Edit the row in the list", "Filter", "g, then a letter", "Go to a page; see below", "Go to",
	"Find pages, rows and actions", "Found", "This page", "Nothing was found.", "Looking…", "Keys of the console", "Select; with shift, a range", "Open the row", "Save the form", "Close one layer", "This help",
	"theme: auto", "theme: light", "theme: dark",
}

// clientWords are those texts in a language, as JSON; "" for English, which the client has itself.
func clientWords(l *lang.Language) string {
	words := map[string]string{}
	for _, text := range clientTexts {
		if said := l.T(text); said != text {
			words[text] = said
		}
	}
	if len(words) == 0 {
		return ""
	}
	text, err := json.Marshal(words)
	if err != nil {
		return ""
	}
	return string(text)
}
