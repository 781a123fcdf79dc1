package pages

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"greenroom/jobs"
	"greenroom/widgets"
)

// importAction is the name of the built-in action in logs and in the history of jobs. It is started from its page only.
const importAction = "import"

// importInput is what a run is told: which file, and how to read it. Columns is a JSON list, by cell, "" for those that are left out.
type importInput struct {
	File    string
	Mode    string
	Comma   string
	Columns string
}

const reasonColumn = "not imported because"

// importing is the action behind the import page. Rows are stored one by one, each checked as the form checks it and with its own line in the audit; what
// fails goes into a file with the reason, fit to be mended and imported again.
func (m *Model) importing() jobs.Action {
	return jobs.On(jobs.Action{Name: importAction, Label: "Import " + lower(m.plural()), DryRun: true, MaxConcurrent: 2},
		func(ctx context.Context, j *jobs.Job, _ jobs.Rows[widgets.Row], in importInput) error {
			file := m.site.uploads.get(in.File, j.User().ID, m.table().ID())
			if file == nil {
				return jobs.UserError(uploadGone)
			}
			text, p, err := m.planned(ctx, m.alone(ctx, j.User()), file, in)
			if err != nil {
				return err
			}
			return (&importRun{m: m, j: j, plan: p, text: text}).run(ctx)
		})
}

// alone is where a person's import stands when no page is open any more.
func (m *Model) alone(ctx context.Context, u *widgets.User) widgets.In {
	d := m.may(ctx, u, widgets.View, nil)
	return widgets.In{User: u, Prefix: m.site.Prefix, Path: m.importURL(), Table: m.table(), Scope: d.Rows, Hide: d.Hide, ReadOnly: d.ReadOnly}
}

// planned reads what a page or a run was told. Fields that the person may not set are refused.
func (m *Model) planned(ctx context.Context, in widgets.In, file *upload, told importInput) (*csvText, *importPlan, error) {
	text := file.csv
	if comma := []rune(told.Comma); len(comma) == 1 && text != nil && comma[0] != text.comma && strings.ContainsRune(string(separators), comma[0]) {
		var err error
		if text, err = readCSV(file.data, comma[0]); err != nil {
			return nil, nil, err
		}
	}
	if text == nil {
		return nil, nil, widgets.UserError(file.fault)
	}
	p := &importPlan{m: m, in: in, mode: told.Mode, columns: make([]*widgets.Column, len(text.header))}
	if p.mode != importUpdate && p.mode != importBoth {
		p.mode = importAdd
	}
	offers, err := m.offers(ctx, in, p.mode)
	if err != nil {
		return nil, nil, err
	}
	var chosen []string
	if told.Columns == "" {
		copy(p.columns, guess(text.header, offers))
		return text, p, nil
	}
	if err := json.Unmarshal([]byte(told.Columns), &chosen); err != nil {
		return nil, nil, widgets.ErrBadPayload
	}
	for i, name := range chosen {
		if name == "" || i >= len(p.columns) {
			continue
		}
		for _, c := range offers {
			if c.Name == name {
				p.columns[i] = c
			}
		}
		if p.columns[i] == nil {
			return nil, nil, widgets.UserError("“" + cut(name, 40) + "” is no field that you may set here.")
		}
	}
	return text, p, nil
}

// importRun goes through a file.
type importRun struct {
	m    *Model
	j    *jobs.Job
	plan *importPlan
	text *csvText

	added, changed, same, failed int64
	rest                         bytes.Buffer // the failed rows
	out                          *csv.Writer
}

func (r *importRun) run(ctx context.Context) error {
	if lacks := r.plan.lacks(); lacks != "" {
		return jobs.UserError(lacks)
	}
	r.j.Set(0, r.text.rows)
	r.out = csv.NewWriter(&r.rest)
	r.out.Comma, r.out.UseCRLF = r.text.comma, true
	r.reject(r.text.header, reasonColumn)
	err := r.text.each(func(row csvRow) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := r.row(ctx, row); err != nil {
			return err
		}
		r.j.Advance(1)
		return nil
	})
	if left := r.leave(); err == nil {
		err = left
	}
	r.j.Result(r.result())
	return err
}

// row stores one row, or notes why not.
func (r *importRun) row(ctx context.Context, row csvRow) error {
	s, err := r.plan.form(ctx, row.cells)
	fault, isFault := errors.AsType[rowFault](err)
	var added, changed bool
	switch {
	case isFault:
	case err != nil:
		return err
	default:
		if added, changed, err = r.plan.keep(ctx, s, r.j.DryRun()); err != nil {
			return err
		}
		fault = rowFault(strings.Join(s.findings(), " "))
	}
	switch {
	case fault != "":
		r.failed++
		r.j.Fail("in line "+group(int64(row.line)), jobs.UserError(fault))
		r.reject(row.cells, string(fault))
	case added:
		r.added++
	case changed:
		r.changed++
	default:
		r.same++
	}
	return nil
}

// reject writes a row into the file of those that failed.
func (r *importRun) reject(cells []string, reason string) {
	line := make([]string, 0, len(cells)+1)
	for _, cell := range append(line, append(slices.Clip(cells), reason)...) {
		line = append(line, harmless(harmed(cell)))
	}
	_ = r.out.Write(line) // a Buffer takes everything
}

// leave makes the file of failed rows one to download; it replaces the plain list of them.
func (r *importRun) leave() error {
	r.out.Flush()
	if r.failed == 0 {
		return nil
	}
	w, err := r.j.Create(jobs.FailedFile)
	if err != nil {
		return err
	}
	if _, full := w.Write(r.rest.Bytes()); full != nil {
		r.j.Log("The file of failed rows is too large to be kept; the log and this list have the first of them.")
		return nil //nolint:nilerr // the import itself has not failed
	}
	return w.Close()
}

// result says what came of it in a sentence.
func (r *importRun) result() string {
	verb, change := "Added ", "updated "
	if r.j.DryRun() {
		verb, change = "Would add ", "update "
	}
	parts := []string{verb + rowsText(nil, r.added, r.m)}
	if r.plan.mode != importAdd {
		parts = append(parts, change+group(r.changed))
		if r.same > 0 {
			parts = append(parts, group(r.same)+" were so already")
		}
	}
	if r.failed > 0 {
		parts = append(parts, group(r.failed)+" failed")
	}
	return strings.Join(parts, ", ") + "."
}
