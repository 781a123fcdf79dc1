package session

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"
)

var (
	documentedWord = regexp.MustCompile("(?m)^\\| `\\[\"(\\w+)\"")
	example        = regexp.MustCompile(`(?m)^([→←]) (\[.*\])$`)
)

// TestTheDocumentAndTheWireAgree holds docs/protocol.md to the code: the same words, an example of each, and each example readable by who gets it.
func TestTheDocumentAndTheWireAgree(t *testing.T) {
	doc, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	ours := []string{
		WordAttach, wordEvent, wordResync, wordPong,
		wordAttached, wordPatch, wordReply, wordRedirect, wordURL, wordToast, wordRestarting, wordPing,
	}
	var documented []string
	for _, found := range documentedWord.FindAllSubmatch(doc, -1) {
		documented = append(documented, string(found[1]))
	}
	slices.Sort(ours)
	slices.Sort(documented)
	if !slices.Equal(ours, documented) {
		t.Errorf("the document has the words\n%q\nthe code\n%q", documented, ours)
	}
	shown := map[string]bool{}
	for _, found := range example.FindAllSubmatch(doc, -1) {
		data := found[2]
		word, ok := fromBrowser(t, data), string(found[1]) == "→"
		if !ok {
			word = fromServer(t, data)
		}
		shown[word] = true
	}
	for _, word := range ours {
		if !shown[word] {
			t.Errorf("no example of %q", word)
		}
	}
}

func fromBrowser(t *testing.T, data []byte) string {
	t.Helper()
	f, err := Decode(data)
	if err != nil {
		return "" // it may be the server's
	}
	return f.Word
}

// fromServer writes an example with the code that writes frames, and wants the same bytes; of a patch it reads the changes.
func fromServer(t *testing.T, data []byte) string {
	t.Helper()
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		t.Errorf("%s: %v", data, err)
		return ""
	}
	var word string
	if err := json.Unmarshal(parts[0], &word); err != nil {
		t.Errorf("%s: %v", data, err)
		return ""
	}
	if word == wordPatch {
		for n := 2; n+1 < len(parts); n += 2 {
			var widget int
			if err := json.Unmarshal(parts[n], &widget); err != nil || !isChange(parts[n+1]) {
				t.Errorf("%s: %s is no change of widget %s", data, parts[n+1], parts[n])
			}
		}
		if len(parts)%2 != 0 {
			t.Errorf("%s: a widget without its change", data)
		}
		return word
	}
	var args []any
	for _, part := range parts[1:] {
		var text string
		var number int64
		switch {
		case json.Unmarshal(part, &number) == nil:
			args = append(args, number)
		case json.Unmarshal(part, &text) == nil:
			args = append(args, text)
		default:
			t.Errorf("%s: neither number nor text: %s", data, part)
		}
	}
	if written := frame(word, args...); !bytes.Equal(written, data) {
		t.Errorf("the example %s is written %s", data, written)
	}
	return word
}

// isChange reports whether raw is a widget's HTML, or a diff: pairs of a part's number and its payload, in ascending order.
func isChange(raw []byte) bool {
	if raw[0] == '"' {
		return true
	}
	var diff []json.RawMessage
	if err := json.Unmarshal(raw, &diff); err != nil || len(diff) == 0 || len(diff)%2 != 0 {
		return false
	}
	last := -1
	for n := 0; n < len(diff); n += 2 {
		var part int
		if err := json.Unmarshal(diff[n], &part); err != nil || part <= last {
			return false
		}
		last = part
	}
	return true
}
