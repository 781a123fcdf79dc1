package console

import (
	"maps"
	"runtime/metrics"
	"slices"
	"time"

	"greenroom/actors"
	"greenroom/jobs"
	"greenroom/widgets"
)

const (
	// fresh is how long a sample serves everybody who asks, thrift how many times longer than its walk over the actors took it serves at least: three quarters
	// of a hundredth of a core go to the walks, whatever there is to see, and the rest of it is for drawing. stale is the longest that it serves.
	fresh  = 900 * time.Millisecond
	thrift = 130
	stale  = 10 * time.Second
	// rated is how old the one before may be for a rate to be made of the two.
	rated = 15 * time.Second
	// away is how long ago somebody has looked who does not watch any more.
	away = 4 * time.Second
)

// Totals are the numbers of the whole process. The rates are by second, over the time since the sample before; they are zero without one.
type Totals struct {
	Up         float64 `json:"up_seconds"`
	Pages      int     `json:"pages"`
	SignIns    int     `json:"sign_ins"`
	Actors     int     `json:"actors"`
	Busy       int     `json:"busy"`
	Queued     int     `json:"queued"`
	Goroutines uint64  `json:"goroutines"`
	// Heap is live and not yet collected objects, Memory all that the runtime holds, in bytes.
	Heap     uint64 `json:"heap_bytes"`
	Memory   uint64 `json:"memory_bytes"`
	Messages uint64 `json:"messages"`
	Events   uint64 `json:"events"`
	Patches  uint64 `json:"patches"`
	Bytes    uint64 `json:"bytes"`
	Failures uint64 `json:"failures"`
	Restarts uint64 `json:"restarts"`
	GaveUp   uint64 `json:"gave_up"`
	Dead     uint64 `json:"dead_letters"`
	// Jobs counts those that are kept, by state.
	Jobs map[jobs.State]int `json:"jobs"`

	MessageRate float64 `json:"messages_per_second"`
	EventRate   float64 `json:"events_per_second"`
	PatchRate   float64 `json:"patches_per_second"`
	ByteRate    float64 `json:"bytes_per_second"`
}

// Unfinished counts the jobs whose body runs, or is asked to stop, and those that wait or are paused.
func (t Totals) Unfinished() (running, waiting int) {
	for state, n := range t.Jobs {
		switch {
		case state.Final():
		case state == jobs.Queued || state == jobs.Paused:
			waiting += n
		default:
			running += n
		}
	}
	return running, waiting
}

// sample is one look at everything, shared by all who ask within its second.
type sample struct {
	at     time.Time
	totals Totals
	alerts []Alert
	pages  []OpenPage
	// history ends with this sample; it is shared and never changed.
	history []Point
}

// mostPoints is how many points a chart has.
const mostPoints = 120

// Point is a moment of the charts.
type Point struct {
	At       time.Time `json:"at"`
	Messages float64   `json:"messages_per_second"`
	Events   float64   `json:"events_per_second"`
	Patches  float64   `json:"patches_per_second"`
	Pages    int       `json:"pages"`
	Actors   int       `json:"actors"`
	Queued   int       `json:"queued"`
	Running  int       `json:"jobs_running"`
	Heap     uint64    `json:"heap_bytes"`
	Failures uint64    `json:"failures"`
	// Goroutines are those of the process.
	Goroutines uint64 `json:"goroutines"`
}

// point adds the sample to what was before it, unless nobody has watched for a while.
func (s *sample) point(before *sample) {
	t := s.totals
	running, _ := t.Unfinished()
	p := Point{
		At: s.at, Messages: t.MessageRate, Events: t.EventRate, Patches: t.PatchRate, Pages: t.Pages, Actors: t.Actors, Queued: t.Queued,
		Running: running, Heap: t.Heap, Failures: t.Failures, Goroutines: t.Goroutines,
	}
	var past []Point
	if before != nil && s.at.Sub(before.at) < rated {
		past = before.history[max(0, len(before.history)-mostPoints+1):]
	}
	s.history = append(slices.Clip(slices.Clone(past)), p)
}

// operator is who looks when no person in particular does: at the samples, and over the local socket.
var operator = &widgets.User{ID: "console", Name: "console", Super: true}

// sample returns the present sample, and takes the next one if it is old.
func (c *Console) sample() *sample {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.now != nil && now.Sub(c.now.at) < min(stale, max(fresh, thrift*c.cost)) {
		return c.now
	}
	busiest, fullest := actors.Look{Rank: actors.ByBusy}, actors.Look{Rank: actors.ByQueued, Most: 10}
	c.walk(now, busiest, fullest)
	v := c.views[busiest]
	traffic, pages, all := c.cfg.Traffic(), c.cfg.Pages(), c.cfg.Jobs.List(operator)
	s := &sample{at: now, pages: pages, totals: Totals{
		Up: now.Sub(c.started).Seconds(), Pages: traffic.Pages, Actors: v.Live, Busy: v.Busy, Queued: v.Queued,
		Messages: v.Messages, Events: traffic.Events, Patches: traffic.Patches, Bytes: traffic.Bytes,
		Failures: v.Failures, Restarts: v.Restarts, GaveUp: v.GaveUp, Dead: v.Dead, Jobs: map[jobs.State]int{},
	}}
	t := &s.totals
	t.Goroutines, t.Heap, t.Memory = process()
	signIns := map[string]bool{}
	for _, p := range pages {
		signIns[p.SignIn] = true
	}
	t.SignIns = len(signIns)
	for _, j := range all {
		t.Jobs[j.State]++
	}
	if c.now != nil && now.Sub(c.now.at) < rated {
		before, dt := c.now.totals, now.Sub(c.now.at).Seconds()
		rate := func(now, then uint64) float64 { return max(0, float64(now)-float64(then)) / dt }
		t.MessageRate, t.EventRate = rate(t.Messages, before.Messages), rate(t.Events, before.Events)
		t.PatchRate, t.ByteRate = rate(t.Patches, before.Patches), rate(t.Bytes, before.Bytes)
	}
	s.alerts = c.attention(now, t, c.views[busiest], c.views[fullest], all)
	s.point(c.now)
	c.now = s
	return s
}

// walk answers what somebody wants to know of the actors in one go.
func (c *Console) walk(now time.Time, looks ...actors.Look) {
	for q, asked := range c.wanted {
		if now.Sub(asked) > max(away, thrift*c.cost) {
			delete(c.wanted, q)
		} else if !slices.Contains(looks, q) {
			looks = append(looks, q)
		}
	}
	c.views = make(map[actors.Look]actors.View, len(looks))
	for n, v := range c.inspect.Looks(looks...) {
		c.views[looks[n]] = v
	}
	c.cost = time.Since(now)
}

// seat takes note of who watches, and refuses one too many.
func (c *Console) seat(watcher string) error {
	if watcher == "" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(c.watchers, func(_ string, seen time.Time) bool { return now.Sub(seen) > away })
	if _, sits := c.watchers[watcher]; !sits && len(c.watchers) >= c.cfg.MaxWatchers {
		return widgets.UserError("Too many pages watch the console already. Close one of them.")
	}
	c.watchers[watcher] = now
	return nil
}

// Totals are the present numbers, without a right: who calls has asked for it.
func (c *Console) Totals() Totals { return c.sample().totals }

// process reads what the runtime counts anyhow.
func process() (goroutines, heap, memory uint64) {
	read := []metrics.Sample{
		{Name: "/sched/goroutines:goroutines"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"},
	}
	metrics.Read(read)
	return read[0].Value.Uint64(), read[1].Value.Uint64(), read[2].Value.Uint64()
}
