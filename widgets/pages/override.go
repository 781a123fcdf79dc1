package pages

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"greenroom/widgets/lang"
	"greenroom/widgets/view"
)

// overridden is a template of this package with the site's own files in place of the built-in ones; a template of somebody else's stays as it is.
func (p *preparation) overridden(t *template.Template) *template.Template {
	if p.site.Templates == nil || t == nil {
		return t
	}
	if _, ours := states()[t.Name()]; !ours || !slices.Contains(builtIn(), t) {
		return t
	}
	if known, ok := p.drawn[t]; ok {
		return known
	}
	made := p.replaced(t)
	p.drawn[t] = made
	return made
}

// replaced loads a set anew when one of its files is overridden; with a fault in them the built-in ones stay, and the fault is noted.
func (p *preparation) replaced(t *template.Template) *template.Template {
	names := namesOf(t)
	if !slices.ContainsFunc(names, func(name string) bool { return p.site.overrides[name] }) {
		return t
	}
	made, err := load(nil, p.site.Templates, names...)
	if err != nil {
		p.template(err)
		return t
	}
	if err := checkFields(made, states()[t.Name()]); err != nil {
		p.template(err)
		return t
	}
	return made
}

// namesOf are the files of a set, the one that is executed first.
func namesOf(t *template.Template) []string {
	names := []string{t.Name()}
	for _, other := range t.Templates() {
		if name := other.Name(); name != t.Name() && path.Ext(name) == ".html" {
			names = append(names, name)
		}
	}
	slices.Sort(names[1:])
	return names
}

var spotInFile = regexp.MustCompile(`[a-z]+\.html:[0-9]+`)

// template notes faults of overriding files, once each.
func (p *preparation) template(err error) {
	joined, many := err.(interface{ Unwrap() []error })
	if many {
		for _, inner := range joined.Unwrap() {
			p.template(inner)
		}
		return
	}
	place := firstOf(spotInFile.FindString(err.Error()), "Templates")
	for _, known := range p.faults {
		if known.Error() == err.Error() {
			return // the file stands in several sets
		}
	}
	p.found(FindTemplate, place, "the built-in file of this name in widgets/pages/templates shows what there is", err)
}

// overriding looks which of the built-in files the site replaces.
func (p *preparation) overriding() {
	s := p.site
	s.overrides = map[string]bool{}
	if s.Templates == nil {
		return
	}
	entries, err := fs.ReadDir(s.Templates, ".")
	if err != nil {
		p.template(fmt.Errorf("pages: Templates: %w", err))
		return
	}
	var known []string
	known = append(known, builtInFiles()...)
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir() || path.Ext(name) != ".html":
		case !slices.Contains(known, name):
			near, least := "", 1<<30
			for _, other := range known {
				if d := distance(name, other); d < least {
					near, least = other, d
				}
			}
			p.template(fmt.Errorf("pages: Templates: %s: no page is drawn by a file of this name; the nearest is %q", name, near))
		default:
			s.overrides[name] = true
		}
	}
}

