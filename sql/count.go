package sql

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	sq "github.com/Masterminds/squirrel"

	"greenroom/widgets"
)

const (
	// exactUpTo is how far Count counts.
	exactUpTo = 10_000
	// countBudget is how long the number above a list may take; a page never waits for it.
	countBudget = 150 * time.Millisecond
	// facetBudget is for the values of a column, which are counted when a person opens a filter: a million rows without an index take 0.6 s.
	facetBudget = 2 * time.Second
	// facetSample is how many rows stand in for all when counting takes too long, and sampleBudget how long to look for them.
	facetSample  = 20_000
	sampleBudget = 300 * time.Millisecond
)

// Count implements widgets.Reader. A whole table is counted to its end if the engine manages that in time; else it stops at exactUpTo. When the time
// is up it says "at least" of what it has found, and Unknown if that is nothing.
func (t *Table) Count(ctx context.Context, q widgets.Query) (widgets.Count, error) {
	s := t.now.Load()
	match, err := t.matching(s, q)
	if err != nil {
		return widgets.Count{}, err
	}
	quick, cancel := context.WithTimeout(ctx, countBudget)
	defer cancel()
	if q.Search == "" && q.Filter.Empty() {
		if n, err := t.countAll(quick, s, match); err == nil {
			return widgets.Count{N: n}, nil
		}
		if n, ok := t.db.dialect.estimate(ctx, t.db.read, s); ok && n > exactUpTo {
			return widgets.Count{N: n, Estimate: true}, nil
		}
		quick, cancel = context.WithTimeout(ctx, countBudget)
		defer cancel()
	}
	n, more, err := t.tally(quick, t.db.read, where(selecting(s, "1"), match), exactUpTo)
	switch {
	case err == nil:
		return widgets.Count{N: n, AtLeast: more}, nil
	case quick.Err() == nil || ctx.Err() != nil:
		return widgets.Count{}, t.failed("count", s, err)
	case n == 0:
		return widgets.Count{Unknown: true}, nil
	}
	return widgets.Count{N: n, AtLeast: true}, nil
}

// tally counts rows up to a bound, and says whether there are more. With an error n is what had been counted by then: nothing where a server counts.
func (t *Table) tally(ctx context.Context, q querier, b sq.SelectBuilder, upTo int64) (n int64, more bool, err error) {
	b = b.Limit(uint64(upTo + 1))
	if f := t.db.dialect.facts(); f.remote {
		found, err := t.rows(ctx, q, sq.Select("count(*)").PlaceholderFormat(f.format).FromSelect(b, "x"), 1)
		if err != nil {
			return 0, false, err
		}
		n, _ = found[0][0].(int64)
		return min(n, upTo), n > upTo, nil
	}
	query, args, err := b.ToSql()
	if err != nil {
		return 0, false, err
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, false, err
	}
	defer rows.Close() //nolint:errcheck // Err tells what Close would
	for rows.Next() {
		n++
	}
	return min(n, upTo), n > upTo, rows.Err()
}

// countAll counts without a bound.
func (t *Table) countAll(ctx context.Context, s *shape, match sq.Sqlizer) (int64, error) {
	found, err := t.rows(ctx, t.db.read, where(selecting(s, "count(*)"), match), 1)
	if err != nil {
		return 0, err
	}
	return found[0][0].(int64), nil
}

// Facets implements widgets.Reader. When counting takes too long, the values are those of a sample and N is -1: known to exist, not counted.
func (t *Table) Facets(ctx context.Context, q widgets.Query, name string, limit int) ([]widgets.Facet, error) {
	s := t.now.Load()
	c, err := s.find(name)
	if err != nil {
		return nil, err
	}
	match, err := t.matching(s, q)
	if err != nil {
		return nil, err
	}
	if limit <= 0 || limit > largestPage {
		limit = largestPage
	}
	quick, cancel := context.WithTimeout(ctx, facetBudget)
	defer cancel()
	by := []string{t.db.dialect.raw(c) + " AS v", "count(*) AS n"}
	found, err := t.rows(quick, t.db.read, where(selecting(s, by...), match).GroupBy(c.order).OrderBy("n DESC", "v").Limit(uint64(limit)), 2)
	counted := err == nil
	if err != nil && quick.Err() != nil && ctx.Err() == nil {
		found, err = t.sampled(ctx, s, c, match, limit)
	}
	if err != nil {
		return nil, t.failed("facets of "+name+" in", s, err)
	}
	out := make([]widgets.Facet, len(found))
	for i, row := range found {
		out[i] = widgets.Facet{Value: value(row[0]), Label: value(row[0]).String(), N: -1}
		if counted {
			out[i].N = row[1].(int64)
		}
	}
	return out, t.labelled(ctx, c, out)
}

