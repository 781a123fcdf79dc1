package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"greenroom/bench/load"
)

// TestTable: a missed must is told and reported, rounds are compared one by one, and what was not measured has no line.
func TestTable(t *testing.T) {
	b := &bench{theirs: map[string][]float64{
		"progress/greenroom ns/op": {40, 50}, "progress/asynq ns/op": {24_000, 10_000, 9}, "django.first": {15},
	}, leftOut: []string{"River: none here"}}
	var out strings.Builder
	if !b.table(&out, []load.Row{load.NewRow("x", 20, 35, true, []float64{40})}, 2) {
		t.Error("the missed must is not reported")
	}
	for _, says := range []string{
		"| x | ≥ 20 | ≥ 35 | 40 | 40 | 40 | good |", "| asynq: a progress report, × ours | ≥ 500 | ≥ 1000 | 200 | 200 | 600 | MISSED |", "Left out: River: none here.",
		"| Django, CPU a list page, first, ms | 15 | 15 | 15 |",
	} {
		if !strings.Contains(out.String(), says) {
			t.Errorf("the table does not say %q:\n%s", says, out.String())
		}
	}
	if strings.Contains(out.String(), "jfyne/live: CPU") {
		t.Errorf("a line of nothing:\n%s", out.String())
	}
}

// TestPut: the table stands between its two lines and nothing else of the document changes; a document without them is left alone.
func TestPut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.md")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# before\n" + tableBegins + "\nold\n" + tableEnds + "\nafter\n")
	if err := put(file, "new\n"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if want := "# before\n" + tableBegins + "\n\nnew\n\n" + tableEnds + "\nafter\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	write("nothing here")
	if err := put(file, "new"); err == nil || !strings.Contains(err.Error(), tableBegins) {
		t.Errorf("%v", err)
	}
}

func TestDigits(t *testing.T) {
	for v, want := range map[float64]string{0.0123: "0.0123", 9.876: "9.88", 99.94: "99.9", 100: "100", 1234567.8: "1,234,568"} {
		if got := digits(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}
