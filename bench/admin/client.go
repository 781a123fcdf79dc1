package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"
)

// client is a browser that reads what it is sent and does nothing with it.
type client struct {
	host, cookie string
	cookies      map[string]string
	http         fasthttp.HostClient
}

var (
	csrfField   = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
	pageToken   = regexp.MustCompile(`data-gr-token="([^"]+)" data-gr-socket="([^"]+)"`)
	widgetSlots = regexp.MustCompile(`data-widget="([^"]+)" data-gr="([0-9]+)"`)
)

// signIn signs a person in by the form.
func signIn(host, name, password string) (*client, error) {
	c := &client{host: host, cookies: map[string]string{}, http: fasthttp.HostClient{Addr: host, ReadTimeout: time.Minute}}
	form, err := c.get("/admin/login/")
	if err != nil {
		return nil, err
	}
	token := csrfField.FindSubmatch(form)
	if token == nil {
		return nil, errors.New("the sign-in page has no token")
	}
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(response)
	request.SetRequestURI("http://" + host + "/admin/login/")
	request.Header.SetMethod("POST")
	request.Header.SetContentType("application/x-www-form-urlencoded")
	request.Header.Set("Cookie", c.cookie)
	request.SetBodyString(url.Values{"csrf": {html.UnescapeString(string(token[1]))}, "username": {name}, "password": {password}}.Encode())
	if err := c.http.Do(request, response); err != nil {
		return nil, err
	}
	c.keep(response)
	if response.StatusCode() != fasthttp.StatusSeeOther {
		return nil, fmt.Errorf("the sign-in is answered %d", response.StatusCode())
	}
	return c, nil
}

// keep takes the cookies of an answer.
func (c *client) keep(response *fasthttp.Response) {
	for name, value := range response.Header.Cookies() {
		var cookie fasthttp.Cookie
		if cookie.ParseBytes(value) == nil {
			c.cookies[string(name)] = string(cookie.Value())
		}
	}
	var all []string
	for name, value := range c.cookies {
		if value != "" {
			all = append(all, name+"="+value)
		}
	}
	c.cookie = strings.Join(all, "; ")
}

// get reads a page.
func (c *client) get(path string) ([]byte, error) {
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(response)
	request.SetRequestURI("http://" + c.host + path)
	request.Header.Set("Cookie", c.cookie)
	if err := c.http.Do(request, response); err != nil {
		return nil, err
	}
	if response.StatusCode() != fasthttp.StatusOK {
		return nil, fmt.Errorf("GET %s is answered %d", path, response.StatusCode())
	}
	c.keep(response)
	return bytes.Clone(response.Body()), nil
}

// live is an open page.
type live struct {
	conn  *websocket.Conn
	slots map[string]int
	refs  int
}

// open loads a page and attaches its socket.
func (c *client) open(path string) (*live, error) {
	page, err := c.get(path)
	if err != nil {
		return nil, err
	}
	token := pageToken.FindSubmatch(page)
	if token == nil {
		return nil, errors.New(path + " is no live page")
	}
	dialer := websocket.Dialer{Subprotocols: []string{"greenroom.1"}}
	conn, answer, err := dialer.Dial("ws://"+c.host+string(token[2]), http.Header{"Origin": {"http://" + c.host}, "Cookie": {c.cookie}})
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close()
	l := &live{conn: conn, slots: map[string]int{}}
	for _, m := range widgetSlots.FindAllSubmatch(page, -1) {
		if l.slots[string(m[1])], err = strconv.Atoi(string(m[2])); err != nil {
			return nil, err
		}
	}
	return l, conn.WriteJSON([]any{"attach", html.UnescapeString(string(token[1])), 0})
}

// send sends an event and reads until it is answered.
func (l *live) send(widget, event string, payload map[string]string) error {
	l.refs++
	if err := l.conn.WriteJSON([]any{"event", l.slots[widget], event, payload, l.refs}); err != nil {
		return err
	}
	answer := []byte(`["reply",` + strconv.Itoa(l.refs))
	for {
		_, data, err := l.conn.ReadMessage()
		if err != nil {
			return err
		}
		if rest, ok := bytes.CutPrefix(data, answer); ok && len(rest) > 0 && (rest[0] == ',' || rest[0] == ']') {
			var reply []any
			if err := json.Unmarshal(data, &reply); err != nil || len(reply) > 2 {
				return fmt.Errorf("%s is answered %s", event, data)
			}
			return nil
		}
	}
}
