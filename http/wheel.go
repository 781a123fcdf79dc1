package http

import "time"

// One wheel serves all sockets: every page is pinged each pingEvery, and a socket that was silent for silentFor is cut; its page may attach again.
const (
	pingEvery = 25 * time.Second
	silentFor = 60 * time.Second
	sweep     = 5 * time.Second
)

// turn is the wheel; it ends with the gate, and Shutdown waits for it by g.doing.
func (g *Gate) turn() {
	defer g.doing.Done()
	sweeps, pings := time.NewTicker(sweep), time.NewTicker(pingEvery)
	defer sweeps.Stop()
	defer pings.Stop()
	for {
		select {
		case <-g.stop:
			return
		case <-pings.C:
			g.cfg.Sessions.Ping()
		case now := <-sweeps.C:
			for _, s := range g.all() {
				if now.Unix()-s.seen.Load() > int64(silentFor/time.Second) {
					_ = s.plain.Close()
				}
			}
		}
	}
}

func (g *Gate) all() []*socket {
	g.mu.Lock()
	defer g.mu.Unlock()
	sockets := make([]*socket, 0, len(g.sockets))
	for s := range g.sockets {
		sockets = append(sockets, s)
	}
	return sockets
}
