package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"greenroom/bench/target"
)

// How many pages one user and one address may have open: a server's default caps are 50 and 200.
const (
	pagesOfUser    = 50
	usersOfAddress = 4
	openers        = 8
	patience       = 30 * time.Second
)

// usersFor is how many users n pages need.
func usersFor(n int) int { return (n + pagesOfUser - 1) / pagesOfUser }

// person is a user who signed in, and the address that he comes from.
type person struct {
	base   *url.URL
	dialer *net.Dialer
	client *http.Client // keeps its connections, as a browser does, until rest
	cookie string
}

// rest closes the connections that are not sockets.
func (p *person) rest() { p.client.CloseIdleConnections() }

// people signs users in, each once: a sign-in is made to cost time. On loopback they come from 127.0.0.2 and its neighbours.
func people(ctx context.Context, cfg *Config, base string, n int) ([]*person, error) {
	at, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	all := make([]*person, n)
	err = together(openers/2, n, func(i int) error {
		p := &person{base: at, dialer: &net.Dialer{Timeout: patience}}
		if net.ParseIP(at.Hostname()).IsLoopback() && net.ParseIP(at.Hostname()).To4() != nil {
			k := i/usersOfAddress + 2
			p.dialer.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, byte(k>>8), byte(k))}
		}
		name, password := target.UserName(i), target.Password
		if cfg.URL != "" {
			name, password = cfg.User, cfg.Password
		}
		all[i] = p
		return p.signIn(ctx, name, password)
	})
	return all, err
}

