package pages

import (
	"context"
	"strconv"
	"time"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// dateLevel is how much time a step of the way through the dates takes.
type dateLevel uint8

const (
	allDates dateLevel = iota
	oneYear
	oneMonth
	oneDay
)

// period is a year, a month or a day; the zero period is all time.
type period struct {
	level dateLevel
	from  time.Time
}

// last is the period's last day.
func (p period) last() time.Time {
	switch p.level {
	case oneYear:
		return p.from.AddDate(1, 0, -1)
	case oneMonth:
		return p.from.AddDate(0, 1, -1)
	}
	return p.from
}

// periodOf reads a filter that is just one period.
func periodOf(c choice) (p period, ok bool) {
	if len(c.values) > 0 || c.null || c.filled {
		return p, false
	}
	from, errFrom := time.Parse(time.DateOnly, c.from)
	to, errTo := time.Parse(time.DateOnly, c.to)
	if errFrom != nil || errTo != nil {
		return p, false
	}
	for _, level := range []dateLevel{oneYear, oneMonth, oneDay} {
		if p = (period{level, from}); p.around(level) == p && p.last().Equal(to) {
			return p, true
		}
	}
	return period{}, false
}

// around is the period of a level that this one lies in.
func (p period) around(level dateLevel) period {
	y, m, d := p.from.Date()
	switch level {
	case oneYear:
		m, d = 1, 1
	case oneMonth:
		d = 1
	case allDates:
		return period{}
	}
	return period{level, time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// choice is the filter of the period, an empty one for all time.
func (p period) choice(c *widgets.Column) choice {
	if p.level == allDates {
		return choice{column: c}
	}
	return choice{column: c, from: p.from.Format(time.DateOnly), to: p.last().Format(time.DateOnly)}
}

var months = [...]string{
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
}

// long is the period in words by itself, short among its brothers.
func (p period) long(l *lang.Language) string {
	year := strconv.Itoa(p.from.Year())
	switch p.level {
	case oneYear:
		return year
	case oneMonth:
		return p.short(l) + " " + year
	case oneDay:
		return l.T("%d %s %d", p.from.Day(), period{oneMonth, p.from}.short(l), p.from.Year())
	}
	return l.T("All dates")
}

func (p period) short(l *lang.Language) string {
	switch p.level {
	case oneMonth:
		return l.T(months[p.from.Month()-1])
	case oneDay:
		return strconv.Itoa(p.from.Day())
	}
	return p.long(l)
}

// parts are the months of a year or the days of a month.
func (p period) parts() (parts []period) {
	for from := p.from; !from.After(p.last()); from = parts[len(parts)-1].last().AddDate(0, 0, 1) {
		parts = append(parts, period{p.level + 1, from})
	}
	return parts
}

// dates are what the bar above a list offers: the parts of where it is, with how many rows they have.
type dates struct {
	at    period
	parts []datePart
	made  time.Time
	of    address
}

type datePart struct {
	period
	n       int64
	atLeast bool
	counted bool
}

const (
	// mostYears bounds how many years are offered, the latest ones.
	mostYears = 30
	// datesKept is how long counts stand while the rows asked for are the same: a busy table must not be counted at each of its changes.
	datesKept = 10 * time.Second
)

// dateColumn is the column that the person's list goes through by dates, nil for none.
func (g *grid) dateColumn() *widgets.Column {
	for _, c := range g.visible(everyColumn(g.table())) {
		if c.Name == g.List.DateBy && g.List.DateBy != "" {
			return c
		}
	}
	return nil
}

// dating counts the periods of an address beside the reading of its rows. What is not counted in time is offered without its count; years that cannot
// be found in time, for want of an index, are not offered at all.
func (g *grid) dating(ctx context.Context, s *listState) (wait func() *dates) {
	c := g.dateColumn()
	if c == nil {
		return func() *dates { return nil }
	}
	at, _ := periodOf(s.at.of(c))
	if old := s.dates; old != nil && old.at == at && sameRows(old.of, s.at) && time.Since(old.made) < datesKept {
		return func() *dates { return old }
	}
	q := g.query(s.at.with(choice{column: c}))
	q.Limit, q.Select = 1, []string{c.Name}
	made := dates{at: at, made: time.Now(), of: s.at}
	result := beside(ctx, func(ctx context.Context) (dates, error) {
		ctx, cancel := context.WithTimeout(ctx, countPatience)
		defer cancel()
		parts, err := g.datesWithin(ctx, q, c, at)
		if err != nil {
			return made, err
		}
		for _, p := range parts {
			part := datePart{period: p}
			one := q
			one.Order, one.Select, one.Limit, one.Filter = nil, nil, 0, q.Filter.And(p.choice(c).filter())
			if n, err := g.Source.Count(ctx, one); err == nil && !n.Unknown {
				part.n, part.atLeast, part.counted = n.N, n.AtLeast || n.Estimate, true
			}
			if !part.counted || part.n > 0 || p == at {
				made.parts = append(made.parts, part)
			}
		}
		return made, nil
	})
	return func() *dates {
		d, err := result(countPatience)
		if err != nil {
			return &dates{at: at, of: s.at} // tried again with the next load
		}
		return &d
	}
}

// datesWithin are the parts of a period: months, days, for a day those of its month, and for all time the years between the first and the last row.
func (g *grid) datesWithin(ctx context.Context, q widgets.Query, c *widgets.Column, at period) ([]period, error) {
	switch at.level {
	case oneYear, oneMonth:
		return at.parts(), nil
	case oneDay:
		return at.around(oneMonth).parts(), nil
	}
	q.Filter = q.Filter.And(widgets.Where(c.Name, widgets.OpNotNull))
	var ends [2]int
	for i, desc := range []bool{false, true} {
		q.Order = []widgets.Order{{Column: c.Name, Desc: desc}}
		rows, err := g.Source.List(ctx, q)
		if err != nil || len(rows.Rows) == 0 {
			return nil, err
		}
		text := rows.Rows[0].Values[0].String()
		if len(text) < 4 {
			return nil, nil // not a date as everybody writes it
		}
		if ends[i], err = strconv.Atoi(text[:4]); err != nil {
			return nil, nil //nolint:nilerr // the same
		}
	}
	var years []period
	for y := max(ends[0], ends[1]-mostYears+1); y <= ends[1]; y++ {
		years = append(years, period{oneYear, time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)})
	}
	return years, nil
}

// datesView is the bar: the way to where the list is, and on.
type datesView struct {
	Label    string
	Way, Sub []dateLink
}

type dateLink struct {
	Key, Label, Count, Current string
	Link                       linkView
}

func (g *grid) datesView(path string, s *listState) *datesView {
	c := g.dateColumn()
	if c == nil || s.dates == nil || len(s.dates.parts) == 0 && s.dates.at.level == allDates {
		return nil
	}
	v := &datesView{Label: g.l.T(c.Label)}
	at := s.dates.at
	for level := allDates; level <= at.level && at.level != allDates; level++ {
		p := at.around(level)
		current := "false"
		if p == at {
			current = "page"
		}
		v.Way = append(v.Way, dateLink{"way" + strconv.Itoa(int(level)), p.long(g.l), "", current, g.link(path, s.at.with(p.choice(c)))})
	}
	for _, p := range s.dates.parts {
		one := dateLink{Key: p.from.Format(time.DateOnly), Label: p.short(g.l), Current: "false", Link: g.link(path, s.at.with(p.choice(c)))}
		if p.period == at {
			one.Current = "true"
		}
		if p.counted {
			one.Count = countText(g.l, widgets.Count{N: p.n, AtLeast: p.atLeast})
		}
		v.Sub = append(v.Sub, one)
	}
	return v
}
