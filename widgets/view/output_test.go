package view

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func written(write func(*output)) string {
	var o output
	write(&o)
	return string(o.recording().buf)
}

// TestEscape holds the escaper to one that looks at each byte, over every byte at every place.
func TestEscape(t *testing.T) {
	t.Parallel()
	slow := func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			if to := escapeOf[s[i]]; to != 0 {
				b.WriteString([]string{1: "&lt;", 2: "&gt;", 3: "&amp;", 4: "&#34;", 5: "&#39;", 6: "&#43;", 7: "\uFFFD"}[to])
			} else {
				b.WriteByte(s[i])
			}
		}
		return b.String()
	}
	for length := range 20 {
		for at := range length {
			for c := range 256 {
				s := []byte(strings.Repeat("a", length))
				s[at] = byte(c)
				if got := written(func(o *output) { o.escaped(string(s)) }); got != slow(string(s)) {
					t.Fatalf("%q became %q", s, got)
				}
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		s := make([]byte, r.IntN(40))
		for i := range s {
			s[i] = byte(r.Uint32())
			if r.IntN(2) == 0 {
				s[i] = "<>&\"'+\x00#/ \x80\x01"[r.IntN(12)]
			}
		}
		if got := written(func(o *output) { o.text("x"); o.escaped(string(s)) }); got != "x"+slow(string(s)) {
			t.Fatalf("%q became %q", s, got)
		}
	}
}

// TestAppendInt holds integers to the standard library's.
func TestAppendInt(t *testing.T) {
	t.Parallel()
	check := func(n int64) {
		if got, want := written(func(o *output) { o.text("n"); o.int(n) }), "n"+strconv.FormatInt(n, 10); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
		if got, want := written(func(o *output) { o.uint(uint64(n)) }), strconv.FormatUint(uint64(n), 10); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	check(math.MinInt64)
	for p := int64(1); p > 0 && p <= math.MaxInt64/10; p *= 10 {
		for d := int64(-101); d <= 101; d++ {
			check(p + d)
			check(-p + d)
			check(p*9 + d)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 50000 {
		check(int64(r.Uint64() >> r.IntN(64)))
	}
}
