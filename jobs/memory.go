package jobs

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Memory is a Store that lasts as long as the process: for tests, and for what the other Stores are compared with.
type Memory struct {
	mu     sync.Mutex
	runs   map[string]*remembered
	tokens map[string]string // owner and token to ID
	nodes  map[string]time.Time
	asked  map[string]*askedFor
}

type remembered struct {
	Record
	keys   [][]byte
	events []Event
	files  map[string][]byte
	failed []FailedRow
}

var _ Store = (*Memory)(nil)

// NewMemory makes an empty Memory.
func NewMemory() *Memory {
	return &Memory{runs: map[string]*remembered{}, tokens: map[string]string{}, nodes: map[string]time.Time{}, asked: map[string]*askedFor{}}
}

// lock returns the unlock, or the context's error.
func (m *Memory) lock(ctx context.Context) (func(), error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	m.mu.Lock()
	return m.mu.Unlock, nil
}

// Create stores a new run.
func (m *Memory) Create(ctx context.Context, r Record, keys [][]byte) (Record, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return Record{}, err
	}
	defer unlock()
	r = r.Stored()
	token := r.OwnerID + "\x00" + r.Token
	if r.Token != "" {
		if id, ok := m.tokens[token]; ok {
			return m.runs[id].Record, nil
		}
	}
	if m.runs[r.ID] != nil || r.State != Queued || r.Epoch != 1 {
		return Record{}, fmt.Errorf("%w: create %s: it exists, or is not queued and of epoch 1", ErrStep, r.ID)
	}
	one := &remembered{Record: r, keys: keys}
	one.note("", "")
	m.runs[r.ID] = one
	if r.Token != "" {
		m.tokens[token] = r.ID
	}
	return r, nil
}

// note adds an event.
func (r *remembered) note(from State, by string) {
	r.events = append(r.events, Event{time.Now().Truncate(time.Microsecond).UTC(), from, r.State, r.Epoch, r.Node, by, r.Reason})
}

// Transition compares and sets.
func (m *Memory) Transition(ctx context.Context, from At, r Record, by string) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	now := m.runs[from.ID]
	if now == nil {
		return ErrNotFound
	}
	if err := from.Check(r); err != nil {
		return err
	}
	if err := from.Compare(now.At()); err != nil {
		return err
	}
	r = r.Stored()
	r.Token, r.OwnerID, r.Created = now.Token, now.OwnerID, now.Created
	if from.State.Works() && r.State.Works() {
		p := Progress{Current: now.Current, Total: now.Total, Failed: now.Failed, Vanished: now.Vanished, Message: now.Message, Cursor: now.Cursor}
		p.Into(&r)
	}
	now.Record = r
	now.note(from.State, by)
	return nil
}

// Save stores progress.
func (m *Memory) Save(ctx context.Context, all []Progress, failed []Failures) ([]At, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var stand []At
	for _, p := range all {
		now := m.runs[p.ID]
		if now == nil {
			continue
		}
		if now.holds(p.Epoch) {
			p.Into(&now.Record)
		}
		stand = append(stand, now.At())
	}
	for _, f := range failed {
		now := m.runs[f.ID]
		if now == nil {
			continue
		}
		if now.holds(f.Epoch) {
			now.failed = append(now.failed, f.Rows...)
		}
		if !slices.Contains(stand, now.At()) {
			stand = append(stand, now.At())
		}
	}
	return stand, nil
}

// holds reports whether who writes in an epoch has the run.
func (r *remembered) holds(epoch int64) bool { return r.Epoch == epoch && !r.State.Final() }

// Stand reads how runs stand.
func (m *Memory) Stand(ctx context.Context, ids []string) ([]At, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var stand []At
	for _, id := range ids {
		if one := m.runs[id]; one != nil {
			stand = append(stand, one.At())
		}
	}
	return stand, nil
}

