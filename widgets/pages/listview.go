package pages

import (
	"context"
	"html/template"
	"slices"
	"strings"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// listView is what list.html draws. Everything in it is made when the state changes, so that drawing calls nothing.
type listView struct {
	Path, CSRF          string
	Title, Help, Count  string
	CountAsk            bool // nobody knows the count; a button counts
	AddURL, AddLabel    string
	ImportURL           string
	ReadOnly            string
	TrashURL, LiveURL   string // from the list to its trash, and back
	Faults              []string
	Search, Placeholder string
	Searchable          bool
	SearchColumn        string   // one to search in, for the hint
	Keep                []hidden // the rest of the address, for the search form
	Filters             []filterView
	Chips               []chipView
	Clear               linkView
	Bulk                *bulkView
	Plain               template.HTML // the actions for browsers without JavaScript
	Ask                 *askView
	Wide, Selectable    bool
	AllHere             bool
	Heads               []headView
	Rows                []rowView
	Empty               *emptyView
	PagerText           string
	Waiting             string // how many new rows wait to be shown, "" for none
	Live                liveView
	Roomy               bool
	Sort                sortView
	Export              exportView
	Columns             columnsView
	Dates               *datesView
	Views               *viewsView // nil where nothing can be saved
	First, Prev         linkView
	Next, Last          linkView
	Paged               bool
}

type (
	hidden struct{ Name, Value string }
	// linkView is a place in the list: an address for the browser, the same for the event "go". Without a Href it leads nowhere.
	linkView struct{ Href, To string }
	headView struct {
		Column, Label, Class, Sort, Help string
		// Rank tells the place in a sort by several columns, with its direction: "2 ↓".
		Rank string
		Link linkView
	}
	rowView struct {
		Key, Name string
		Checked   bool
		Class     string
		Cells     []cell
		Edit      *inputView // of the cell that is being edited
	}
	chipView struct {
		Key, Label, Text string
		Off              linkView
	}
	bulkView struct {
		Text, All string
		Actions   []actionLink
	}
	actionLink struct{ Name, Label, Class string }
	emptyView  struct {
		Title, Text      string
		Clear            linkView
		AddURL, AddLabel string
	}
)

// link makes the address of a place in the list.
func (g *grid) link(path string, at address) linkView {
	to := at.values().Encode()
	if to == "" {
		return linkView{Href: path, To: ""}
	}
	return linkView{Href: path + "?" + to, To: to}
}

// draw fills s.View.
func (s *listState) draw(ctx context.Context, in widgets.In, g *grid) {
	path := firstOf(in.Path, g.url())
	g.dress(s.at, s.look)
	l := g.l
	v := listView{
		Path: path, CSRF: in.CSRF, Title: l.T(g.plural()), Help: l.T(firstOf(g.Help, g.table().Help)), Count: countText(l, s.count), CountAsk: s.count.Unknown, ReadOnly: l.Late(g.table().ReadOnly),
		Faults: late(l, s.faults), Search: s.at.search, Placeholder: g.placeholder(), Searchable: g.searched() == nil || len(g.searched()) > 0,
		Keep: keep(s.at.firstPage(), wordSearch), Wide: len(g.columns) > 8, Selectable: len(g.table().Key) > 0,
	}
	v.SearchColumn = g.columns[0].Name
	for _, c := range g.columns {
		if c.KeyPart == 0 && c.Ref == nil && g.computedOf(c) == nil {
			v.SearchColumn = c.Name
			break
		}
	}
	if !g.trash && g.may(ctx, in.User, widgets.Add, nil).Allow && v.ReadOnly == "" {
		v.AddURL, v.AddLabel = g.addURL(), l.T("Add %s", g.one(l))
		if g.site.Jobs != nil {
			v.ImportURL = g.importURL()
		}
	}
	if g.trash {
		v.Title = l.T("%s in the trash", v.Title)
		v.LiveURL = g.url()
	} else if g.SoftDelete != "" && g.may(ctx, in.User, widgets.Delete, nil).Allow {
		v.TrashURL = g.trashURL()
	}
	actions := g.offered(ctx, in.User)
	v.Selectable = v.Selectable && len(actions) > 0
	for _, c := range g.filters {
		v.Filters = append(v.Filters, g.filterView(path, s, c))
	}
	names := g.choiceNames(ctx, in.User, s.at)
	for _, chosen := range s.at.choices {
		off := s.at.with(choice{column: chosen.column})
		v.Chips = append(v.Chips, chipView{chosen.column.Name, l.T(chosen.column.Label), chosen.text(l, names), g.link(path, off)})
	}
	if s.at.narrowed() {
		v.Clear = g.link(path, address{order: s.at.order, cols: s.at.cols, rows: s.at.rows, view: s.at.view, trash: s.at.trash})
	}
	v.Roomy, v.Waiting, v.Live = roomy(s.at, s.look), s.waitingText(g), g.liveView()
	v.Sort = g.sortView(path, s.at)
	v.Export = g.exportView(in.CSRF, s)
	v.Columns = g.columnsView(s)
	v.Dates = g.datesView(path, s)
	v.Views = g.viewsView(ctx, in.User, path, s)
	g.heads(&v, path, s.at)
	g.rowViews(&v, s, g.editable(ctx, in))
	g.pager(&v, path, s)
	switch {
	case !v.Selectable:
	case !s.sel.empty():
		v.Bulk = s.bulk(l, actions)
	case len(v.Rows) > 0:
		v.Plain = s.plainly(l, actions, in.CSRF)
	}
	if len(v.Rows) == 0 {
		v.Empty = s.empty(g, v)
	}
	if s.asking != nil {
		v.Ask = s.asking.view(in, s, g)
	}
	s.View = v
}

// plainly is the bulk bar for browsers without JavaScript; drawing it costs as much as all the rest of the list, so that it is kept while it is the same.
func (s *listState) plainly(l *lang.Language, actions []actionLink, csrf string) template.HTML {
	var of strings.Builder
	of.WriteString(l.Tag() + "\n" + csrf + "\n" + s.token)
	for _, a := range actions {
		of.WriteString("\n" + a.Name)
	}
	if s.plainOf != of.String() {
		s.plain, s.plainOf = plainActions(l, actions, csrf, s.token), of.String()
	}
	return s.plain
}

// placeholder says what a search looks in.
func (g *grid) placeholder() string {
	names := g.List.Search
	if names == nil {
		names = g.textColumns()
	}
	var labels []string
	for _, name := range names {
		if c := g.table().Column(name); c != nil && !slices.Contains(g.hide, name) {
			labels = append(labels, g.l.Inside(g.l.T(c.Label)))
		}
	}
	if len(labels) > 4 || len(labels) == 0 {
		return g.l.T("Search %s", g.many(g.l))
	}
	return g.l.T("Search %s", strings.Join(labels, ", "))
}

// keep are the hidden inputs by which a form keeps the rest of an address.
func keep(at address, but ...string) []hidden {
	values := at.values()
	for _, word := range but {
		values.Del(word)
	}
	var inputs []hidden
	for _, name := range sortedKeys(values) {
		for _, value := range values[name] {
			inputs = append(inputs, hidden{name, value})
		}
	}
	return inputs
}

// heads are the columns' headings. A click sorts ascending, then descending, then as the list does by itself.
func (g *grid) heads(v *listView, path string, at address) {
	order := g.orderOf(at)
	for _, c := range g.columns {
		head := headView{Column: c.Name, Label: g.l.T(c.Label), Class: headClass(c), Sort: "none", Help: g.l.T(g.help(c))}
		if own := g.computedOf(c); own != nil && own.Number {
			head.Class = "gr-num"
		}
		if by := g.sortColumn(c); by != "" {
			if len(order) > 0 && order[0].Column == by {
				head.Sort = map[bool]string{false: "ascending", true: "descending"}[order[0].Desc]
			}
			if n := slices.IndexFunc(order, func(o widgets.Order) bool { return o.Column == by }); n >= 0 && len(order) > 1 {
				head.Rank = group(int64(n + 1))
				if n > 0 {
					head.Rank += " " + arrow(order[n])
				}
			}
			to := at.firstPage()
			to.order = g.nextOrder(at, by)
			head.Link = g.link(path, to)
		}
		v.Heads = append(v.Heads, head)
	}
}

func (g *grid) nextOrder(at address, column string) []widgets.Order {
	asked := g.orderOf(at)
	up, down := []widgets.Order{{Column: column}}, []widgets.Order{{Column: column, Desc: true}}
	next := up
	switch {
	case len(asked) == 0 || asked[0].Column != column:
	case !asked[0].Desc:
		next = down
	case at.order != nil:
		return nil
	}
	if slices.Equal(next, g.defaultOrder()) {
		return nil
	}
	return next
}

func (g *grid) rowViews(v *listView, s *listState, editable []string) {
	where := make([]int, len(g.columns))
	for i, c := range g.columns {
		where[i] = slices.Index(s.rows.Columns, c.Name)
	}
	opens := g.opens()
	all := len(s.rows.Rows) > 0
	list := s.at.values().Encode()
	v.Rows = make([]rowView, len(s.rows.Rows))
	cells := make([]cell, 0, len(s.rows.Rows)*len(g.columns))
	for n, row := range s.rows.Rows {
		key := row.Key.String()
		r := rowView{Key: key}
		if len(row.Key) == 0 {
			r.Key = "row" + group(int64(n))
		}
		from := len(cells)
		for i, c := range g.columns {
			var value widgets.Value
			if where[i] >= 0 {
				value = row.Values[where[i]]
			}
			var one cell
			if own := g.computedOf(c); own != nil {
				one = g.drawComputed(own, FieldsOf(row.Key, s.rows.Columns, row.Values))
			} else {
				one = g.draw(c, value, s.names[c.Name])
			}
			if slices.Contains(opens, i) && len(row.Key) > 0 {
				one.Href, one.Link = carried(g.changeURL(row.Key), list), "gr-open"
			}
			here := place{key, c.Name}
			one.Edit = slices.Contains(editable, c.Name)
			one.Editing = s.editing != nil && here == s.editing.place()
			if one.Editing {
				r.Edit = s.editing.cellView(g.Model, g.l)
			} else if here == s.focus {
				one.Focus = "1"
			}
			cells = append(cells, one)
		}
		r.Cells = cells[from:len(cells):len(cells)]
		if v.Selectable {
			r.Checked = s.sel.has(key)
			r.Name = g.l.T("Select %s %s", g.one(g.l), r.Cells[0].Text)
			all = all && r.Checked
		}
		v.Rows[n] = r
	}
	v.AllHere = all
}

// opens are the places of the columns whose cells lead to the row.
func (g *grid) opens() []int {
	var at []int
	for i, c := range g.columns {
		if slices.Contains(g.List.Open, c.Name) {
			at = append(at, i)
		}
	}
	if at == nil {
		return []int{0}
	}
	return at
}

// pager leads through the list by keyset: no page numbers, and a page deep inside costs what the first does.
func (g *grid) pager(v *listView, path string, s *listState) {
	to := func(at address) linkView { return g.link(path, at) }
	first := s.at.firstPage()
	if s.rows.Prev != "" {
		prev := first
		prev.before = s.rows.Prev
		v.First, v.Prev = to(first), to(prev)
	}
	if s.rows.Next != "" {
		next, last := first, first
		next.after, last.last = s.rows.Next, true
		v.Next, v.Last = to(next), to(last)
	}
	v.Paged = s.rows.Prev != "" || s.rows.Next != ""
	switch n := int64(len(s.rows.Rows)); {
	case n == 0:
	case !v.Paged || v.Count == "":
		v.PagerText = rowsText(g.l, n, g.Model)
		if v.Paged {
			v.PagerText = g.l.T("%s on this page", v.PagerText)
		}
	default:
		v.PagerText = g.l.T("%s of %s %s", g.l.Number(n), v.Count, g.many(g.l))
	}
}

// bulk is the bar that stands in for the toolbar while something is selected.
func (s *listState) bulk(l *lang.Language, actions []actionLink) *bulkView {
	n := s.sel.n(s.count)
	b := &bulkView{Text: l.T("%s selected", firstOf(countText(l, n), l.T("All matching"))), Actions: actions}
	if s.sel.all && !n.Unknown {
		b.Text = l.T("All %s selected", countText(l, n))
	}
	if s.sel.all && len(s.sel.picked) > 0 {
		b.Text = l.T("%s, without %s", b.Text, l.Number(int64(len(s.sel.picked))))
	}
	if !s.sel.all && (s.rows.Next != "" || s.rows.Prev != "") {
		b.All = l.T("Select all matching")
		if text := countText(l, s.count); text != "" {
			if b.All = l.T("Select all %s", text); s.at.narrowed() {
				b.All = l.T("Select all %s matching", text)
			}
		}
	}
	return b
}

// empty says why there are no rows, and what to do about it.
func (s *listState) empty(g *grid, v listView) *emptyView {
	if s.at.narrowed() {
		e := &emptyView{Title: g.l.T("No %s match.", g.many(g.l)), Clear: v.Clear, Text: g.l.T("Nothing fits the search and filters as they are.")}
		if s.at.search != "" && len(s.at.choices) == 0 {
			e.Text = g.l.T("Nothing was found for “%s”.", cut(s.at.search, 60))
		}
		return e
	}
	if g.trash {
		return &emptyView{Title: g.l.T("The trash is empty."), Text: g.l.T("What is deleted stays here until it is restored, or deleted for good.")}
	}
	return &emptyView{Title: g.l.T("No %s yet.", g.many(g.l)), AddURL: v.AddURL, AddLabel: v.AddLabel}
}

// choiceNames finds what the rows are called that foreign keys are filtered by.
func (g *grid) choiceNames(ctx context.Context, u *widgets.User, at address) map[string]named {
	all := map[string]named{}
	for _, c := range at.choices {
		if own := g.ownOf(c.column); own != nil {
			for _, value := range c.values {
				all[c.column.Name+"="+value] = named{Text: own.label(value)}
			}
		}
		if filterKind(c.column) != byRef || len(c.values) == 0 {
			continue
		}
		found, err := g.refNames(ctx, u, c.column, slices.Clone(c.values))
		if err != nil {
			continue // the chip shows the key instead
		}
		for value, n := range found {
			all[c.column.Name+"="+value] = n
		}
	}
	return all
}

// text is a filter in words, for its chip.
func (c choice) text(l *lang.Language, names map[string]named) string {
	var words []string
	for _, v := range c.values {
		words = append(words, valueLabel(l, c.column, v, names[c.column.Name+"="+v].Text))
	}
	p, whole := periodOf(c)
	switch {
	case whole:
		words = append(words, p.long(l))
	case c.from != "" && c.to != "":
		words = append(words, l.T("%s to %s", c.from, c.to))
	case c.from != "":
		words = append(words, l.T("from %s", c.from))
	case c.to != "":
		words = append(words, l.T("up to %s", c.to))
	}
	if c.null {
		words = append(words, l.T("empty"))
	}
	if c.filled {
		words = append(words, l.T("not empty"))
	}
	return strings.Join(words, ", ")
}

// valueLabel is a filter's value in words.
func valueLabel(l *lang.Language, c *widgets.Column, v, name string) string {
	switch {
	case name != "":
		return name
	case c.Kind == widgets.KindBool:
		if yes, ok := truth(v); ok {
			return yesNo(l, yes)
		}
	case v == "":
		return l.T("(no text)")
	}
	return cut(oneLine(v), 60)
}
