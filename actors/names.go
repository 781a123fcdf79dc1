package actors

import (
	"hash/maphash"
	"maps"
	"slices"
	"sync"

	"github.com/asynkron/protoactor-go/actor"
)

// names finds the entry of an id, from Spawn to Stopped.
type names struct {
	shards [16]struct {
		mu   sync.RWMutex
		byID map[string]*entry
	}
}

var nameSeed = maphash.MakeSeed()

func (n *names) shard(id string) int {
	return int(maphash.String(nameSeed, id) % uint64(len(n.shards)))
}

// get returns nil for an id that nobody has.
func (n *names) get(id string) *entry {
	s := &n.shards[n.shard(id)]
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byID[id]
}

// add reports whether the id was free.
func (n *names) add(e *entry) bool {
	s := &n.shards[n.shard(e.at.id)]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[e.at.id] != nil {
		return false
	}
	if s.byID == nil {
		s.byID = map[string]*entry{}
	}
	s.byID[e.at.id] = e
	return true
}

// remove frees the id, unless another actor has it by now.
func (n *names) remove(e *entry) {
	s := &n.shards[n.shard(e.at.id)]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[e.at.id] == e {
		delete(s.byID, e.at.id)
	}
}

// each calls f for every entry, without a lock.
func (n *names) each(f func(*entry)) {
	var all []*entry
	for i := range n.shards {
		s := &n.shards[i]
		s.mu.RLock()
		all = slices.AppendSeq(all[:0], maps.Values(s.byID))
		s.mu.RUnlock()
		for _, e := range all {
			f(e)
		}
	}
}

// shrink leaves the library's table of processes a sixty-fourth of its 32,768 maps: each takes 288 bytes from its first entry on, so that 10,000 pages
// paid 900 bytes each for maps with one or two entries. What is left is 512 maps with a lock each, far more than there are cores.
func shrink(table *actor.SliceMap) {
	const kept = 16
	all := table.LocalPIDs
	table.LocalPIDs = append(all[:0:0], all[:kept]...)
	for _, from := range all {
		if from.IsEmpty() { // nearly all are, and to walk one starts 32 goroutines
			continue
		}
		for item := range from.IterBuffered() {
			from.Remove(item.Key)
			table.GetBucket(item.Key).Set(item.Key, item.Val)
		}
	}
}
