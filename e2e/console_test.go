package e2e

import (
	"context"
	"database/sql"
	"html/template"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"greenroom"
	"greenroom/examples/shop/seed"
	"greenroom/examples/shop/shop"
)

// serveDesk runs a shop with an action that holds until it is cancelled, and a widget of the dashboard whose actor fails once.
func serveDesk(t *testing.T) *server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shop.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	if err := seed.Fill(t.Context(), plain, seed.Options{Orders: 200}); err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), "sqlite:"+file, greenroom.OpenConfig{App: "shop", WAL: true})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{db: db, gateway: &shop.Gateway{}}
	cfg := shop.Declare(db, s.gateway)
	type order struct {
		ID int64 `db:"id"`
	}
	hold := greenroom.On(greenroom.Action{Name: "hold", Label: "Hold the orders"},
		func(ctx context.Context, j *greenroom.Job, _ greenroom.Rows[order], _ struct{}) error {
			j.Update(1, 4, "held")
			<-ctx.Done()
			return nil
		})
	for i := range cfg.Models {
		if cfg.Models[i].Table == "orders" {
			cfg.Models[i].Actions = append(cfg.Models[i].Actions, hold)
		}
	}
	var failed atomic.Bool
	cfg.Widgets = append(cfg.Widgets, greenroom.Widget{
		Name: "fragile", Label: "Fragile", Template: template.Must(template.New("fragile").Parse(`<p data-fragile>{{.}}</p>`)),
		Mount: func(context.Context, greenroom.In) (any, error) { return "stands again", nil },
		Topics: func(greenroom.In) []string {
			if failed.CompareAndSwap(false, true) {
				panic("the shelf gave way")
			}
			return nil
		},
	})
	return s.run(t, cfg)
}

// TestConsoleInABrowser is an operator's way: a running job among several is found and cancelled, a sign-in is kicked, and an actor that was restarted
// is found with its failure.
func TestConsoleInABrowser(t *testing.T) {
	s := serveDesk(t)
	desk, victim := open(t, s.url), open(t, s.url)
	victim.signIn("/admin/")
	victim.until("the widget whose actor failed stands again", `document.querySelector("[data-fragile]")`)
	victim.goTo("/admin/shop/orders/")
	for _, id := range []string{"200", "199", "198"} {
		victim.click(`tr[data-key="` + id + `"] input`)
		victim.until("the row is selected", `document.querySelector("[data-action=hold]")`)
		victim.click(`[data-action=hold]`)
		victim.until("the job is admitted", `document.querySelector("[data-job-state=running], [data-job-state=queued]")`)
		victim.goTo("/admin/shop/orders/")
	}

	desk.signIn("/admin/console/jobs/")
	// One of them runs, the others wait for it: the action has one slot.
	state := func(word string) string {
		return `[...document.querySelectorAll("tr[data-key] [data-col=state]")].filter(c => c.textContent.trim() === "` + word + `").length`
	}
	desk.until("one job runs and two wait", state("running")+` === 1 && `+state("queued")+` === 2`)
	first := desk.eval(`document.querySelector("tr[data-key]").dataset.key`)
	desk.click(`tr[data-key="` + first + `"] [data-verb=cancel]`)
	desk.until("it asks first, and the answer is no unless one says yes", `document.querySelector("dialog:modal") && document.activeElement.matches("[data-no]")`)
	desk.picture("asks")
	desk.eval(`document.activeElement.click()`)
	desk.until("no changes nothing", `!document.querySelector("dialog") && `+state("running")+` === 1 && `+state("queued")+` === 2`)
	desk.click(`tr[data-key="` + first + `"] [data-verb=cancel]`)
	desk.click(`dialog [data-yes]`)
	desk.until("the one job is cancelled, and the next one runs",
		`document.querySelector('tr[data-key="`+first+`"] [data-col=state]').textContent.trim() === "cancelled" && `+state("running")+` === 1`)
	desk.picture("cancelled")

	desk.goTo("/admin/console/failures/")
	desk.until("the failure is told", `document.querySelector("[data-col=reason]")?.textContent.includes("the shelf gave way")`)
	desk.until("and needs attention", `document.querySelector("[data-attention]")?.textContent.includes("was restarted")`)
	victim.goTo("/admin/")
	desk.goTo("/admin/console/actors/?sort=restarts")
	desk.picture("restarts")

	desk.goTo("/admin/console/sessions/?q=%2Fadmin%2F")
	mine := desk.eval(`document.querySelectorAll("[data-verb=kick]").length`)
	if mine == "0" {
		t.Fatalf("nobody can be kicked: %s", desk.text("main"))
	}
	desk.click(`[data-verb=kick]`)
	desk.click(`dialog [data-yes]`)
	victim.until("whoever was kicked has to sign in", `location.pathname.endsWith("/login/")`)
	desk.until("the desk is still there", `document.querySelector(".gr-tabs") && !document.querySelector("[data-verb=kick]")`)
	if path := desk.eval(`location.pathname`); !strings.HasPrefix(path, "/admin/console/") {
		t.Errorf("the operator was sent to %s", path)
	}
	desk.picture("kicked")
}
