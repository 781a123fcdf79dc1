package actors

import (
	"context"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"
)

// counter tells when it has received n messages.
type counter struct {
	left int
	done chan struct{}
}

func (k *counter) Receive(c *Context) {
	switch c.Message().(type) {
	case int, News:
		if k.left--; k.left == 0 {
			close(k.done)
		}
	}
}

func count(b *testing.B, s *System, n int) (Ref, chan struct{}) {
	b.Helper()
	k := &counter{n, make(chan struct{})}
	ref, err := s.Group(Sessions).Spawn("bench", "", func() Actor { return k })
	if err != nil {
		b.Fatal(err)
	}
	return ref, k.done
}

func BenchmarkSend(b *testing.B) {
	s := system(b, quiet())
	ref, done := count(b, s, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		s.Send(ref, 1)
	}
	<-done
}

func BenchmarkSendFrom8(b *testing.B) {
	s := system(b, quiet())
	each := b.N/8 + 1
	ref, done := count(b, s, 8*each)
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range each {
				s.Send(ref, 1)
			}
		})
	}
	wg.Wait()
	<-done
}

func BenchmarkAsk(b *testing.B) {
	s := system(b, quiet())
	ref := spawn(b, s, "a", func(c *Context) {
		if q, ok := c.Message().(question1); ok {
			q.reply.Send(q.n)
		}
	})
	b.ReportAllocs()
	for i := range b.N {
		if _, err := Ask(context.Background(), s, ref, asking(i)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPublish(b *testing.B) {
	for _, subscribers := range []int{0, 1, 100, 10_000} {
		b.Run(strconv.Itoa(subscribers), func(b *testing.B) {
			s := system(b, quiet())
			var all []chan struct{}
			for range subscribers {
				ref, done := count(b, s, b.N)
				s.Subscribe("t", ref)
				all = append(all, done)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				Publish(s, "t", i)
			}
			for _, done := range all {
				<-done
			}
		})
	}
}

func BenchmarkSpawnStop(b *testing.B) {
	s := system(b, quiet())
	g := s.Group(Sessions)
	b.ReportAllocs()
	for range b.N {
		ref, err := g.Spawn("bench", "", made(func(*Context) {}))
		if err != nil {
			b.Fatal(err)
		}
		if err := s.StopWait(context.Background(), ref); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIdle reports what an actor at rest costs.
func BenchmarkIdle(b *testing.B) {
	s := system(b, quiet())
	g := s.Group(Sessions)
	for range 20_000 { // fill the library's lazily made maps
		ref, _ := g.Spawn("bench", "", made(func(*Context) {}))
		s.Stop(ref)
	}
	for s.Live() > 0 {
		runtime.Gosched()
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range b.N {
		if _, err := g.Spawn("bench", "", made(func(*Context) {})); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	time.Sleep(10 * time.Millisecond)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/float64(b.N), "heap-B/actor") // of little meaning for few actors
}

func BenchmarkList10000(b *testing.B) {
	s := system(b, quiet())
	for range 10_000 {
		spawn(b, s, "", func(*Context) {})
	}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(s.Actors()); n != 10_000 {
			b.Fatal(n)
		}
	}
}
