package jobs

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"greenroom/widgets"
)

// Bounds of what a run leaves behind.
const (
	failuresKept = 10_000
	failureText  = 300 // characters
	filesMax     = 20
	fileMax      = 16 << 20
)

// FailedFile is the name under which Supervisor.File has the failed rows.
const FailedFile = "failed.csv"

// File is what a body left for its owner to download.
type File struct {
	Name string
	Size int64
}

// File returns what a run left under a name: a file of Job.Create, or its failed rows as comma-separated values under FailedFile. Where runs are
// remembered it can be had as long as the run; elsewhere for an hour after the run was forgotten, unless others need the room. What is unknown, or not the
// person's, is ErrNotFound.
func (s *Supervisor) File(id, name string, by *widgets.User) ([]byte, error) {
	if s.keeper == nil {
		return s.vault.file(id, name, by)
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeWithin)
	defer cancel()
	r, err := s.stored(ctx, id, by)
	if err != nil {
		return nil, err
	}
	if data, err := s.keeper.store.File(ctx, r.ID, name); name != FailedFile || !errors.Is(err, ErrNotFound) {
		return data, err
	}
	if !r.State.Final() {
		s.keeper.catchUp(ctx)
	}
	rows, err := s.keeper.store.FailedRows(ctx, r.ID)
	if err == nil && len(rows) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return failedCSV(rows, r.Failed-int64(len(rows))), nil
}

// failedCSV are failed rows, and how many more there were. A text that a spreadsheet would run as a formula gets an apostrophe in front.
func failedCSV(rows []FailedRow, lost int64) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.Write([]string{"row", "error", "attempt"}) // a Buffer takes everything
	for _, f := range rows {
		_ = w.Write([]string{harmless(f.Key), harmless(f.Text), fmt.Sprint(f.Attempt)})
	}
	if lost > 0 {
		_ = w.Write([]string{"", grouped(lost) + " more failed", ""})
	}
	w.Flush()
	return out.Bytes()
}

var (
	formula   = regexp.MustCompile(`^[=+\-@\t\r＝＋－＠]`)
	plainSign = regexp.MustCompile(`^-?[0-9][0-9.]*$`)
	fileName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$`)
)

func harmless(s string) string {
	if formula.MatchString(s) && !plainSign.MatchString(s) {
		return "'" + s
	}
	return s
}

// failed notes the nth row that failed.
func (j *Job) failed(n int64, key, text string) {
	row := FailedRow{clipTo(key, failureText), clipTo(text, failureText), j.attempt}
	switch {
	case j.journal != nil && n <= failuresKept:
		j.journal.fail(row)
	case j.journal == nil && j.vault != nil && !j.vault.fail(j.id, j.user.ID, row):
		j.log.Warn("no room for the failed rows of a job", "job", j.id)
	}
}

// Create makes a file for the run's owner to download from its page: letters, digits, spaces, '.', '_' and '-' in its name, at most 16 MiB, at most 20 a run.
// It can be downloaded once it is closed. A second file of a name replaces the first, and one named FailedFile the list that Fail makes.
func (j *Job) Create(name string) (io.WriteCloser, error) {
	if !fileName.MatchString(name) {
		return nil, fmt.Errorf("jobs: %q cannot be a file's name: use letters, digits, spaces, '.', '_' and '-'", name)
	}
	return &draft{job: j, name: name}, nil
}

// draft is a file that is being written.
type draft struct {
	job  *Job
	name string
	data bytes.Buffer
	done bool
}

const errLarge = UserError("The file is larger than 16 MiB.")

func tooMany(name string) error {
	return fmt.Errorf("jobs: a run can leave %d files; %q is one too many", filesMax, name)
}

// Write implements io.Writer.
func (d *draft) Write(p []byte) (int, error) {
	if d.data.Len()+len(p) > fileMax {
		return 0, errLarge
	}
	return d.data.Write(p)
}

// Close publishes the file; where runs are remembered, it is stored by then.
func (d *draft) Close() error {
	j := d.job
	if d.done || j.vault == nil {
		return nil
	}
	d.done = true
	if j.fenced.Load() {
		return ErrGivenUp
	}
	put := func(name string, data []byte) error { return j.vault.put(j.id, j.user.ID, name, data) }
	if j.journal != nil {
		put = func(name string, data []byte) error { return j.journal.file(j, name, data) }
	}
	err := put(d.name, d.data.Bytes())
	j.cell.touch()
	return err
}

// files names what the run has left so far.
func (j *Job) files() []File {
	if j.vault == nil {
		return nil
	}
	if j.journal == nil {
		return j.vault.list(j.id)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(j.left), func(f File) bool { return f.Name == FailedFile }) // that one is offered wherever rows failed
}

// Result says in one sentence what came of the run; it stands on top of the run's page.
func (j *Job) Result(text string) {
	j.cell.mu.Lock()
	defer j.cell.mu.Unlock()
	j.cell.result = clip(text)
	j.cell.changes++
}

// DryRun reports that nothing is to change: the body does what it would, and leaves out the effect. See Action.DryRun and Tx.
func (j *Job) DryRun() bool { return j.dry }

// unsaved are the failed rows that the Store does not have yet.
type unsaved struct {
	mu   sync.Mutex
	rows []FailedRow
}

// fail lines a row up for the keeper.
func (l *journal) fail(row FailedRow) {
	l.unsaved.mu.Lock()
	l.unsaved.rows = append(l.unsaved.rows, row)
	l.unsaved.mu.Unlock()
}

// taken are the rows that are lined up, for who stores them or calls back.
func (l *journal) taken() []FailedRow {
	if l == nil {
		return nil
	}
	l.unsaved.mu.Lock()
	defer l.unsaved.mu.Unlock()
	rows := l.unsaved.rows
	l.unsaved.rows = nil
	return rows
}

// back lines rows up again that could not be stored.
func (l *journal) back(rows []FailedRow) {
	l.unsaved.mu.Lock()
	l.unsaved.rows = append(rows, l.unsaved.rows...)
	l.unsaved.mu.Unlock()
}

// byName orders files for a search.
func byName(f File, name string) int { return strings.Compare(f.Name, name) }

// file stores a file at once.
func (l *journal) file(j *Job, name string, data []byte) error {
	j.mu.Lock()
	_, found := slices.BinarySearchFunc(j.left, name, byName)
	full := !found && len(j.left) == filesMax
	j.mu.Unlock()
	if full {
		return tooMany(name)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(j.ctx), storeWithin)
	defer cancel()
	if err := l.keeper.store.Put(ctx, j.id, l.epoch, name, data); err != nil {
		if errors.Is(err, ErrFenced) {
			return err
		}
		return fmt.Errorf("jobs: the file %q is not stored: %w", name, err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if at, found := slices.BinarySearchFunc(j.left, name, byName); found {
		j.left[at].Size = int64(len(data))
	} else {
		j.left = slices.Insert(j.left, at, File{name, int64(len(data))})
	}
	return nil
}
