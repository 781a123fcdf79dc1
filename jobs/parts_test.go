package jobs

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"greenroom/widgets"
)

func TestClip(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"short":     {"abc", "abc"},
		"exact":     {strings.Repeat("a", 4096), strings.Repeat("a", 4096)},
		"long":      {strings.Repeat("a", 4097), strings.Repeat("a", 4093) + "..."},
		"wide":      {strings.Repeat("é", 4096), strings.Repeat("é", 4096)},
		"wide long": {strings.Repeat("é", 4097), strings.Repeat("é", 4093) + "..."},
		"broken":    {strings.Repeat("\xff", 5000), strings.Repeat("\xff", 4093) + "..."},
	} {
		got := clip(c.in)
		if got != c.want || utf8.RuneCountInString(got) > textMax {
			t.Errorf("%s: %d characters", name, utf8.RuneCountInString(got))
		}
	}
	if got := clean("a\x1b[31m\nb\tc\x00\u0085\xff\u202ed é"); got != "a[31m⏎b c\ufffdd é" {
		t.Errorf("%q", got)
	}
	if got := []string{grouped(0), grouped(-999), grouped(1234567), grouped(-1000)}; fmt.Sprint(got) != "[0 -999 1,234,567 -1,000]" {
		t.Error(got)
	}
}

func TestLog(t *testing.T) {
	var c cell
	for range 3 {
		c.log("same", false)
	}
	_, lines, skipped := c.lines(nil)
	if len(lines) != 1 || lines[0].Times != 3 || skipped != 0 {
		t.Errorf("%+v %d", lines, skipped)
	}
	c.log("same", false)
	for i := range 70 {
		c.log(strconv.Itoa(i), i == 69)
	}
	message, again, skipped := c.lines(lines)
	if len(again) != 50 || skipped != 21 || again[0].N != 22 || again[49] != (Line{71, "69", 1}) || message != "69" {
		t.Errorf("%d lines, %d skipped, %+v, %q", len(again), skipped, again, message)
	}
	if lines[0].Times != 3 {
		t.Error("a line that was handed out changed")
	}
	big := strings.Repeat("x", 5000)
	for i := range 50 {
		c.log(strings.Repeat("ж", 4000)+strconv.Itoa(i), false)
	}
	c.log(big, false)
	_, last, _ := c.lines(again)
	size := 0
	for _, l := range last {
		size += len(l.Text)
	}
	if size > logBytes || size != c.bytes || !strings.HasSuffix(last[len(last)-1].Text, "...") {
		t.Errorf("%d bytes, counted %d", size, c.bytes)
	}
}

// TestLogAgainstAll compares readings one after the other with a reading at once.
func TestLogAgainstAll(t *testing.T) {
	long := strings.Repeat("y", 12_000)
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var c cell
		var have []Line
		for range 40 {
			for range rnd.IntN(30) {
				c.log(long[:rnd.IntN(3)*rnd.IntN(6000)]+strconv.Itoa(rnd.IntN(3)), false)
			}
			_, have, _ = c.lines(have)
			_, whole, _ := c.lines(nil)
			if !slices.Equal(have, whole) {
				t.Fatalf("seed %d: %v and %v", seed, have, whole)
			}
		}
	}
}

