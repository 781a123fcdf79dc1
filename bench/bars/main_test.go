package main

import (
	"strings"
	"testing"
)

const printed = `goos: linux
BenchmarkUpdate/list25-cell/greenroom-2         	     200	     10000 ns/op	        25.00 wire-B	    4952 B/op	       2 allocs/op
BenchmarkUpdate/list25-cell/html-template-2     	     200	    250000 ns/op	   34570 B/op	    1612 allocs/op
BenchmarkUpdate/list25-cell/jfyne-live-2        	     200	   1000000 ns/op	   34570 B/op	    1612 allocs/op
BenchmarkUpdate/tile10/greenroom            	     200	       118 ns/op	        15.00 wire-B	       0 B/op	       0 allocs/op
BenchmarkUpdate/list100-cell/greenroom-2        	     200	     60000 ns/op	        25.00 wire-B	       0 B/op	       3 allocs/op
PASS
`

func TestTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := table(&out, []results{parse([]byte(printed))})
	for _, line := range []string{
		"list25-cell, times faster than html/template ≥ 20 ≥ 35 25 25 25 must",
		"list25-cell, times faster than jfyne/live ≥ 200 ≥ 400 100 100 100 MISSED",
		"tile10, allocations an update ≤ 2 ≤ 0 0 0 0 good",
		"list100-cell, allocations an update ≤ 4 ≤ 2 3 3 3 must",
		"list25-cell, bytes of the patch ≤ 60 ≤ 30 25 25 25 good",
		"list25-cell 10 25 100 2 25",
	} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), line) {
			t.Errorf("no line %q in\n%s", line, out.String())
		}
	}
	if err == nil {
		t.Fatal("a missed must is no error")
	}
	for _, says := range []string{"missed: list25-cell, times faster than jfyne/live: 100, must be ≥ 200", "list100-swap, bytes of the patch: the benchmarks do not print it"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the error does not say %q: %v", says, err)
		}
	}
}
