package e2e

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"greenroom/internal/viewgen"
)

// harness is what a page of http/client/test/browser writes once it is done.
type harness struct {
	Passed int
	States int // sequences.html: how many were compared
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
	for page, least := range map[string]int{"patch.html?vectors=/data": len(vectors), "live.html": 10} {
		browse(t, page, all, least)
	}
}

var (
	sequences = flag.Int("sequences", 400, "how many random sequences the browser goes through")
	firstSeed = flag.Uint64("seed", 1, "the seed of the first")
)

// TestClientAgainstSequences goes through random templates and states in Chromium: after each diff the DOM must be what a parser makes of the state's live
// HTML. A failure names its seed: -args -seed N -sequences 1 brings it back.
func TestClientAgainstSequences(t *testing.T) {
	const atOnce = 200
	states := 0
	for done, seed := 0, *firstSeed; done < *sequences; {
		n := min(atOnce, *sequences-done)
		batch, err := viewgen.Sequences(seed, n)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(batch)
		if err != nil {
			t.Fatal(err)
		}
		states += browse(t, "sequences.html?sequences=/data", data, n).States
		done, seed = done+n, batch[n-1].Seed+1
	}
	t.Logf("%d sequences, %d states compared", *sequences, states)
	if states < 2**sequences {
		t.Errorf("%d states of %d sequences: each has at least two", states, *sequences)
	}
}

// browse opens a page of http/client/test/browser, which finds data under /data, and reports what failed there.
func browse(t *testing.T, page string, data []byte, least int) harness {
	t.Helper()
	mux := http.NewServeMux()
	files := http.FileServer(http.Dir(filepath.Join("..", "http", "client")))
	mux.Handle("/", files)
	mux.HandleFunc("/src/{name}", func(w http.ResponseWriter, r *http.Request) { // a server of ours has the two folders in one
		if _, err := os.Stat(filepath.Join("..", "http", "client", "src", "later", r.PathValue("name"))); err == nil {
			r.URL.Path = "/src/later/" + r.PathValue("name")
		}
		files.ServeHTTP(w, r)
	})
	mux.HandleFunc("/data", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
	server := httptest.NewServer(mux)
	defer server.Close()
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
	return result
}
