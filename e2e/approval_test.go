package e2e

import (
	"path/filepath"
	"testing"

	"greenroom"
	"greenroom/examples/shop/seed"
	"greenroom/examples/shop/shop"
)

// serveCautiousShop is a shop in which somebody else has to approve refunds.
func serveCautiousShop(t *testing.T, n int) *server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shop.db")
	fill(t, file, seed.Options{Orders: n})
	db, err := greenroom.Open(t.Context(), "sqlite:"+file, greenroom.OpenConfig{App: "shop", WAL: true})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{db: db, gateway: &shop.Gateway{}}
	cfg := shop.Declare(db, s.gateway)
	for i := range cfg.Models {
		for n := range cfg.Models[i].Actions {
			if a := &cfg.Models[i].Actions[n]; a.Name == "refund" {
				a.Approval = "shop.approve"
			}
		}
	}
	return s.run(t, cfg)
}

// TestApprovalByTwoPeople: ann asks for a refund, bea is told on her dashboard, rejects it with a reason, and approves the next one, while ann watches.
func TestApprovalByTwoPeople(t *testing.T) {
	s := serveCautiousShop(t, 50)
	admin := open(t, s.url)
	admin.signIn("/admin/")
	anns := admin.add("ann", "shop.view_*", "shop.change_orders", "shop.refund_orders")
	beas := admin.add("bea", "shop.view_*", "shop.change_orders", "shop.refund_orders", "shop.approve")
	ann, bea := open(t, s.url), open(t, s.url)
	bea.signInWith("bea", beas, "/admin/")
	ann.signInWith("ann", anns, "/admin/shop/orders/?f.status=paid")
	ask := func(rows int) {
		t.Helper()
		ann.until("rows", `document.querySelectorAll("tr[data-key] input.gr-check").length >= 2`)
		for n := range rows {
			ann.eval(`document.querySelectorAll("tr[data-key] input.gr-check")[` + string(rune('0'+n)) + `].click()`)
		}
		ann.until("they are ticked", `document.querySelector("[name=action][value=refund]")`)
		ann.click(`[name=action][value=refund]`)
		ann.until("it is asked", `document.querySelector("dialog[open] [data-approval]")`)
		ann.write(`dialog textarea`, "Broken on arrival")
		if rows == 2 {
			ann.pictures("ask")
		}
		ann.click(`dialog button.gr-danger, dialog button.gr-primary`)
		ann.until("it waits", `document.querySelector("[data-approval-state=waiting] [data-verb=withdraw]")`)
		ann.live()
	}
	ask(2)
	ann.pictures("waiting")
	bea.until("bea is told", `document.querySelector("[data-approvals]")?.dataset.approvals === "1" && document.querySelector(".gr-toasts")?.innerText.includes("ann asks for approval")`)
	bea.pictures("told")
	bea.goTo("/admin/approvals/")
	bea.pictures("list")
	bea.accessible("approvals")
	bea.click("[data-pending] a.gr-open")
	bea.until("the request", `document.querySelector("[data-verb=approve]") && document.querySelectorAll("[data-rows] li").length === 2`)
	bea.live()
	bea.pictures("decide")
	bea.accessible("an approval")
	bea.write("#reason", "Ask for a photo first")
	bea.click("[data-verb=reject]")
	ann.until("ann is told", `document.querySelector("[data-approval-state=rejected]")?.innerText.includes("Ask for a photo first") && document.querySelector(".gr-toasts")?.innerText.includes("rejected by bea")`)
	ann.pictures("rejected")
	ann.goTo("/admin/shop/orders/?f.status=paid")
	ask(1)
	bea.until("the next one is counted", `document.querySelector("[data-approvals]")?.dataset.approvals === "1"`)
	bea.click("[data-approvals]")
	bea.until("the list", `document.querySelector("[data-pending] a.gr-open")`)
	bea.live()
	bea.click("[data-pending] a.gr-open")
	bea.until("the request", `document.querySelector("[data-verb=approve]")`)
	bea.live()
	bea.click("[data-verb=approve]")
	ann.until("ann sees it start", `document.querySelector("[data-approval-state=started] [data-job]")`)
	ann.click("[data-job]")
	ann.until("it has run", `document.querySelector("[data-job-state=succeeded]") && document.querySelector("[data-approved]").innerText.includes("bea")`)
	ann.pictures("job")
	admin.goTo("/admin/audit/?deed=approval")
	admin.until("both are in the audit", `document.querySelector("tbody").innerText.includes("asked for by ann") && document.querySelector("tbody").innerText.includes("asked for: ")`)
	admin.pictures("audit")
}
