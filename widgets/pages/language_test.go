package pages

import (
	"html/template"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// spoken makes a house that speaks English, German and the mirrored language of tests.
func spoken(h *house) {
	german, err := lang.German()
	must0(h.t, err)
	h.site.Languages = lang.Speak(lang.English(), german, lang.Pseudo())
}

// TestPagesSpeakTheLanguageOfTheirReader opens one list and one form in two languages at once: each has its own words, numbers and dates.
func TestPagesSpeakTheLanguageOfTheirReader(t *testing.T) {
	h := open(t, spoken)
	h.stock(1200)
	german := func(path string) widgets.In {
		in := h.in(ann, h.model("orders"), path)
		in.Language = h.site.Languages.Get("de")
		return in
	}
	m := h.model("orders")
	de, en := h.show(h.site.ListPage(german(m.url()), m)), h.list(ann, "orders", "")
	for want, tb := range map[string]*tab{"1.200": de, "1,200": en} {
		tb.wait("its count is "+want, func(n *html.Node) bool { return text(only(t, n, "h1 .gr-count")) == want })
	}
	if got := text(only(t, de.dom(), ".gr-pager")); !strings.Contains(got, "25 von 1.200 Orders") || !strings.Contains(got, "Weiter ›") {
		t.Errorf("the German list says %q", got)
	}
	if got := text(only(t, en.dom(), ".gr-pager")); !strings.Contains(got, "25 of 1,200 orders") || !strings.Contains(got, "Next ›") {
		t.Errorf("the English list says %q", got)
	}
	if got := text(all(de.dom(), "td[data-col=created_at] time")[0]); got != "01.01.2026 00:00" {
		t.Errorf("a German time is %q", got)
	}
	if told := de.send("columns"); told != "Eine Liste zeigt mindestens eine Spalte." {
		t.Errorf("a German is told %q", told)
	}
	form := h.show(h.site.AddPage(german(m.addURL()), m))
	form.submit(formIs, "", "total", "much")
	if got := text(only(t, form.dom(), ".gr-error-summary")); !strings.Contains(got, "Bitte noch einmal ansehen:") || !strings.Contains(got, "Bitte eine Zahl eingeben") {
		t.Errorf("the errors are %q", got)
	}
}

// TestEveryTemplateCompilesInEveryLanguage compiles what pages would compile when they are first drawn.
func TestEveryTemplateCompilesInEveryLanguage(t *testing.T) {
	h := open(t, spoken)
	own := []*template.Template{
		listTemplate, formTemplate, deleteTemplate, historyTemplate, indexTemplate, progressTemplate, jobListTemplate, jobHistoryTemplate, trayTemplate, auditTemplate,
		accountTemplate, usersTemplate, groupsTemplate, consoleTemplate, paletteTemplate, importTemplate, boardTemplate, chartTemplate,
	}
	for _, l := range h.site.Languages.All()[1:] {
		for _, one := range own {
			if v, err := h.site.translated.view(one, l, h.site.over); v == nil || err != nil {
				t.Errorf("%s in %s: %v", one.Name(), l.Tag(), err)
			}
		}
		if _, err := h.site.translated.papers(l, nil); err != nil {
			t.Errorf("the documents in %s: %v", l.Tag(), err)
		}
	}
}
