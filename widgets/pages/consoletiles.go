package pages

import (
	"fmt"
	"strconv"
	"time"

	"greenroom/console"
)

func uptime(seconds float64) string {
	d := time.Duration(seconds) * time.Second
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

// tiles are the numbers of the overview, each with how it went for the last two minutes that somebody watched.
func tiles(t console.Totals, past []console.Point) []consoleTile {
	whole := func(n uint64) string { return group(int64(n)) }
	rate := func(per float64) string {
		if per > 0 && per < 10 {
			return strconv.FormatFloat(per, 'f', 1, 64) + "/s"
		}
		return group(int64(per)) + "/s"
	}
	running, waiting := t.Unfinished()
	tile := func(label, value, note string, of func(p console.Point) float64) consoleTile {
		line := make([]float64, len(past))
		for n, p := range past {
			line[n] = of(p)
		}
		c := consoleTile{Label: label, Value: value, Note: note, Points: points(line)}
		if c.Points != "" {
			c.Area = "M0,40 L" + c.Points + " 100,40 Z"
		}
		return c
	}
	return []consoleTile{
		tile("Open pages", group(int64(t.Pages)), many(t.SignIns, "sign-in"), func(p console.Point) float64 { return float64(p.Pages) }),
		tile("Actors", group(int64(t.Actors)), group(int64(t.Busy))+" busy, "+group(int64(t.Queued))+" messages waiting",
			func(p console.Point) float64 { return float64(p.Actors) }),
		tile("Jobs", group(int64(running)), group(int64(waiting))+" waiting", func(p console.Point) float64 { return float64(p.Running) }),
		tile("Messages", rate(t.MessageRate), rate(t.EventRate)+" from people", func(p console.Point) float64 { return p.Messages }),
		tile("Patches", rate(t.PatchRate), sizeText(uint64(t.ByteRate))+"/s", func(p console.Point) float64 { return p.Patches }),
		tile("Heap", sizeText(t.Heap), sizeText(t.Memory)+" in all", func(p console.Point) float64 { return float64(p.Heap) }),
		tile("Goroutines", whole(t.Goroutines), "", func(p console.Point) float64 { return float64(p.Goroutines) }),
		tile("Failures", whole(t.Failures), whole(t.Restarts)+" restarts, "+whole(t.Dead)+" dead letters", func(p console.Point) float64 { return float64(p.Failures) }),
	}
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return group(int64(n)) + " " + what + "s"
}

func sizeText(n uint64) string {
	switch {
	case n < 1000:
		return strconv.FormatUint(n, 10) + " B"
	case n < 1000<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
