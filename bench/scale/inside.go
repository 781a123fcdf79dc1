package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"greenroom/actors"
	"greenroom/bench/chart"
	"greenroom/bench/workload"
	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/view"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// processor is how long this process has run, on any processor.
func processor() (time.Duration, error) {
	var t unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t)
	return time.Duration(t.Nano()), err
}

// rowsOfWidget is an update of one cell of a list, in this process: what it takes to draw the list anew and find the cell, and what html/template takes to draw
// it. Of some batches the fastest counts.
func rowsOfWidget(sizes []int) (chart.Plot, error) {
	std, err := template.New("list").Parse(workload.ChangeList)
	if err != nil {
		return chart.Plot{}, err
	}
	compiled, err := view.Compile(std)
	if err != nil {
		return chart.Plot{}, err
	}
	ours, theirs := chart.Line{Name: "draw and compare"}, chart.Line{Name: "html/template"}
	for _, n := range sizes {
		list := workload.NewOrders(n)
		states := [2]any{list, list.With(func(rows []workload.Order) []workload.Order {
			rows[len(rows)/2].Total = 4242
			return rows
		})}
		last, err := compiled.Render(states[1])
		if err != nil {
			return chart.Plot{}, err
		}
		var diff []byte
		update := func(i int) error {
			tree, err := compiled.Rerender(last, states[i&1])
			if err != nil {
				return err
			}
			var kind view.Change
			if diff, kind = view.AppendDiff(diff[:0], last, tree); kind != view.Patched {
				return fmt.Errorf("an update of one cell of %d rows is sent %v", n, kind)
			}
			last = tree
			return nil
		}
		plain := template.Must(std.Clone())
		execute := func(i int) error { return plain.Execute(nowhere{}, states[i&1]) }
		for line, do := range map[*chart.Line]func(int) error{&ours: update, &theirs: execute} {
			took, err := fastest(do)
			if err != nil {
				return chart.Plot{}, err
			}
			line.X, line.Y = append(line.X, float64(n)), append(line.Y, took)
		}
	}
	return chart.Plot{Title: "Rows of a widget, one cell changes", X: "rows", Y: "µs an update", LogY: true, Lines: []chart.Line{ours, theirs}}, nil
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

// fastest is the mean of the fastest of forty batches, in µs.
func fastest(do func(i int) error) (float64, error) {
	best, i := 0.0, 0
	for range 40 {
		began, n := time.Now(), 0
		for ; time.Since(began) < 10*time.Millisecond || n < 2; n++ {
			if err := do(i); err != nil {
				return 0, err
			}
			i++
		}
		if took := float64(time.Since(began).Nanoseconds()) / 1000 / float64(n); best == 0 || took < best {
			best = took
		}
	}
	return best, nil
}

// jobsAtOnce is what running jobs cost that report something new a hundred times a second and do nothing else: the CPU of this process for each, in a second,
// and how long another one takes to start beside them.
func jobsAtOnce(ctx context.Context, sizes []int) (chart.Plot, error) {
	running, start := chart.Line{Name: "a job, ms CPU a second"}, chart.Line{Name: "start, ms"}
	for _, n := range sizes {
		cost, took, err := jobsOf(ctx, n)
		if err != nil {
			return chart.Plot{}, err
		}
		running.X, running.Y = append(running.X, float64(n)), append(running.Y, cost)
		start.X, start.Y = append(start.X, float64(n)), append(start.Y, took)
	}
	return chart.Plot{Title: "Jobs that run at once", X: "jobs", Y: "ms", Lines: []chart.Line{running, start}}, nil
}

func jobsOf(ctx context.Context, n int) (cost, start float64, err error) {
	log := slog.New(slog.DiscardHandler)
	system := actors.New(actors.Config{Logger: log})
	supervisor := jobs.NewSupervisor(system, jobs.Config{Log: log, Slots: n + 1, RunningPerUser: n + 1, UnfinishedPerUser: n + 1})
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, supervisor.Drain(end), system.Close(end))
	}()
	fmt.Fprintf(os.Stderr, "Jobs: %d\n", n)
	var began atomic.Int64
	reports := jobs.On(jobs.Action{Name: "report", MaxConcurrent: n + 1}, func(ctx context.Context, job *jobs.Job, _ jobs.Rows[widgets.Row], _ struct{}) error {
		began.Add(1)
		every := time.NewTicker(10 * time.Millisecond)
		defer every.Stop()
		for i := int64(0); ; i++ {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-every.C:
				job.Update(i, 1_000_000, "at work")
			}
		}
	})
	ann := &widgets.User{ID: "1", Name: "ann", Super: true}
	var took time.Duration
	for range n {
		from := time.Now()
		_, err := supervisor.Start(ctx, jobs.Request{Action: reports, User: ann})
		if err != nil {
			return 0, 0, err
		}
		took = time.Since(from) // of the last, which has all others beside it
	}
	for began.Load() < int64(n) {
		time.Sleep(time.Millisecond)
	}
	before, err := processor()
	if err != nil {
		return 0, 0, err
	}
	const lasts = 2 * time.Second
	time.Sleep(lasts)
	after, err := processor()
	return float64((after - before).Microseconds()) / 1000 / lasts.Seconds() / float64(n), float64(took.Microseconds()) / 1000, err
}
