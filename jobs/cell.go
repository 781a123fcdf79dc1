package jobs

import (
	"sync"
	"sync/atomic"
)

// Bounds of a run's log.
const (
	logLines = 50
	logBytes = 256 << 10
)

// cell is where a body leaves its progress: it is written at any rate, by any number of goroutines, and read at most ten times a second. Writing
// neither blocks for long, nor allocates, nor wakes anybody.
type cell struct {
	// Rows count for themselves; a body that counts its own way overrides them.
	vanished, failed atomic.Int64
	done, total      atomic.Int64
	explicit         atomic.Bool
	exhausted        atomic.Bool  // the last loop over the rows went to the end
	asked            atomic.Int32 // what the body is to do, see below
	hand             atomic.Int64 // where the row in hand stands among the pinned keys, from 1; 0 when there may be several
	cursor           atomic.Int64 // how many of the pinned keys are behind the body, in their order
	earlier          atomic.Int64 // how many were in loops before this one
	want             atomic.Bool  // a Status is wanted: set by the reader, cleared by the first that gives one

	mu      sync.Mutex
	message string
	result  string
	ring    [logLines]Line
	first   int64 // number of the oldest line kept
	last    int64 // number of the newest, 0 when there is none
	bytes   int
	changes int64
}

// What a body may be asked to do.
const (
	toPause int32 = iota + 1
	toEnd
)

// numbers is what is cheap to read and to compare.
type numbers struct {
	current, total, failed, vanished int64
	changes                          int64
}

func (c *cell) update(current, total int64, message string) {
	if current >= 0 {
		c.done.Store(current)
	}
	if total >= 0 && c.total.Load() != total { // a load is cheaper, and the total seldom changes
		c.total.Store(total)
	}
	c.own()
	if message != "" {
		c.log(message, true)
	}
}

func (c *cell) own() {
	if !c.explicit.Load() {
		c.explicit.Store(true)
	}
}

// seed continues where an earlier attempt ended. A body that counts its own way goes on from its own count.
func (c *cell) seed(s Snapshot, cursor int64) {
	c.cursor.Store(cursor)
	c.vanished.Store(s.Vanished)
	c.failed.Store(s.Failed)
	c.done.Store(s.Current)
	c.total.Store(s.Total)
	c.message, c.result = s.Message, s.Result
	for _, line := range s.Log {
		c.ring[line.N%logLines] = line
		c.bytes += len(line.Text)
	}
	if n := len(s.Log); n > 0 {
		c.first, c.last = s.Log[0].N, s.Log[n-1].N
	}
}

// log adds a line, which is also the message if so wanted.
func (c *cell) log(text string, message bool) {
	text = clip(text)
	c.mu.Lock()
	c.changes++
	if message {
		c.message = text
	}
	if line := &c.ring[c.last%logLines]; c.last > 0 && line.Text == text {
		line.Times++
		c.mu.Unlock()
		return
	}
	c.last++
	line := &c.ring[c.last%logLines]
	c.bytes += len(text) - len(line.Text)
	*line = Line{c.last, text, 1}
	c.first = max(c.first, c.last-logLines+1, 1)
	for c.bytes > logBytes && c.first < c.last {
		old := &c.ring[c.first%logLines]
		c.bytes -= len(old.Text)
		*old = Line{}
		c.first++
	}
	c.mu.Unlock()
}

// touch has the next reader look at everything.
func (c *cell) touch() {
	c.mu.Lock()
	c.changes++
	c.mu.Unlock()
}

// status replaces the message without a line.
func (c *cell) status(f func() string) {
	if !c.want.Load() || !c.want.Swap(false) {
		return
	}
	text := clip(f())
	c.mu.Lock()
	c.message = text
	c.changes++
	c.mu.Unlock()
}

// spoken is the message.
func (c *cell) spoken() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.message
}

func (c *cell) read() numbers {
	n := numbers{failed: c.failed.Load(), vanished: c.vanished.Load()}
	if c.explicit.Load() {
		n.current, n.total = c.done.Load(), c.total.Load()
	} else {
		n.current, n.total = c.earlier.Load()+c.cursor.Load(), c.total.Load()
	}
	c.mu.Lock()
	n.changes = c.changes
	c.mu.Unlock()
	return n
}

// said is the body's word on the result.
func (c *cell) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.result
}

// lines brings an older reading of the log up to date: the result shares nothing that is written later.
func (c *cell) lines(old []Line) (message string, log []Line, skipped int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == 0 {
		return c.message, nil, 0
	}
	log = make([]Line, 0, c.last-c.first+1)
	for _, l := range old[:max(0, len(old)-1)] { // the newest of them may have been repeated since
		if l.N >= c.first {
			log = append(log, l)
		}
	}
	from := c.first
	if len(log) > 0 {
		from = log[len(log)-1].N + 1
	}
	for n := from; n <= c.last; n++ {
		l := c.ring[n%logLines]
		l.Text = clean(l.Text)
		log = append(log, l)
	}
	return c.message, log, int(c.first - 1)
}
