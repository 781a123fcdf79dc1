package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// mostAnswered bounds an answer from elsewhere, in bytes.
const mostAnswered = 16 << 20

// far is a room on another machine, asked over HTTPS.
type far struct {
	ctx   context.Context //nolint:containedctx // of the client, which ends with it
	url   string
	token string
	http  *http.Client
}

// Connect makes a Client of a room's address, such as https://admin.example.com/admin/, and a token. Plain HTTP is refused but to this machine: who
// listens would have the token.
func Connect(ctx context.Context, address, token string) (*Client, error) {
	at, err := url.Parse(address)
	switch {
	case err != nil || at.Host == "":
		return nil, fmt.Errorf("console: the address %q is no URL such as https://admin.example.com/admin/", address)
	case at.User != nil:
		return nil, errors.New("console: an address has no user and password; the token says who asks")
	case at.Scheme != "https" && !(at.Scheme == "http" && nearby(at.Hostname())):
		return nil, fmt.Errorf("console: %s: a token is sent over https only, or to this machine", address)
	case strings.TrimSpace(token) == "":
		return nil, errors.New("console: the token is empty; make one with greenroom user token NAME")
	}
	at.RawQuery, at.Fragment = "", ""
	return &Client{far: &far{
		ctx: ctx, url: strings.TrimSuffix(at.String(), "/") + "/console/ask", token: strings.TrimSpace(token),
		http: &http.Client{Timeout: replyWithin, CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("the server leads elsewhere; name the address that it leads to")
		}},
	}}, nil
}

// nearby reports whether a name is this machine's.
func nearby(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (f *far) ask(q Request) (r Reply, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return r, err
	}
	req, err := http.NewRequestWithContext(f.ctx, http.MethodPost, f.url, bytes.NewReader(body))
	if err != nil {
		return r, err
	}
	req.Header.Set("Authorization", "Bearer "+f.token)
	req.Header.Set("Content-Type", "application/json")
	answer, err := f.http.Do(req)
	if err != nil {
		return r, fmt.Errorf("console: ask the server: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswered))
	if err != nil {
		return r, fmt.Errorf("console: wait for the server: %w", err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("console: %s is no console of greenroom: it answers %s", f.url, answer.Status)
	}
	if r.Error != "" {
		return r, errors.New(r.Error)
	}
	return r, nil
}