func TestPinnedKeysComeBack(t *testing.T) {
	text := func(s ...string) (all []widgets.Key) {
		for _, one := range s {
			all = append(all, widgets.Key{one})
		}
		return all
	}
	lots := func(n int, f func(int) widgets.Key) (all []widgets.Key) {
		for i := range n {
			all = append(all, f(i))
		}
		return all
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		keys     []widgets.Key
		perKey   float64 // bytes, at most
		integers bool
	}{
		"in a row": {lots(10_000, func(i int) widgets.Key { return widgets.Key{strconv.Itoa(i + 1)} }), 1.2, true},
		"extremes": {text("-9223372036854775808", "9223372036854775807", "0", "-1"), 64, true},
		"texts":    {text("007", "", "a,b", "\x00", "é", "9223372036854775808", "+1", "-0"), 64, false},
		"mixed":    {append(lots(999, func(i int) widgets.Key { return widgets.Key{strconv.Itoa(i)} }), text("x", "7")...), 20, false},
		"two":      {lots(1500, func(i int) widgets.Key { return widgets.Key{strconv.Itoa(i % 7), "k" + strconv.Itoa(i)} }), 8, false},
		"uuids": {lots(5000, func(int) widgets.Key {
			return widgets.Key{fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", rnd.Uint32(), rnd.IntN(1<<16), rnd.IntN(1<<12), rnd.IntN(1<<12), rnd.Int64N(1<<48))}
		}), 24, false},
	} {
		t.Run(name, func(t *testing.T) {
			parts := len(c.keys[0])
			p := newPacker(&budget{max: math.MaxInt64}, parts)
			for _, k := range c.keys {
				if err := p.add(k); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.flush(); err != nil {
				t.Fatal(err)
			}
			var got []widgets.Key
			for _, chunk := range p.out.chunks {
				keys, err := chunk.keys(parts)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, keys...)
			}
			if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.keys) {
				t.Error("other keys came back")
			}
			if per := float64(p.out.bytes) / float64(len(c.keys)); per > c.perKey {
				t.Errorf("%.1f bytes a key", per)
			} else {
				t.Logf("%.1f bytes a key", per)
			}
		})
	}
	if _, err := (chunk{data: []byte{0x80}, n: 1, integers: true}).keys(1); err == nil {
		t.Error("a damaged chunk")
	}
	if _, err := (chunk{data: []byte("garbage"), n: 1}).keys(1); err == nil {
		t.Error("a damaged chunk")
	}
}

func FuzzPinnedKeys(f *testing.F) {
	f.Add("1", "2", "x")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		p := newPacker(&budget{max: math.MaxInt64}, 1)
		want := []widgets.Key{{a}, {b}, {c}}
		for _, k := range want {
			if err := p.add(k); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.flush(); err != nil {
			t.Fatal(err)
		}
		got, err := p.out.chunks[0].keys(1)
		if err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%q %v", got, err)
		}
	})
}

type reason struct {
	Reason         string  `form:"label='Reason, in words',textarea,required,max=5"`
	Amount         float64 `form:"min=0,max=100,default=5"`
	Count          int8
	NotifyCustomer bool
	Mode           string `form:"choices=full|partial"`
	Due            time.Time
	OrderID        uint     `form:"name=order,help=See the invoice"`
	Ignored        chan int `form:"-"`
}

func (r *reason) Validate() error {
	if r.Mode == "partial" && r.Amount == 0 {
		return UserError("A partial refund needs an amount.")
	}
	return nil
}

func TestForm(t *testing.T) {
	a := On(Action{Name: "a"}, func(context.Context, *Job, Rows[widgets.Row], reason) error { return nil })
	if err := a.Check(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range a.Fields() {
		names = append(names, f.Name+":"+f.Kind+":"+f.Label)
	}
	if got := strings.Join(names, " "); got != "reason:textarea:Reason, in words amount:decimal:Amount count:integer:Count notify_customer:checkbox:Notify customer "+
		"mode:select:Mode due:date:Due order:integer:Order ID" {
		t.Error(got)
	}
	one := func(s string) []string { return []string{s} }
	in, wrong := a.Parse(map[string][]string{
		"reason": one("broke"), "amount": one("7.5"), "notify_customer": {"0", "on"}, "mode": one("full"), "due": one("2024-02-29"), "order": one("42"),
		"stranger": one("x"),
	})
	want := reason{Reason: "broke", Amount: 7.5, NotifyCustomer: true, Mode: "full", Due: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), OrderID: 42}
	if wrong != nil || in != want {
		t.Errorf("%+v %v", in, wrong)
	}
	for field, values := range map[string]map[string][]string{
		"reason": {"reason": one("  ")}, "amount": {"reason": one("x"), "amount": one("101")}, "count": {"reason": one("x"), "count": one("128")},
		"mode": {"reason": one("x"), "mode": one("none")}, "due": {"reason": one("x"), "due": one("yesterday")},
		"order": {"reason": one("x"), "order": one("-1")}, "": {"reason": one("x"), "mode": one("partial")},
	} {
		if _, wrong := a.Parse(values); wrong == nil || len(wrong.Fields) != 1 || wrong.Fields[field] == "" {
			t.Errorf("%q: %v", field, wrong)
		}
	}
	if _, wrong := a.Parse(map[string][]string{"reason": one("éééééé"), "amount": one("NaN")}); wrong == nil || len(wrong.Fields) != 2 {
		t.Errorf("%v", wrong)
	}
}

