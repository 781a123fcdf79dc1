package parity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A suite is the tests of one standard package, as far as they can be built against ours.
type suite struct {
	kind   string // html or text
	folder string // where the copies are, and the tests' own testdata
	root   string // of this module
	binary string
	files  map[string][]byte // by name
	lost   map[string]string // what was left out, and why
	checks map[string]string // checks inside a test that were left out, and why
	tests  int
}

// build copies the tests of html/template or text/template, leaves out what does not build, and builds the rest.
func build(t *testing.T, kind string) *suite {
	t.Helper()
	s := &suite{kind: kind, folder: t.TempDir(), files: map[string][]byte{}, lost: map[string]string{}, checks: map[string]string{}}
	var err error
	if s.root, err = filepath.Abs(filepath.Join("..", "..")); err != nil {
		t.Fatal(err)
	}
	s.binary = filepath.Join(s.folder, "template.test")
	source := filepath.Join(goroot(t), "src", kind, "template")
	names, err := filepath.Glob(filepath.Join(source, "*_test.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s has no tests (%v): this Go was packaged without them; use one from https://go.dev/dl, or point GOROOT to one", source, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s.take(t, filepath.Base(name), data)
	}
	if err := os.CopyFS(filepath.Join(s.folder, "testdata"), os.DirFS(filepath.Join(source, "testdata"))); err != nil {
		t.Fatal(err)
	}
	for round := 0; ; round++ {
		out := s.compile(t)
		if out == nil {
			break
		}
		if round == 20 || !s.leaveOut(t, out) {
			t.Fatalf("the tests of %s do not build:\n%s", source, out)
		}
	}
	for name, data := range s.files {
		for _, d := range s.parse(t, name, data).Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Example")) {
				s.tests++
			}
		}
	}
	return s
}

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env GOROOT: %v; the tests need the go command in PATH", err)
	}
	return strings.TrimSpace(string(out))
}

func (s *suite) parse(t *testing.T, name string, data []byte) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// take adds a file, with imports of the standard packages turned to ours.
func (s *suite) take(t *testing.T, name string, data []byte) {
	t.Helper()
	f := s.parse(t, name, data)
	for _, i := range slices.Backward(f.Imports) {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasPrefix(path, "internal/"):
			s.lost[name] = "it imports " + path
			return
		case path == "html/template" && s.kind == "html", path == "text/template" && f.Name.Name == "template_test":
			from, to := offset(i.Path.Pos()), offset(i.Path.End())
			ours := fmt.Sprintf("%q", "greenroom/internal/parity/"+path[:4])
			data = slices.Concat(data[:from], []byte(ours), data[to:])
		}
	}
	s.files[name] = data
}

// offset is where a position is in the only file of its set.
func offset(p token.Pos) int { return int(p) - 1 }

// compile builds the test binary; it returns what the compiler says against it.
func (s *suite) compile(t *testing.T) []byte {
	t.Helper()
	pkg := filepath.Join(s.root, "internal", "parity", s.kind)
	replace := map[string]string{
		filepath.Join(pkg, "main_test.go"):                                    filepath.Join(s.root, "internal", "parity", "testdata", "main_test.go"),
		filepath.Join(s.root, "widgets", "view", "export_for_parity_only.go"): filepath.Join(s.root, "widgets", "view", "export_test.go"),
	}
	for name, data := range s.files {
		to := filepath.Join(s.folder, name)
		if err := os.WriteFile(to, data, 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(pkg, name)] = to
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(s.folder, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", file, "-gcflags=-e", "-o", s.binary, "./internal/parity/"+s.kind)
	cmd.Dir = s.root
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	return out
}

var complaint = regexp.MustCompile(`(?m)^\S*?(\w+_test\.go):(\d+):(\d+): (.*)$`)

// leaveOut blanks what the compiler complains of: an import, a check within a test, or a whole declaration. Lines keep
// their numbers.
func (s *suite) leaveOut(t *testing.T, complaints []byte) bool {
	t.Helper()
	done := false
	for _, m := range complaint.FindAllSubmatch(complaints, -1) {
		name, why := string(m[1]), string(m[4])
		line, _ := strconv.Atoi(string(m[2]))
		column, _ := strconv.Atoi(string(m[3]))
		data := s.files[name]
		if data == nil {
			continue
		}
		at := column - 1
		for range line - 1 {
			at += bytes.IndexByte(data[at-column+1:], '\n') + 1
		}
		from, to := s.culprit(t, name, data, at, why)
		if from < to {
			done = true
			for i := from; i < to; i++ {
				if data[i] != '\n' {
					data[i] = ' '
				}
			}
		}
	}
	return done
}

// culprit is the range of the source to blank for a complaint about a place.
func (s *suite) culprit(t *testing.T, name string, data []byte, at int, why string) (from, to int) {
	t.Helper()
	holds := func(n ast.Node) bool { return offset(n.Pos()) <= at && at < offset(n.End()) }
	f := s.parse(t, name, data)
	for _, i := range f.Imports {
		if holds(i) {
			return offset(i.Pos()), offset(i.End())
		}
	}
	for _, d := range f.Decls {
		if !holds(d) {
			continue
		}
		switch d := d.(type) {
		case *ast.FuncDecl:
			title := d.Name.Name
			if d.Recv != nil {
				title = "method " + title
			}
			var check ast.Node
			ast.Inspect(d, func(n ast.Node) bool {
				if c, ok := n.(*ast.IfStmt); ok && holds(c) && onlyReports(c) {
					check = c
				}
				return true
			})
			if check != nil {
				s.checks[fmt.Sprintf("%s:%d", title, 1+bytes.Count(data[:at], []byte("\n")))] = why
				return offset(check.Pos()), offset(check.End())
			}
			s.lost[title] = why
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if !holds(spec) {
					continue
				}
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					s.lost[spec.Name.Name] = why
				case *ast.ValueSpec:
					s.lost[spec.Names[0].Name] = why
				}
				if d.Lparen.IsValid() {
					return offset(spec.Pos()), offset(spec.End())
				}
			}
		}
		return offset(d.Pos()), offset(d.End())
	}
	return 0, 0
}

// onlyReports says that an if does nothing but fail the test.
func onlyReports(c *ast.IfStmt) bool {
	if c.Init != nil || c.Else != nil || len(c.Body.List) != 1 {
		return false
	}
	e, ok := c.Body.List[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	return ok && slices.Contains([]string{"Error", "Errorf", "Fatal", "Fatalf"}, f.Sel.Name)
}

// faults are things left out that our packages should have had: what is exported they must export too.
func (s *suite) faults() []string {
	var found []string
	missing := regexp.MustCompile(`(?:undefined: |has no field or method |undefined \(.* )([A-Z]\w*)`)
	for name, why := range s.lost {
		if m := missing.FindStringSubmatch(why); m != nil && s.lost[m[1]] == "" {
			found = append(found, fmt.Sprintf("%s was left out: %s; internal/parity/%s must have it", name, why, s.kind))
		}
	}
	return found
}

// run executes the tests; arguments are a test binary's. fault is the comparison to spoil, or 0.
func (s *suite) run(t *testing.T, fault int, args ...string) (Report, string, error) {
	t.Helper()
	file := filepath.Join(s.folder, "report.json")
	cmd := exec.CommandContext(t.Context(), s.binary, args...)
	cmd.Dir = s.folder
	cmd.Env = append(os.Environ(), reportTo+"="+file, faultAt+"="+strconv.Itoa(fault))
	out, failed := cmd.CombinedOutput()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r, string(out), failed
}
