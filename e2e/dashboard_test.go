package e2e

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"greenroom"
)

// TestCardsLoadAndFailAlone has a dashboard on which one card takes its time, one cannot load and one panics. The others stand meanwhile, and a button
// tries again.
func TestCardsLoadAndFailAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close() //nolint:errcheck // a test's
	if _, err := plain.ExecContext(t.Context(), "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO items VALUES (1, 'one')"); err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), file, greenroom.OpenConfig{App: "main"})
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	var mended atomic.Bool
	stat := func(name string, load func(ctx context.Context) (greenroom.Stat, error)) greenroom.Widget {
		return greenroom.StatWidget(name, "The "+name+" card", func(ctx context.Context, _ greenroom.In) (greenroom.Stat, error) { return load(ctx) })
	}
	s := (&server{db: db}).run(t, greenroom.Config{DB: db, Widgets: []greenroom.Widget{
		stat("good", func(context.Context) (greenroom.Stat, error) { return greenroom.Stat{Value: "42"}, nil }),
		stat("slow", func(ctx context.Context) (greenroom.Stat, error) {
			select {
			case <-release:
				return greenroom.Stat{Value: "at last"}, nil
			case <-ctx.Done():
				return greenroom.Stat{}, ctx.Err()
			}
		}),
		stat("failing", func(context.Context) (greenroom.Stat, error) {
			if mended.Load() {
				return greenroom.Stat{Value: "mended"}, nil
			}
			return greenroom.Stat{}, errors.New("the warehouse does not answer")
		}),
		greenroom.ChartWidget("chart", "A chart", func(context.Context, greenroom.In) (greenroom.Chart, error) {
			if mended.Load() {
				return greenroom.Chart{Labels: []string{"Mon", "Tue"}, Series: []greenroom.Series{{Values: []float64{1, 2}}}}, nil
			}
			panic("a nil map")
		}),
	}})
	b := open(t, s.url)
	b.signIn("/admin/")
	card := func(name string) string { return b.text(`[data-widget=` + name + `]`) }
	expect := func(name, want string) {
		t.Helper()
		b.until("the card "+name+" says "+want, `document.querySelector("[data-widget=`+name+`]").textContent.includes(`+strconv.Quote(want)+`)`)
	}
	expect("good", "42")
	expect("slow", "Loading…")
	expect("failing", "could not be loaded")
	expect("chart", "This part of the page failed.")
	b.picture("states")
	for look, set := range map[string]func(){"narrow": b.narrow, "dark": func() { b.wide(); b.dark() }} {
		set()
		b.picture("states-" + look)
	}
	b.wide()
	b.light()
	b.click(`[data-widget=failing] button`) // it fails again, and says so again
	expect("failing", "could not be loaded")
	mended.Store(true)
	b.click(`[data-widget=failing] button`)
	expect("failing", "mended")
	b.until("the chart starts by itself", `document.querySelector("[data-widget=chart] svg rect")`)
	close(release)
	expect("slow", "at last")
	if got := card("good"); got == "" {
		t.Error("the good card is gone")
	}
	b.picture("mended")
}

// TestTheShopsChartsAreLive changes an order elsewhere: the charts follow, and their figures can be read as a table.
func TestTheShopsChartsAreLive(t *testing.T) {
	s := serveShop(t, 400, nil)
	b := open(t, s.url)
	b.signIn("/admin/")
	const said = `[data-widget=weeks] figcaption`
	before := b.text(said)
	b.eval(`(window.before = document.querySelector("[data-widget=weeks] svg")).tagName`)
	s.exec(t, "UPDATE orders SET total_cents = total_cents + 100000000 WHERE id = (SELECT id FROM orders ORDER BY created_at DESC LIMIT 1)")
	b.until("the chart follows", `document.querySelector("`+said+`").innerText !== `+strconv.Quote(before))
	if b.eval(`window.before === document.querySelector("[data-widget=weeks] svg")`) != "true" {
		t.Error("the chart was drawn whole, not patched")
	}
	b.click(`[data-widget=weeks] summary`)
	if n := b.eval(`document.querySelectorAll("[data-widget=weeks] tbody tr").length`); n != "12" {
		t.Errorf("%s rows of figures, want 12", n)
	}
	b.picture("figures")
	b.click(`[data-widget=latest] a.gr-open`)
	b.until("the order's page", `location.pathname.endsWith("/change/")`)
}

// TestThePluginsPagesAreLive goes to a page of the shop's plugin by the navigation, and sees a change that was made elsewhere.
func TestThePluginsPagesAreLive(t *testing.T) {
	s := serveShop(t, 50, nil)
	b := open(t, s.url)
	b.signIn("/admin/")
	b.until("the plugin's card", `document.querySelector("[data-widget=by-country] svg rect")`)
	b.click(`.gr-nav a[href="/admin/reports/customers/"]`)
	b.live()
	b.until("the plugin's page", `document.querySelector("h1").innerText === "Customers" && document.querySelector("[data-widget=cities] tbody tr")`)
	s.exec(t, "UPDATE customers SET city = 'Atlantis'")
	b.until("the change made elsewhere", `document.querySelector("[data-widget=cities] tbody").innerText.includes("Atlantis")`)
}
