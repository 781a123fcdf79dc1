package http

import (
	"bufio"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"time"

	"greenroom/console"
	"greenroom/widgets"
)

// longestProfile bounds how long the processor is watched.
const longestProfile = 30 * time.Second

// holds answers with a refusal unless the person has a right of the console, and the request only reads.
func (g *Gate) holds(r *request, right string) bool {
	switch {
	case g.site.Console == nil:
		g.problem(r, widgets.ErrNoRow)
	case !g.site.Console.May(background(), r.user, right):
		g.problem(r, widgets.ErrDenied)
	default:
		return r.takes("GET")
	}
	return false
}

// metrics answers with the totals as Prometheus reads them.
func (g *Gate) metrics(r *request) {
	if g.holds(r, console.MetricsRight) {
		r.ctx.SetContentType("text/plain; version=0.0.4; charset=utf-8")
		r.ctx.SetBody(g.site.Console.Metrics())
	}
}

// profile answers with a profile of the process for go tool pprof: cpu (of ?seconds=, 10 if not said) and trace, or one of the runtime's own, such
// as heap and goroutine. One is made at a time, since each slows everybody down.
func (g *Gate) profile(r *request) {
	if !g.holds(r, console.ProfileRight) {
		return
	}
	if !g.profiling.TryLock() {
		g.problem(r, widgets.UserError("Somebody else is fetching a profile. Try again in half a minute."))
		return
	}
	defer g.profiling.Unlock()
	g.cfg.Log.Warn("profile fetched", "by", r.user.Name, "user", r.user.ID, "profile", r.params.file)
	r.ctx.SetContentType("application/octet-stream")
	r.ctx.Response.Header.Set("Content-Disposition", `attachment; filename="greenroom.pprof"`)
	out := bufio.NewWriter(r.ctx)
	var err error
	switch r.params.file {
	case "cpu":
		if err = pprof.StartCPUProfile(out); err == nil {
			g.linger(r)
			pprof.StopCPUProfile()
		}
	case "trace":
		if err = trace.Start(out); err == nil {
			g.linger(r)
			trace.Stop()
		}
	default:
		p := pprof.Lookup(r.params.file)
		if p == nil {
			r.ctx.Response.Reset()
			harden(r.ctx)
			g.problem(r, widgets.ErrNoRow)
			return
		}
		err = p.WriteTo(out, 0)
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		g.cfg.Log.Warn("profile failed", "profile", r.params.file, "err", err)
		r.ctx.Response.Reset()
		harden(r.ctx)
		g.problem(r, widgets.UserError("The profile could not be made: somebody else of this process may be making one."))
	}
}

// linger waits for as long as the request says, or until the server stops.
func (g *Gate) linger(r *request) {
	d := 10 * time.Second
	if n, err := strconv.Atoi(string(r.ctx.QueryArgs().Peek("seconds"))); err == nil && n > 0 {
		d = min(time.Duration(n)*time.Second, longestProfile)
	}
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-over.C:
	case <-g.stop:
	}
}
