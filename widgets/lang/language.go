package lang

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed *.json
var files embed.FS

// Language is one that the admin speaks. It is not changed once it is read. A nil *Language is English.
type Language struct {
	// tag is BCP 47's: "de"; name is what those who speak it call it: "Deutsch".
	tag, name string
	// rightToLeft mirrors the pages.
	rightToLeft bool
	// capitals says that a label keeps its capital inside a sentence, as a German noun does.
	capitals bool
	// group stands between thousands, decimal before the fraction.
	group, decimal string
	texts          map[string]forms
	lately         []*late // of texts with values in them, the longest first
	parsed         language.Tag
	// wrap makes a text of one that is not in texts; nil leaves it English.
	wrap func(string) string
}

// forms are a text's translations by plural form; other is that of a text without a number.
type forms struct{ Zero, One, Two, Few, Many, Other string }

// file is a language as its JSON file has it. A text's value is a string, or an object of plural forms: {"one": "…", "other": "…"}.
type file struct {
	Tag         string `json:"tag"`
	Name        string `json:"name"`
	RightToLeft bool   `json:"rightToLeft"`
	Capitals    bool   `json:"capitals"`
	Group       string `json:"group"`
	Decimal     string `json:"decimal"`
	Texts       map[string]json.RawMessage
}

// English is the language in which the admin is written.
func English() *Language {
	return &Language{tag: "en", name: "English", group: ",", decimal: ".", parsed: language.English}
}

// German is built in and complete.
func German() (*Language, error) { return german() }

// german is read once, by whoever first asks: its sentences become some hundred patterns.
var german = sync.OnceValues(func() (*Language, error) {
	f, err := files.Open("de.json")
	if err != nil {
		return nil, fmt.Errorf("lang: %w", err)
	}
	defer f.Close() //nolint:errcheck // it is in memory
	return Read(f)
})

// Read reads a language from JSON: tag, name, group, decimal, and texts from the English wording to the translation; rightToLeft and capitals where
// they hold. The error says what is wrong with which text.
func Read(r io.Reader) (*Language, error) {
	var in file
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, fmt.Errorf("lang: read a language: %w", err)
	}
	parsed, err := language.Parse(in.Tag)
	if err != nil || in.Tag == "" {
		return nil, fmt.Errorf("lang: tag %q: want a language tag such as de or pt-BR", in.Tag)
	}
	l := &Language{
		tag: parsed.String(), name: in.Name, rightToLeft: in.RightToLeft, capitals: in.Capitals, group: in.Group, decimal: in.Decimal,
		texts: make(map[string]forms, len(in.Texts)), parsed: parsed,
	}
	if l.name == "" {
		l.name = l.tag
	}
	for text, raw := range in.Texts {
		var f forms
		if raw[0] == '"' {
			err = json.Unmarshal(raw, &f.Other)
		} else {
			err = json.Unmarshal(raw, &f)
		}
		if err != nil || f.Other == "" {
			return nil, fmt.Errorf("lang: %s: the translation of %q: want a text, or an object of plural forms with \"other\" among them", in.Tag, text)
		}
		for _, form := range []string{f.Zero, f.One, f.Two, f.Few, f.Many, f.Other} {
			if form != "" && verbs(form) != verbs(text) {
				return nil, fmt.Errorf("lang: %s: %q is translated as %q: want the same %%s and %%d, in the same order or numbered, as %%[2]s", in.Tag, text, form)
			}
		}
		l.texts[text] = f
	}
	for text := range l.texts {
		if p := lately(text); p != nil {
			l.lately = append(l.lately, p)
		}
	}
	slices.SortFunc(l.lately, func(a, b *late) int { return cmp.Or(len(b.text)-len(a.text), strings.Compare(a.text, b.text)) })
	return l, nil
}

// verbs counts the places that values are put into.
func verbs(text string) int { return strings.Count(strings.ReplaceAll(text, "%%", ""), "%") }

