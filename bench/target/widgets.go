//go:build linux

package target

import (
	"context"
	"fmt"
	"html/template"
	"strings"
	"sync/atomic"
	"time"

	"greenroom"
)

// The names of the target's widgets on its dashboard, and the event of Counter. A page has these two and the dashboard's own list of tables, which is empty: three
// small widgets.
const (
	Counter = "counter"
	Add     = "add"
	Beat    = "beat"
)

type counter struct{ N, Step int }

// beats is the state of the shared widget: a number and a text of a fixed length that changes with it.
type beats struct{ Text string }

func widgets(db *greenroom.Database, size, more int, shared bool) []greenroom.Widget {
	var made atomic.Int64
	beat := func() (any, error) { //nolint:unparam // what a Mount returns
		head := fmt.Sprintf("beat %09d ", made.Add(1))
		return &beats{head + strings.Repeat("x", max(0, size-len(head)))}, nil
	}
	key := func(greenroom.In) string { return "" }
	if shared {
		key = func(greenroom.In) string { return "all" }
	}
	all := []greenroom.Widget{
		counting(Counter),
		{
			Name: Beat, Label: "Beat", Size: greenroom.SM,
			Template: template.Must(template.New(Beat).Parse(`<p>{{.Text}}</p>`)),
			Mount:    func(context.Context, greenroom.In) (any, error) { return beat() },
			Notice:   func(context.Context, greenroom.In, any, greenroom.News) (any, error) { return beat() },
			Topics:   func(greenroom.In) []string { return []string{db.Table("beat").Table().Topic()} },
			Pace:     time.Nanosecond,
			Shared:   key,
		},
	}
	for n := range more {
		all = append(all, counting(fmt.Sprint(Counter, n+2)))
	}
	return all
}

// counting is a counter with a button.
func counting(name string) greenroom.Widget {
	return greenroom.Widget{
		Name: name, Label: "Counter", Size: greenroom.SM,
		Template: template.Must(template.New(name).Parse(`<p class="big">{{.N}}</p><p>in steps of {{.Step}}</p><button gr-click="add">Add</button>`)),
		Mount:    func(context.Context, greenroom.In) (any, error) { return &counter{Step: 1}, nil },
		Events: map[string]greenroom.Handler{Add: greenroom.OnEvent(func(_ context.Context, s *counter, _ greenroom.Event[struct{}]) (*counter, error) {
			return &counter{s.N + s.Step, s.Step}, nil
		})},
	}
}
