package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greenroom/internal/floor"
)

// tmux is the program's console in a terminal of 80 by 24 without colour.
type tmux struct {
	t              *testing.T
	program, serve string
}

// terminalOf builds the program and starts its console at the room of a state file.
func terminalOf(t *testing.T, state string) *tmux {
	t.Helper()
	program, err := exec.LookPath("tmux")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("there is no tmux; .ci/terminal installs it")
	}
	if err != nil {
		t.Skip("SKIPPED: tmux is not in PATH, so the console is not tried in a terminal")
	}
	dir := filepath.Dir(state)
	binary := filepath.Join(dir, "greenroom-under-test")
	if text, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	m := &tmux{t, program, filepath.Join(dir, "tmux")} // a server of our own, which nobody else's sessions live in
	m.call("new-session", "-d", "-x", "80", "-y", "24", "env NO_COLOR=1 TERM=screen '"+binary+"' console --state '"+state+"'; echo ended with $?; sleep 60")
	t.Cleanup(func() { _ = exec.Command(program, "-S", m.serve, "kill-server").Run() })
	return m
}

func (m *tmux) call(args ...string) string {
	m.t.Helper()
	text, err := exec.Command(m.program, append([]string{"-S", m.serve, "-f", "/dev/null"}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %v: %v\n%s", args, err, text)
	}
	return string(text)
}

func (m *tmux) press(keys ...string) {
	m.t.Helper()
	m.call(append([]string{"send-keys"}, keys...)...)
}

// shows waits until all texts are on the screen, on which there is no colour.
func (m *tmux) shows(want ...string) {
	m.t.Helper()
	var got string
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		got = m.call("capture-pane", "-p", "-e")
		missing := false
		for _, w := range want {
			missing = missing || !strings.Contains(got, w)
		}
		if !missing {
			if strings.Contains(got, "\x1b[3") || strings.Contains(got, "\x1b[4") {
				m.t.Errorf("there is colour on the screen:\n%q", got)
			}
			return
		}
	}
	m.t.Fatalf("%q is not on the screen:\n%s", want, got)
}

// TestConsoleInATerminal walks over the pages of a demo.
func TestConsoleInATerminal(t *testing.T) {
	m := terminalOf(t, running(t))
	m.shows("[1 Overview]", "actors 1", "LIVE 1s", "jobs/supervisor")
	m.press("2", "/", "super", "Enter")
	m.shows("[2 Actors]", "/ super", ">jobs/supervisor")
	m.press("Enter")
	m.shows("Kind           supervisor")
	m.press("q", "q", "3")
	m.shows("[3 Jobs]", "Nothing to show.")
	m.press("c")
	m.shows("There is nothing here to cancel.")
	m.press("?")
	m.shows("every key but y means no")
	m.press("Q")
	m.shows("ended with 0")
}

// TestOperatorInATerminalAmong500Jobs is the same bad day as the browser's.
func TestOperatorInATerminalAmong500Jobs(t *testing.T) {
	f := floor.Open(t)
	m := terminalOf(t, f.State)
	find := func(page, text, row string) {
		t.Helper()
		m.press(page, "/", text, "Enter")
		m.shows("/ "+text, ">"+row)
	}
	act := func(key, question, said string) {
		t.Helper()
		m.press(key)
		m.shows(question + "? [y/N]")
		m.press("Enter") // means no
		m.shows("Nothing was done.")
		m.press(key)
		m.shows(question + "? [y/N]")
		m.press("y")
		m.shows(said)
	}
	m.shows("LIVE 1s")
	find("3", "needle", "Needle in the haystack")
	act("c", "Cancel “Needle in the haystack”", "asked to end")
	m.shows("cancelled")
	find("3", "deaf", "Deaf to its cancel")
	act("c", "Cancel “Deaf to its cancel”", "asked to end")
	find("3", "walk", "Walk along the parts")
	act("p", "Pause “Walk along the parts”", "The job")
	m.shows("paused")
	act("p", "Resume “Walk along the parts”", "The job")
	m.shows("running")
	find("3", "deaf", "Deaf to its cancel")
	m.shows("stuck")
	act("X", "Give up “Deaf to its cancel”", "cancelled")
	m.shows("given up")

	f.Still()
	f.Flood()
	find("2", "still", "sessions/")
	m.press("s", "s", "s", "s", "s") // by who is longest at a message
	m.shows("sort: busy", " ! ")
	find("2", "fragile", "sessions/")
	m.press("Enter")
	m.shows("Restarts       1", "the shelf gave way")

	m.press("q")
	find("4", "op0", "op0")
	act("K", "End the sign-in of “op0”", "has to sign in again")
	m.shows("Nothing to show.")
	if got := f.Victim.Get("/admin/").Status; got != 303 {
		t.Errorf("the ended sign-in still opens pages: %d", got)
	}
	f.Audited("console: cancel: Needle", "console: pause: Walk", "console: resume: Walk", "console: cancel: Deaf", "console: stop: Deaf", "console: kick op0")
	m.press("Q")
	m.shows("ended with 0")
}

// TestConsoleOverTheNetwork asks a room by its address, with a token that is made and revoked on the command line.
func TestConsoleOverTheNetwork(t *testing.T) {
	f := floor.Open(t)
	greenroom := func(want int, args ...string) string {
		t.Helper()
		var out, errs screen
		if code := run(t.Context(), console{&out, &errs}, args); code != want {
			t.Fatalf("greenroom %v: exit %d, want %d: %s%s", args, code, want, out.String(), errs.String())
		}
		return out.String() + errs.String()
	}
	t.Setenv("GREENROOM_TOKEN", "")
	var made, errs screen
	if code := run(t.Context(), console{&made, &errs}, []string{"user", "token", "admin", "--state", f.State}); code != 0 || !strings.HasPrefix(made.String(), "gr_") {
		t.Fatalf("exit %d: %s%s", code, made.String(), errs.String())
	}
	id := strings.Fields(errs.String())[1]
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(made.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	at := []string{"console", "--url", f.URL + "/admin/", "--token-file", file, "--once", "jobs"}
	if text := greenroom(1, append(at, "--search", "needle")...); !strings.Contains(text, "Needle in the haystack") { // 1: a widget has failed
		t.Error(text)
	}
	if text := greenroom(2, "console", "--url", f.URL, "--once", "jobs"); !strings.Contains(text, "token") {
		t.Error(text)
	}
	if text := greenroom(1, "console", "--url", "http://admin.example.com/admin/", "--token-file", file, "--once", "jobs"); !strings.Contains(text, "https only") {
		t.Error(text)
	}
	if text := greenroom(0, "user", "tokens", "--state", f.State); !strings.Contains(text, id) || strings.Contains(text, "gr_") {
		t.Error(text)
	}
	greenroom(0, "user", "untoken", id, "--state", f.State)
	if text := greenroom(1, at...); !strings.Contains(text, "revoked") {
		t.Error(text)
	}
}
