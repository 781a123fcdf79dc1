package parity

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
)

// A Report says what a run of one package's tests compared.
type Report struct {
	Compared  int            // executions
	Completed int            // of them, of templates with end tags added
	Errors    int            // of them, where html/template reports an error, and package view as well
	SameText  int            // of those, errors with the same text
	Executed  map[string]int // by what
	Tests     map[string]int // executions of each test
	LeftOut   map[string]int // executions that cannot be compared, by test and reason
	Wrong     []string       // what was not the same
}

// Of the environment of a test binary.
const (
	reportTo = "GREENROOM_PARITY_REPORT" // the file that the report is written to
	faultAt  = "GREENROOM_PARITY_FAULT"  // spoil the output of this comparison, counted from one, to see that it is noticed
)

// current is the run of a test binary: the tests know nothing of us, so there is no other way to reach it.
var current struct {
	engine Engine
	mu     sync.Mutex
	report Report
	seen   int
	fault  int
}

// Main is what TestMain of a copied test package calls. It returns the exit code: 1 if a test failed or a comparison did.
func Main(run func() int, e Engine) int {
	current.engine = e
	current.report = Report{Executed: map[string]int{}, Tests: map[string]int{}, LeftOut: map[string]int{}}
	current.fault, _ = strconv.Atoi(os.Getenv(faultAt))
	code := run()
	if err := finish(os.Stderr, os.Getenv(reportTo)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	return code
}

func finish(faults io.Writer, file string) error {
	current.mu.Lock()
	defer current.mu.Unlock()
	data, err := json.Marshal(current.report)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return fmt.Errorf("parity: write the report (%s names the file): %w", reportTo, err)
	}
	for _, w := range current.report.Wrong {
		fmt.Fprintln(faults, w)
	}
	if n := len(current.report.Wrong); n > 0 {
		return fmt.Errorf("parity: %d of %d executions are not html/template's", n, current.report.Compared)
	}
	return nil
}
