//go:build unix

package http

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// childOf is set in the process that TestServeOutlivesAShortageOfDescriptors starts.
const childOf = "GREENROOM_TEST_FEW_DESCRIPTORS"

// TestServeOutlivesAShortageOfDescriptors takes away a process's descriptors, asks it for pages, and gives them back. It is a process of its own since
// the limit is a process's.
func TestServeOutlivesAShortageOfDescriptors(t *testing.T) {
	if os.Getenv(childOf) != "" {
		serveWithFewDescriptors(t)
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestServeOutlivesAShortageOfDescriptors$", "-test.v")
	child.Env = append(os.Environ(), childOf+"=1")
	said, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "served again") {
		t.Fatalf("%v\n%s", err, said)
	}
}

func serveWithFewDescriptors(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	few := newPatient(ln)
	served := make(chan error, 1)
	srv := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("ok") }, Logger: silent{}}
	go func() { served <- srv.Serve(few) }()
	ask := func(c net.Conn) (int, error) {
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			return 0, err
		}
		line, err := bufio.NewReader(c).ReadString('\n')
		if err != nil {
			return 0, err
		}
		var code int
		_, err = fmt.Sscanf(line, "HTTP/1.1 %d", &code)
		return code, err
	}
	dial := func() net.Conn {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	// The browser's own descriptors count too, so they are opened before the rest is taken away.
	var waiting []net.Conn
	first := dial()
	if code, err := ask(first); err != nil || code != 200 {
		t.Fatalf("before: %d, %v", code, err)
	}
	var taken []*os.File
	limit := syscall.Rlimit{Cur: 64, Max: 64}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		taken = append(taken, f)
	}
	refused := 0
	for range 5 {
		_ = taken[len(taken)-1].Close() // the browser's end
		taken = taken[:len(taken)-1]
		c := dial()
		waiting = append(waiting, c)
		switch code, err := ask(c); {
		case err == nil && code == 503:
			refused++
		default:
			t.Errorf("without a descriptor: %d, %v", code, err)
		}
	}
	for _, f := range taken {
		_ = f.Close()
	}
	for _, c := range waiting {
		_ = c.Close()
	}
	c := dial()
	if code, err := ask(c); err != nil || code != 200 || refused == 0 {
		t.Fatalf("after: %d, %v; %d were refused meanwhile", code, err, refused)
	}
	_, _ = first.Close(), c.Close()
	_ = ln.Close()
	few.release()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	fmt.Println("served again") //nolint:forbidigo // for the parent
}

type silent struct{}

func (silent) Printf(string, ...any) {}
