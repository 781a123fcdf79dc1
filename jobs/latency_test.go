package jobs

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"greenroom/actors"
)

// BenchmarkStartToBody is from the call of Start until the body runs; BenchmarkCancelToDone from the call of Cancel until the body's context has ended.
func BenchmarkStartToBody(b *testing.B) { latency(b, false) }

func BenchmarkCancelToDone(b *testing.B) { latency(b, true) }

func latency(b *testing.B, cancelled bool) {
	b.Helper()
	log := slog.New(slog.DiscardHandler)
	sys := actors.New(actors.Config{Logger: log})
	sup := NewSupervisor(sys, Config{Log: log, Retain: time.Millisecond})
	began, ended := make(chan time.Time, 1), make(chan time.Time, 1)
	a := plain("a", func(ctx context.Context, _ *Job, _ Rows[order]) error {
		began <- time.Now()
		<-ctx.Done()
		ended <- time.Now()
		return nil
	})
	src := table(100)
	var took []time.Duration
	for range b.N {
		from := time.Now()
		id, err := sup.Start(context.Background(), Request{Action: a, User: ann, Selection: Selection{Source: src, All: true}})
		if err != nil {
			b.Fatal(err)
		}
		started := (<-began).Sub(from)
		from = time.Now()
		if _, err := sup.Cancel(context.Background(), id, ann); err != nil {
			b.Fatal(err)
		}
		if stopped := (<-ended).Sub(from); cancelled {
			took = append(took, stopped)
		} else {
			took = append(took, started)
		}
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	if err := sup.Drain(context.Background()); err != nil {
		b.Error(err)
	}
	if err := sys.Close(context.Background()); err != nil {
		b.Error(err)
	}
}
