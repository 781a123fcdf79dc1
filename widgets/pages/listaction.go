package pages

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// asking is an action that waits for its confirmation: over which rows, and what was filled in so far.
type asking struct {
	action jobs.Action
	sel    selection
	values map[string][]string
	errors map[string]string
	// token makes a repeated "run" (a double click, a form sent twice) start one run only.
	token string
	// open is the address of the run that is in the way, "" when there is none, or it is not this person's to see.
	open string
	// dry tries the action without changing anything.
	dry bool
}

// reservedFields are the words that the action forms post themselves; an action's inputs need other names.
var reservedFields = []string{"csrf", "event", "widget", "action", "key", "all", "except", "token", "dry"}

// actions checks what is declared and adds the built-in ones.
func (p *preparation) actions(m *Model) {
	id := m.table().ID()
	seen := map[string]bool{}
	m.actions = slices.Clone(m.Actions)
	for _, a := range m.Actions {
		if err := a.Check(); err != nil {
			p.fault("%s: %v", id, err)
		}
		p.check(!seen[a.Name], "%s: two actions are named %q; give one another Name", id, a.Name)
		seen[a.Name] = true
		for _, f := range a.Fields() {
			p.check(!slices.Contains(reservedFields, f.Name), "%s: action %q: a field is named %q, which the form needs itself; give it another name", id, a.Name, f.Name)
		}
	}
	if len(m.table().Key) > 0 && m.table().ReadOnly == "" && !seen[deleteAction] {
		if m.SoftDelete != "" {
			m.actions = append(m.actions, m.trashActions()...)
		} else {
			m.actions = append(m.actions, m.deleting())
		}
	}
	p.check(len(m.Actions) == 0 || p.site.Jobs != nil, "%s has actions, but Site.Jobs is nil: nothing could run them", id)
	if p.site.Jobs == nil {
		m.actions = nil
	}
}

// deleteAction is the built-in action, which a model's own of that name replaces.
const deleteAction = "delete"

// allowed finds an action that the user may run on the model, and which rows it may touch.
func (m *Model) allowed(ctx context.Context, u *widgets.User, name string) (a jobs.Action, d widgets.Decision) {
	at := slices.IndexFunc(m.actions, func(a jobs.Action) bool { return a.Name == name })
	if at < 0 {
		return a, widgets.Decision{}
	}
	a = m.actions[at]
	verb := widgets.View
	builtin := name == deleteAction || m.SoftDelete != "" && (name == restoreAction || name == purgeAction)
	if builtin && !slices.ContainsFunc(m.Actions, func(a jobs.Action) bool { return a.Name == name }) {
		verb = widgets.Delete
	}
	return a, m.site.Decider.Decide(ctx, u, verb, widgets.Subject{Table: m.table(), Permissions: a.Needs()})
}

// offered are the actions that the user may run.
func (g *grid) offered(ctx context.Context, u *widgets.User) []actionLink {
	var links []actionLink
	for _, a := range g.actions {
		if _, d := g.allowed(ctx, u, a.Name); !d.Allow || !g.here(a.Name) {
			continue
		}
		class := "gr-button gr-small"
		if a.Danger {
			class += " gr-danger"
		}
		links = append(links, actionLink{a.Name, g.l.Late(a.Title()), class})
	}
	return links
}

// ask is a button of the bulk bar. Without JavaScript the rows come with it.
func (m *Model) ask(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	next, err := m.prepareRun(ctx, s, e)
	if err != nil {
		return nil, err
	}
	a := next.asking.action
	if a.Confirm == "" && !a.Danger && !a.DryRun && a.Approval == "" && len(a.Fields()) == 0 {
		return m.start(ctx, next, e)
	}
	for _, f := range a.Fields() {
		if f.Default != "" {
			next.asking.values[f.Name] = []string{f.Default}
		}
	}
	return m.redraw(ctx, next, e.In)
}

// prepareRun makes out which action is meant, for which rows, and whether the user may.
func (m *Model) prepareRun(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	next := *s
	sel := next.sel
	name := e.Payload.Get("action")
	token := e.Payload.Get("token")
	switch {
	case e.Payload.Get("all") == "1":
		sel = selection{all: true}.set(e.Payload["except"], false)
	case e.Payload.Has("key"):
		sel = selection{}.set(e.Payload["key"], true)
	case s.asking != nil:
		sel = s.asking.sel
	}
	if s.asking != nil {
		name, token = firstOf(name, s.asking.action.Name), firstOf(token, s.asking.token)
	}
	a, d := m.allowed(ctx, e.In.User, name)
	if a.Name == "" {
		return nil, widgets.UserError("There is no such action here. Reload the page.")
	}
	if !d.Allow {
		return nil, widgets.ErrDenied
	}
	if sel.empty() {
		return nil, widgets.UserError("Select at least one row first.")
	}
	if n := sel.n(s.count); sel.all && n == (widgets.Count{}) {
		return nil, widgets.UserError("No rows match: there is nothing to do.")
	}
	if len(sel.picked) > maxPicked {
		return nil, widgets.ErrBadPayload
	}
	next.sel = sel
	next.asking = &asking{action: a, sel: sel, values: map[string][]string{}, token: firstOf(token, s.token)}
	return &next, nil
}

