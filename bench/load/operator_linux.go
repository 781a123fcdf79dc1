package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"greenroom/bench/target"
)

// operator is a person at one open page, who waits for what he did: one goroutine each, where a crowd is many pages that one goroutine reads.
type operator struct {
	person *person
	conn   net.Conn
	slots  map[string]int
	refs   int
	rest   []byte
	// goes is where the server last sent the page.
	goes string
	// patches counts patch frames, bytes what came in frames.
	patches int
	bytes   int64
	buffer  []byte
}

// refusal is what the server answers to an event that it does not do.
type refusal string

func (r refusal) Error() string { return string(r) }

// sit opens a page of a path, with a query or without, and takes its socket over.
func (p *person) sit(ctx context.Context, path string) (*operator, error) {
	page, err := p.open(ctx, path, false)
	if err != nil {
		return nil, err
	}
	return p.take(page)
}

// take gives a page's socket back to the runtime.
func (p *person) take(page *page) (*operator, error) {
	file := os.NewFile(uintptr(page.fd), "socket")
	conn, err := net.FileConn(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	return &operator{person: p, conn: conn, slots: page.slots, rest: page.rest, buffer: make([]byte, 64<<10)}, nil
}

// leave closes the page as a browser does that goes elsewhere.
func (o *operator) leave() {
	_, _ = o.conn.Write(appendFrame(nil, opClose, []byte{1001 >> 8, 1001 & 0xff}))
	_ = o.conn.Close()
}

// next returns the next text frame but pings, which are answered. It is valid until the next call.
func (o *operator) next(until time.Time) ([]byte, error) {
	if err := o.conn.SetReadDeadline(until); err != nil {
		return nil, err
	}
	for {
		op, payload, size, err := cutFrame(o.rest)
		if err != nil {
			return nil, err
		}
		if size == 0 {
			n, err := o.conn.Read(o.buffer)
			if err != nil {
				return nil, err
			}
			o.rest = append(slices.Clip(o.rest), o.buffer[:n]...)
			continue
		}
		o.rest = o.rest[size:]
		switch {
		case op == opText && bytes.HasPrefix(payload, []byte(`["ping"`)):
			_, err = o.conn.Write(appendFrame(nil, opText, []byte(`["pong"]`)))
		case op == opPing:
			_, err = o.conn.Write(appendFrame(nil, opPong, payload))
		case op == opClose:
			return nil, fmt.Errorf("the server closed a page: %q", payload)
		case op == opText:
			o.bytes += int64(len(payload))
			if bytes.HasPrefix(payload, []byte(`["patch"`)) {
				o.patches++
			}
			return payload, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// think reads what comes until a moment.
func (o *operator) think(ctx context.Context, until time.Time) error {
	for time.Now().Before(until) && ctx.Err() == nil {
		// Ctrl-C is noticed within a second.
		if _, err := o.next(soonest(until, time.Now().Add(time.Second))); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
	return context.Cause(ctx)
}

func soonest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// do sends an event to the list and waits for its reply; what the server refuses is a refusal.
func (o *operator) do(name string, payload map[string]string) error {
	slot, ok := o.slots[target.List]
	if !ok {
		return fmt.Errorf("the page has no widget %q", target.List)
	}
	o.refs++
	frame, err := json.Marshal([]any{"event", slot, name, payload, o.refs})
	if err != nil {
		return err
	}
	if _, err := o.conn.Write(appendFrame(nil, opText, frame)); err != nil {
		return err
	}
	reply := fmt.Appendf(nil, `["reply",%d`, o.refs)
	for end := time.Now().Add(patience); ; {
		frame, err := o.next(end)
		if err != nil {
			return fmt.Errorf("wait for the answer to %s: %w", name, err)
		}
		if rest, ok := bytes.CutPrefix(frame, []byte(`["redirect",`)); ok {
			if err := json.Unmarshal(bytes.TrimSuffix(rest, []byte("]")), &o.goes); err != nil {
				return err
			}
		}
		if rest, ok := bytes.CutPrefix(frame, reply); ok {
			if string(rest) != "]" {
				return refusal(name + ": " + strings.Trim(string(rest), `,"]`))
			}
			return nil
		}
	}
}

// post sends a form and returns where the server sends the browser.
func (p *person) post(ctx context.Context, path string, form url.Values) (location string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base.Scheme+"://"+p.base.Host+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := p.client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close() //nolint:errcheck // read to its end
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	if err == nil && answer.StatusCode != http.StatusSeeOther {
		err = fmt.Errorf("POST %s is answered %d, not sent on: %.300s", path, answer.StatusCode, body)
	}
	return answer.Header.Get("Location"), err
}
