package http

import (
	"time"
)

// One wheel serves all sockets: each second a twenty-fifth of them is pinged, and a socket that was silent for silentFor is cut; its page may attach
// again.
const (
	spokes    = 25 // seconds from one ping of a socket to the next
	looks     = 5  // seconds from one look at a socket to the next
	silentFor = 60 * time.Second
)

// wheel keeps the sockets by the second in which they are pinged. The gate's lock guards it.
type wheel struct {
	spoke [spokes][]*socket
	next  int
}

// place is where in the wheel a socket is.
type place struct {
	spoke, at int32
	kept      bool
}

func (w *wheel) add(s *socket) {
	w.next = (w.next + 1) % spokes
	s.place = place{int32(w.next), int32(len(w.spoke[w.next])), true}
	w.spoke[w.next] = append(w.spoke[w.next], s)
}

func (w *wheel) remove(s *socket) {
	if !s.place.kept {
		return
	}
	spoke := w.spoke[s.place.spoke]
	last := len(spoke) - 1
	spoke[s.place.at] = spoke[last]
	spoke[s.place.at].place.at = s.place.at
	spoke[last] = nil
	w.spoke[s.place.spoke] = spoke[:last]
	s.place.kept = false
}

// turn is the wheel; it ends with the gate, and Shutdown waits for it by g.doing.
func (g *Gate) turn() {
	defer g.doing.Done()
	seconds := time.NewTicker(time.Second)
	defer seconds.Stop()
	for tick := 0; ; tick++ {
		select {
		case <-g.stop:
			return
		case now := <-seconds.C:
			g.now.Store(now.Unix())
			g.tick(now.Unix(), tick)
		}
	}
}

// tick pings one spoke, and looks for silent sockets there and on every fifth one around.
func (g *Gate) tick(now int64, tick int) {
	for k := tick % looks; k < spokes; k += looks {
		for _, s := range g.spoke(k) {
			switch {
			case now-s.seen.Load() > int64(silentFor/time.Second):
				_ = s.plain.Close()
			case k == tick%spokes && s.session.Load() != nil:
				s.control(g.ping)
			}
		}
	}
}

// spoke copies one spoke of the wheel.
func (g *Gate) spoke(k int) []*socket {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]*socket(nil), g.wheel.spoke[k]...)
}

func (g *Gate) all() []*socket {
	var sockets []*socket
	for k := range spokes {
		sockets = append(sockets, g.spoke(k)...)
	}
	return sockets
}

func (g *Gate) keep(s *socket) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closing {
		return false
	}
	g.wheel.add(s)
	return true
}

func (g *Gate) forget(s *socket) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wheel.remove(s)
}
