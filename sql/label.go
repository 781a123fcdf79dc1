package sql

import (
	"slices"
	"strings"
	"unicode"
)

// acronyms stay in capitals when a name is made readable.
var acronyms = []string{"id", "ip", "url", "uri", "uuid", "sku", "vat", "api", "html", "json", "csv", "pdf", "iban", "sql"}

// words splits a name at underscores, blanks and humps: order_lines, OrderLines and "order lines" are the same two words.
func words(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		if r == '_' || r == '-' || r == '.' || unicode.IsSpace(r) {
			flush()
			continue
		}
		if unicode.IsUpper(r) && i > 0 {
			afterLower := unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || beforeLower && unicode.IsUpper(runes[i-1]) {
				flush()
			}
		}
		word = append(word, r)
	}
	flush()
	return out
}

// humanised makes a stored name readable: order_lines becomes "Order lines", HTTPStatus "HTTP status", customer_id "Customer ID".
func humanised(name string) string {
	parts := words(name)
	if len(parts) == 0 {
		return name
	}
	for i, w := range parts {
		lower := strings.ToLower(w)
		switch {
		case slices.Contains(acronyms, lower):
			parts[i] = strings.ToUpper(w)
		case len(w) > 1 && w == strings.ToUpper(w) && name != strings.ToUpper(name):
			// capitals inside a mixed name are an acronym; an all-capitals name is only shouting
		case i == 0:
			r := []rune(lower)
			parts[i] = string(unicode.ToUpper(r[0])) + string(r[1:])
		default:
			parts[i] = lower
		}
	}
	return strings.Join(parts, " ")
}

// withoutID drops the suffix that says that a column refers to another row: CustomerId and customer_id are "Customer".
func withoutID(name string) string {
	parts := words(name)
	if n := len(parts); n > 1 && strings.EqualFold(parts[n-1], "id") {
		return humanised(strings.Join(parts[:n-1], "_"))
	}
	return humanised(name)
}

// singular is a table's name for one row, in small letters: "order line" for order_lines. Names that are no English plural stay.
func singular(label string) string {
	parts := strings.Fields(lowered(label))
	if len(parts) == 0 {
		return label
	}
	last := &parts[len(parts)-1]
	w := *last
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		*last = w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"):
		*last = w[:len(w)-2]
	case strings.HasSuffix(w, "ss"), strings.HasSuffix(w, "us"), strings.HasSuffix(w, "is"), strings.HasSuffix(w, "ews"):
	case strings.HasSuffix(w, "s") && len(w) > 3:
		*last = w[:len(w)-1]
	}
	return strings.Join(parts, " ")
}

// lowered is a label inside a sentence: small letters, but for acronyms.
func lowered(label string) string {
	parts := strings.Fields(label)
	for i, w := range parts {
		if w != strings.ToUpper(w) || len(w) == 1 {
			parts[i] = strings.ToLower(w)
		}
	}
	return strings.Join(parts, " ")
}
