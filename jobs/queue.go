package jobs

import (
	"fmt"
	"slices"
)

// queue holds the runs that wait for a slot. Owners take turns, and a person's own runs start in the order they came, so that four hundred clicks of one
// delay everybody else by one run a slot.
type queue struct {
	cfg    Config
	owners []string // who waits; the first is next
	of     map[string][]*run
}

// actionMax is how many runs of one action may run at once on all tables together, unless its own limit is higher.
const actionMax = 4

func newQueue(cfg Config) queue { return queue{cfg: cfg, of: map[string][]*run{}} }

func (q *queue) add(u *run) {
	if len(q.of[u.owner]) == 0 {
		q.owners = append(q.owners, u.owner)
	}
	q.of[u.owner] = append(q.of[u.owner], u)
}

func (q *queue) remove(u *run) {
	at := slices.Index(q.of[u.owner], u)
	if at < 0 {
		return
	}
	q.of[u.owner] = slices.Delete(q.of[u.owner], at, at+1)
	if len(q.of[u.owner]) == 0 {
		delete(q.of, u.owner)
		q.owners = slices.Delete(q.owners, slices.Index(q.owners, u.owner), slices.Index(q.owners, u.owner)+1)
	}
}

// use counts the slots in use.
type use struct {
	all, cpu       int
	owner, action  map[string]int
	actionAndTable map[string]int
}

func (q *queue) count(running map[string]*run) use {
	n := use{owner: map[string]int{}, action: map[string]int{}, actionAndTable: map[string]int{}}
	for _, u := range running {
		n.all++
		if u.action.CPU {
			n.cpu++
		}
		n.owner[u.owner]++
		n.action[u.action.Name]++
		n.actionAndTable[u.action.Name+"\x00"+u.table]++
	}
	return n
}

// hindrance says in words why a run cannot start, "" when it can.
func (q *queue) hindrance(u *run, n use) string {
	limit := max(1, u.action.MaxConcurrent)
	switch {
	case n.all >= q.cfg.Slots:
		return fmt.Sprintf("%d of %d slots are in use.", n.all, q.cfg.Slots)
	case u.action.CPU && n.cpu >= q.cfg.CPUSlots:
		return fmt.Sprintf("%d of %d slots for computing are in use.", n.cpu, q.cfg.CPUSlots)
	case n.actionAndTable[u.action.Name+"\x00"+u.table] >= limit:
		return fmt.Sprintf("%d of %d slots for %q are in use.", n.actionAndTable[u.action.Name+"\x00"+u.table], limit, u.action.Title())
	case n.action[u.action.Name] >= max(actionMax, limit):
		return fmt.Sprintf("%d of %d slots for %q are in use.", n.action[u.action.Name], max(actionMax, limit), u.action.Title())
	case n.owner[u.owner] >= q.cfg.RunningPerUser:
		return fmt.Sprintf("%d of your actions are running, of at most %d.", n.owner[u.owner], q.cfg.RunningPerUser)
	}
	return ""
}

// pick takes the next run that may start out of the queue, nil when there is none. Its owner is last from then on.
func (q *queue) pick(running map[string]*run) *run {
	if len(q.owners) == 0 {
		return nil
	}
	n := q.count(running)
	for at, owner := range q.owners {
		for _, u := range q.of[owner] {
			if q.hindrance(u, n) != "" {
				continue
			}
			q.owners = slices.Delete(q.owners, at, at+1)
			q.owners = append(q.owners, owner)
			q.remove(u)
			return u
		}
	}
	return nil
}

// places tells each waiting run its place, as if all slots were equal, and why it waits.
func (q *queue) places(running map[string]*run, tell func(u *run, position int, why string)) {
	if len(q.owners) == 0 {
		return
	}
	n := q.count(running)
	position := 0
	for round := 0; ; round++ {
		some := false
		for _, owner := range q.owners {
			if waiting := q.of[owner]; round < len(waiting) {
				some = true
				position++
				tell(waiting[round], position, q.hindrance(waiting[round], n))
			}
		}
		if !some {
			return
		}
	}
}