// checkInput looks at one input of the confirmation while it is filled in.
func (m *Model) checkInput(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	if s.asking == nil {
		return s, nil
	}
	next, asked := *s, *s.asking
	field := e.Payload.Get("field")
	asked.values, asked.errors = clone(asked.values), clone(asked.errors)
	asked.values[field] = []string{e.Payload.Get("value")}
	if e.Payload.Has("checked") && !ticked(e.Payload.Get("checked")) {
		delete(asked.values, field)
	}
	delete(asked.errors, field)
	if _, invalid := asked.action.Parse(asked.values); invalid != nil && invalid.Fields[field] != "" {
		asked.errors[field] = invalid.Fields[field]
	}
	next.asking = &asked
	return m.redraw(ctx, &next, e.In)
}

func clone[K comparable, V any](m map[K]V) map[K]V {
	out := make(map[K]V, len(m)+1)
	maps.Copy(out, m)
	return out
}

// run is the confirmation's button.
func (m *Model) run(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	next, err := m.prepareRun(ctx, s, e)
	if err != nil {
		return nil, err
	}
	for _, f := range next.asking.action.Fields() {
		if e.Payload.Has(f.Name) {
			next.asking.values[f.Name] = e.Payload[f.Name]
		}
	}
	next.asking.dry = e.Payload.Get("dry") != ""
	return m.start(ctx, next, e)
}

// start hands the action to the jobs and leads to its progress page. What is wrong with the inputs, or keeps the run from starting, stands in the
// confirmation, which stays open.
func (m *Model) start(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	a, d := m.allowed(ctx, e.In.User, s.asking.action.Name)
	if !d.Allow {
		return nil, widgets.ErrDenied
	}
	g, err := m.see(ctx, e.In)
	if err != nil {
		return nil, err
	}
	selected := jobs.Selection{Source: m.Source, Scope: g.scope, All: s.sel.all}
	if s.sel.all {
		selected.Query, selected.Except = g.shared(s.at), s.sel.keys()
	} else {
		selected.Keys = s.sel.keys()
	}
	req := jobs.Request{
		Action: a, User: e.In.User, Selection: selected, Input: s.asking.values, Token: s.asking.once(), DryRun: s.asking.dry,
		Decide: m.permits(a.Name),
	}
	begin := m.starts
	if a.Approval != "" && !req.DryRun {
		begin = m.asks
	}
	undo, err := m.noteAction(ctx, s)
	if err != nil {
		return nil, err
	}
	if err = begin(ctx, e, req); err != nil {
		undo("it did not start")
	}
	var said widgets.UserError
	var invalid *widgets.Invalid
	switch {
	case err == nil:
		s.sel, s.asking, s.token = selection{}, nil, rand.Text()
	case errors.As(err, &invalid):
		s.asking.errors = invalid.Fields
	case errors.Is(err, jobs.ErrBusy):
		s.asking.errors = map[string]string{"": upper(innermost(err).Error()) + "."}
		if running, ok := errors.AsType[*jobs.AlreadyRunning](err); ok {
			if _, err := m.site.Jobs.Get(running.ID, e.In.User); err == nil {
				s.asking.open = m.site.progressURL(running.ID)
			}
		}
	case errors.As(err, &said):
		s.asking.errors = map[string]string{"": string(said)}
	default:
		return nil, err
	}
	return m.redraw(ctx, s, e.In)
}

// starts begins a run, and leads to its page.
func (m *Model) starts(ctx context.Context, e widgets.Event[widgets.Form], req jobs.Request) error {
	id, err := m.site.Jobs.Start(ctx, req)
	if err == nil {
		e.Redirect(m.site.progressURL(id))
	}
	return err
}