func (t *Table) sampled(ctx context.Context, s *shape, c *column, match sq.Sqlizer, limit int) ([][]any, error) {
	quick, cancel := context.WithTimeout(ctx, sampleBudget)
	defer cancel()
	rows := where(selecting(s, t.db.dialect.raw(c)+" AS v"), match).Limit(facetSample)
	found, err := t.rows(quick, t.db.read, sq.Select("v", "count(*) AS n").PlaceholderFormat(t.db.dialect.facts().format).FromSelect(rows, "x").GroupBy("v").
		OrderBy("n DESC", "v").Limit(uint64(limit)), 2)
	if err != nil && quick.Err() != nil && ctx.Err() == nil {
		return nil, nil
	}
	return found, err
}

// labelled gives the values of a foreign key the names of the rows they point to.
func (t *Table) labelled(ctx context.Context, c *column, facets []widgets.Facet) error {
	if c.Ref == nil {
		return nil
	}
	parent := t.db.refers(c.Ref)
	if parent == nil {
		return nil
	}
	keys := make([]widgets.Key, len(facets))
	for i, f := range facets {
		keys[i] = widgets.Key{f.Label}
	}
	labels, err := parent.Names(ctx, c.Ref.To, keys)
	if err != nil {
		return err
	}
	for i, k := range keys {
		if label, ok := labels[k.String()]; ok && !facets[i].Value.IsNull() {
			facets[i].Label = label
		}
	}
	return nil
}

// Sum implements widgets.Reader. Whole numbers are added exactly, whatever their size; what SQLite keeps as a float is rounded to the scale
// that the column declares, else to the 15 digits that a float has.
func (t *Table) Sum(ctx context.Context, q widgets.Query, name string) (string, error) {
	s := t.now.Load()
	c, err := s.find(name)
	if err != nil {
		return "", err
	}
	if !c.Kind.Numeric() {
		return "", widgets.UserError(fmt.Sprintf("%s is no number and cannot be added up.", c.Label))
	}
	match, err := t.matching(s, q)
	if err != nil {
		return "", err
	}
	if exact := t.db.dialect.sum(c); exact != "" {
		found, err := t.rows(ctx, t.db.read, where(selecting(s, exact), match), 1)
		if err != nil {
			return "", t.failed("sum of "+name+" in", s, err)
		}
		return written(found[0][0]), nil
	}
	// Halves cannot overflow before four thousand million rows.
	at := string(c.at)
	whole := func(expr string) string { return "sum(CASE typeof(" + at + ") WHEN 'integer' THEN " + expr + " END)" }
	columns := []string{whole(at + " >> 32"), whole(at + " & 4294967295"), "sum(CASE typeof(" + at + ") WHEN 'real' THEN " + at + " END)"}
	found, err := t.rows(ctx, t.db.read, where(selecting(s, columns...), match), 3)
	if err != nil {
		return "", t.failed("sum of "+name+" in", s, err)
	}
	high, _ := found[0][0].(int64)
	low, _ := found[0][1].(int64)
	total := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(high), 32), big.NewInt(low))
	real, isReal := found[0][2].(float64)
	if !isReal {
		return total.String(), nil
	}
	f, _ := new(big.Float).Add(new(big.Float).SetInt(total), big.NewFloat(real)).Float64()
	if c.scale > 0 {
		return strconv.FormatFloat(f, 'f', c.scale, 64), nil
	}
	text := strconv.FormatFloat(f, 'g', 15, 64)
	if short, err := strconv.ParseFloat(text, 64); err == nil {
		text = strings.TrimSuffix(writtenReal(short), ".0")
	}
	return text, nil
}
