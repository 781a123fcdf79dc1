package main

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// statusLine shows what is going on: on a terminal one line that changes, elsewhere a line for each text.
type statusLine struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
}

func newStatusLine(w io.Writer) *statusLine {
	s := &statusLine{w: w}
	if file, ok := w.(*os.File); ok {
		info, err := file.Stat()
		s.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return s
}

// show replaces the line; it is called from several goroutines.
func (s *statusLine) show(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.terminal {
		fmt.Fprintf(s.w, "\r\x1b[K%s", text)
		return
	}
	fmt.Fprintln(s.w, text)
}

// clear takes the line away before something else is printed.
func (s *statusLine) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.terminal {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
}
