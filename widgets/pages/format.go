package pages

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// none stands for NULL wherever a value is shown.
const none = "–"

// group is a number in English, for what nobody reads.
func group(n int64) string { return (*lang.Language)(nil).Number(n) }

// countText writes a count as people read it: "1,234", "10,000+", "~1.2M", and "" when it is not known.
func countText(l *lang.Language, c widgets.Count) string {
	switch {
	case c.Unknown:
		return ""
	case c.Estimate:
		return "~" + short(l, c.N)
	case c.AtLeast:
		return l.Number(c.N) + "+"
	}
	return l.Number(c.N)
}

// short writes a large number with two significant digits and a letter.
func short(l *lang.Language, n int64) string {
	for _, unit := range []struct {
		size   int64
		letter string
	}{{1e9, "B"}, {1e6, "M"}, {1e3, "k"}} {
		if n >= unit.size {
			tenths := n * 10 / unit.size
			if tenths < 100 && tenths%10 != 0 {
				return l.Decimal(strconv.FormatInt(tenths/10, 10)+"."+strconv.FormatInt(tenths%10, 10)) + l.T(unit.letter)
			}
			return l.Number(tenths/10) + l.T(unit.letter)
		}
	}
	return strconv.FormatInt(n, 10)
}

// rowsText is a number with the right word: "1 order", "12 orders".
func rowsText(l *lang.Language, n int64, m *Model) string {
	if n == 1 {
		return "1 " + m.one(l)
	}
	return l.Number(n) + " " + m.many(l)
}

// one is what a row of the model is called inside a sentence, many what several are.
func (m *Model) one(l *lang.Language) string  { return l.Inside(l.T(m.label())) }
func (m *Model) many(l *lang.Language) string { return l.Inside(l.T(m.plural())) }

// lower makes an English label fit inside a sentence.
func lower(label string) string { return (*lang.Language)(nil).Inside(label) }

// upper makes a label fit the start of a sentence.
func upper(label string) string {
	r, size := utf8.DecodeRuneInString(label)
	return strings.ToUpper(string(r)) + label[size:]
}

// cut shortens a text to n runes and says so with an ellipsis.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n--; n < 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// oneLine draws line breaks as marks, so that a cell stays one line.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n\t") {
		return s
	}
	return strings.NewReplacer("\r\n", " ⏎ ", "\n", " ⏎ ", "\r", " ⏎ ", "\t", " ").Replace(s)
}

// bytesText is the size of a binary value.
func bytesText(l *lang.Language, n int) string {
	switch {
	case n >= 1<<20:
		return l.Decimal(strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64)) + " MiB"
	case n >= 1<<10:
		return l.Decimal(strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64)) + " KiB"
	}
	return l.N(int64(n), "%d byte", "%d bytes", n)
}

// truth reads a stored boolean; ok is false for what is none.
func truth(s string) (yes, ok bool) {
	switch strings.ToLower(s) {
	case "1", "t", "true", "y", "yes", "on":
		return true, true
	case "0", "f", "false", "n", "no", "off", "":
		return false, s != ""
	}
	return false, false
}

func yesNo(l *lang.Language, yes bool) string {
	if yes {
		return l.T("Yes")
	}
	return l.T("No")
}

// minutes writes a stored time stamp, to the minute, for a list; anything else stays as it is.
func minutes(l *lang.Language, s string) string {
	if len(s) < 19 || (s[10] != ' ' && s[10] != 'T') {
		return s
	}
	at, err := time.Parse("2006-01-02 15:04:05", s[:10]+" "+s[11:19])
	if err != nil {
		return s
	}
	return l.Time(at, lang.Minutes)
}

// day writes a stored date for a list; anything else stays as it is.
func day(l *lang.Language, s string) string {
	at, err := time.Parse(lang.Date, s)
	if err != nil {
		return s
	}
	return l.Time(at, lang.Date)
}

// span writes a duration as people say it: "17 s", "3 min", "2 h 5 min".
func span(l *lang.Language, d time.Duration) string {
	switch {
	case d < time.Minute:
		return l.T("%d s", max(1, int(d.Round(time.Second)/time.Second)))
	case d < time.Hour:
		return l.T("%d min", int(d.Round(time.Minute)/time.Minute))
	}
	d = d.Round(time.Minute)
	if m := int(d % time.Hour / time.Minute); m > 0 {
		return l.T("%d h %d min", int(d/time.Hour), m)
	}
	return l.T("%d h", int(d/time.Hour))
}
