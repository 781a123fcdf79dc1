package actors

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"sync"
	"time"
)

// Rank is the order in which Look lists actors.
type Rank uint8

// The ranks. Equal ones are listed in the order in which they were started, but those ByPath.
const (
	ByPath     Rank = iota
	ByQueued        // the fullest mailbox first
	ByMessages      // the most messages first
	ByRestarts      // the most restarts first
	ByBusy          // those that handle a message first, the longest of them at the top
	ByRate          // the most messages since the look before first
)

// Look says which actors are listed.
type Look struct {
	// Text is a part of the path or of the kind, whatever its case. Empty means all.
	Text string
	// Under lists only the children of a group or an actor, whose path it is; Roots only those without a parent. Kind and State narrow to those that
	// are exactly so. Empty means all.
	Under, Kind, State string
	Roots              bool
	Rank               Rank
	// Most is how many are listed. Zero means 200.
	Most int
}

// Seen is an actor as a Look found it.
type Seen struct {
	Info
	// Busy for at least this long with the message in hand: since the first look that found it at that. Zero for an actor at rest.
	BusyFor time.Duration
	// Rate is its messages by second since the look before; only ByRate tells it.
	Rate float64
	// Children counts its living children; only a Look Under something, or for Roots, tells it.
	Children int
}

// View is what a Look found. The sums are over all living actors.
type View struct {
	Counts
	Actors  []Seen
	Matched int // also those that were not listed
	Queued  int
	Busy    int
}

// spell is a message that an actor was found at.
type spell struct {
	pulse uint64
	since time.Time
}

// Inspector looks at the actors of a System. It keeps in mind what it found busy, and how many messages each had if rates were asked for; it runs only
// while Look does.
type Inspector struct {
	sys  *System
	mu   sync.Mutex
	busy map[*target]spell
	// seen are the messages by actor at the last look for rates, at rated; spare is the memory of the one before.
	seen, spare map[*target]uint64
	rated       time.Time
}

// Inspect makes an Inspector.
func (s *System) Inspect() *Inspector { return &Inspector{sys: s, busy: map[*target]spell{}} }

// Look walks over the living actors without disturbing them, some 100 ns each, and tells more of those that it lists.
func (i *Inspector) Look(q Look) View { return i.Looks(q)[0] }

// Looks answers several questions with one walk.
func (i *Inspector) Looks(questions ...Look) []View {
	i.mu.Lock()
	defer i.mu.Unlock()
	w := walk{Inspector: i, now: i.sys.now(), still: make(map[*target]spell, len(i.busy)), total: View{Counts: i.sys.Counts()}}
	w.total.Live = 0
	for _, q := range questions {
		w.asks = append(w.asks, newListing(q))
		if q.Rank == ByRate && w.seen == nil {
			if w.seen = i.spare; w.seen == nil {
				w.seen = make(map[*target]uint64, len(i.seen))
			}
			w.since = w.now.Sub(i.rated).Seconds()
		}
	}
	i.sys.names.each(w.visit)
	i.busy = w.still
	if w.seen != nil {
		clear(i.seen)
		i.seen, i.spare, i.rated = w.seen, i.seen, w.now
	}
	views := make([]View, len(w.asks))
	for n, a := range w.asks {
		views[n] = a.answer(w.total)
	}
	return views
}

// walk is one pass over the actors.
type walk struct {
	*Inspector
	now   time.Time
	still map[*target]spell
	seen  map[*target]uint64 // nil unless rates are asked for
	since float64            // seconds since the look before for rates
	total View
	asks  []*listing
}

// visit touches little of most actors: one at rest has nothing in its mailbox.
func (w *walk) visit(e *entry) {
	phase := e.phase.Load()
	if phase == phaseEnded || phase == phaseNew && e.at.live.Load() == nil {
		return
	}
	pulse, queued := e.pulse.Load(), 0
	w.total.Live++
	w.total.Messages += pulse >> 17
	c := candidate{e: e}
	if pulse&1 == 1 {
		w.total.Busy++
		known := w.busy[e.at]
		if known.pulse != pulse {
			known = spell{pulse, w.now}
		}
		w.still[e.at] = known
		c.busy = w.now.Sub(known.since)
	}
	if pulse&1 == 1 || phase >= phaseRestarting {
		queued = e.box.UserMessageCount()
		w.total.Queued += queued
	}
	if w.seen != nil {
		w.seen[e.at] = pulse >> 17
		if before, known := w.Inspector.seen[e.at]; known && w.since > 0 {
			c.rate = float64(pulse>>17-before) / w.since
		}
	}
	for _, a := range w.asks {
		a.consider(c, pulse, queued, phase)
	}
}