func TestCheck(t *testing.T) {
	none := func(context.Context, *Job, Rows[widgets.Row], struct{}) error { return nil }
	for name, a := range map[string]Action{
		"no body": {Name: "a"}, "name": On(Action{Name: "a b"}, none), "limit": On(Action{Name: "a", MaxConcurrent: -1}, none),
		"no struct": On(Action{Name: "a"}, func(context.Context, *Job, Rows[widgets.Row], int) error { return nil }),
		"type":      On(Action{Name: "a"}, func(context.Context, *Job, Rows[widgets.Row], struct{ C []string }) error { return nil }),
		"word": On(Action{Name: "a"}, func(context.Context, *Job, Rows[widgets.Row], struct {
			C string `form:"requierd"`
		},
		) error {
			return nil
		}),
	} {
		if err := a.Check(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	a := On(Action{Name: "refundOrders", Confirm: "Refund {count} orders?", Permissions: []string{"x"}, Permission: "y"}, none)
	if a.Title() != "Refund orders" || a.Question(12345) != "Refund 12,345 orders?" || fmt.Sprint(a.Needs()) != "[x y]" || a.Check() != nil {
		t.Error(a.Title(), a.Question(12345), a.Needs(), a.Check())
	}
}

func TestProgressAllocatesNothing(t *testing.T) {
	j := &Job{}
	for name, f := range map[string]func(){
		"Update": func() { j.Update(1, 2, "working") }, "Advance": func() { j.Advance(1) }, "Set": func() { j.Set(1, 2) },
		"Log": func() { j.Log("line"); j.Log("other") }, "Status": func() { j.Status(func() string { return "x" }) }, "Stopping": func() { j.Stopping() },
	} {
		if n := testing.AllocsPerRun(1000, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestProgressFromManyGoroutines(t *testing.T) {
	j := &Job{}
	stop := make(chan struct{})
	var reader, writers sync.WaitGroup
	reader.Go(func() {
		var lines []Line
		for {
			select {
			case <-stop:
				return
			default:
				j.cell.want.Store(true)
				j.cell.read()
				_, lines, _ = j.cell.lines(lines)
			}
		}
	})
	for g := range 4 {
		writers.Go(func() {
			for i := range 20_000 {
				j.Advance(1)
				j.Log(strconv.Itoa(g))
				j.Status(func() string { return strconv.Itoa(i) })
			}
		})
	}
	writers.Wait()
	close(stop)
	reader.Wait()
	if n := j.cell.read(); n.current != 80_000 {
		t.Errorf("%+v", n)
	}
}

func BenchmarkUpdate(b *testing.B) {
	j := &Job{}
	b.ReportAllocs()
	for i := range b.N {
		j.Update(int64(i), int64(b.N), "working")
	}
}

func BenchmarkUpdateChangingMessage(b *testing.B) {
	j := &Job{}
	messages := [2]string{"one message", "two message"}
	b.ReportAllocs()
	for i := range b.N {
		j.Update(int64(i), int64(b.N), messages[i&1])
	}
}

func BenchmarkUpdateParallel(b *testing.B) {
	j := &Job{}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			j.Update(1, 2, "working")
		}
	})
}

func BenchmarkAdvance(b *testing.B) {
	j := &Job{}
	b.ReportAllocs()
	for range b.N {
		j.Advance(1)
	}
}

func BenchmarkStatus(b *testing.B) {
	j := &Job{}
	b.ReportAllocs()
	for i := range b.N {
		j.Status(func() string { return strconv.Itoa(i) })
	}
}

// instant answers every Fetch with the same rows.
type instant struct {
	widgets.Reader
	rows []widgets.Row
}

func (s instant) Table() *widgets.Table { return orders }

func (s instant) Fetch(_ context.Context, keys []widgets.Key, _ widgets.Filter) ([]widgets.Row, error) {
	return s.rows[:len(keys)], nil
}

// rowsOver are rows that cost nothing to read, n of them.
func rowsOver(tb testing.TB, n int) Rows[widgets.Row] {
	tb.Helper()
	p := newPacker(&budget{max: math.MaxInt64}, 1)
	for i := range n {
		if err := p.add(widgets.Key{strconv.Itoa(i)}); err != nil {
			tb.Fatal(err)
		}
	}
	if err := p.flush(); err != nil {
		tb.Fatal(err)
	}
	j := &Job{pinned: p.out, source: instant{rows: make([]widgets.Row, chunkKeys)}}
	return Rows[widgets.Row]{job: j, decode: func(r widgets.Row) (widgets.Row, error) { return r, nil }}
}

// BenchmarkRows is the loop's cost for a row, with unpacking its key and without reading it from anywhere.
func BenchmarkRows(b *testing.B) {
	rows := rowsOver(b, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for _, err := range rows.All(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != b.N {
		b.Fatal(n)
	}
}

// BenchmarkRowsLoop is the same without unpacking keys: the check for a stop, the count and the cursor.
func BenchmarkRowsLoop(b *testing.B) {
	rows := rowsOver(b, chunkKeys)
	j := rows.job
	batch := batch{rows: make([]widgets.Row, chunkKeys), end: chunkKeys}
	ctx, breath := b.Context(), newBreath()
	b.ReportAllocs()
	for n := range b.N {
		i := n % chunkKeys
		if err := j.halted(ctx); err != nil {
			b.Fatal(err)
		}
		if _, err := rows.read(batch.rows[i]); err != nil {
			b.Fatal(err)
		}
		j.cell.pass(&batch, i)
		breath.take()
	}
}

// TestRowsAllocateByTheChunk: a loop over rows allocates for the chunks that it reads, whatever the number of rows in them.
func TestRowsAllocateByTheChunk(t *testing.T) {
	loop := func(rows Rows[widgets.Row]) func() {
		return func() {
			for _, err := range rows.All(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	few, many := testing.AllocsPerRun(20, loop(rowsOver(t, 10))), testing.AllocsPerRun(20, loop(rowsOver(t, chunkKeys)))
	if few != many || many > 20 {
		t.Errorf("%v allocations for 10 rows, %v for %d", few, many, chunkKeys)
	}
	each := func(rows Rows[widgets.Row]) func() {
		return func() {
			if err := Each(t.Context(), rows, func(context.Context, widgets.Row) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	few, many = testing.AllocsPerRun(20, each(rowsOver(t, 10))), testing.AllocsPerRun(20, each(rowsOver(t, chunkKeys)))
	if few != many || many > 30 {
		t.Errorf("Each: %v allocations for 10 rows, %v for %d", few, many, chunkKeys)
	}
}

func BenchmarkSweep500(b *testing.B) {
	cells := make([]cell, 500)
	seen := make([]numbers, 500)
	for b.Loop() {
		for i := range cells {
			cells[i].want.Store(true)
			if n := cells[i].read(); n != seen[i] {
				b.Fatal("changed")
			}
		}
	}
}
