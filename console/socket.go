package console

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"greenroom/widgets"
)

const (
	// mostWatchers is how many terminals and scripts are served at once.
	mostWatchers = 20
	// longestLine bounds a request.
	longestLine = 64 << 10
	// replyWithin is how long whoever asked may take to read the answer.
	replyWithin = 10 * time.Second
)

// MetricsPage is asked for over the socket like a page; its answer is Reply.Text.
const MetricsPage = "metrics"

// Request is a line that a Client sends: a page to look at, or a verb with its target.
type Request struct {
	Query
	Verb   string `json:"verb,omitempty"`
	Target string `json:"target,omitempty"`
	// Targets are the jobs of a verb for many, in place of Target.
	Targets []string `json:"targets,omitempty"`
}

// Reply is the line that answers it. Error is a text for the person.
type Reply struct {
	Report *Report `json:"report,omitempty"`
	Text   string  `json:"text,omitempty"`
	Error  string  `json:"error,omitempty"`
}

// SocketOf is where the room of a state file listens for terminals: beside the file.
func SocketOf(state string) string {
	for _, scheme := range []string{"sqlite://", "sqlite:", "file:"} {
		if rest, ok := strings.CutPrefix(state, scheme); ok {
			state = rest
			break
		}
	}
	state, _, _ = strings.Cut(state, "?")
	return state + ".sock"
}

// Listen makes the socket, which only the owner of the process can open. One that a process left behind is replaced, one that answers is not.
func Listen(ctx context.Context, path string) (net.Listener, error) {
	var d net.Dialer
	if other, err := d.DialContext(ctx, "unix", path); err == nil {
		_ = other.Close()
		return nil, fmt.Errorf("console: %s: another process answers there", path)
	}
	// It is made in a folder that nobody else can enter and moved from there: at its place it is never open to others, not even for an instant.
	dir, err := os.MkdirTemp(filepath.Dir(path), ".sock")
	if err != nil {
		return nil, fmt.Errorf("console: make the socket: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // empty by then
	making := filepath.Join(dir, "s")
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "unix", making)
	if err != nil {
		return nil, fmt.Errorf("console: make the socket: %w", err)
	}
	ln.(*net.UnixListener).SetUnlinkOnClose(false)
	if err = os.Chmod(making, 0o600); err == nil {
		err = os.Rename(making, path)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("console: make the socket: %w", err), ln.Close())
	}
	return ln, nil
}

// Serve answers those who connect to ln until ctx ends, then removes the socket's file and returns when the last connection did. Who can open the
// socket is taken for the process's own operator, and may do everything.
func (c *Console) Serve(ctx context.Context, ln net.Listener, path string) {
	var serving sync.WaitGroup
	defer serving.Wait()
	defer os.Remove(path) //nolint:errcheck // gone already is fine
	stop := context.AfterFunc(ctx, func() { _ = ln.Close() })
	defer stop()
	seats := make(chan struct{}, mostWatchers)
	for {
		conn, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
			return
		}
		if err != nil { // out of descriptors: later there may be some
			c.log.Warn("console: the socket takes nobody", "err", err)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			continue
		}
		select {
		case seats <- struct{}{}:
		default:
			_ = conn.Close()
			continue
		}
		// Serves one terminal; ends when it leaves or with ctx; Serve waits for it.
		serving.Go(func() {
			defer func() { <-seats }()
			c.converse(ctx, conn)
		})
	}
}

// converse answers line by line.
func (c *Console) converse(ctx context.Context, conn net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer conn.Close() //nolint:errcheck // twice is fine
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, 512), longestLine)
	for lines.Scan() {
		var q Request
		var answer Reply
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			answer.Error = "console: the request is no JSON object of the kind that greenroom console sends"
		} else {
			as := widgets.WithActor(ctx, widgets.Actor{UserID: operator.ID, User: operator.Name})
			answer = c.Answer(as, operator, q)
		}
		_ = conn.SetWriteDeadline(time.Now().Add(replyWithin))
		if err := json.NewEncoder(conn).Encode(answer); err != nil {
			return
		}
	}
}

// Answer looks, or carries out a verb, on behalf of a person; what is wrong is told in Reply.Error. On whose behalf the audit has it is ctx's to say.
func (c *Console) Answer(ctx context.Context, by *widgets.User, q Request) (r Reply) {
	var err error
	switch {
	case q.Verb != "" && len(q.Targets) > 0:
		r.Text, err = c.DoAll(ctx, by, q.Verb, q.Targets)
	case q.Verb != "":
		r.Text, err = c.Do(ctx, by, q.Verb, q.Target)
	case q.Page == MetricsPage && !c.May(ctx, by, MetricsRight):
		err = widgets.ErrDenied
	case q.Page == MetricsPage:
		r.Text = string(c.Metrics())
	default:
		r.Report, err = c.Look(ctx, by, q.Query)
	}
	var said widgets.UserError
	switch {
	case err == nil:
	case errors.Is(err, widgets.ErrDenied):
		r.Error = "You do not have permission to do that."
	case errors.As(err, &said), errors.Is(err, ErrNoPage), errors.Is(err, ErrNoVerb):
		r.Error = err.Error()
	default:
		id := widgets.Incident()
		c.log.Error("console: a request failed", "incident", id, "page", q.Page, "verb", q.Verb, "err", err)
		r.Error = "Something went wrong; the server's log has it as incident " + id + "."
	}
	return r
}

// Client is a connection to a room's socket, or to its address. It is for one goroutine at a time.
type Client struct {
	conn net.Conn
	in   *bufio.Reader
	far  *far // in place of conn
}

// Dial connects to a room's socket.
func Dial(ctx context.Context, path string) (*Client, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("console: no server answers at %s; is it running, and are you its user? %w", path, err)
	}
	return &Client{conn: conn, in: bufio.NewReader(conn)}, nil
}

// Close ends the connection.
func (c *Client) Close() error {
	if c.far != nil {
		c.far.http.CloseIdleConnections()
		return nil
	}
	return c.conn.Close()
}

// Ask sends a request and waits for the answer, at most replyWithin. What the server says is wrong is the error.
func (c *Client) Ask(q Request) (Reply, error) {
	var r Reply
	if c.far != nil {
		return c.far.ask(q)
	}
	_ = c.conn.SetDeadline(time.Now().Add(replyWithin))
	if err := json.NewEncoder(c.conn).Encode(q); err != nil {
		return r, fmt.Errorf("console: ask the server: %w", err)
	}
	line, err := c.in.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return r, errors.New("console: the server ended, or has too many watchers")
	}
	if err != nil {
		return r, fmt.Errorf("console: wait for the server: %w", err)
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("console: the answer is no JSON: %w", err)
	}
	if r.Error != "" {
		return r, errors.New(r.Error)
	}
	return r, nil
}