// listing is a Look that is being answered.
type listing struct {
	Look
	text     string
	best     ranking
	matched  int
	children map[*target]int
}

func newListing(q Look) *listing {
	if q.Most <= 0 {
		q.Most = 200
	}
	a := &listing{Look: q, text: strings.ToLower(q.Text), best: ranking{by: q.Rank}}
	if q.Roots || q.Under != "" {
		a.children = map[*target]int{}
	}
	return a
}

func (a *listing) consider(c candidate, pulse uint64, queued int, phase int32) {
	e := c.e
	if a.children != nil && e.parent != nil {
		a.children[e.parent]++
	}
	switch {
	case a.Roots && e.parent != nil,
		a.Under != "" && !e.under(a.Under),
		a.Kind != "" && e.kind != a.Kind,
		a.State != "" && phaseNames[phase] != a.State,
		a.text != "" && !strings.Contains(strings.ToLower(e.at.id), a.text) && !strings.Contains(strings.ToLower(e.kind), a.text):
		return
	}
	a.matched++
	c.weigh(a.Rank, pulse, queued)
	a.best.offer(c, a.Most)
}

// under reports whether a path is that of the actor's parent, or of its group if it has none.
func (e *entry) under(path string) bool {
	if e.parent != nil {
		return e.parent.id == path
	}
	return e.group != nil && e.group.name == path
}

func (a *listing) answer(total View) View {
	v := total
	v.Matched = a.matched
	slices.SortFunc(a.best.all, a.best.compare)
	v.Actors = make([]Seen, 0, len(a.best.all))
	for _, c := range a.best.all {
		v.Actors = append(v.Actors, Seen{c.e.info(), c.busy, c.rate, a.children[c.e.at]})
	}
	return v
}

// candidate is an actor that may be among those listed.
type candidate struct {
	e      *entry
	weight uint64
	busy   time.Duration
	rate   float64
}

// weigh is what the rank goes by; more is listed first.
func (c *candidate) weigh(by Rank, pulse uint64, queued int) {
	switch by {
	case ByPath:
	case ByQueued:
		c.weight = uint64(queued)
	case ByMessages:
		c.weight = pulse >> 17
	case ByRestarts:
		c.e.mu.Lock()
		if c.e.trouble != nil {
			c.weight = uint64(c.e.trouble.restarts)
		}
		c.e.mu.Unlock()
	case ByBusy:
		if pulse&1 == 1 {
			c.weight = uint64(c.busy) + 1
		}
	case ByRate:
		c.weight = uint64(c.rate * 1000)
	}
}

// ranking is a heap whose root is the last of the best.
type ranking struct {
	by  Rank
	all []candidate
}

func (r *ranking) compare(a, b candidate) int {
	if r.by == ByPath {
		return cmp.Compare(a.e.at.id, b.e.at.id)
	}
	return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.e.seq, b.e.seq))
}

func (r *ranking) offer(c candidate, most int) {
	if len(r.all) < most {
		heap.Push(r, c)
		return
	}
	if r.compare(c, r.all[0]) < 0 {
		r.all[0] = c
		heap.Fix(r, 0)
	}
}

func (r *ranking) Len() int           { return len(r.all) }
func (r *ranking) Less(i, j int) bool { return r.compare(r.all[i], r.all[j]) > 0 }
func (r *ranking) Swap(i, j int)      { r.all[i], r.all[j] = r.all[j], r.all[i] }
func (r *ranking) Push(v any)         { r.all = append(r.all, v.(candidate)) }
func (r *ranking) Pop() any           { panic("actors: a ranking gives nothing away") }
