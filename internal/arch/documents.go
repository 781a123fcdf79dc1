package arch

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	mdLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	mdCode = regexp.MustCompile("`([^`\n]+)`")
	// A path as documents write it: `docs/protocol.md`, `sql/`, `Taskfile.yml`. A pattern or a placeholder is no path.
	pathLike = regexp.MustCompile(`^\.?[A-Za-z0-9_][A-Za-z0-9_./-]*$`)
	filed    = regexp.MustCompile(`\.(go|md|js|css|html|json|mod|sum|sql|sh|ts|yml|yaml)$`)
)

// Paths checks that every file and folder named in the documents exists: the targets of relative links, and what stands in code spans and
// looks like a path of this tree, from the root or from the document's own folder. Fenced code is not looked at.
func (t *Tree) Paths() ([]string, error) {
	var faults []string
	for _, doc := range t.docs {
		text, err := fs.ReadFile(t.files, doc)
		if err != nil {
			return nil, err
		}
		for _, named := range t.named(string(text)) {
			target := strings.TrimSuffix(named, "/")
			if !t.exists(target) && !t.exists(path.Join(path.Dir(doc), target)) {
				faults = append(faults, doc+": names "+named+", which does not exist")
			}
		}
	}
	return faults, nil
}

// named lists what a document names, without anchors.
func (t *Tree) named(text string) []string {
	var all []string
	prose := unfenced(text)
	for _, m := range mdLink.FindAllStringSubmatch(prose, -1) {
		target, _, _ := strings.Cut(m[1], "#")
		if target != "" && !strings.Contains(target, ":") {
			all = append(all, target)
		}
	}
	for _, m := range mdCode.FindAllStringSubmatch(prose, -1) {
		if t.isPath(m[1]) {
			all = append(all, m[1])
		}
	}
	return all
}

// isPath tells paths of this tree from import paths, addresses and other words with a slash in them.
func (t *Tree) isPath(word string) bool {
	if !pathLike.MatchString(word) {
		return false
	}
	top, _, nested := strings.Cut(word, "/")
	return nested && t.exists(top) || filed.MatchString(word) && !strings.Contains(top, ".com")
}

func (t *Tree) exists(name string) bool {
	_, err := fs.Stat(t.files, path.Clean(name))
	return err == nil
}

// Snippets checks that the Go code in the documents is code that is built: every ```go fence must stand, but for its indentation, in a Go file
// of the tree that lies in one of dirs.
func (t *Tree) Snippets(dirs []string) ([]string, error) {
	var code []string
	for _, f := range t.source {
		if !under(f.dir, dirs) {
			continue
		}
		text, err := fs.ReadFile(t.files, f.name)
		if err != nil {
			return nil, err
		}
		code = append(code, unindented(string(text)))
	}
	var faults []string
	for _, doc := range t.docs {
		text, err := fs.ReadFile(t.files, doc)
		if err != nil {
			return nil, err
		}
		for _, snippet := range fences(string(text), "go") {
			if !slices.ContainsFunc(code, func(file string) bool { return strings.Contains(file, unindented(snippet)) }) {
				first, _, _ := strings.Cut(snippet, "\n")
				faults = append(faults, doc+": shows Go code that is in none of the examples: "+strings.TrimSpace(first))
			}
		}
	}
	return faults, nil
}

// fences lists the contents of the fences of a language.
func fences(text, language string) []string {
	var all []string
	for _, block := range strings.Split(text, "\n```"+language+"\n")[1:] {
		inside, _, _ := strings.Cut(block, "\n```")
		all = append(all, inside)
	}
	return all
}

func unindented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(line))
		b.WriteByte('\n')
	}
	return b.String()
}

// unfenced drops the lines inside ``` fences.
func unfenced(text string) string {
	var b strings.Builder
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if !fenced {
			b.WriteString(line)
		}
	}
	return b.String()
}