// Renew prolongs or ends a lease.
func (m *Memory) Renew(ctx context.Context, node string, ttl time.Duration) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if ttl <= 0 {
		delete(m.nodes, node)
		return nil
	}
	m.nodes[node] = time.Now().Add(ttl)
	return nil
}

// Nodes lists those that live.
func (m *Memory) Nodes(ctx context.Context) ([]Node, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	now, held := time.Now(), map[string]int{}
	for _, r := range m.runs {
		if !r.State.Final() {
			held[r.Node]++
		}
	}
	var all []Node
	for id, until := range m.nodes {
		if left := until.Sub(now); left > 0 {
			all = append(all, Node{id, left, held[id]})
		}
	}
	slices.SortFunc(all, func(a, b Node) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// Claim takes over what nobody holds, the oldest first.
func (m *Memory) Claim(ctx context.Context, node string, limit int) ([]Record, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	now := time.Now()
	maps.DeleteFunc(m.nodes, func(_ string, until time.Time) bool { return !now.Before(until) })
	if _, lives := m.nodes[node]; !lives {
		return nil, fmt.Errorf("%w: node %s does not live, so that it can claim nothing", ErrFenced, node)
	}
	var orphans []*remembered
	for _, one := range m.runs {
		if _, lives := m.nodes[one.Node]; !lives && !one.State.Final() {
			orphans = append(orphans, one)
		}
	}
	slices.SortFunc(orphans, func(a, b *remembered) int { return -newest(a.Record, b.Record) })
	var mine []Record
	for _, one := range orphans[:min(limit, len(orphans))] {
		one.Node = node
		one.Epoch++
		one.note(one.State, "")
		mine = append(mine, one.Record)
	}
	return mine, nil
}

// Get reads one run.
func (m *Memory) Get(ctx context.Context, id string) (Record, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return Record{}, err
	}
	defer unlock()
	if one := m.runs[id]; one != nil {
		return one.Record, nil
	}
	return Record{}, ErrNotFound
}

// Keys reads a run's keys.
func (m *Memory) Keys(ctx context.Context, id string) ([][]byte, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if one := m.runs[id]; one != nil {
		return one.keys, nil
	}
	return nil, ErrNotFound
}

// Events reads a run's steps.
func (m *Memory) Events(ctx context.Context, id string) ([]Event, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if one := m.runs[id]; one != nil {
		return slices.Clone(one.events), nil
	}
	return nil, ErrNotFound
}

// newest orders a History.
func newest(a, b Record) int {
	return cmp.Or(b.Created.Compare(a.Created), strings.Compare(b.ID, a.ID))
}

// List reads a page.
func (m *Memory) List(ctx context.Context, q History) ([]Record, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	q = q.WithDefaults()
	var page []Record
	for _, one := range m.runs {
		r := one.Record
		switch {
		case q.Owner != "" && r.OwnerID != q.Owner, len(q.States) > 0 && !slices.Contains(q.States, r.State), r.Created.Before(q.Since):
		case q.After != nil && newest(r, Record{Snapshot: Snapshot{Created: q.After.Created, ID: q.After.ID}}) <= 0:
		default:
			page = append(page, r)
		}
	}
	slices.SortFunc(page, newest)
	return page[:min(q.Limit, len(page))], nil
}

// purgeAtOnce bounds a Purge, so that nobody waits long for its transaction.
const purgeAtOnce = 1000

// Purge forgets what ended long ago.
func (m *Memory) Purge(ctx context.Context, before time.Time) (int64, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	n := int64(0)
	for id, one := range m.runs {
		if n < purgeAtOnce && one.State.Final() && one.Ended.Before(before) {
			delete(m.runs, id)
			if one.Token != "" {
				delete(m.tokens, one.OwnerID+"\x00"+one.Token)
			}
			n++
		}
	}
	maps.DeleteFunc(m.asked, func(_ string, one *askedFor) bool { return one.Expires.Before(before) })
	return n, nil
}
