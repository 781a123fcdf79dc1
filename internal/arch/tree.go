package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Tree is the source of a module.
type Tree struct {
	// Module is the module's path and Requires the modules that go.mod names.
	Module   string
	Requires []string

	files  fs.FS
	source []file
	docs   []string
	fset   *token.FileSet
}

// file is one Go file; dir is its package's folder, "." at the root.
type file struct {
	name, dir string
	ast       *ast.File
	lines     int
}

// Load reads go.mod, every Go file that is no test, and the names of the documents.
func Load(files fs.FS) (*Tree, error) {
	t := &Tree{files: files, fset: token.NewFileSet()}
	mod, err := fs.ReadFile(files, "go.mod")
	if err != nil {
		return nil, fmt.Errorf("arch: %w", err)
	}
	t.readMod(string(mod))
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return t.enter(name)
		}
		return t.read(name)
	})
	if err != nil {
		return nil, fmt.Errorf("arch: %w", err)
	}
	return t, nil
}

// enter skips what holds no source of this module: hidden folders, fixtures, packages of Node, and modules of their own.
func (t *Tree) enter(dir string) error {
	base := path.Base(dir)
	if dir == "." {
		return nil
	}
	if base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_' {
		return fs.SkipDir
	}
	if _, err := fs.Stat(t.files, dir+"/go.mod"); err == nil {
		return fs.SkipDir
	}
	return nil
}

func (t *Tree) read(name string) error {
	switch {
	case strings.HasSuffix(name, ".md"):
		t.docs = append(t.docs, name)
		return nil
	case !strings.HasSuffix(name, ".go"), strings.HasSuffix(name, "_test.go"):
		return nil
	}
	text, err := fs.ReadFile(t.files, name)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(t.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	t.source = append(t.source, file{name, path.Dir(name), parsed, strings.Count(string(text), "\n")})
	return nil
}

// readMod takes the module's path and its requirements out of a go.mod. Each of the latter stands on a line of its own, as the go command writes
// them: "require path version" or, inside a block, "path version".
func (t *Tree) readMod(text string) {
	for line := range strings.Lines(text) {
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		switch {
		case len(words) < 2 || words[0] == "go" || words[0] == "//":
		case words[0] == "module":
			t.Module = words[1]
		case strings.HasPrefix(words[1], "v"):
			t.Requires = append(t.Requires, words[0])
		}
	}
}

// ours returns the folder of an import of this module, "." for the root package.
func (t *Tree) ours(spec string) (dir string, ok bool) {
	if spec == t.Module {
		return ".", true
	}
	return strings.CutPrefix(spec, t.Module+"/")
}

// module returns the required module that an import belongs to, "" for the standard library.
func (t *Tree) module(spec string) string {
	longest := ""
	for _, m := range t.Requires {
		if (spec == m || strings.HasPrefix(spec, m+"/")) && len(m) > len(longest) {
			longest = m
		}
	}
	return longest
}

// imports calls each with every import and where it stands.
func (t *Tree) imports(each func(f file, spec, place string)) {
	for _, f := range t.source {
		for _, imp := range f.ast.Imports {
			spec, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				continue // the parser has seen to it that this cannot be
			}
			each(f, spec, t.place(imp.Pos()))
		}
	}
}

func (t *Tree) place(pos token.Pos) string {
	p := t.fset.Position(pos)
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// under reports whether a folder is one of those listed, or inside one.
func under(dir string, list []string) bool {
	return slices.ContainsFunc(list, func(top string) bool {
		return dir == top || strings.HasPrefix(dir, top+"/")
	})
}
