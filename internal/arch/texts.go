package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// Text is a text that people read: where it stands, and as a catalogue has it, %s standing for each value in it.
type Text struct{ Place, Text string }

// speaks are the calls whose argument of that number is a text for people; N's second names the catalogue's entry.
var speaks = map[string]int{"T": 0, "N": 2, "UserError": 0, "notFound": 0, "Toast": 1, "Tell": 2}

// silent are the calls whose texts are for developers, logs and the audit.
var silent = []string{"Errorf", "New", "fault", "found", "check", "must", "Error", "Warn", "Info", "Debug", "undo", "incident", "noteVerb", "Panicf", "panic", "Compile", "MustCompile", "note", "refused", "within", "account", "plugin", "columns", "column", "slots", "compile"}

// sentence is what a text for people looks like: a capital and a small letter, or several words.
var sentence = regexp.MustCompile(`^[“(]?[A-Z][a-z]+($|[ ….,:?])|^(%s )?[a-z“%]+ [a-z]+( |$|\.)|[a-z]{2} [a-z]{2,} [a-z]`)

// Texts are the texts of the packages in dirs that are said to people. With everything, those that only look as if they were are among them.
func (t *Tree) Texts(dirs []string, everything bool) []Text {
	var all []Text
	for _, f := range t.source {
		if !slices.Contains(dirs, f.dir) {
			continue
		}
		seen := map[ast.Node]bool{}
		add := func(n ast.Expr) {
			seen[n] = true
			if text := pattern(n); strings.Trim(text, "%s :.,") != "" && !unwritten(text) {
				all = append(all, Text{fmt.Sprintf("%s:%d", f.name, t.fset.Position(n.Pos()).Line), text})
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field:
				return n.Tag == nil
			case *ast.CompositeLit:
				return !strings.HasSuffix(callee(n.Type), "AuditLine") && !strings.HasSuffix(callee(n.Type), "Finding")
			case *ast.CallExpr:
				name := callee(n.Fun)
				if slices.Contains(silent, name) {
					return false
				}
				if at, ok := speaks[name]; ok && at < len(n.Args) {
					add(n.Args[at])
					for i, arg := range n.Args {
						seen[arg] = seen[arg] || i <= at // N's first form stands under the second
					}
				}
			case ast.Expr:
				if seen[n] {
					for inner := range inside(n) {
						seen[inner] = true
					}
					return true
				}
				if text := pattern(n); everything && composed(n) && sentence.MatchString(text) && !unwritten(text) {
					add(n)
					return false
				}
			}
			return true
		})
	}
	return all
}

// inside are the parts of an expression that its own pattern covers.
func inside(n ast.Expr) map[ast.Expr]bool {
	parts := map[ast.Expr]bool{}
	if b, ok := n.(*ast.BinaryExpr); ok {
		parts[b.X], parts[b.Y] = true, true
	}
	return parts
}

func callee(n ast.Expr) string {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.SelectorExpr:
		return n.Sel.Name
	case *ast.IndexExpr:
		return callee(n.X)
	}
	return ""
}

// composed reports whether an expression is written out as a text: a literal, or a sum with one in it.
func composed(n ast.Expr) bool {
	switch n := n.(type) {
	case *ast.BasicLit:
		return n.Kind == token.STRING
	case *ast.BinaryExpr:
		return n.Op == token.ADD && (composed(n.X) || composed(n.Y))
	case *ast.CallExpr:
		return callee(n.Fun) == "Sprintf"
	}
	return false
}

// pattern is a text with %s for what is not written out.
func pattern(n ast.Expr) string {
	switch n := n.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
			return text
		}
	case *ast.BinaryExpr:
		if n.Op == token.ADD {
			return pattern(n.X) + pattern(n.Y)
		}
	case *ast.CallExpr:
		if callee(n.Fun) == "Sprintf" && len(n.Args) > 0 {
			return pattern(n.Args[0])
		}
	case *ast.ParenExpr:
		return pattern(n.X)
	}
	return "%s"
}

// unwritten tells markup, SQL, classes and addresses from what people read.
func unwritten(text string) bool {
	return strings.Contains(text, "gr-") || strings.Contains(text, "<") || strings.Contains(text, "://") || strings.HasPrefix(text, "sql: ") ||
		strings.HasPrefix(text, "SELECT ") || strings.HasPrefix(text, "INSERT ") || strings.HasPrefix(text, "UPDATE ") || !strings.ContainsFunc(strings.ReplaceAll(text, "%s", ""), letter)
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

var (
	word   = regexp.MustCompile(`[A-Za-z]{2}`)
	action = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	read   = map[string]bool{"title": true, "placeholder": true, "aria-label": true, "alt": true, "gr-busy": true, "gr-confirm": true, "data-label": true}
)

// Unsaid are the texts of the HTML templates in a folder that do not go through {{t "…"}}.
func (t *Tree) Unsaid(dir string) ([]string, error) {
	names, err := fs.Glob(t.files, dir+"/*.html")
	if err != nil {
		return nil, err
	}
	var faults []string
	for _, name := range names {
		source, err := fs.ReadFile(t.files, name)
		if err != nil {
			return nil, err
		}
		// Actions hold quotes of their own, which would end attributes.
		z := html.NewTokenizer(strings.NewReader(strings.ReplaceAll(action.ReplaceAllString(string(source), ""), "noscript", "div"))) // whose inside is raw text
		for z.Next() != html.ErrorToken {
			at := z.Token()
			texts := []string{}
			if at.Type == html.TextToken {
				texts = append(texts, at.Data)
			}
			for _, a := range at.Attr {
				if read[a.Key] {
					texts = append(texts, a.Val)
				}
			}
			for _, text := range texts {
				if word.MatchString(text) {
					faults = append(faults, fmt.Sprintf("%s: %q is not translated: write {{t %[2]q}}, and its German in widgets/lang/de.json", name, strings.TrimSpace(text)))
				}
			}
		}
	}
	return faults, nil
}
