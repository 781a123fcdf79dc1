// Command live measures jfyne/live as "greenroom bench connect" and "event" measure greenroom: pages of three small widgets, one of them a counter with a button,
// in a process of its own whose CPU and memory are read from outside. It prints one line of JSON.
//
//	go run ./live -pages 1000 -connections 64 -duration 5s
package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed" // the page
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/jfyne/live"
	"golang.org/x/sys/unix"
)

func main() {
	serving := flag.Bool("serve", false, "be the server; the command starts itself so")
	pages := flag.Int("pages", 1000, "how many pages are opened and left alone")
	connections := flag.Int("connections", 64, "how many of them press the button")
	lasts := flag.Duration("duration", 5*time.Second, "for how long")
	flag.Parse()
	var err error
	if *serving {
		err = serve()
	} else {
		err = measure(*pages, min(*connections, *pages), *lasts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "live:", err)
		os.Exit(1)
	}
}

// state is what the three widgets show: the library has one state a page.
type state struct {
	N, Step int
	Text    string
}

// page is the document that bench/target serves as its dashboard, widgets and all, with the library's own attribute on the button and its script.
//
//go:embed page.html
var page string

// serve answers on a free port, whose address is its first line, until its input ends. A line of input frees what memory can be freed.
func serve() error {
	drawn, err := template.New("page").Parse(page)
	if err != nil {
		return err
	}
	h := live.NewHandler()
	h.MountHandler = func(context.Context, *live.Socket) (any, error) {
		return &state{Step: 1, Text: "beat 000000001 " + strings.Repeat("x", 43)}, nil
	}
	h.RenderHandler = func(_ context.Context, rc *live.RenderContext) (io.Reader, error) {
		var b bytes.Buffer
		err := drawn.Execute(&b, rc.Assigns)
		return &b, err
	}
	h.HandleEvent("add", func(_ context.Context, s *live.Socket, _ live.Params) (any, error) {
		now := *s.Assigns().(*state)
		now.N += now.Step
		return &now, nil
	})
	mux := http.NewServeMux()
	mux.Handle("/", live.NewHttpHandler(context.Background(), h))
	mux.Handle("/live.js", live.Javascript{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	// Serves until the process ends.
	go func() { _ = server.Serve(ln) }()
	fmt.Println("http://" + ln.Addr().String())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		for range 2 {
			runtime.GC()
			debug.FreeOSMemory()
		}
		fmt.Println("collected")
	}
	return nil
}

// server is the measured process.
type server struct {
	pid int
	in  io.Writer
	out *bufio.Reader
}

func (s server) cpu() (time.Duration, error) {
	var t unix.Timespec
	err := unix.ClockGettime(int32(^uint32(s.pid)<<3|2), &t) // the clock of a process, clock_getcpuclockid(3)
	return time.Duration(t.Nano()), err
}

// rss is in KiB, after a collection.
func (s server) rss() (float64, error) {
	if _, err := fmt.Fprintln(s.in, "collect"); err != nil {
		return 0, err
	}
	if _, err := s.out.ReadString('\n'); err != nil {
		return 0, err
	}
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	return strconv.ParseFloat(strings.Fields(rest)[0], 64)
}

func measure(pages, connections int, lasts time.Duration) error {
	ctx := context.Background()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	command := exec.Command(self, "-serve")
	command.Stderr = os.Stderr
	in, err1 := command.StdinPipe()
	out, err2 := command.StdoutPipe()
	if err := errors.Join(err1, err2, command.Start()); err != nil {
		return err
	}
	defer func() { _ = command.Process.Kill(); _ = command.Wait() }()
	s := server{command.Process.Pid, in, bufio.NewReader(out)}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return err
	}
	address := strings.TrimSpace(line)
	// What the first pages of a process cost is paid once.
	if _, err := open(ctx, address, 50); err != nil {
		return err
	}
	empty, err := s.rss()
	if err != nil {
		return err
	}
	before, err := s.cpu()
	if err != nil {
		return err
	}
	all, err := open(ctx, address, pages)
	if err != nil {
		return err
	}
	after, err := s.cpu()
	if err != nil {
		return err
	}
	full, err := s.rss()
	if err != nil {
		return err
	}
	connect := float64((after - before).Microseconds()) / float64(pages)
	if before, err = s.cpu(); err != nil {
		return err
	}
	var events atomic.Int64
	var work sync.WaitGroup
	var mu sync.Mutex
	var failed error
	end := time.Now().Add(lasts)
	for _, conn := range all[:connections] {
		work.Go(func() {
			for n := 1; time.Now().Before(end); n++ {
				if err := press(ctx, conn, n); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
				events.Add(1)
			}
		})
	}
	work.Wait()
	if failed != nil {
		return failed
	}
	if after, err = s.cpu(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"cpu_us_per_page": connect, "rss_kib_per_page": (full - empty) / float64(pages),
		"cpu_us_per_event": float64((after - before).Microseconds()) / float64(events.Load()), "events_per_s": float64(events.Load()) / lasts.Seconds(),
	})
}

// open loads n pages and connects their sockets.
func open(ctx context.Context, address string, n int) ([]*websocket.Conn, error) {
	client := &http.Client{Timeout: 30 * time.Second}
	all := make([]*websocket.Conn, n)
	for i := range all {
		answer, err := client.Get(address + "/")
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return nil, err
		}
		_ = answer.Body.Close()
		header := http.Header{}
		for _, c := range answer.Cookies() {
			header.Add("Cookie", c.Name+"="+c.Value)
		}
		conn, _, err := websocket.Dial(ctx, address+"/", &websocket.DialOptions{HTTPHeader: header}) //nolint:bodyclose // it is the socket
		if err != nil {
			return nil, err
		}
		all[i] = conn
	}
	return all, nil
}

// press clicks the button and waits until the server says that it is done, which it does after the patch.
func press(ctx context.Context, conn *websocket.Conn, n int) error {
	if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"t":"add","i":%d,"d":{}}`, n)); err != nil {
		return err
	}
	want := fmt.Appendf(nil, `"i":%d`, n)
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if bytes.Contains(data, []byte(`"t":"ack"`)) && bytes.Contains(data, want) {
			return nil
		}
	}
}
