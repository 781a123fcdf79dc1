package pages

import (
	"maps"
	"slices"
	"strconv"

	"greenroom/widgets"
)

// answer is what can be said of a filter without the database.
type answer uint8

const (
	unknown answer = iota
	yes
	no
)

// holds tells whether a row with these values passes a filter. It answers for equality and NULL, which is what rules about rows are made of; for
// anything else, and for columns whose value is not given, it does not know.
func holds(f widgets.Filter, values map[string]widgets.Value) answer {
	result := yes
	and := func(a answer) {
		switch {
		case a == no || result == no:
			result = no
		case a == unknown:
			result = unknown
		}
	}
	for _, g := range f.All {
		and(holds(g, values))
	}
	if f.Any != nil {
		any := no
		for _, g := range f.Any {
			switch holds(g, values) {
			case yes:
				any = yes
			case unknown:
				if any == no {
					any = unknown
				}
			}
		}
		and(any)
	}
	if f.Column != "" {
		v, given := values[f.Column]
		if !given {
			and(unknown)
		} else {
			and(compares(f, v))
		}
	}
	return result
}

func compares(f widgets.Filter, v widgets.Value) answer {
	is := func(b bool) answer {
		if b {
			return yes
		}
		return no
	}
	switch f.Op {
	case widgets.OpNull:
		return is(v.IsNull())
	case widgets.OpNotNull:
		return is(!v.IsNull())
	case widgets.OpEq, widgets.OpIn:
		return is(!v.IsNull() && slices.ContainsFunc(f.Values, func(want string) bool { return sameText(want, v.String()) }))
	case widgets.OpNe:
		return is(v.IsNull() || !slices.ContainsFunc(f.Values, func(want string) bool { return sameText(want, v.String()) }))
	}
	return unknown
}

// sameText compares as a database would: 5 and 5.0 are one number, 1 and true one truth.
func sameText(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return x == y
	}
	p, okP := truth(a)
	q, okQ := truth(b)
	return okP && okQ && p == q
}

// demanded are the values that a filter asks for outright: "tenant_id = 5". A new row gets them where the form does not ask.
func demanded(f widgets.Filter) map[string]string {
	found := map[string]string{}
	for _, g := range f.All {
		maps.Copy(found, demanded(g))
	}
	if f.Column != "" && f.Any == nil && len(f.Values) == 1 && (f.Op == widgets.OpEq || f.Op == widgets.OpIn) {
		found[f.Column] = f.Values[0]
	}
	return found
}

// mentions tells whether a filter is about one of the columns.
func mentions(f widgets.Filter, columns map[string]widgets.Value) bool {
	if _, found := columns[f.Column]; found {
		return true
	}
	return slices.ContainsFunc(slices.Concat(f.All, f.Any), func(g widgets.Filter) bool { return mentions(g, columns) })
}