// once is the token together with what it was given out for: a page that is sent again with other rows ticked is no repetition.
func (a *asking) once() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %v %v", a.token, a.action.Name, a.sel.all, a.dry)
	for _, key := range a.sel.keys() {
		fmt.Fprintf(h, " %q", key.String())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// innermost is the error that others wrapped with places.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// forget closes the confirmation; the selection stays.
func (m *Model) forget(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	next := *s
	next.asking = nil
	return m.redraw(ctx, &next, e.In)
}

func (m *Model) redraw(ctx context.Context, s *listState, in widgets.In) (*listState, error) {
	g, err := m.see(ctx, in)
	if err != nil {
		return nil, err
	}
	s.draw(ctx, in, g)
	return s, nil
}

// askView is the confirmation as ask.html draws it.
type askView struct {
	CSRF, Path, Title, Text string
	Button                  string // its class
	Open                    string
	DryRun                  bool // it can be tried first
	Approval                bool // somebody else has to approve it
	Faults                  []faultView
	Inputs                  []inputView
	Hidden                  []hidden
}

func (a *asking) view(in widgets.In, s *listState, g *grid) *askView {
	n := a.sel.n(s.count)
	l := in.Language
	count := firstOf(countText(l, n), l.T("all matching"))
	v := &askView{CSRF: in.CSRF, Path: g.link(firstOf(in.Path, g.url()), s.at).Href, Title: l.Late(a.action.Title()), Button: "gr-button gr-primary", Open: a.open, DryRun: a.action.DryRun}
	rows := count + " " + g.many(l)
	if !a.sel.all {
		rows = rowsText(l, n.N, g.Model)
	}
	v.Text = g.questionOn(l, a.action, count, rows)
	v.Approval = a.action.Approval != ""
	if a.action.Danger {
		v.Button += " gr-danger"
	}
	for i, f := range a.action.Fields() {
		v.Inputs = append(v.Inputs, a.input(i, f).in(l))
	}
	if text := a.errors[""]; text != "" {
		v.Faults = []faultView{{Text: l.Late(text)}}
	}
	v.Hidden = []hidden{{"csrf", in.CSRF}, {"event", "run"}, {"action", a.action.Name}, {"token", a.token}}
	word := "key"
	if a.sel.all {
		v.Hidden, word = append(v.Hidden, hidden{"all", "1"}), "except"
	}
	for _, key := range a.sel.keys() {
		v.Hidden = append(v.Hidden, hidden{word, key.String()})
	}
	return v
}

// questionOn is what an action asks before it is run on so many rows, which rows says in words.
func (m *Model) questionOn(l *lang.Language, a jobs.Action, count, rows string) string {
	question := l.Late(a.Confirm)
	if count == "1" {
		question = strings.ReplaceAll(question, "{count} "+m.many(l), "1 "+m.one(l))
	}
	text := strings.ReplaceAll(question, "{count}", count)
	switch {
	case text == "":
		return l.T("This is for %s.", rows)
	case !strings.Contains(a.Confirm, "{count}"):
		return text + " (" + rows + ")"
	}
	return text
}

// input draws a field of an action's form.
func (a *asking) input(n int, f jobs.Field) inputView {
	v := inputView{
		ID: "ask-" + group(int64(n)), Field: f.Name, Name: f.Name, Label: f.Label, Required: f.Required, Help: f.Help, Error: a.errors[f.Name], As: "text",
	}
	if values := a.values[f.Name]; len(values) > 0 {
		v.Value = values[len(values)-1]
	}
	switch f.Kind {
	case jobs.FieldTextarea:
		v.As = "long"
	case jobs.FieldPassword:
		v.As = "password"
	case jobs.FieldInteger:
		v.Mode = "numeric"
	case jobs.FieldDecimal:
		v.Mode = "decimal"
	case jobs.FieldDate:
		v.Type = "date"
	case jobs.FieldCheckbox:
		v.As = "check"
		v.Checked, _ = truth(v.Value)
	case jobs.FieldSelect:
		v.As = "select"
		v.Options = []selectOption{{Value: "", Label: "Choose…", Selected: v.Value == ""}}
		for _, choice := range f.Choices {
			v.Options = append(v.Options, selectOption{choice, choice, choice == v.Value})
		}
	}
	return v.finish()
}

// plainTemplate is the bulk bar for browsers without JavaScript, where no server knows what is ticked until the form comes. It says nothing that changes with the
// rows, such as their count: a value of markup that is another each time is parsed each time.
var plainTemplate = template.Must(template.New("plain").Parse(`<noscript><form class="gr-toolbar" method="post" id="bulk"><input type="hidden" name="csrf" value="{{.CSRF}}">` +
	`<input type="hidden" name="event" value="ask"><input type="hidden" name="token" value="{{.Token}}"><span class="gr-muted">{{.With}}</span>` +
	`{{range .Actions}}<button type="submit" class="{{.Class}}" name="action" value="{{.Name}}">{{.Label}}</button>{{end}}` +
	`<label><input type="checkbox" name="all" value="1"> {{.All}}</label></form></noscript>`))

func plainActions(l *lang.Language, actions []actionLink, csrf, token string) template.HTML {
	var b strings.Builder
	if err := plainTemplate.Execute(&b, struct {
		CSRF, Token, With, All string
		Actions                []actionLink
	}{csrf, token, l.T("With the ticked rows:"), l.T("All rows of the list, not only the ticked ones"), actions}); err != nil {
		return ""
	}
	return template.HTML(b.String()) //nolint:gosec // html/template's own output
}
