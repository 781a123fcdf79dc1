package pages

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// The words of a list's address. cols names the columns shown, joined by commas; rows is the height of the rows; view the saved view that all the
// others were taken from. Filters are f.<column>=value (repeated: any of them) or f.<column>=from..to; null.<column>=1 asks for rows without a
// value, =0 for those with one. A form that has the two ends of a range apart says from.<column> and to.<column>.
const (
	wordSearch = "q"
	wordOrder  = "o"
	wordAfter  = "after"
	wordBefore = "before"
	wordLast   = "last"
	wordCols   = "cols"
	wordRows   = "rows"
	wordView   = "view"
	wordFilter = "f."
	wordNull   = "null."
	wordFrom   = "from."
	wordTo     = "to."
)

// maxSearch is the longest search in characters; what is longer is cut.
const maxSearch = 200

// address is the state of a list that stands in its URL: whoever opens it sees the same rows.
type address struct {
	search        string
	order         []widgets.Order // as asked for; nil is the list's own
	after, before string
	last          bool
	choices       []choice
	// cols and rows are nil and "" where the person's own choice holds.
	cols []string
	rows string
	view string
	// trash is the grid's: a list does not leave the trash, or enter it, without being loaded anew.
	trash bool
}

// choice is the filter of one column.
type choice struct {
	column *widgets.Column
	values []string
	// null asks for NULL, besides the values if there are any; filled for anything but NULL.
	null, filled bool
	// from and to are the ends of a range; either may be open.
	from, to string
}

func (c choice) empty() bool {
	return len(c.values) == 0 && !c.null && !c.filled && c.from == "" && c.to == ""
}

// grid is a model as one person may see it.
type grid struct {
	*Model
	columns, filters []*widgets.Column
	// own are the columns that the list declares, choosable those that may be shown.
	own, choosable []*widgets.Column
	scope          widgets.Filter
	hide           []string
	l              *lang.Language
	trash          bool // the rows in the trash, and no others
}

// parse reads an address. What does not fit the table (or the person: a hidden column) is left out and told.
func (g *grid) parse(values url.Values) (a address, faults []string) {
	a.trash = g.trash
	a.search = strings.TrimSpace(values.Get(wordSearch))
	if r := []rune(a.search); len(r) > maxSearch {
		a.search = string(r[:maxSearch])
		faults = append(faults, "The search was cut to "+group(maxSearch)+" characters.")
	}
	for word := range strings.SplitSeq(values.Get(wordOrder), ",") {
		if word == "" {
			continue
		}
		name, desc := strings.CutPrefix(word, "-")
		if g.orderable(word) {
			name, desc = word, false
		}
		if !g.orderable(name) {
			faults = append(faults, "This list cannot be sorted by “"+cut(name, 40)+"”.")
			continue
		}
		if len(a.order) < mostOrders && !slices.ContainsFunc(a.order, func(o widgets.Order) bool { return o.Column == name }) {
			a.order = append(a.order, widgets.Order{Column: name, Desc: desc})
		}
	}
	if slices.Equal(a.order, g.defaultOrder()) {
		a.order = nil
	}
	faults = append(faults, g.parseLook(&a, values)...)
	switch {
	case values.Get(wordAfter) != "":
		a.after = values.Get(wordAfter)
	case values.Get(wordBefore) != "":
		a.before = values.Get(wordBefore)
	default:
		a.last = values.Get(wordLast) == "1"
	}
	known := map[string]bool{}
	for _, c := range g.filterable() {
		known[c.Name] = true
		chosen, wrong := readChoice(c, values)
		if own := g.ownOf(c); own != nil {
			chosen.values = slices.DeleteFunc(chosen.values, func(v string) bool {
				unknown := own.label(v) == ""
				if unknown {
					wrong = c.Label + ": there is no choice “" + cut(v, 40) + "”."
				}
				return unknown
			})
			chosen.null, chosen.filled = false, false
		}
		if wrong != "" {
			faults = append(faults, wrong)
		}
		if !chosen.empty() {
			a.choices = append(a.choices, chosen)
		}
	}
	for _, word := range sortedKeys(values) {
		for _, prefix := range []string{wordFilter, wordNull, wordFrom, wordTo} {
			if name, ok := strings.CutPrefix(word, prefix); ok && !known[name] {
				faults = append(faults, "This list has no filter “"+cut(name, 40)+"”.")
			}
		}
	}
	return a, faults
}

// readChoice reads one column's filter; wrong says which value was left out.
func readChoice(c *widgets.Column, values url.Values) (chosen choice, wrong string) {
	chosen.column = c
	fits := func(v string) bool {
		if problem := checkFilter(c, v); problem != "" {
			wrong = c.Label + ": “" + cut(v, 40) + "” " + problem
			return false
		}
		return true
	}
	end := func(v string) string {
		if v = strings.TrimSpace(v); v != "" && fits(v) {
			return v
		}
		return ""
	}
	for _, v := range values[wordFilter+c.Name] {
		if from, to, isRange := strings.Cut(v, ".."); isRange && ranged(c) {
			chosen.from, chosen.to = end(from), end(to)
			continue
		}
		if filterKind(c) == byTruth {
			if yes, ok := truth(v); ok {
				v = map[bool]string{true: "true", false: "false"}[yes]
			}
		}
		if len(chosen.values) < 50 && !slices.Contains(chosen.values, v) && fits(v) {
			chosen.values = append(chosen.values, v)
		}
	}
	if ranged(c) && (values.Has(wordFrom+c.Name) || values.Has(wordTo+c.Name)) {
		chosen.from, chosen.to = end(values.Get(wordFrom+c.Name)), end(values.Get(wordTo+c.Name))
	}
	switch values.Get(wordNull + c.Name) {
	case "1":
		chosen.null = true
	case "0":
		chosen.filled = true
	}
	return chosen, wrong
}

