package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// harness is what a page of http/client/test/browser writes once it is done.
type harness struct {
	Passed int
	Failed []struct{ Name, Why string }
}

// TestClientAgainstTheVectors applies every golden diff in Chromium and holds the DOM to a fresh parse; Go's tests read the same files. The pages also
// try focus, typing, properties, and main.js against a scripted server.
func TestClientAgainstTheVectors(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "widgets", "view", "testdata", "vectors", "*.json"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	var vectors []json.RawMessage
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var one struct{ Diff json.RawMessage }
		if err := json.Unmarshal(data, &one); err != nil {
			t.Fatal(err)
		}
		if len(one.Diff) > 0 {
			vectors = append(vectors, data)
		}
	}
	all, err := json.Marshal(vectors)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(filepath.Join("..", "http", "client"))))
	mux.HandleFunc("/vectors", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(all) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for page, least := range map[string]int{"patch.html?vectors=/vectors": len(vectors), "live.html": 10} {
		b := open(t, server.URL)
		b.do(chromedp.Navigate(server.URL + "/test/browser/" + page))
		b.until("the page is done", `document.title === "done"`)
		var result harness
		if err := json.Unmarshal([]byte(b.eval(`document.querySelector("#result").textContent`)), &result); err != nil {
			t.Fatal(err)
		}
		for _, f := range result.Failed {
			t.Errorf("%s: %s: %s", page, f.Name, f.Why)
		}
		if result.Passed < least {
			t.Errorf("%s: %d passed, want at least %d", page, result.Passed, least)
		}
		t.Logf("%s: %d passed", page, result.Passed)
	}
}
