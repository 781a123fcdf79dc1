package pages

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom/widgets"
)

// none stands for NULL wherever a value is shown.
const none = "–"

// group writes 1234567 as 1,234,567.
func group(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// countText writes a count as people read it: "1,234", "10,000+", "~1.2M", and "" when it is not known.
func countText(c widgets.Count) string {
	switch {
	case c.Unknown:
		return ""
	case c.Estimate:
		return "~" + short(c.N)
	case c.AtLeast:
		return group(c.N) + "+"
	}
	return group(c.N)
}

// short writes a large number with two significant digits and a letter.
func short(n int64) string {
	for _, unit := range []struct {
		size   int64
		letter string
	}{{1e9, "B"}, {1e6, "M"}, {1e3, "k"}} {
		if n >= unit.size {
			tenths := n * 10 / unit.size
			if tenths < 100 && tenths%10 != 0 {
				return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + unit.letter
			}
			return group(tenths/10) + unit.letter
		}
	}
	return strconv.FormatInt(n, 10)
}

// rowsText is a number with the right word: "1 order", "12 orders".
func rowsText(n int64, m *Model) string {
	if n == 1 {
		return "1 " + lower(m.label())
	}
	return group(n) + " " + lower(m.plural())
}

// lower makes a label fit inside a sentence; one with further capitals ("API keys") stays as it is.
func lower(label string) string {
	r, size := utf8.DecodeRuneInString(label)
	rest := label[size:]
	if strings.ToLower(rest) != rest {
		return label
	}
	return strings.ToLower(string(r)) + rest
}

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
func bytesText(n int) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MiB"
	case n >= 1<<10:
		return strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64) + " KiB"
	case n == 1:
		return "1 byte"
	}
	return strconv.Itoa(n) + " bytes"
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

func yesNo(yes bool) string {
	if yes {
		return "Yes"
	}
	return "No"
}

// minutes shortens a stored time stamp to minutes for a list; anything else stays as it is.
func minutes(s string) string {
	if len(s) < 19 || (s[10] != ' ' && s[10] != 'T') {
		return s
	}
	if _, err := time.Parse("2006-01-02 15:04:05", s[:10]+" "+s[11:19]); err != nil {
		return s
	}
	return s[:10] + " " + s[11:16]
}

// span writes a duration as people say it: "17 s", "3 min", "2 h 5 min".
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.Itoa(max(1, int(d.Round(time.Second)/time.Second))) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " min"
	}
	d = d.Round(time.Minute)
	text := strconv.Itoa(int(d/time.Hour)) + " h"
	if m := int(d % time.Hour / time.Minute); m > 0 {
		text += " " + strconv.Itoa(m) + " min"
	}
	return text
}
