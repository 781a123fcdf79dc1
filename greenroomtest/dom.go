package greenroomtest

import (
	"errors"
	"strings"

	"github.com/andybalholm/cascadia"
	"github.com/fasthttp/websocket"
	"golang.org/x/net/html"
)

func first(root *html.Node, selector string) *html.Node {
	return cascadia.Query(root, cascadia.MustCompile(selector))
}

func all(root *html.Node, selector string) []*html.Node {
	return cascadia.QueryAll(root, cascadia.MustCompile(selector))
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func enclosing(n *html.Node, tag string) *html.Node {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && n.Data == tag {
			return n
		}
	}
	return nil
}

// text is what a person reads of a node, without runs of spaces.
func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "template"):
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if n.Type == html.ElementNode {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

// values are an element's gr-value-* attributes.
func values(n *html.Node) map[string]any {
	payload := map[string]any{}
	for _, a := range n.Attr {
		if name, ok := strings.CutPrefix(a.Key, "gr-value-"); ok {
			payload[name] = a.Val
		}
	}
	return payload
}

// formFields are what a browser would submit of a form, without its buttons.
func formFields(form *html.Node) map[string]any {
	fields := map[string]any{}
	add := func(name, value string) {
		switch before := fields[name].(type) {
		case nil:
			fields[name] = value
		case string:
			fields[name] = []string{before, value}
		case []string:
			fields[name] = append(before, value)
		}
	}
	for _, n := range all(form, "input[name], textarea[name], select[name]") {
		if has(n, "disabled") {
			continue
		}
		name := attr(n, "name")
		switch {
		case n.Data == "textarea":
			add(name, rawText(n))
		case n.Data == "select":
			for i, option := range all(n, "option") {
				if has(option, "selected") || (i == 0 && first(n, "option[selected]") == nil) {
					value := attr(option, "value")
					if !has(option, "value") {
						value = text(option)
					}
					add(name, value)
				}
			}
		case attr(n, "type") == "checkbox" || attr(n, "type") == "radio":
			if has(n, "checked") {
				value := "on"
				if has(n, "value") {
					value = attr(n, "value")
				}
				add(name, value)
			}
		default:
			add(name, attr(n, "value"))
		}
	}
	return fields
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(c.Data)
	}
	return b.String()
}

func asClose(err error, code **websocket.CloseError) bool { return errors.As(err, code) }
