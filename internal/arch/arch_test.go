package arch_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"greenroom/internal/arch"
)

// tree loads a fixture: file names and their text. Every fixture has a go.mod unless it brings one.
func tree(t *testing.T, files map[string]string) *arch.Tree {
	t.Helper()
	m := fstest.MapFS{"go.mod": {Data: []byte("module m\n\ngo 1.26\n\nrequire (\n\texample.com/x v1.0.0\n\texample.com/x/deep v1.2.0 // indirect\n)\n\nrequire example.com/y v0.1.0\n")}}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	loaded, err := arch.Load(m)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func check(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	m := tree(t, nil)
	if m.Module != "m" {
		t.Errorf("module is %q", m.Module)
	}
	check(t, m.Requires, []string{"example.com/x", "example.com/x/deep", "example.com/y"})
	if _, err := arch.Load(fstest.MapFS{}); err == nil {
		t.Error("a tree without go.mod was taken")
	}
	if _, err := arch.Load(fstest.MapFS{"go.mod": {Data: []byte("module m")}, "a.go": {Data: []byte("packag a")}}); err == nil {
		t.Error("a file that is no Go was taken")
	}
}

func TestLadder(t *testing.T) {
	t.Parallel()
	may := map[string][]string{".": {"low", "high"}, "high": {"low"}, "low": {}, "side": {"low"}}
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"downwards": {map[string]string{
			"room.go": "package m\nimport (\n\"m/high\"\n\"fmt\"\n)", "high/a.go": "package high\nimport \"m/low\"", "low/a.go": "package low",
		}, nil},
		"upwards": {map[string]string{"low/a.go": "package low\n\nimport \"m/high\""}, []string{
			"low/a.go:3: low imports high, which is not below it; let the lower one declare an interface",
		}},
		"to the root": {map[string]string{"high/a.go": "package high\nimport \"m\""}, []string{
			"high/a.go:2: high imports ., which is not below it; let the lower one declare an interface",
		}},
		"sideways": {map[string]string{"side/a.go": "package side\nimport other \"m/high\""}, []string{
			"side/a.go:2: side imports high, which is not below it; let the lower one declare an interface",
		}},
		"without a place": {map[string]string{"new/a.go": "package new\nimport \"m/high\"", "new/b.go": "package new"}, []string{
			`new/a.go: package folder "new" has no place in the ladder; add it with what it may import`,
		}},
		"free to do so":          {map[string]string{"cmd/tool/main.go": "package main\nimport \"m/low\""}, nil},
		"in a test":              {map[string]string{"low/a_test.go": "package low\nimport \"m/high\""}, nil},
		"in a fixture":           {map[string]string{"low/testdata/a.go": "package low\nimport \"m/high\""}, nil},
		"in a module of its own": {map[string]string{"peers/go.mod": "module peers", "peers/a.go": "package peers\nimport \"m\""}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, tree(t, c.files).Ladder(may, []string{"cmd"}), c.want)
		})
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	owner := map[string]string{"example.com/x": "high"}
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"its owner":               {map[string]string{"high/a.go": "package high\nimport \"example.com/x/sub\""}, nil},
		"not its own":             {map[string]string{"low/a.go": "package low\nimport _ \"example.com/x\""}, []string{"low/a.go:2: low imports example.com/x, which belongs to high alone"}},
		"a module inside another": {map[string]string{"low/a.go": "package low\nimport \"example.com/x/deep/er\""}, nil},
		"one of two": {map[string]string{"a/a.go": "package a\nimport \"example.com/y\"", "b/b.go": "package b\n\nimport \"example.com/y/z\""}, []string{
			"b/b.go:3: example.com/y is imported by a and b; let one of them own it",
		}},
		"two files of one": {map[string]string{"a/a.go": "package a\nimport \"example.com/y\"", "a/b.go": "package a\nimport \"example.com/y\""}, nil},
		"free to do so":    {map[string]string{"cmd/main.go": "package main\nimport \"example.com/x\""}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, tree(t, c.files).Owners(owner, []string{"cmd"}), c.want)
		})
	}
}

