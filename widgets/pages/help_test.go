package pages

import (
	"slices"
	"testing"

	"greenroom/widgets"
)

func TestLabelsAndHelpAreDeclaredOrTheDatabases(t *testing.T) {
	h := open(t, func(h *house) {
		m := h.orders()
		m.Help, m.Labels = "What people bought.", map[string]string{"total": "Sum", "customer_id": "Who"}
		m.Form.Help = map[string]string{"total": "With taxes."}
		m.Source.Table().Column("status").Help = "How far it is." // as a comment in the database's catalogue
	})
	h.stock(2)
	tb := h.list(ann, "orders", "o=-total")
	if got := text(only(t, tb.dom(), ".gr-head .gr-help")); got != "What people bought." {
		t.Errorf("about the table: %q", got)
	}
	heads := map[string]string{}
	for _, th := range all(tb.dom(), "th[scope=col]") {
		heads[text(th)] = attr(th, "title")
	}
	if help, shown := heads["Sum"]; !shown || help != "With taxes." || heads["Status"] != "How far it is." {
		t.Errorf("headings and their help: %v", heads)
	}
	if got := attr(all(tb.dom(), "td[data-col=customer_id]")[0], "data-label"); got != "Who" {
		t.Errorf("the cell's label on a phone: %q", got)
	}
	form := h.change(ann, "orders", "2").dom()
	var labels, help []string
	for _, n := range all(form, "label") {
		labels = append(labels, text(n))
	}
	for _, n := range all(form, ".gr-field .gr-help") {
		help = append(help, text(n))
	}
	if !slices.Contains(labels, "Sum") || !slices.Contains(help, "With taxes.") || !slices.Contains(help, "How far it is.") {
		t.Errorf("on the form: %v, %v", labels, help)
	}
	// What the database calls the column is not touched: another Model of the table may call it something else.
	if got := h.model("orders").Source.Table().Column("total").Label; got != "Total" {
		t.Errorf("the catalogue says %q", got)
	}
	if got := h.model("orders").table(); got != h.model("orders").table() || got.Column("total").Kind != widgets.KindDecimal {
		t.Errorf("relabelled table: %v", got.Columns)
	}
}
