package parity

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestStandardLibrary runs the standard library's own tests of its templates against package view. With -v it says what
// was compared and what was left out.
func TestStandardLibrary(t *testing.T) {
	for _, of := range []struct {
		kind        string
		tests, runs int // at least: a Go that moves its tests elsewhere must not go unnoticed
	}{{"html", 80, 2000}, {"text", 45, 700}} {
		t.Run(of.kind, func(t *testing.T) {
			s := build(t, of.kind)
			for _, f := range s.faults() {
				t.Error(f)
			}
			r, out, err := s.run(t, 0)
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			if s.tests < of.tests || r.Compared < of.runs {
				t.Errorf("%d tests, %d executions compared: want at least %d and %d", s.tests, r.Compared, of.tests, of.runs)
			}
			t.Logf("%s/template: %d tests and examples built, %d of them executed a template; %d executions compared, %d of them of templates with end tags added, %d errors (%d with the same text), executed by %v",
				of.kind, s.tests, len(r.Tests), r.Compared, r.Completed, r.Errors, r.SameText, r.Executed)
			list(t, "left out, since it does not build", s.lost)
			list(t, "a check left out, since it does not build", s.checks)
			for _, why := range slices.Sorted(maps.Keys(r.LeftOut)) {
				t.Logf("not compared, %d times: %s", r.LeftOut[why], why)
			}
			noticed(t, s, r.Tests)
		})
	}
}

func list(t *testing.T, what string, of map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(of)) {
		t.Logf("%s: %s: %s", what, name, of[name])
	}
}

// noticed spoils one output of ours, in the test that executes most, and expects its run to fail for that one.
func noticed(t *testing.T, s *suite, executions map[string]int) {
	t.Helper()
	delete(executions, "TestMain") // goroutines whose test is not known
	most := ""
	for name, n := range executions {
		if n > executions[most] || n == executions[most] && name < most {
			most = name
		}
	}
	for _, at := range []int{1, executions[most] / 2} {
		r, out, err := s.run(t, at, "-test.run=^"+most+"$")
		if err == nil || len(r.Wrong) != 1 || !strings.Contains(out, "1 of ") {
			t.Errorf("output %d of %s was spoilt, and the run says %v, %q", at, most, err, r.Wrong)
		}
	}
}
