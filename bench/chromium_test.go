package bench

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"greenroom/bench/workload"
	"greenroom/internal/chromium"
	"greenroom/widgets/view"
)

//go:embed testdata/patch.js
var patchPage string

// script is what a page of 1,000 rows goes through: fifty diffs one after the other, and the one that undoes them all.
type script struct {
	Steps []string `json:"steps"`
	Back  string   `json:"back"`
	After string   `json:"after"` // live HTML
}

const (
	pageRows = 1000
	steps    = 50
	batches  = 20
)

// changes are the cases: the n-th change of the rows.
var changes = []struct {
	name string
	next func(rows []workload.Order, n int) []workload.Order
}{
	{"list1000-cell", func(rows []workload.Order, n int) []workload.Order {
		rows[(500+37*n)%pageRows].Total = 4242
		return rows
	}},
	{"list1000-insert", func(rows []workload.Order, n int) []workload.Order {
		return append([]workload.Order{{ID: 1 + n, Customer: "new", Status: "open", Date: "2026-11-26"}}, rows...)
	}},
	{"list1000-remove", func(rows []workload.Order, n int) []workload.Order {
		return slices.Delete(rows, 333+3*n, 334+3*n)
	}},
	{"list1000-swap", func(rows []workload.Order, n int) []workload.Order {
		rows[1+n], rows[998-n] = rows[998-n], rows[1+n]
		return rows
	}},
}

// BenchmarkPatch is what a patch costs the browser: script time in Chromium, from the text of a socket's frame to the changed DOM, with the client as it is
// served. Style and layout, which the browser does later and once for all that changed, are not in it. The number is the median over batches of fifty
// patches that are each different; each batch starts on a page that was laid out.
func BenchmarkPatch(b *testing.B) {
	ctx, stop, err := chromium.Start()
	if errors.Is(err, chromium.ErrMissing) && os.Getenv("CI") != "true" {
		fmt.Fprintf(os.Stderr, "\n*** SKIPPED: patches in Chromium: %v.\n\n", err)
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	page, scripts := patchScripts(b)
	server := httptest.NewServer(patchServer(page, scripts))
	defer server.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL+"/page")); err != nil {
		b.Fatal(err)
	}
	for live := false; !live; {
		live, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`typeof measure === "function" && document.documentElement.dataset.live === "on"`))
		if err != nil {
			b.Fatal(err)
		}
	}
	for _, c := range changes {
		b.Run(c.name+"/chromium", func(b *testing.B) {
			var all []float64
			for b.Loop() {
				text, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf("measure(%q, %d)", c.name, batches)))
				if err != nil {
					b.Fatal(err)
				}
				var some []float64
				if err := json.Unmarshal([]byte(text), &some); err != nil || len(some) != batches {
					b.Fatalf("%s: %v", text, err)
				}
				all = append(all, some...)
			}
			slices.Sort(all)
			b.ReportMetric(0, "ns/op") // an op is many patches, and layouts between them
			b.ReportMetric(all[len(all)/2], "ms/patch")
			b.ReportMetric(all[len(all)*9/10], "p90-ms")
		})
	}
}

// patchScripts renders the list that all cases start from, and what each does to it.
func patchScripts(b *testing.B) (page []byte, scripts map[string]script) {
	b.Helper()
	c, err := view.Compile(template.Must(template.New("list").Parse(workload.ChangeList)))
	if err != nil {
		b.Fatal(err)
	}
	render := func(rows []workload.Order) *view.Tree {
		tree, err := c.Render(&workload.Orders{Rows: rows})
		if err != nil {
			b.Fatal(err)
		}
		return tree
	}
	diff := func(from, to *view.Tree) string {
		text, kind := view.AppendDiff(nil, from, to)
		if kind != view.Patched {
			b.Fatal(kind)
		}
		return string(text)
	}
	start := workload.NewOrders(pageRows).Rows
	first := render(start)
	scripts = map[string]script{}
	for _, change := range changes {
		var s script
		rows, last := slices.Clone(start), first
		for n := range steps {
			rows = change.next(slices.Clone(rows), n)
			next := render(rows)
			s.Steps = append(s.Steps, diff(last, next))
			last = next
		}
		s.Back, s.After = diff(last, first), string(last.AppendLive(nil))
		scripts[change.name] = s
	}
	return first.AppendLive(nil), scripts
}

// patchServer serves the client's modules as they are, and a page that is isolated, so that its clock counts in steps of 5 µs instead of 100.
func patchServer(page []byte, scripts map[string]script) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/src/", http.FileServer(http.Dir(filepath.Join("..", "http", "client"))))
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>patches</title><link rel="stylesheet" href="/src/greenroom.css"><link rel="icon" href="data:,">
<body data-gr-token="t" data-gr-socket="/socket"><main class="gr-content"><section class="gr-widget" data-gr="0">%s</section></main>
<script type="module">%s</script>`, page, patchPage)
	})
	mux.HandleFunc("/cases", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(scripts) })
	return mux
}
