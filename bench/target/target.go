//go:build linux

package target

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"greenroom"
)

// Password is what every user of the target signs in with; UserName tells how they are called. The target listens on loopback only.
const Password = "correct horse battery"

// UserName is the name of the n-th user, counted from 0.
func UserName(n int) string { return "bench" + strconv.Itoa(n) }

// Hello is the first line that the target says.
type Hello struct {
	URL string `json:"url"`
}

// Answer is what the target says when it did what a command line wanted.
type Answer struct {
	// Error is empty when all went well.
	Error string `json:"error,omitempty"`
	// Writes is how many sockets there are or floor wrote to, or how many updates beat made.
	Writes int `json:"writes,omitempty"`
}

// Run serves until in ends. Its commands are the lines of in: "collect" frees what memory can be freed, "beat N RATE" changes the shared widget N times, RATE
// times a second (0: as fast as it can), "sockets" counts the open sockets and "floor BYTES" writes a text frame of so many payload bytes to each of them with a
// bare write(2), "profile NAME" begins and "profiled" ends a CPU profile, "heap NAME" writes a heap profile.
func Run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	f := flag.NewFlagSet("target", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	dir := f.String("dir", "", "folder for the server's files; it is removed at the end")
	users := f.Int("users", 1, "how many users")
	size := f.Int("text", 58, "bytes of the shared widget's text")
	more := f.Int("widgets", 0, "how many counters there are besides")
	shop := f.String("shop", "", "a file with the demo's shop, whose orders are served besides; mixed changes it")
	shared := f.Bool("shared", false, "one actor draws the beat for all pages")
	profiles := f.String("profile", "", "folder for profiles")
	if err := f.Parse(args); err != nil {
		return fmt.Errorf("target: %w", err)
	}
	if *dir == "" {
		return errors.New("target: no --dir; it is a part of greenroom bench and not for use by hand")
	}
	defer os.RemoveAll(*dir) //nolint:errcheck // whoever started the target removes it too, unless he was killed
	s, err := open(ctx, *dir, *shop, *users, *size, *more, *shared)
	if err != nil {
		return err
	}
	s.profiles = *profiles
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, s.close())
	}
	s.port = ln.Addr().(*net.TCPAddr).Port
	served := make(chan error, 1)
	// Serves until close ends the room; its error is awaited below.
	go func() { served <- s.room.Serve(ln) }()
	say := json.NewEncoder(out)
	err = say.Encode(Hello{"http://" + ln.Addr().String()})
	for lines := bufio.NewScanner(in); err == nil && lines.Scan(); {
		var answer Answer
		if failed := s.obey(ctx, strings.Fields(lines.Text()), &answer); failed != nil {
			answer.Error = failed.Error()
		}
		err = say.Encode(answer)
	}
	return errors.Join(err, s.close(), <-served)
}

// server is a running target.
type server struct {
	db       *greenroom.Database
	room     *greenroom.Room
	port     int
	profiles string
	profile  *os.File
	open     []int // the sockets that count found
}

func open(ctx context.Context, dir, shop string, users, size, more int, shared bool) (*server, error) {
	cfg := greenroom.Config{
		State: filepath.Join(dir, "state.db"), Only: true, Watch: -1, Log: slog.New(slog.DiscardHandler), Limits: greenroom.Limits{Pages: 20_000},
	}
	var err error
	if shop != "" {
		// One person asks for more pages than he could look at.
		cfg.Models, cfg.Limits.UserPages, cfg.Limits.AddressPages = models(), -1, -1
		cfg.DB, err = greenroom.Open(ctx, "sqlite:"+shop, greenroom.OpenConfig{App: App, WAL: true})
	} else {
		cfg.DB, err = small(ctx, filepath.Join(dir, "bench.db"))
	}
	if err != nil {
		return nil, err
	}
	s := &server{db: cfg.DB}
	if shop == "" {
		cfg.Widgets = widgets(cfg.DB, size, more, shared)
	}
	s.room, err = greenroom.New(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	for n := range users {
		if err := s.room.SetPassword(ctx, UserName(n), Password); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

// small is a database of the one table that the beat listens to.
func small(ctx context.Context, file string) (*greenroom.Database, error) {
	db, err := greenroom.Open(ctx, "sqlite:"+file, greenroom.OpenConfig{Create: true})
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{"CREATE TABLE beat (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)", "INSERT INTO beat (id, n) VALUES (1, 0)"} {
		if _, err := db.Exec(ctx, nil, statement); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

func (s *server) close() error {
	limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var err error
	if s.room != nil {
		// Thousands of pages may not answer their close in time; the process ends anyway.
		if err = s.room.Close(limit); errors.Is(err, context.DeadlineExceeded) {
			err = nil
		}
	}
	return errors.Join(err, s.db.Close())
}

func (s *server) obey(ctx context.Context, words []string, a *Answer) error {
	if len(words) == 0 {
		return errors.New("target: an empty command")
	}
	switch word, rest := words[0], words[1:]; {
	case word == "collect":
		for range 2 { // what a finalizer holds goes with the second
			runtime.GC()
			debug.FreeOSMemory()
		}
		return nil
	case word == "beat" && len(rest) == 2:
		return s.beat(ctx, number(rest[0]), number(rest[1]), a)
	case word == "sockets":
		return s.count(a)
	case word == "floor" && len(rest) == 1:
		return s.floor(number(rest[0]), a)
	case word == "profile" && len(rest) == 1:
		return s.profileCPU(rest[0])
	case word == "profiled":
		pprof.StopCPUProfile()
		return s.profile.Close()
	case word == "heap" && len(rest) == 1:
		return s.profileHeap(rest[0])
	}
	return fmt.Errorf("target: %q is no command", strings.Join(words, " "))
}

// number reads a count of a command; what is none counts as 0.
func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// beat commits n changes of the table that the shared widget listens to.
func (s *server) beat(ctx context.Context, n, rate int, a *Answer) error {
	began := time.Now()
	for i := range n {
		if rate > 0 {
			// An absolute timetable: a beat that came late does not move the ones after it.
			time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(rate))))
			// A machine that cannot keep up makes fewer beats in the same time, and says so.
			if time.Since(began) > time.Duration(n)*time.Second/time.Duration(rate) {
				return nil
			}
		}
		if _, err := s.db.Exec(ctx, nil, "UPDATE beat SET n = n + 1 WHERE id = 1"); err != nil {
			return err
		}
		a.Writes++
	}
	return nil
}

func (s *server) profileCPU(name string) error {
	if s.profiles == "" {
		return errors.New("target: no folder for profiles")
	}
	file, err := os.Create(filepath.Join(s.profiles, name+".cpu.pprof"))
	if err != nil {
		return err
	}
	s.profile = file
	return pprof.StartCPUProfile(file)
}

func (s *server) profileHeap(name string) error {
	if s.profiles == "" {
		return errors.New("target: no folder for profiles")
	}
	file, err := os.Create(filepath.Join(s.profiles, name+".heap.pprof"))
	if err != nil {
		return err
	}
	return errors.Join(pprof.WriteHeapProfile(file), file.Close())
}