// Pseudo is a language for tests: every text stands in brackets, so that one that passed by the catalogue is seen, and pages are mirrored.
func Pseudo() *Language {
	return &Language{
		tag: "ar-XB", name: "Pseudo", rightToLeft: true, group: ",", decimal: ".", parsed: language.Arabic,
		wrap: func(text string) string { return "[" + text + "]" },
	}
}

// Tag is the language's tag: "en".
func (l *Language) Tag() string {
	if l == nil {
		return "en"
	}
	return l.tag
}

// Name is what those who speak the language call it.
func (l *Language) Name() string {
	if l == nil {
		return "English"
	}
	return l.name
}

// Dir is the direction of writing, as the attribute dir says it: "ltr" or "rtl".
func (l *Language) Dir() string {
	if l != nil && l.rightToLeft {
		return "rtl"
	}
	return "ltr"
}

// Has reports whether the language has a text of its own for an English one. English has all.
func (l *Language) Has(text string) bool {
	if l == nil || l.texts == nil {
		return true
	}
	_, ok := l.texts[text]
	return ok
}

// Texts are the English texts that are translated.
func (l *Language) Texts() []string {
	var texts []string
	if l != nil {
		for text := range l.texts {
			texts = append(texts, text)
		}
	}
	return texts
}

// T says a text. args are put into its %s and %d, as fmt.Sprintf does; numbers that people read go through Number first.
func (l *Language) T(text string, args ...any) string {
	said := text
	if l != nil {
		if f, ok := l.texts[text]; ok {
			said = f.Other
		} else if l.wrap != nil && text != "" {
			said = l.wrap(text)
		}
	}
	if len(args) == 0 {
		return said
	}
	return fmt.Sprintf(said, args...)
}

// N says a text in the form that goes with n: in English one for 1, else other. In the catalogue both stand under other.
func (l *Language) N(n int64, one, other string, args ...any) string {
	said := other
	if n == 1 {
		said = one
	}
	if l != nil {
		if f, ok := l.texts[other]; ok {
			said = f.of(plural.Cardinal.MatchPlural(l.parsed, int(max(n, -n)%1_000_000_000), 0, 0, 0, 0))
		} else if l.wrap != nil {
			said = l.wrap(said)
		}
	}
	if len(args) == 0 {
		return said
	}
	return fmt.Sprintf(said, args...)
}

func (f forms) of(form plural.Form) string {
	said := ""
	switch form {
	case plural.Zero:
		said = f.Zero
	case plural.One:
		said = f.One
	case plural.Two:
		said = f.Two
	case plural.Few:
		said = f.Few
	case plural.Many:
		said = f.Many
	case plural.Other:
	}
	if said == "" {
		return f.Other
	}
	return said
}

// Number writes a whole number with its thousands apart: 1,234,567.
func (l *Language) Number(n int64) string {
	between := ","
	if l != nil {
		between = l.group
	}
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + between + digits[i:]
	}
	return sign + digits
}

// Decimal writes a number that a machine wrote, 1.5, with the language's mark.
func (l *Language) Decimal(number string) string {
	if l == nil || l.decimal == "." {
		return number
	}
	return strings.Replace(number, ".", l.decimal, 1)
}

// The layouts of dates and times, as package time has them. They are texts: a catalogue may have its own for each.
const (
	Date    = "2006-01-02"
	Minutes = "2006-01-02 15:04"
	Seconds = "2006-01-02 15:04:05"
)

// Time writes a time by one of the layouts.
func (l *Language) Time(t time.Time, layout string) string {
	if l != nil {
		if f, ok := l.texts[layout]; ok {
			layout = f.Other
		}
	}
	return t.Format(layout)
}

// Inside makes a label fit inside a sentence: "Order" is "order" in English, and "Order" where nouns have capitals. One with further capitals
// ("API keys") stays too.
func (l *Language) Inside(label string) string {
	r, size := utf8.DecodeRuneInString(label)
	rest := label[size:]
	if l != nil && l.capitals {
		return strings.ToUpper(string(r)) + rest
	}
	if strings.ToLower(rest) != rest {
		return label
	}
	return strings.ToLower(string(r)) + rest
}