// values is the inverse of parse.
func (a address) values() url.Values {
	v := url.Values{}
	set := func(word, value string) {
		if value != "" {
			v.Set(word, value)
		}
	}
	set(wordSearch, a.search)
	set(wordOrder, orderText(a.order))
	set(wordCols, strings.Join(a.cols, ","))
	set(wordRows, a.rows)
	set(wordView, a.view)
	if a.trash {
		v.Set(wordTrash, "1")
	}
	set(wordAfter, a.after)
	set(wordBefore, a.before)
	if a.last {
		v.Set(wordLast, "1")
	}
	for _, c := range a.choices {
		for _, value := range c.values {
			v.Add(wordFilter+c.column.Name, value)
		}
		if c.from != "" || c.to != "" {
			v.Add(wordFilter+c.column.Name, c.from+".."+c.to)
		}
		if c.null {
			v.Set(wordNull+c.column.Name, "1")
		} else if c.filled {
			v.Set(wordNull+c.column.Name, "0")
		}
	}
	return v
}

func orderText(order []widgets.Order) string {
	words := make([]string, len(order))
	for i, o := range order {
		words[i] = o.Column
		if o.Desc {
			words[i] = "-" + o.Column
		}
	}
	return strings.Join(words, ",")
}

// firstPage is the address without a place in the list.
func (a address) firstPage() address {
	a.after, a.before, a.last = "", "", false
	return a
}

// with replaces one column's filter, and goes to the first page.
func (a address) with(c choice) address {
	a = a.firstPage()
	a.choices = slices.Clone(a.choices)
	at := slices.IndexFunc(a.choices, func(o choice) bool { return o.column.Name == c.column.Name })
	switch {
	case at >= 0 && c.empty():
		a.choices = slices.Delete(a.choices, at, at+1)
	case at >= 0:
		a.choices[at] = c
	case !c.empty():
		a.choices = append(a.choices, c)
	}
	return a
}

// of is the filter of a column, an empty one if it has none.
func (a address) of(c *widgets.Column) choice {
	for _, chosen := range a.choices {
		if chosen.column.Name == c.Name {
			return chosen
		}
	}
	return choice{column: c}
}

// narrowed tells whether fewer rows are asked for than there are.
func (a address) narrowed() bool { return a.search != "" || len(a.choices) > 0 }

// query says which rows the address shows.
func (g *grid) query(a address) widgets.Query {
	q := widgets.Query{
		Search: a.search, In: g.searched(), Filter: g.scope, Order: a.order, After: a.after, Before: a.before, Last: a.last,
		Limit: g.perPage, Select: g.selected(),
	}
	if q.In != nil {
		q.Named = columnsOf(g.visible(everyColumn(g.table())))
	}
	if q.In != nil && len(q.In) == 0 {
		q.In, q.Search = nil, ""
	}
	if q.Order == nil {
		q.Order = g.defaultOrder()
	}
	for _, c := range a.choices {
		if own := g.ownOf(c.column); own != nil {
			q.Filter = q.Filter.And(own.filter(c.values))
			continue
		}
		q.Filter = q.Filter.And(c.filter())
	}
	return q
}

// filter is the condition of one column.
func (c choice) filter() widgets.Filter {
	name := c.column.Name
	var any []widgets.Filter
	switch len(c.values) {
	case 0:
	case 1:
		any = append(any, widgets.Where(name, widgets.OpEq, c.values[0]))
	default:
		any = append(any, widgets.Where(name, widgets.OpIn, c.values...))
	}
	if c.from != "" || c.to != "" {
		any = append(any, widgets.Where(name, widgets.OpBetween, c.from, c.to))
	}
	if c.null {
		any = append(any, widgets.Where(name, widgets.OpNull))
	}
	var f widgets.Filter
	if len(any) == 1 {
		f = any[0]
	} else if len(any) > 1 {
		f = widgets.Filter{Any: any}
	}
	if c.filled {
		f = f.And(widgets.Where(name, widgets.OpNotNull))
	}
	return f
}

var (
	integerText = regexp.MustCompile(`^[+-]?[0-9]{1,40}$`)
	decimalText = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)
	uuidText    = regexp.MustCompile(`^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$`)
)

// checkFilter says what is wrong with a value that a column is compared with, "" if nothing is.
func checkFilter(c *widgets.Column, v string) string {
	switch c.Kind {
	case widgets.KindInteger:
		if !integerText.MatchString(v) {
			return "is not a whole number."
		}
	case widgets.KindDecimal, widgets.KindFloat:
		if len(v) > 60 || !decimalText.MatchString(v) {
			return "is not a number."
		}
	case widgets.KindBool:
		if _, ok := truth(v); !ok {
			return "is neither yes nor no."
		}
	case widgets.KindUUID:
		if !uuidText.MatchString(v) {
			return "is not a UUID."
		}
	case widgets.KindDate, widgets.KindDateTime:
		if len(v) < 10 {
			return "is not a date like 2026-01-31."
		}
		if _, err := time.Parse(time.DateOnly, v[:10]); err != nil {
			return "is not a date like 2026-01-31."
		}
	}
	if len(v) > 1000 {
		return "is too long."
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
