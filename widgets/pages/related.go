package pages

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"greenroom/widgets"
)

const (
	// mostRelated is how many tables a form leads to, relatedBudget how long counting their rows may take in all.
	mostRelated   = 12
	relatedBudget = 50 * time.Millisecond
)

// references notes every foreign key of one column with the table that it points to, whose form leads to its rows, and which tables are link tables.
func (p *preparation) references() {
	for _, other := range p.site.Models {
		if other == nil || other.site == nil {
			continue
		}
		t := other.table()
		for i := range t.Columns {
			c := &t.Columns[i]
			if c.Ref == nil || len(c.Ref.To) != 1 {
				continue
			}
			if m := p.site.models[c.Ref.App+"."+c.Ref.Table]; m != nil && m.table().Column(c.Ref.To[0]) != nil {
				m.referring = append(m.referring, reference{other, c, c.Ref.To[0]})
			}
		}
	}
}

// inlines checks Form.Inlines.
func (p *preparation) inlines(m *Model) {
	for n, declared := range m.Form.Inlines {
		where := fmt.Sprintf("%s: Form.Inlines[%d]", m.table().ID(), n)
		if _, ok := m.Source.(widgets.Together); !ok {
			p.fault("%s: its Source cannot change rows of several tables in one transaction", where)
			continue
		}
		if c := p.inline(m, where, declared); c != nil {
			c.n = n
			m.inlines = append(m.inlines, c)
		}
	}
}

func (p *preparation) inline(m *Model, where string, declared Inline) *inlineClass {
	c := &inlineClass{Inline: declared, of: p.site.models[m.table().App+"."+declared.Table]}
	if c.of == nil {
		p.fault("%s names the table %q, which is no table of this admin; it has %s", where, declared.Table, strings.Join(sortedKeys(p.site.models), ", "))
		return nil
	}
	if len(c.of.table().Key) == 0 {
		p.fault("%s: %s has no primary key, so its rows cannot be told apart", where, declared.Table)
		return nil
	}
	ref, fault := referTo(c.of.table(), m.table(), declared.Column)
	if fault != "" {
		p.fault("%s: %s", where, fault)
		return nil
	}
	c.ref = ref
	c.fields = p.columns(c.of, where+".Fields", declared.Fields)
	if declared.Fields == nil {
		for _, column := range c.of.fields {
			if column.Kind != widgets.KindBytes && (!column.Auto || column.KeyPart == 0) {
				c.fields = append(c.fields, column)
			}
		}
	}
	c.fields = slices.DeleteFunc(slices.Clone(c.fields), func(column *widgets.Column) bool { return slices.Contains(ref.Columns, column.Name) })
	p.check(len(c.fields) > 0, "%s has no fields besides its foreign key; name some in Fields", where)
	p.columns(c.of, where+".ReadOnly", declared.ReadOnly)
	if declared.Sort != nil {
		c.order = p.order(c.of, where+".Sort", declared.Sort)
	}
	p.check(declared.PerPage >= 0 && declared.PerPage <= mostLines, "%s: PerPage is %d; a page of an inline has 1 to %d rows", where, declared.PerPage, mostLines)
	if c.PerPage <= 0 || c.PerPage > mostLines {
		c.PerPage = 10
	}
	return c
}

// referTo is the foreign key by which rows of from refer to rows of to.
func referTo(from, to *widgets.Table, column string) (ref widgets.Ref, fault string) {
	var found []widgets.Ref
	for _, r := range from.Refs {
		if r.App == to.App && r.Table == to.Name && (column == "" || r.Columns[0] == column) {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], ""
	case len(found) == 0 && column == "":
		return ref, fmt.Sprintf("%s has no foreign key to %s", from.ID(), to.ID())
	case len(found) == 0:
		return ref, fmt.Sprintf("%s has no foreign key to %s that starts with the column %q", from.ID(), to.ID(), column)
	}
	return ref, fmt.Sprintf("%s refers to %s by %d foreign keys; say by which in Column, such as %q", from.ID(), to.ID(), len(found), found[0].Columns[0])
}

// relatedTo leads to the rows of other tables that refer to a row and that its inlines do not show. They are counted where an index serves it, as far as
// the budget goes; a table that the person may not see is not named.
func (m *Model) relatedTo(ctx context.Context, in widgets.In, row widgets.Row) []relatedView {
	ctx, cancel := context.WithTimeout(ctx, relatedBudget)
	defer cancel()
	var all []relatedView
	for _, r := range m.referring {
		if len(all) == mostRelated {
			break
		}
		shown := slices.ContainsFunc(m.inlines, func(c *inlineClass) bool { return c.of == r.of && c.ref.Columns[0] == r.column.Name }) ||
			slices.ContainsFunc(m.links, func(c *linkClass) bool { return c.of == r.of && c.own.Name == r.column.Name })
		d := r.of.may(ctx, in.User, widgets.View, nil)
		v := valueOf(m.table(), row, r.to)
		if shown || !d.Allow || slices.Contains(d.Hide, r.column.Name) || v.IsNull() || v.IsBlob() {
			continue
		}
		label := in.T(r.of.plural())
		if m.times(r.of) > 1 {
			label += " (" + in.Language.Inside(in.T(r.column.Label)) + ")"
		}
		link := relatedView{Label: label, URL: r.of.url() + "?" + url.Values{wordFilter + r.column.Name: {v.String()}}.Encode()}
		if r.column.Indexed {
			n, err := r.of.Source.Count(ctx, widgets.Query{Filter: widgets.Where(r.column.Name, widgets.OpEq, v.String()).And(d.Rows).And(r.of.live())})
			if err == nil && !n.Unknown {
				link.Count = countText(in.Language, n)
			}
		}
		all = append(all, link)
	}
	return all
}

// times is how many foreign keys of other point here.
func (m *Model) times(other *Model) (n int) {
	for _, r := range m.referring {
		if r.of == other {
			n++
		}
	}
	return n
}
