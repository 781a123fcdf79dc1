package jobs

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sync"
	"time"

	"greenroom/widgets"
)

// Bounds of what a run leaves behind.
const (
	failuresKept = 10_000
	failureText  = 300 // characters
	filesMax     = 20
	fileMax      = 16 << 20
	// keptFor is how long it can be fetched after the run was forgotten.
	keptFor = time.Hour
)

// FailedFile is the name under which Supervisor.File has the failed rows.
const FailedFile = "failed.csv"

// File is what a body left for its owner to download.
type File struct {
	Name string
	Size int64
}

// Failure is a row that failed.
type failure struct {
	key, text string
	attempt   int
}

// vault holds what runs leave behind: failed rows and files, longer than the runs themselves, in a bounded memory.
type vault struct {
	mu   sync.Mutex
	max  int64
	used int64
	of   map[string]*legacy
}

// legacy is one run's.
type legacy struct {
	owner    string
	failures []failure
	lost     int64 // failures beyond failuresKept
	files    []kept
	bytes    int64
	gone     time.Time // when the run was forgotten, zero before
}

type kept struct {
	File
	data []byte
}

func newVault(most int64) *vault { return &vault{max: most, of: map[string]*legacy{}} }

// add lets f write into a run's legacy when n more bytes fit. What others left longest ago makes room.
func (v *vault) add(id, owner string, n int64, f func(*legacy)) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.prune(n)
	if v.used+n > v.max {
		return false
	}
	l := v.of[id]
	if l == nil {
		l = &legacy{owner: owner}
		v.of[id] = l
	}
	v.used += n
	l.bytes += n
	f(l)
	return true
}

// give returns what is no longer used, to add's caller.
func (v *vault) give(l *legacy, n int64) {
	v.used -= n
	l.bytes -= n
}

// prune drops what is too old, and what must make room for n bytes: never that of a run that is still listed.
func (v *vault) prune(n int64) {
	now := time.Now()
	for {
		oldest := ""
		for id, l := range v.of {
			switch {
			case l.gone.IsZero():
			case now.Sub(l.gone) > keptFor:
				v.drop(id)
			case oldest == "" || l.gone.Before(v.of[oldest].gone):
				oldest = id
			}
		}
		if v.used+n <= v.max || oldest == "" {
			return
		}
		v.drop(oldest)
	}
}

func (v *vault) drop(id string) {
	v.used -= v.of[id].bytes
	delete(v.of, id)
}

// forgotten starts the clock.
func (v *vault) forgotten(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if l := v.of[id]; l != nil {
		l.gone = time.Now()
	}
	v.prune(0)
}

// list names the files of a run.
func (v *vault) list(id string) (all []File) {
	if v == nil {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if l := v.of[id]; l != nil {
		for _, f := range l.files {
			all = append(all, f.File)
		}
	}
	return all
}

// File returns what a run left under a name: a file of Job.Create, or its failed rows as comma-separated values under FailedFile. It can be had for an hour
// after the run was forgotten, unless others need the room. What is unknown, or not the person's, is ErrNotFound.
func (s *Supervisor) File(id, name string, by *widgets.User) ([]byte, error) {
	v := s.vault
	v.mu.Lock()
	defer v.mu.Unlock()
	v.prune(0)
	l := v.of[id]
	if l == nil || !mayTouch(by, l.owner) {
		return nil, ErrNotFound
	}
	if name == FailedFile && len(l.failures) > 0 {
		return l.csv(), nil
	}
	for _, f := range l.files {
		if f.Name == name {
			return f.data, nil
		}
	}
	return nil, ErrNotFound
}

// csv are the failed rows. A text that a spreadsheet would run as a formula gets an apostrophe in front.
func (l *legacy) csv() []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.Write([]string{"row", "error", "attempt"}) // a Buffer takes everything
	for _, f := range l.failures {
		_ = w.Write([]string{harmless(f.key), harmless(f.text), fmt.Sprint(f.attempt)})
	}
	if l.lost > 0 {
		_ = w.Write([]string{"", grouped(l.lost) + " more failed", ""})
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

// failed notes a row.
func (j *Job) failed(key, text string) {
	if j.vault == nil {
		return
	}
	f := failure{clipTo(key, failureText), clipTo(text, failureText), j.attempt}
	noted := j.vault.add(j.id, j.user.ID, int64(len(f.key)+len(f.text)+48), func(l *legacy) {
		if len(l.failures) < failuresKept {
			l.failures = append(l.failures, f)
		} else {
			l.lost++
		}
	})
	if !noted {
		j.log.Warn("no room for the failed rows of a job", "job", j.id)
	}
}

// Create makes a file for the run's owner to download from its page: letters, digits, spaces, '.', '_' and '-' in its name, at most 16 MiB, at most 20 a run.
// It can be downloaded once it is closed, and for an hour after the run was forgotten. A second file of a name replaces the first.
func (j *Job) Create(name string) (io.WriteCloser, error) {
	if !fileName.MatchString(name) || name == FailedFile {
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

var errLarge = UserError("The file is larger than 16 MiB.")

// Write implements io.Writer.
func (d *draft) Write(p []byte) (int, error) {
	if d.data.Len()+len(p) > fileMax {
		return 0, errLarge
	}
	return d.data.Write(p)
}

// Close publishes the file.
func (d *draft) Close() error {
	if d.done || d.job.vault == nil {
		return nil
	}
	d.done = true
	if d.job.fenced.Load() {
		return ErrGivenUp
	}
	var err error
	f := kept{File{d.name, int64(d.data.Len())}, d.data.Bytes()}
	fits := d.job.vault.add(d.job.id, d.job.user.ID, f.Size, func(l *legacy) {
		same := slices.IndexFunc(l.files, func(k kept) bool { return k.Name == d.name })
		switch {
		case same >= 0:
			d.job.vault.give(l, l.files[same].Size)
			l.files[same] = f
		case len(l.files) == filesMax:
			d.job.vault.give(l, f.Size)
			err = fmt.Errorf("jobs: a run can leave %d files; %q is one too many", filesMax, d.name)
		default:
			l.files = append(l.files, f)
		}
	})
	if !fits {
		return UserError("There is no room for the file just now.")
	}
	d.job.cell.touch()
	return err
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
