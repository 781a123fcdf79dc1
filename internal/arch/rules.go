package arch

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
)

// Ladder checks who imports whom: each folder of may lists the folders of this module that its package may import, and the packages inside the
// folders of free may import everything. A package that stands in neither has no place yet, which is a fault too.
func (t *Tree) Ladder(may map[string][]string, free []string) []string {
	var faults []string
	homeless := map[string]bool{}
	for _, f := range t.source {
		if _, ok := may[f.dir]; !ok && !under(f.dir, free) && !homeless[f.dir] {
			homeless[f.dir] = true
			faults = append(faults, fmt.Sprintf("%s: package folder %q has no place in the ladder; add it with what it may import", f.name, f.dir))
		}
	}
	t.imports(func(f file, spec, place string) {
		to, ok := t.ours(spec)
		allowed, known := may[f.dir]
		if !ok || !known || slices.Contains(allowed, to) {
			return
		}
		faults = append(faults, fmt.Sprintf("%s: %s imports %s, which is not below it; let the lower one declare an interface", place, f.dir, to))
	})
	return faults
}

// Owners checks that each module of other people is imported by one package only. owner names that package by module path for those that are
// settled; any other module may be imported by any one. Packages inside the folders of free are not asked.
func (t *Tree) Owners(owner map[string]string, free []string) []string {
	var faults []string
	users := map[string]map[string]string{} // module → folder → first place
	t.imports(func(f file, spec, place string) {
		m := t.module(spec)
		if _, own := t.ours(spec); own || m == "" || under(f.dir, free) {
			return
		}
		if want, settled := owner[m]; settled {
			if want != f.dir {
				faults = append(faults, fmt.Sprintf("%s: %s imports %s, which belongs to %s alone", place, f.dir, m, want))
			}
			return
		}
		if users[m] == nil {
			users[m] = map[string]string{}
		}
		if users[m][f.dir] == "" {
			users[m][f.dir] = place
		}
	})
	for _, m := range slices.Sorted(maps.Keys(users)) {
		if len(users[m]) > 1 {
			dirs := slices.Sorted(maps.Keys(users[m]))
			faults = append(faults, fmt.Sprintf("%s: %s is imported by %s; let one of them own it", users[m][dirs[1]], m, strings.Join(dirs, " and ")))
		}
	}
	return faults
}

// Goroutines checks that goroutines are started in the files of may only, whose values are the reasons. Both the statement and a method
// called Go, as wait groups have it, count. A file that starts none needs no reason either. The folders of free are not asked.
func (t *Tree) Goroutines(may map[string]string, free []string) []string {
	var faults []string
	starts := map[string]bool{}
	for _, f := range t.source {
		if under(f.dir, free) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if !startsGoroutine(n) {
				return true
			}
			starts[f.name] = true
			if _, ok := may[f.name]; !ok {
				faults = append(faults, t.place(n.Pos())+": a goroutine starts here; start it where its end is awaited, or add the file with the reason")
			}
			return true
		})
	}
	for _, name := range slices.Sorted(maps.Keys(may)) {
		if !starts[name] {
			faults = append(faults, name+": starts no goroutine (any more); take it out of the list")
		}
	}
	return faults
}

func startsGoroutine(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt:
		return true
	case *ast.CallExpr:
		method, ok := n.Fun.(*ast.SelectorExpr)
		return ok && method.Sel.Name == "Go" && len(n.Args) == 1
	}
	return false
}

// Inits finds init functions: registration is a call on a value.
func (t *Tree) Inits() []string {
	var faults []string
	for _, f := range t.source {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				faults = append(faults, t.place(fn.Pos())+": an init function; make it a call on a value")
			}
		}
	}
	return faults
}

// Comments checks that each package says what it owns, in one place: doc.go, or the file with main in it.
func (t *Tree) Comments() []string {
	var faults []string
	said := map[string][]string{} // folder → files with a package comment
	name := map[string]string{}
	for _, f := range t.source {
		name[f.dir] = f.ast.Name.Name
		if f.ast.Doc == nil {
			continue
		}
		said[f.dir] = append(said[f.dir], f.name)
		text, want := f.ast.Doc.Text(), "Package "+f.ast.Name.Name+" "
		switch {
		case f.ast.Name.Name == "main":
		case !strings.HasSuffix("/"+f.name, "/doc.go"):
			faults = append(faults, f.name+": the package comment stands here; put it into doc.go")
		case !strings.HasPrefix(text, want):
			faults = append(faults, fmt.Sprintf("%s: the package comment does not start with %q", f.name, strings.TrimSpace(want)))
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(name)) {
		switch {
		case len(said[dir]) == 0:
			faults = append(faults, fmt.Sprintf("%s: package %s has no comment; say in %s/doc.go what it owns", dir, name[dir], dir))
		case len(said[dir]) > 1:
			faults = append(faults, fmt.Sprintf("%s: %d files have a package comment: %s", dir, len(said[dir]), strings.Join(said[dir], ", ")))
		}
	}
	return faults
}

// Long lists the files with more lines than limit. The folders of free are not asked.
func (t *Tree) Long(limit int, free []string) []string {
	var long []string
	for _, f := range t.source {
		if f.lines > limit && !under(f.dir, free) {
			long = append(long, fmt.Sprintf("%s: %d lines, aim at %d", f.name, f.lines, limit))
		}
	}
	return long
}
