package jobs

import (
	"slices"
	"sync"
	"time"

	"greenroom/widgets"
)

// keptFor is how long what a run left can be fetched after the run was forgotten, where runs are not remembered.
const keptFor = time.Hour

// vault holds what runs leave behind where they are not remembered: failed rows and files, longer than the runs themselves, in a bounded memory.
type vault struct {
	mu   sync.Mutex
	max  int64
	used int64
	of   map[string]*legacy
}

// legacy is one run's.
type legacy struct {
	owner    string
	failures []FailedRow
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
			if f.Name != FailedFile { // offered wherever rows failed
				all = append(all, f.File)
			}
		}
	}
	return all
}

// file returns what a run left under a name.
func (v *vault) file(id, name string, by *widgets.User) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.prune(0)
	l := v.of[id]
	if l == nil || !mayTouch(by, l.owner) {
		return nil, ErrNotFound
	}
	for _, f := range l.files {
		if f.Name == name {
			return f.data, nil
		}
	}
	if name == FailedFile && len(l.failures) > 0 {
		return failedCSV(l.failures, l.lost), nil
	}
	return nil, ErrNotFound
}

// fail notes a row, and reports whether there was room.
func (v *vault) fail(id, owner string, row FailedRow) bool {
	size := int64(len(row.Key) + len(row.Text) + 48)
	return v.add(id, owner, size, func(l *legacy) {
		if len(l.failures) < failuresKept {
			l.failures = append(l.failures, row)
			return
		}
		v.give(l, size)
		l.lost++
	})
}

// put keeps a file.
func (v *vault) put(id, owner, name string, data []byte) (err error) {
	f := kept{File{name, int64(len(data))}, data}
	fits := v.add(id, owner, f.Size, func(l *legacy) {
		same := slices.IndexFunc(l.files, func(k kept) bool { return k.Name == name })
		switch {
		case same >= 0:
			v.give(l, l.files[same].Size)
			l.files[same] = f
		case len(l.files) == filesMax:
			v.give(l, f.Size)
			err = tooMany(name)
		default:
			l.files = append(l.files, f)
		}
	})
	if !fits {
		return UserError("There is no room for the file just now.")
	}
	return err
}
