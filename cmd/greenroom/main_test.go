package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// screen collects what a command says; it is written and read by several goroutines.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func TestWrongCallsAreToldWhatToDo(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	t.Setenv("GREENROOM_PASSWORD", "")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // a test's
	notDB := filepath.Join(t.TempDir(), "not.db")
	if err := os.WriteFile(notDB, []byte("this is a text and no database, whatever its name says; it is long enough to have a header"), 0o600); err != nil {
		t.Fatal(err)
	}
	free := "127.0.0.1:0"
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 2, "Usage:"},
		{[]string{"nonsense"}, 2, `unknown command "nonsense"`},
		{[]string{"demo", "--nonsense"}, 2, "--help"},
		{[]string{"demo", "more"}, 2, `unexpected argument "more"`},
		{[]string{"demo", "--orders", "0"}, 2, "want 1 to"},
		{[]string{"demo", "--orders", "many"}, 2, "many"},
		{[]string{"demo", "--orders", "10", "--listen", free, "--password", "short"}, 2, "at least 8"},
		{[]string{"serve"}, 2, "--db is missing"},
		{[]string{"serve", "--listen", free, "--db", filepath.Join(t.TempDir(), "missing.db")}, 1, "missing.db"},
		{[]string{"serve", "--listen", free, "--db", "oracle://x"}, 1, "sqlite:"},
		{[]string{"serve", "--listen", free, "--db", "postgres://nowhere.invalid/y"}, 1, "no host"},
		{[]string{"serve", "--listen", free, "--db", notDB}, 1, "not.db"},
		{[]string{"serve", "--listen", taken.Addr().String(), "--db", notDB}, 1, "in use by another program"},
		{[]string{"bench"}, 2, "no scenario"},
		{[]string{"bench", "nonsense"}, 2, "is no scenario"},
		{[]string{"bench", "connect", "--pages", "1000000"}, 2, "want 1 to 18000"},
		{[]string{"bench", "connect", "--duration", "1h"}, 2, "up to 10m"},
		{[]string{"bench", "connect", "--url", "https://127.0.0.1", "--user", "u", "--password", "p"}, 2, "plain HTTP"},
		{[]string{"bench", "connect", "--url", "http://192.0.2.1", "--user", "u", "--password", "p"}, 2, "--allow-remote"},
		{[]string{"bench", "connect", "--url", "http://127.0.0.1:1"}, 2, "--user and --password"},
		{[]string{"bench", "event", "--url", "http://127.0.0.1:1", "--user", "u", "--password", "p"}, 2, "only connect"},
		{[]string{"bench", "target"}, 1, "not for use by hand"},
		{[]string{"serve", "--listen", "nowhere", "--db", notDB}, 1, "HOST:PORT"},
	} {
		var out, err screen
		code := run(t.Context(), console{&out, &err}, c.args)
		if code != c.code || !strings.Contains(err.String(), c.says) {
			t.Errorf("greenroom %s: exit %d, says %q; want %d and %q", strings.Join(c.args, " "), code, err.String(), c.code, c.says)
		}
	}
}

func TestHelpListsOnlyWhatWorks(t *testing.T) {
	var out, err screen
	if code := run(t.Context(), console{&out, &err}, []string{"--help"}); code != 0 || err.String() != "" {
		t.Fatalf("exit %d, %s", code, err.String())
	}
	for _, c := range commands() {
		if !strings.Contains(out.String(), c.name) {
			t.Errorf("the help does not name %s", c.name)
		}
		var usage screen
		if code := run(t.Context(), console{&usage, &usage}, []string{c.name, "--help"}); c.name != "version" && (code != 0 || !strings.Contains(usage.String(), "Flags:\n  --")) {
			t.Errorf("%s --help: exit %d, %s", c.name, code, usage.String())
		}
	}
}

func TestDemoServesKeepsAndDrains(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	t.Setenv("GREENROOM_PASSWORD", "")
	var said []string
	for range 2 {
		ctx, stop := context.WithCancel(t.Context())
		var out, err screen
		ended := make(chan int, 1)
		go func() {
			ended <- run(ctx, console{&out, &err}, []string{"demo", "--orders", "30", "--listen", "127.0.0.1:0"})
		}()
		url := awaitURL(t, &out, &err, ended)
		// The line that says the URL is printed when the server really answers.
		answer, getErr := http.Get(url)
		if getErr != nil {
			t.Fatal(getErr)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !strings.Contains(answer.Request.URL.Path, "/login/") {
			t.Errorf("%s leads to %s: %d", url, answer.Request.URL, answer.StatusCode)
		}
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("exit %d: %s", code, err.String())
		}
		said = append(said, out.String()+err.String())
	}
	if !strings.Contains(said[0], "Made a shop of 30 orders") || !strings.Contains(said[0], "with the password ") {
		t.Errorf("the first run says %s", said[0])
	}
	if strings.Contains(said[1], "Made a shop") || !strings.Contains(said[1], "the password from before") {
		t.Errorf("the second run says %s; the shop and the user are kept", said[1])
	}
}

func awaitURL(t *testing.T, out, err *screen, ended <-chan int) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if _, rest, ok := strings.Cut(out.String(), "greenroom serves "); ok {
			if url, _, ok := strings.Cut(rest, "\n"); ok {
				return url
			}
		}
		select {
		case code := <-ended:
			t.Fatalf("ended with %d: %s", code, err.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("no URL after a minute: %s %s", out.String(), err.String())
	return ""
}
