package bench

import (
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

	"github.com/chromedp/chromedp"

	"greenroom/bench/workload"
	"greenroom/internal/chromium"
	"greenroom/widgets/view"
)

// patchPage is a document with one widget and our own client code. measure hands two frames to it in turn, as they come from a socket, and returns the
// milliseconds that one took, of many pairs: a browser's clock is too coarse for a single one. The first frame's sequence is left out of account.
const patchPage = `<!DOCTYPE html><meta charset="utf-8"><title>patch</title><section id="w" class="gr-widget" data-gr="0"></section>
<script type="module">
import { hydrate, apply } from '/src/patch.js';
import { parse } from '/src/html.js';
import { receive } from '/src/protocol.js';
import { forms } from '/src/forms.js';
const root = document.querySelector('#w');
const { live, there, back } = await (await fetch('/data')).json();
root.replaceChildren(parse(live, root));
const view = hydrate(root);
const host = { ...forms(), changed() {} };
const to = { patch(seq, ...changes) { for (let i = 0; i < changes.length; i += 2) apply(view, changes[i + 1], host); } };
const before = root.innerHTML;
receive(there, to);
const after = root.innerHTML;
receive(back, to);
window.sound = before !== after && root.innerHTML === before;
window.measure = (pairs) => {
	const began = performance.now();
	for (let n = 0; n < pairs; n++) { receive(there, to); receive(back, to); }
	return (performance.now() - began) / (2 * pairs);
};
document.documentElement.dataset.ready = '';
</script>`

// BenchmarkPatch is what a patch costs the page's script in Chromium, from the frame's text to the changed DOM, on a table of 1,000 rows of six
// columns. Layout and painting come later and are not in it. Each case goes there and back, so that insert and remove are each half an insert
// and half a removal, at the top and in the middle. An operation is a batch of 200 patches; ms/patch is the median batch's mean.
func BenchmarkPatch(b *testing.B) {
	browser, stop, err := chromium.Start()
	switch {
	case errors.Is(err, chromium.ErrMissing) && os.Getenv("CI") != "true":
		fmt.Fprintf(os.Stderr, "\n*** SKIPPED: BenchmarkPatch. %v.\n\n", err)
		b.Skip(err)
	case err != nil:
		b.Fatal(err)
	}
	defer stop()
	compiled, err := view.Compile(template.Must(template.New("list").Parse(workload.ChangeList)))
	if err != nil {
		b.Fatal(err)
	}
	list := workload.NewOrders(1000)
	for name, change := range map[string]func([]workload.Order) []workload.Order{
		"list1000-cell": func(rows []workload.Order) []workload.Order {
			rows[500].Total = 4242
			return rows
		},
		"list1000-insert": func(rows []workload.Order) []workload.Order {
			return append([]workload.Order{{ID: 1, Customer: "new"}}, rows...)
		},
		"list1000-remove": func(rows []workload.Order) []workload.Order { return slices.Delete(rows, 333, 334) },
		"list1000-swap": func(rows []workload.Order) []workload.Order {
			rows[1], rows[998] = rows[998], rows[1]
			return rows
		},
	} {
		b.Run(name+"/chromium", func(b *testing.B) {
			data := frames(b, compiled, list, list.With(change))
			mux := http.NewServeMux()
			mux.Handle("/src/", http.FileServer(http.Dir(filepath.Join("..", "http", "client"))))
			mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, patchPage) })
			mux.HandleFunc("/data", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
			server := httptest.NewServer(mux)
			defer server.Close()
			tab, cancel := chromedp.NewContext(browser)
			defer cancel()
			if err := chromedp.Do(tab, chromedp.Navigate(server.URL)); err != nil {
				b.Fatal(err)
			}
			if err := chromedp.Do(tab, chromedp.WaitReady(`html[data-ready]`)); err != nil {
				b.Fatal(err)
			}
			if sound, err := chromedp.Run(tab, chromedp.Evaluate[bool](`window.sound`)); err != nil || !sound {
				b.Fatalf("the patches do not change the page and change it back: %v", err)
			}
			measure := func() float64 {
				ms, err := chromedp.Run(tab, chromedp.Evaluate[float64](`measure(100)`))
				if err != nil {
					b.Fatal(err)
				}
				return ms
			}
			measure() // the browser compiles what runs often
			var all []float64
			for b.Loop() {
				all = append(all, measure())
			}
			slices.Sort(all)
			b.ReportMetric(all[len(all)/2], "ms/patch")
			b.ReportMetric(0, "ns/op") // of which the browser's remote control would be the larger part
		})
	}
}

// frames are the page's HTML and the two patches between two states, as JSON.
func frames(b *testing.B, compiled *view.Template, here, there *workload.Orders) []byte {
	b.Helper()
	draw := func(state *workload.Orders) *view.Tree {
		tree, err := compiled.Render(state)
		if err != nil {
			b.Fatal(err)
		}
		return tree
	}
	one, other := draw(here), draw(there)
	patch := func(from, to *view.Tree) string {
		diff, kind := view.AppendDiff(nil, from, to)
		if kind != view.Patched {
			b.Fatalf("not a patch but %v", kind)
		}
		return `["patch",1,0,` + string(diff) + `]`
	}
	data, err := json.Marshal(map[string]string{"live": string(one.AppendLive(nil)), "there": patch(one, other), "back": patch(other, one)})
	if err != nil {
		b.Fatal(err)
	}
	return data
}