// builtInFiles are the files that can be overridden.
func builtInFiles() []string {
	entries, err := files.ReadDir("templates")
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// paper is what documents are written on: plain pages, without actors. What is inside the body of a live page is drawn by the view engine, for its speed.
type paper struct {
	document, login, problem *template.Template
	shell                    *view.Template
}

// newPaper loads it in the words of a language, with files of over in place of the built-in ones.
func newPaper(l *lang.Language, over fs.FS) (*paper, error) {
	p := &paper{}
	var shell *template.Template
	var faults []error
	for _, page := range []struct {
		to    **template.Template
		names []string
	}{
		{&p.document, []string{"document.html", "head.html"}},
		{&shell, []string{"shell.html", "widget.html", "waiting.html", "seeing.html"}},
		{&p.login, []string{"login.html", "head.html"}},
		{&p.problem, []string{"problem.html", "head.html", "seeing.html"}},
	} {
		made, err := load(l, over, page.names...)
		if err == nil && over != nil {
			err = checkFields(made, states()[page.names[0]])
		}
		*page.to, faults = made, append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	var err error
	if p.shell, err = view.Compile(shell); err != nil {
		return nil, fmt.Errorf("pages: template: %w", err)
	}
	return p, nil
}

// papers takes the site's own paper, or the built-in one when that has faults.
func (p *preparation) papers() {
	if len(p.site.overrides) == 0 {
		return
	}
	made, err := newPaper(nil, p.site.Templates)
	if err != nil {
		p.template(err)
		return
	}
	p.site.sheet = made
}

// paper is the site's own, or the built-in one, in a language.
func (s *Site) paper(l *lang.Language) *paper {
	english := plainPaper
	var over fs.FS
	if s.sheet != nil {
		english, over = s.sheet, s.Templates
	}
	if l.Tag() == (*lang.Language)(nil).Tag() {
		return english
	}
	p, err := s.translated.papers(l, over)
	if err != nil {
		s.log().Error("a document is not translated", "language", l.Tag(), "err", err)
		return english
	}
	return p
}

var plainPaper = func() *paper {
	p, err := newPaper(nil, nil)
	if err != nil {
		panic(err)
	}
	return p
}()

// builtIn are the templates of this package's widgets.
func builtIn() []*template.Template {
	return []*template.Template{
		accountTemplate, approvalTemplate, approvalsTemplate, approvalSignTemplate, auditTemplate, boardTemplate, chartTemplate, consoleTemplate, indexTemplate, deleteTemplate, formTemplate, historyTemplate,
		jobHistoryTemplate, jobListTemplate, listTemplate, importTemplate, paletteTemplate, progressTemplate, statTemplate, trayTemplate, usersTemplate, groupsTemplate,
	}
}

// states is what each template is executed with, by its first file.
func states() map[string]reflect.Type {
	return map[string]reflect.Type{
		"approval.html": reflect.TypeFor[*approvalState](), "approvals.html": reflect.TypeFor[*approvalsState](), "approvalsign.html": reflect.TypeFor[*signState](),
		"account.html": reflect.TypeFor[*accountState](), "audit.html": reflect.TypeFor[*auditState](), "board.html": reflect.TypeFor[*boardView](),
		"chart.html": reflect.TypeFor[*chartView](), "console.html": reflect.TypeFor[*consolePicture](), "dashboard.html": reflect.TypeFor[*indexState](),
		"delete.html": reflect.TypeFor[*deleteState](), "form.html": reflect.TypeFor[*formState](), "history.html": reflect.TypeFor[*historyState](),
		"jobhistory.html": reflect.TypeFor[*jobHistoryState](), "jobs.html": reflect.TypeFor[*jobListState](), "list.html": reflect.TypeFor[*listState](),
		"progress.html": reflect.TypeFor[*progressState](), "stat.html": reflect.TypeFor[statView](), "tray.html": reflect.TypeFor[*trayState](),
		"users.html": reflect.TypeFor[*usersState](), "groups.html": reflect.TypeFor[*groupsState](),
		"import.html": reflect.TypeFor[*importState](), "palette.html": reflect.TypeFor[*paletteState](),
		"document.html": reflect.TypeFor[*documentView](), "shell.html": reflect.TypeFor[*documentView](),
		"login.html": reflect.TypeFor[loginView](), "problem.html": reflect.TypeFor[problemView](),
	}
}

// loginView and problemView are what the plain pages are executed with.
type (
	loginView struct {
		LoginData
		Site, Environment, Action string
	}
	problemView struct {
		ProblemData
		Site, Home string
		Seeing     *seeingView
	}
)

// source is the text of a file: that of over if it has one, else the built-in one.
func source(over fs.FS, name string) (string, error) {
	if over != nil {
		text, err := fs.ReadFile(over, name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return string(text), err
		}
	}
	text, err := files.ReadFile("templates/" + name)
	return strings.TrimSuffix(string(text), "\n"), err
}
