package pages

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"greenroom/widgets"
)

// dated is an orders list that goes through created_at, with three orders in 2024, one in 2025 and four in 2026, two of them on a day.
func dated(t *testing.T) *house {
	t.Helper()
	h := open(t, func(h *house) {
		h.exec("CREATE INDEX orders_created ON orders (created_at)")
		for _, m := range h.site.Models {
			if m.table().Name == "orders" {
				m.List.DateBy = "created_at"
				m.List.Filters = []string{"status"}
			}
		}
	})
	h.stock(8)
	for id, at := range map[string]string{
		"1": "2024-02-29 00:00:00", "2": "2024-02-29 23:59:59", "3": "2024-12-31 12:00:00", "4": "2025-07-01 00:00:00",
		"5": "2026-03-01 00:00:00", "6": "2026-03-31 23:59:59", "7": "2026-04-01 08:00:00", "8": "2026-04-01 20:00:00",
	} {
		h.exec("UPDATE orders SET created_at = ? WHERE id = ?", at, id)
	}
	return h
}

// bar is what the bar offers: the way in brackets, then each part with its count.
func bar(dom *html.Node) string {
	var out []string
	for _, a := range all(dom, "nav[data-dates] a") {
		word := text(a)
		if strings.HasPrefix(attr(a, "data-key"), "way") {
			word = "[" + word + "]"
		}
		if attr(a, "aria-current") == "true" {
			word = "*" + word
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// offers waits until a list's bar is as wanted: on a busy machine counts may come too late for one page.
func (h *house) offers(query, want string) {
	h.t.Helper()
	got := ""
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if got = bar(h.list(ann, "orders", query).dom()); got == want {
			return
		}
	}
	h.t.Errorf("%s: %s, want %s", query, got, want)
}

func TestDatesLeadFromYearsToDays(t *testing.T) {
	h := dated(t)
	for query, want := range map[string]string{
		"":                                                  "2024 3 2025 1 2026 4",
		"f.created_at=2026-01-01..2026-12-31":               "[All dates] [2026] March 2 April 2",
		"f.created_at=2026-04-01..2026-04-30":               "[All dates] [2026] [April 2026] 1 2",
		"f.created_at=2026-04-01..2026-04-01":               "[All dates] [2026] [April 2026] [1 April 2026] *1 2",
		"f.created_at=2024-02-01..2024-02-29":               "[All dates] [2024] [February 2024] 29 2",
		"f.created_at=2024-02-03..2026-04-01":               "2024 3 2025 1 2026 4", // a range of one's own is no step of the way
		"f.status=paid":                                     "2024 1 2026 1",
		"f.status=paid&f.created_at=2024-01-01..2024-12-31": "[All dates] [2024] December 1",
		"q=N0004": "2025 1",
		"f.created_at=2025-01-01..2025-12-31&q=N0001": "[All dates] [2025]",
	} {
		h.offers(query, want)
	}
}

func TestDatesStandInTheAddress(t *testing.T) {
	h := dated(t)
	tb := h.list(ann, "orders", "f.status=shipped&o=number")
	to := ""
	for _, a := range all(tb.dom(), "nav[data-dates] a") {
		if strings.HasPrefix(text(a), "2026") {
			to = attr(a, "gr-value-to")
		}
	}
	tb.send("go", "to", to)
	if got := *tb.last.Effects.Address; got != "f.created_at=2026-01-01..2026-12-31&f.status=shipped&o=number" {
		t.Errorf("address %s", got)
	}
	dom := tb.dom()
	if got := strings.Join(keys(dom), " "); got != "5 8" {
		t.Errorf("rows %s", got)
	}
	if chips := text(only(t, dom, "span.gr-chip[data-key=created_at]")); !strings.Contains(chips, "2026") || strings.Contains(chips, "2026-") {
		t.Errorf("chip %q", chips)
	}
	// Whoever may not see the column sees no dates; rows out of reach are not counted.
	h.rules.rows.set("orders", widgets.Where("status", widgets.OpEq, "new"))
	h.offers("", "2024 1 2025 1 2026 1")
	h.rules.hide.set("orders", []string{"created_at"})
	if got := bar(h.list(ann, "orders", "f.created_at=2026-01-01..2026-12-31").dom()); got != "" {
		t.Errorf("a hidden column: %s", got)
	}
}

func TestPeriodsAreWhole(t *testing.T) {
	c := &widgets.Column{Name: "at", Kind: widgets.KindDate}
	for text, want := range map[string]string{
		"2026-01-01..2026-12-31": "2026", "2024-02-01..2024-02-29": "February 2024", "2025-02-01..2025-02-28": "February 2025",
		"2026-03-31..2026-03-31": "31 March 2026", "2024-02-01..2024-02-28": "", "2026-01-02..2026-12-31": "", "2026-01-01..": "", "x..y": "",
	} {
		from, to, _ := strings.Cut(text, "..")
		p, ok := periodOf(choice{column: c, from: from, to: to})
		if got := p.long(nil); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, %v", text, got, ok)
		}
		if back := p.choice(c); ok && (back.from != from || back.to != to) {
			t.Errorf("%s comes back as %s..%s", text, back.from, back.to)
		}
	}
	if n := len(period{oneYear, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}.parts()); n != 12 {
		t.Errorf("a year has %d months", n)
	}
	if n := len(period{oneMonth, time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)}.parts()); n != 29 {
		t.Errorf("February 2024 has %d days", n)
	}
}

func TestDatesNeedADateColumn(t *testing.T) {
	h := open(t, nil)
	for name, want := range map[string]string{"number": "holds no dates", "nothing": "is no column"} {
		m := &Model{Source: h.model("orders").Source, List: List{DateBy: name}}
		site := &Site{Title: "x", Prefix: "/x", Decider: h.rules, Models: []*Model{m}}
		if err := site.Prepare(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
