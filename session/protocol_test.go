package session

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestTheDocumentSpeaksTheProtocol holds docs/protocol.md to the code: the same words, and examples that are what is read and written here.
func TestTheDocumentSpeaksTheProtocol(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "docs", "protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	code := wordsOfTheCode(t)
	tables, examples := map[string]bool{}, map[string]bool{}
	first := regexp.MustCompile("^\\| `\\[\"([a-z]+)\"")
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if m := first.FindStringSubmatch(line); m != nil {
			tables[m[1]] = true
		}
		if text, ok := strings.CutPrefix(line, "→ "); ok {
			f, err := Decode([]byte(text))
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
			examples[f.Word] = true
		}
		if text, ok := strings.CutPrefix(line, "← "); ok {
			examples[written(t, text)] = true
		}
	}
	for what, have := range map[string]map[string]bool{"tables": tables, "examples": examples} {
		if got, want := slices.Sorted(maps.Keys(have)), slices.Sorted(maps.Keys(code)); !slices.Equal(got, want) {
			t.Errorf("the document's %s have the words %q, the code has %q", what, got, want)
		}
	}
}

// written checks that a server's frame is, byte for byte, what the code writes, and returns its word.
func written(t *testing.T, text string) string {
	t.Helper()
	var parts []json.RawMessage
	if err := json.Unmarshal([]byte(text), &parts); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var word string
	if err := json.Unmarshal(parts[0], &word); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if word == wordPatch { // written by the outbox: seq, then pairs of a widget and its change
		if len(parts) < 4 || len(parts)%2 != 0 {
			t.Errorf("%s: want a sequence, and a change for each widget", text)
		}
		return word
	}
	var args []any
	for _, part := range parts[1:] {
		var s string
		if json.Unmarshal(part, &s) == nil {
			args = append(args, s)
			continue
		}
		n, err := strconv.ParseInt(string(part), 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		args = append(args, n)
	}
	if got := string(frame(word, args...)); got != text {
		t.Errorf("the document has %s, the code writes %s", text, got)
	}
	return word
}

// wordsOfTheCode reads the constants of frames.go.
func wordsOfTheCode(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "frames.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(strings.ToLower(spec.Names[0].Name), "word") || len(spec.Values) != 1 {
			return true
		}
		if value, ok := spec.Values[0].(*ast.BasicLit); ok {
			word, err := strconv.Unquote(value.Value)
			if err != nil {
				t.Fatal(err)
			}
			words[word] = true
		}
		return true
	})
	return words
}