// together runs f for 0 to n-1 in so many goroutines and returns when all ended: after the first error no more begin.
func together(workers, n int, f func(i int) error) error {
	var doing sync.WaitGroup
	var mu sync.Mutex
	var failed error
	next := 0
	for range min(workers, n) {
		doing.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := failed != nil || i >= n
				mu.Unlock()
				if stop {
					return
				}
				if err := f(i); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	doing.Wait()
	return failed
}

var (
	csrfInput  = regexp.MustCompile(`<input[^>]*name="csrf"[^>]*>`)
	inputValue = regexp.MustCompile(`value="([^"]*)"`)
)

func (p *person) signIn(ctx context.Context, name, password string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	p.client = &http.Client{
		Transport: &http.Transport{DialContext: p.dialer.DialContext, DisableCompression: true, MaxIdleConnsPerHost: openers}, Jar: jar, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	login := p.base.ResolveReference(&url.URL{Path: "/admin/login/"}).String()
	form, _, err := fetch(ctx, p.client, login, nil)
	if err != nil {
		return fmt.Errorf("sign in as %s: %w", name, err)
	}
	csrf := inputValue.FindSubmatch(csrfInput.Find(form))
	if csrf == nil {
		return fmt.Errorf("sign in as %s: %s is no login page of greenroom", name, login)
	}
	_, status, err := fetch(ctx, p.client, login, url.Values{"username": {name}, "password": {password}, "csrf": {string(csrf[1])}, "next": {"/admin/"}})
	if err != nil {
		return fmt.Errorf("sign in as %s: %w", name, err)
	}
	if status != http.StatusSeeOther {
		return fmt.Errorf("sign in as %s: the server answers %d; is the password right?", name, status)
	}
	var cookies []string
	for _, c := range jar.Cookies(p.base.ResolveReference(&url.URL{Path: "/admin/"})) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	p.cookie = strings.Join(cookies, "; ")
	return nil
}

// fetch asks for an address, or posts a form to it.
func fetch(ctx context.Context, client *http.Client, at string, form url.Values) (body []byte, status int, err error) {
	method, content := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, content = http.MethodPost, strings.NewReader(form.Encode())
	}
	request, err := http.NewRequestWithContext(ctx, method, at, content)
	if err != nil {
		return nil, 0, err
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close() //nolint:errcheck // read to its end
	body, err = io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	return body, answer.StatusCode, err
}

// crowdOf opens n pages, 50 a person, and hands each to take in turn. A person's GETs share connections, each socket has one of its own, as in a browser.
func (s *run) crowdOf(ctx context.Context, all []*person, n int, stalls bool, take func(*page) error) error {
	var mu sync.Mutex
	opened := 0
	told := time.Now()
	workers := min(openers, n)
	defer func() {
		for _, p := range all {
			p.rest()
		}
	}()
	return together(workers, workers, func(w int) error {
		for i := w; i < n; i += workers {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			p, err := all[i/pagesOfUser%len(all)].open(ctx, s.cfg.Path, stalls)
			if err != nil {
				return fmt.Errorf("page %d of %d: %w", i+1, n, err)
			}
			mu.Lock()
			err = take(p)
			opened++
			if time.Since(told) > time.Second {
				told = time.Now()
				s.say("%d of %d pages open", opened, n)
			}
			mu.Unlock()
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// open loads a page and attaches its socket.
func (p *person) open(ctx context.Context, path string, stalls bool) (*page, error) {
	document, err := p.get(ctx, path)
	if err != nil {
		return nil, err
	}
	page, err := p.attach(ctx, document, stalls)
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", path, err)
	}
	return page, nil
}

// attach opens the socket of a page that was loaded.
func (p *person) attach(ctx context.Context, document []byte, stalls bool) (*page, error) {
	token, socket := attribute(document, "data-gr-token"), attribute(document, "data-gr-socket")
	if token == "" || socket == "" {
		return nil, errors.New("no live page: the sign-in ended, or --path is not greenroom's")
	}
	dialer := *p.dialer
	if stalls {
		// A small window, so that what the kernel holds for a page that does not read is soon full.
		dialer.Control = func(_, _ string, c syscall.RawConn) error {
			var failed error
			err := c.Control(func(fd uintptr) {
				failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096)
			})
			return errors.Join(err, failed)
		}
	}
	conn, err := dialer.DialContext(ctx, "tcp", p.base.Host)
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // the page has the socket under a number of its own
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	reader, err := p.upgrade(conn, socket)
	if err != nil {
		return nil, err
	}
	attach := appendFrame(nil, opText, fmt.Appendf(nil, `["attach",%q,0]`, token))
	if _, err := conn.Write(attach); err != nil {
		return nil, err
	}
	return attached(conn.(*net.TCPConn), reader, document)
}

// upgrade makes a connection a WebSocket.
func (p *person) upgrade(conn net.Conn, socket string) (*bufio.Reader, error) {
	key := base64.StdEncoding.EncodeToString([]byte("greenroom bench!"))
	_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nCookie: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: greenroom.1\r\n\r\n", socket, p.base.Host, p.base.Host, p.cookie, key)
	if err != nil {
		return nil, err
	}
	reader := bufio.NewReaderSize(conn, 4096)
	answer, err := http.ReadResponse(reader, nil)
	if err != nil {
		return nil, fmt.Errorf("open the socket: %w", err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("open the socket: the server answers %s", answer.Status)
	}
	return reader, nil
}

// attached waits for the answer to attach and takes the socket out of the runtime's hands.
func attached(conn *net.TCPConn, reader *bufio.Reader, document []byte) (*page, error) {
	p := &page{slots: slots(document)}
	for known := false; !known; {
		head, err := reader.Peek(2)
		if err != nil {
			return nil, fmt.Errorf("attach: %w", err)
		}
		if head[1] > 125 {
			return nil, errors.New("attach: the first frame is too long for an answer")
		}
		frame := make([]byte, 2+int(head[1]))
		if _, err := io.ReadFull(reader, frame); err != nil {
			return nil, fmt.Errorf("attach: %w", err)
		}
		if head[0]&0x0f == opClose {
			return nil, fmt.Errorf("attach: the server closes the socket: %q", frame[min(len(frame), 4):])
		}
		known = bytes.HasPrefix(frame[2:], []byte(`["attached"`))
	}
	p.rest = make([]byte, reader.Buffered())
	if _, err := io.ReadFull(reader, p.rest); err != nil {
		return nil, err
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		p.fd, failed = syscall.Dup(int(fd))
		syscall.CloseOnExec(p.fd)
	})
	return p, errors.Join(err, failed)
}

// get loads the document of a path, which may have a query. A server that is at a cap for the moment is asked again.
func (p *person) get(ctx context.Context, path string) ([]byte, error) {
	pause := 50 * time.Millisecond
	for {
		body, status, err := fetch(ctx, p.client, p.base.Scheme+"://"+p.base.Host+path, nil)
		switch {
		case err != nil:
			return nil, err
		case status == http.StatusOK:
			return body, nil
		case status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests, pause > 3*time.Second:
			return nil, fmt.Errorf("GET %s is answered %d", path, status)
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
		pause *= 2
	}
}

// attribute is the value of the first attribute of a name, "" if there is none. What is read so is never escaped.
func attribute(document []byte, name string) string {
	_, rest, ok := bytes.Cut(document, []byte(name+`="`))
	if !ok {
		return ""
	}
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(value)
}

// slots are the numbers of a page's widgets, by their names.
func slots(document []byte) map[string]int {
	found := map[string]int{}
	for {
		_, rest, ok := bytes.Cut(document, []byte(`data-widget="`))
		if !ok {
			return found
		}
		tag, _, _ := bytes.Cut(rest, []byte(">"))
		name, _, _ := bytes.Cut(tag, []byte(`"`))
		if n, err := strconv.Atoi(attribute(tag, "data-gr")); err == nil {
			found[string(name)] = n
		}
		document = rest
	}
}
