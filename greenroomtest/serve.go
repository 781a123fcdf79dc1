package greenroomtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"greenroom"
)

// patience bounds every wait; it is a limit for machines under load, not a measure.
const patience = 20 * time.Second

// Server is a Room that answers on loopback until the test ends.
type Server struct {
	t   testing.TB
	URL string
}

// Serve answers for a room on a free port of 127.0.0.1. At the test's end the room is closed, and the test fails if that does not end in order.
func Serve(tb testing.TB, room *greenroom.Room) *Server {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- room.Serve(ln) }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := errors.Join(room.Close(ctx), <-served); err != nil {
			tb.Errorf("greenroomtest: close the room: %v", err)
		}
	})
	return &Server{tb, "http://" + ln.Addr().String()}
}

// Person is somebody with a browser's cookies.
type Person struct {
	server *Server
	t      testing.TB
	client *http.Client
}

// Visitor is somebody who did not sign in.
func (s *Server) Visitor() *Person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &Person{s, s.t, &http.Client{Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// SignIn signs somebody in through the login page.
func (s *Server) SignIn(name, password string) *Person {
	s.t.Helper()
	p := s.Visitor()
	form := p.Get("/admin/login/")
	answer := p.Post("/admin/login/", url.Values{"username": {name}, "password": {password}, "csrf": {form.Field("csrf")}, "next": {"/admin/"}})
	if answer.Status != http.StatusSeeOther {
		s.t.Fatalf("greenroomtest: signing in as %s is answered %d: %s", name, answer.Status, answer.Text())
	}
	return p
}

// Cookie is a cookie of the person's as a request's header has it, name=value; "" if there is none.
func (p *Person) Cookie(name string) string {
	p.t.Helper()
	at, err := url.Parse(p.server.URL + "/admin/")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range p.client.Jar.Cookies(at) {
		if c.Name == name {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

// Answer is what the server said to a request.
type Answer struct {
	Status   int
	Header   http.Header
	Body     string
	Location string
	doc      *html.Node
}

// Get asks for a path; redirects are not followed.
func (p *Person) Get(path string) *Answer {
	p.t.Helper()
	return p.send(http.MethodGet, path, "", nil)
}

// Post sends a form as a browser without JavaScript does.
func (p *Person) Post(path string, fields url.Values) *Answer {
	p.t.Helper()
	return p.send(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(fields.Encode()))
}

// Upload sends a form with one file in it, whose field is called "file"; the other fields come first.
func (p *Person) Upload(path string, fields url.Values, name string, data []byte) *Answer {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field, values := range fields {
		for _, v := range values {
			if err := form.WriteField(field, v); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		p.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		p.t.Fatal(err)
	}
	return p.send(http.MethodPost, path, form.FormDataContentType(), &body)
}

func (p *Person) send(method, path, kind string, body io.Reader) *Answer {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.server.URL+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", kind)
	}
	response, err := p.client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	data, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	a := &Answer{Status: response.StatusCode, Header: response.Header, Body: string(data), Location: response.Header.Get("Location")}
	if a.doc, err = html.Parse(strings.NewReader(a.Body)); err != nil {
		p.t.Fatal(err)
	}
	return a
}

// Field is the value of the first input of that name, "" if there is none.
func (a *Answer) Field(name string) string {
	if n := first(a.doc, `input[name="`+name+`"]`); n != nil {
		return attr(n, "value")
	}
	return ""
}

// Has reports whether a CSS selector finds anything.
func (a *Answer) Has(selector string) bool { return first(a.doc, selector) != nil }

// Text is what a person reads of the answer, without runs of spaces.
func (a *Answer) Text() string { return text(a.doc) }