func TestGoroutines(t *testing.T) {
	t.Parallel()
	const told = ": a goroutine starts here; start it where its end is awaited, or add the file with the reason"
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"in its file":     {map[string]string{"a/go.go": "package a\nfunc f() { go f() }"}, nil},
		"somewhere else":  {map[string]string{"a/go.go": "package a\nfunc f() { go f() }", "a/b.go": "package a\nfunc g() {\n\tgo f()\n}"}, []string{"a/b.go:3" + told}},
		"by a wait group": {map[string]string{"a/go.go": "package a\nfunc f() { wg.Go(f) }", "b/b.go": "package b\nfunc g() {\n\ts.wg.Go(f)\n}"}, []string{"b/b.go:3" + told}},
		"none any more":   {map[string]string{"a/go.go": "package a\nfunc f() { f() }"}, []string{"a/go.go: starts no goroutine (any more); take it out of the list"}},
		"free to do so":   {map[string]string{"a/go.go": "package a\nfunc f() { go f() }", "cmd/main.go": "package main\nfunc main() { go main() }"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, tree(t, c.files).Goroutines(map[string]string{"a/go.go": "the clock"}, []string{"cmd"}), c.want)
		})
	}
}

func TestInits(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"a/a.go": "package a\n\nfunc init() {}\n",
		"b/b.go": "package b\ntype t struct{}\nfunc (t) init() {}\nfunc initial() {}",
	}
	check(t, tree(t, files).Inits(), []string{"a/a.go:3: an init function; make it a call on a value"})
}

func TestComments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"as it should be": {map[string]string{"a/doc.go": "// Package a owns a.\npackage a", "a/a.go": "package a"}, nil},
		"a command":       {map[string]string{"cmd/main.go": "// Tool does it.\npackage main"}, nil},
		"none":            {map[string]string{"a/a.go": "package a"}, []string{"a: package a has no comment; say in a/doc.go what it owns"}},
		"elsewhere":       {map[string]string{"a/a.go": "// Package a owns a.\npackage a"}, []string{"a/a.go: the package comment stands here; put it into doc.go"}},
		"of another":      {map[string]string{"a/doc.go": "// Package b owns a.\npackage a"}, []string{`a/doc.go: the package comment does not start with "Package a"`}},
		"twice": {map[string]string{"cmd/a.go": "// Tool does it.\npackage main", "cmd/b.go": "// Tool!\npackage main"}, []string{
			"cmd: 2 files have a package comment: cmd/a.go, cmd/b.go",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, tree(t, c.files).Comments(), c.want)
		})
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"that exist":       {"See [there](docs/a.md#top), [the root](../README.md), `docs/a.md`, `a.md`, `docs/`, `go.mod`.", nil},
		"a broken link":    {"See [there](docs/b.md).", []string{"docs/a.md: names docs/b.md, which does not exist"}},
		"a missing file":   {"It is in `gone.go`.", []string{"docs/a.md: names gone.go, which does not exist"}},
		"a missing folder": {"It is in `docs/pictures/`.", []string{"docs/a.md: names docs/pictures/, which does not exist"}},
		"not paths":        {"`net/http`, `/admin/`, `docs/*.md`, `a.B`, `example.com/x`, `docs/{a,b}.md`, [out](https://example.com/b.md), [here](#top)", nil},
		"in a fence":       {"```\n`docs/b.md` [x](docs/b.md)\n```\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tree(t, map[string]string{"docs/a.md": c.text, "README.md": ""}).Paths()
			if err != nil {
				t.Fatal(err)
			}
			check(t, got, c.want)
		})
	}
}

func TestSnippets(t *testing.T) {
	t.Parallel()
	const program = "package main\n\nfunc main() {\n\tserve()\n\n\tend()\n}\n"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"taken from an example":   {"# It\n\n```go\nserve()\n\nend()\n```\n", nil},
		"not taken from one":      {"# It\n\n```go\n\tserved()\n```\n", []string{"README.md: shows Go code that is in none of the examples: served()"}},
		"taken from somewhere":    {"# It\n\n```go\nother()\n```\n", []string{"README.md: shows Go code that is in none of the examples: other()"}},
		"the second of two":       {"```sh\nx\n```\n```go\nserve()\n```\n\n```go\nnever()\n```\n", []string{"README.md: shows Go code that is in none of the examples: never()"}},
		"of another language":     {"```text\nwhatever()\n```\n", nil},
		"without code altogether": {"# It\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"README.md": c.text, "examples/a/main.go": program, "b/b.go": "package b\n\nfunc f() {\n\tother()\n}\n"}
			got, err := tree(t, files).Snippets([]string{"examples"})
			if err != nil {
				t.Fatal(err)
			}
			check(t, got, c.want)
		})
	}
}

func TestLong(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a/a.go": "package a\n\n\n", "b/b.go": "package b\n", "cmd/main.go": "package main\n\n\n\n"}
	check(t, tree(t, files).Long(2, []string{"cmd"}), []string{"a/a.go: 3 lines, aim at 2"})
}
