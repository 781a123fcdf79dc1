package actors

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// mostDead is how many dead letters are kept, mostMishaps how many failures.
	mostDead    = 200
	mostMishaps = 100
)

// DeadMessage is a message that reached nobody. It never holds the message, only its type.
type DeadMessage struct {
	At      time.Time
	To      string // the actor's path, "nobody" for the zero Ref
	Message string // its type
}

// Mishap is a failure of an actor, or its end after too many of them.
type Mishap struct {
	At      time.Time
	Actor   string // its path
	Kind    string
	Message string // the type of the message it was handling
	Reason  string
	GaveUp  bool // it ended; else it was, or will be, restarted
}

// Counts are how often something happened since the System started.
type Counts struct {
	Live                             int
	Spawned, Messages                uint64
	Failures, Restarts, GaveUp, Dead uint64
}

// records are what a System remembers of what rarely happens. Nothing in them is touched by a message that goes its usual way.
type records struct {
	failures, restarts, gaveUp, dead atomic.Uint64
	// past are the messages of the actors that ended.
	past    atomic.Uint64
	letters ring[DeadMessage]
	mishaps ring[Mishap]
}

// note counts an event; letters are noted by whoever finds them.
func (r *records) note(s *System, e Event) {
	switch e.Kind {
	case Restarted:
		r.restarts.Add(1)
		return
	case Failed:
		r.failures.Add(1)
	case GaveUp:
		r.gaveUp.Add(1)
	default:
		return
	}
	r.mishaps.add(mostMishaps, Mishap{s.now(), e.Actor.String(), e.Class, e.Message, e.Reason, e.Kind == GaveUp})
}

func (r *records) letter(s *System, to Ref, msg any) {
	r.dead.Add(1)
	r.letters.add(mostDead, DeadMessage{s.now(), to.String(), typeName(msg)})
}

// ring keeps the newest of what is added. It has no memory until there is something.
type ring[T any] struct {
	mu   sync.Mutex
	all  []T
	next int
}

func (r *ring[T]) add(most int, v T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) < most {
		r.all = append(r.all, v)
		return
	}
	r.all[r.next] = v
	r.next = (r.next + 1) % most
}

// newest lists what is kept, the newest first.
func (r *ring[T]) newest() []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Concat(r.all[r.next:], r.all[:r.next])
	slices.Reverse(all)
	return all
}

// DeadLetters lists the last 200 messages that reached nobody, the newest first. Those of a System that closes are none.
func (s *System) DeadLetters() []DeadMessage { return s.records.letters.newest() }

// Mishaps lists the last 100 failures, the newest first.
func (s *System) Mishaps() []Mishap { return s.records.mishaps.newest() }

// Rank is the order in which Look lists actors.
type Rank uint8

// The ranks. Equal ones are listed by path.
const (
	ByPath     Rank = iota
	ByQueued        // the fullest mailbox first
	ByMessages      // the most messages first
	ByRestarts      // the most restarts first
	ByBusy          // those that handle a message first, the longest of them at the top
)

// Look says which actors are listed.
type Look struct {
	// Text is a part of the path or of the kind, whatever its case. Empty means all.
	Text string
	Rank Rank
	// Most is how many are listed. Zero means 200.
	Most int
}

// Seen is an actor as a Look found it.
type Seen struct {
	Info
	// Busy for at least this long with the message in hand: since the first look that found it at that. Zero for an actor at rest.
	BusyFor time.Duration
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

// Inspector looks at the actors of a System. It keeps in mind what it found busy, and nothing else; it runs only while Look does.
type Inspector struct {
	sys  *System
	mu   sync.Mutex
	busy map[*target]spell
}

// Inspect makes an Inspector.
func (s *System) Inspect() *Inspector { return &Inspector{sys: s, busy: map[*target]spell{}} }

// Look walks over the living actors without disturbing them, some 250 to 450 ns each, and tells more of those that it lists.
func (i *Inspector) Look(q Look) View {
	i.mu.Lock()
	defer i.mu.Unlock()
	if q.Most <= 0 {
		q.Most = 200
	}
	now, text := i.sys.now(), strings.ToLower(q.Text)
	busy := make(map[*target]spell, len(i.busy))
	var best ranking
	v := View{Counts: i.sys.Counts()}
	v.Live = 0
	i.sys.names.each(func(e *entry) {
		if e.at.live.Load() == nil {
			return
		}
		pulse, queued := e.pulse.Load(), e.box.UserMessageCount()
		v.Live++
		v.Messages += pulse >> 17
		v.Queued += queued
		c := candidate{e: e}
		if pulse&1 == 1 {
			v.Busy++
			known := i.busy[e.at]
			if known.pulse != pulse {
				known = spell{pulse, now}
			}
			busy[e.at] = known
			c.busy = now.Sub(known.since)
		}
		if text != "" && !strings.Contains(strings.ToLower(e.at.id), text) && !strings.Contains(strings.ToLower(e.kind), text) {
			return
		}
		v.Matched++
		c.weigh(q.Rank, pulse, queued)
		best.offer(c, q.Most)
	})
	i.busy = busy
	slices.SortFunc(best.all, func(a, b candidate) int { return a.compare(b) })
	v.Actors = make([]Seen, 0, len(best.all))
	for _, c := range best.all {
		v.Actors = append(v.Actors, Seen{c.e.info(), c.busy})
	}
	return v
}

// Counts tells how often what happened, without a look at any actor: Messages are only those of actors that ended.
func (s *System) Counts() Counts {
	r := &s.records
	return Counts{
		Live: s.Live(), Spawned: s.spawned.Load(), Messages: r.past.Load(),
		Failures: r.failures.Load(), Restarts: r.restarts.Load(), GaveUp: r.gaveUp.Load(), Dead: r.dead.Load(),
	}
}

// Describe tells about one actor; ok is false when it has ended.
func (s *System) Describe(of Ref) (i Info, ok bool) {
	if e := of.entry(); e != nil {
		return e.info(), true
	}
	return Info{}, false
}

// candidate is an actor that may be among those listed.
type candidate struct {
	e      *entry
	weight uint64
	busy   time.Duration
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
	}
}

func (c *candidate) compare(other candidate) int {
	return cmp.Or(cmp.Compare(other.weight, c.weight), cmp.Compare(c.e.at.id, other.e.at.id))
}

// ranking is a heap whose root is the last of the best.
type ranking struct {
	all []candidate
}

func (r *ranking) offer(c candidate, most int) {
	if len(r.all) < most {
		heap.Push(r, c)
		return
	}
	if c.compare(r.all[0]) < 0 {
		r.all[0] = c
		heap.Fix(r, 0)
	}
}

func (r *ranking) Len() int           { return len(r.all) }
func (r *ranking) Less(i, j int) bool { return r.all[i].compare(r.all[j]) > 0 }
func (r *ranking) Swap(i, j int)      { r.all[i], r.all[j] = r.all[j], r.all[i] }
func (r *ranking) Push(v any)         { r.all = append(r.all, v.(candidate)) }
func (r *ranking) Pop() any           { panic("actors: a ranking gives nothing away") }
