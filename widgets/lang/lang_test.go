package lang

import (
	"strings"
	"testing"
	"time"
)

func inGerman(t *testing.T) *Language {
	t.Helper()
	l, err := German()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestALanguageSaysTextsNumbersAndDates(t *testing.T) {
	t.Parallel()
	de := inGerman(t)
	at := time.Date(2026, 1, 31, 9, 5, 0, 0, time.UTC)
	for name, test := range map[string][2]string{
		"a text":                       {de.T("Save"), "Speichern"},
		"values":                       {de.T("%s of %s", "1", "2"), "1 von 2"},
		"one":                          {de.N(1, "%d value", "%d values", 1), "1 Wert"},
		"many":                         {de.N(2, "%d value", "%d values", 2), "2 Werte"},
		"none":                         {de.N(0, "%d value", "%d values", 0), "0 Werte"},
		"English one":                  {English().N(1, "%d value", "%d values", 1), "1 value"},
		"nobody's language":            {(*Language)(nil).T("Save"), "Save"},
		"a text that is not there":     {de.T("Frobnicate"), "Frobnicate"},
		"thousands":                    {de.Number(-1234567), "-1.234.567"},
		"English thousands":            {(*Language)(nil).Number(1234567), "1,234,567"},
		"a fraction":                   {de.Decimal("1.5"), "1,5"},
		"a date":                       {de.Time(at, Date), "31.01.2026"},
		"a time":                       {de.Time(at, Minutes), "31.01.2026 09:05"},
		"an English date":              {English().Time(at, Date), "2026-01-31"},
		"a noun inside a sentence":     {de.Inside("Bestellung"), "Bestellung"},
		"an English noun":              {English().Inside("Order") + " " + English().Inside("API keys"), "order API keys"},
		"what was said below":          {de.Late("At most 60 characters; this has 70."), "Höchstens 60 Zeichen; das hat 70."},
		"what was said below, exact":   {de.Late("Please fill this in."), "Bitte ausfüllen."},
		"what somebody else said":      {de.Late("50% of 3 are mine"), "50% of 3 are mine"},
		"a template":                   {de.Words(`<b title="{{t "Edit"}}">{{t "Started by %s" .Owner}}</b>`), `<b title="Bearbeiten">{{printf "Gestartet von %s" .Owner}}</b>`},
		"an English template":          {(*Language)(nil).Words(`<b>{{t "a \"quoted\" <word>"}}</b>`), `<b>a &#34;quoted&#34; &lt;word&gt;</b>`},
		"the pseudo language":          {Pseudo().T("Save"), "[Save]"},
		"the pseudo language's plural": {Pseudo().N(2, "%d value", "%d values", 2), "[2 values]"},
	} {
		if test[0] != test[1] {
			t.Errorf("%s: %q, want %q", name, test[0], test[1])
		}
	}
}

func TestPluralFormsAreTheLanguagesOwn(t *testing.T) {
	t.Parallel()
	pl, err := Read(strings.NewReader(`{"tag": "pl", "texts": {"%d rows": {"one": "%d wiersz", "few": "%d wiersze", "many": "%d wierszy", "other": "%d wiersza"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{1: "1 wiersz", 2: "2 wiersze", 5: "5 wierszy", 22: "22 wiersze", 1_000_005: "1000005 wierszy"} {
		if got := pl.N(int64(n), "%d row", "%d rows", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestThePersonsChoiceComesFirst(t *testing.T) {
	t.Parallel()
	s := Speak(English(), inGerman(t))
	for _, test := range []struct{ chosen, accepts, want string }{
		{"", "", "en"},
		{"", "de-AT,de;q=0.9,en;q=0.5", "de"},
		{"", "fr,en;q=0.2", "en"},
		{"", "fr", "en"},
		{"", "en-GB,de", "en"},
		{"en", "de", "en"},
		{"de", "en", "de"},
		{"tlh", "de", "de"},
		{"", "de;q=x", "en"},
		{"", strings.Repeat("de,", 1000), "en"},
	} {
		if got := s.Choose(test.chosen, test.accepts).Tag(); got != test.want {
			t.Errorf("chosen %q, accepted %.40q: %s, want %s", test.chosen, test.accepts, got, test.want)
		}
	}
	if got := Speak(inGerman(t)).Choose("", "fr").Tag(); got != "de" {
		t.Errorf("a German admin speaks %s", got)
	}
	if got := (*Spoken)(nil).Choose("de", "de").Tag(); got != "en" {
		t.Errorf("without languages: %s", got)
	}
}

func TestABrokenCatalogueSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		`{`: "read a language", `{"tag": "xx-not-a-tag-at-all"}`: "want a language tag", `{"tag": "de", "words": {}}`: "unknown field",
		`{"tag": "de", "texts": {"%s of %s": "%s"}}`: `"%s of %s" is translated as "%s"`, `{"tag": "de", "texts": {"Save": {"one": "x"}}}`: `"other"`,
		`{"tag": "de", "texts": {"Save": 7}}`: `the translation of "Save"`,
	} {
		if _, err := Read(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", file, err, want)
		}
	}
}
