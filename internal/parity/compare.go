package parity

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"runtime"
	"slices"
	"strings"
	"sync"
	"text/template/parse"

	"golang.org/x/net/html"

	"greenroom/widgets/view"
)

// An Engine is what the tests are held against: the package under test, through names that only tests see.
type Engine struct {
	// Compile takes templates that view.Compile refuses for their attributes as well: they are executed like any other.
	Compile func(*template.Template) (*view.Template, error)

	// Executed says what executed a template, one of the kinds below; it fails if the engines do not leave the same behind.
	Executed func(*view.Template, any) (kind string, err error)
}

// What a template may be executed by.
const (
	Machine  = "machine"  // closures, the fast way
	GaveUp   = "gave up"  // closures began, html/template's executor made it: errors, and values that have no closure
	Standard = "standard" // html/template's executor: something in the template has no closures
	Refused  = "refused"  // by nothing: it does not compile, and html/template executes it as little
	Whole    = "whole"    // html/template's executor: the template has no parts
)

// A Set is a set of associated templates as it was before it was first executed, since html/template changes it then.
// The zero Set is ready.
type Set struct {
	mu       sync.Mutex
	pristine *template.Template
	err      error
	compiled map[string]result // by name, and by name and end tags
}

// A result is a template of ours, and html/template's where that is not the test's own.
type result struct {
	std  *template.Template
	view *view.Template
	err  error
}

// Before must be called before t is executed.
func (s *Set) Before(t *template.Template) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pristine == nil && s.err == nil {
		s.pristine, s.err = t.Clone()
	}
}

// Change repeats what the test does to the set after it was executed: functions and options may change.
func (s *Set) Change(do func(*template.Template)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pristine != nil {
		do(s.pristine)
		s.compiled = nil
	}
}

// compile compiles a template of the set, once.
func (s *Set) compile(name string) (*view.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	r, ok := s.compiled[name]
	if !ok {
		if t := s.pristine.Lookup(name); t == nil {
			r.err = errors.New("there is no such template")
		} else {
			r.view, r.err = current.engine.Compile(t)
		}
		if s.compiled == nil {
			s.compiled = map[string]result{}
		}
		s.compiled[name] = r
	}
	return r.view, r.err
}

// Compare executes the template again, by package view, and compares what comes of it. want and wantErr are what
// html/template made of it; again makes it once more, to tell data that changes as it is shown.
//
// Many tests are of one open tag. Such a template has no parts, so that html/template executes it after all; it is compared
// once more with the end tags that it lacks.
func (s *Set) Compare(name string, data any, want []byte, wantErr error, again func() ([]byte, error)) {
	v, err := s.compile(name)
	if compare(name, v, err, data, want, wantErr, again) != Whole || wantErr != nil {
		return
	}
	if ends := endTags(want); ends != "" {
		s.completed(name, ends, data)
	}
}

// compare compares one execution, and returns what executed it.
func compare(name string, v *view.Template, err error, data any, want []byte, wantErr error, again func() ([]byte, error)) (kind string) {
	current.mu.Lock()
	current.seen++
	fault := current.seen == current.fault
	current.mu.Unlock()

	var got []byte
	kind = Refused
	if err == nil {
		var tree *view.Tree
		if tree, err = v.Render(data); err == nil {
			got = tree.AppendHTML(nil)
		}
	}
	if fault {
		got = append(got, '!')
	}
	wrong := difference(got, want, err, wantErr)
	if v != nil {
		var engines error
		if kind, engines = current.engine.Executed(v, data); engines != nil && wrong == "" {
			wrong = engines.Error()
		}
	}
	if wrong != "" && !fault {
		if repeated, repeatedErr := again(); difference(repeated, want, repeatedErr, wantErr) != "" {
			LeftOut("data that changes as it is shown")
			return kind
		}
	}
	current.mu.Lock()
	defer current.mu.Unlock()
	current.report.Compared++
	current.report.Executed[kind]++
	current.report.Tests[caller()]++
	if wantErr != nil {
		current.report.Errors++
		if err != nil && strings.HasSuffix(err.Error(), wantErr.Error()) {
			current.report.SameText++
		}
	}
	if wrong != "" {
		current.report.Wrong = append(current.report.Wrong, fmt.Sprintf("%s: template %q of %T: %s", caller(), name, data, wrong))
	}
	return kind
}

// completed compares a template with end tags added.
func (s *Set) completed(name, ends string, data any) {
	r, ok := s.complete(name, ends)
	if !ok {
		return
	}
	execute := func() ([]byte, error) {
		var b bytes.Buffer
		err := r.std.Execute(&b, data)
		return b.Bytes(), err
	}
	want, wantErr := execute()
	current.mu.Lock()
	current.report.Completed++
	current.mu.Unlock()
	compare(name+" with "+ends, r.view, r.err, data, want, wantErr, execute)
}

// complete adds end tags to a template, once; ok is false where it cannot.
func (s *Set) complete(name, ends string) (r result, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := name + " with " + ends
	if r, ok = s.compiled[key]; ok {
		return r, true
	}
	t, err := s.pristine.Clone()
	if err != nil {
		return r, false
	}
	tree := t.Lookup(name).Tree.Copy()
	tree.Root.Nodes = append(tree.Root.Nodes, &parse.TextNode{NodeType: parse.NodeText, Text: []byte(ends)})
	if r.std, err = t.AddParseTree(name, tree); err != nil {
		return r, false
	}
	r.view, r.err = current.engine.Compile(r.std)
	s.compiled[key] = r
	return r, true
}

// endTags are those that some HTML lacks.
func endTags(of []byte) string {
	var open []string
	z := html.NewTokenizer(bytes.NewReader(of))
	for {
		switch z.Next() {
		case html.ErrorToken:
			slices.Reverse(open)
			return strings.Join(open, "")
		case html.StartTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "br", "img", "input", "meta", "link", "hr", "base":
			default:
				open = append(open, "</"+string(name)+">")
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if i := slices.Index(open, "</"+string(name)+">"); i >= 0 {
				open = slices.Delete(open, i, i+1)
			}
		case html.TextToken, html.SelfClosingTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
}

// difference is what is not the same, or empty.
func difference(got, want []byte, err, wantErr error) string {
	switch {
	case (err != nil) != (wantErr != nil):
		return fmt.Sprintf("error %v, html/template's %v", err, wantErr)
	case err == nil && !bytes.Equal(got, want):
		return fmt.Sprintf("\n  got  %q\n  want %q", got, want)
	}
	return ""
}

// LeftOut counts an execution that cannot be compared.
func LeftOut(why string) {
	current.mu.Lock()
	defer current.mu.Unlock()
	current.report.LeftOut[caller()+": "+why]++
}

// caller is the test that is running, as far as its goroutine knows.
func caller() string {
	pcs := make([]uintptr, 100)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	name := "?"
	for {
		f, more := frames.Next()
		_, function, _ := strings.Cut(f.Function[strings.LastIndexByte(f.Function, '/')+1:], ".")
		for _, prefix := range []string{"Test", "Example"} {
			if strings.HasPrefix(function, prefix) {
				name, _, _ = strings.Cut(function, ".")
			}
		}
		if !more {
			return name
		}
	}
}
