package pages

import (
	"crypto/rand"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"greenroom/widgets"
)

// Uploads wait in memory until they are imported: together at most uploadsMost bytes, each for an hour at most, and two of a person.
const (
	uploadsMost = 64 << 20
	uploadsOfMe = 2
	uploadKept  = time.Hour
)

// upload is a file that somebody sent for one table. It is not changed once it is kept.
type upload struct {
	id, owner, table string
	name             string // as the browser said, for people
	data             []byte // as it came, to be read again with another separator
	csv              *csvText
	fault            string // why it cannot be read; then csv is nil
	at               time.Time
}

// uploads keeps what was sent. Its lock is held for map work only.
type uploads struct {
	mu   sync.Mutex
	kept []*upload // oldest first
}

// put keeps a file, in place of the person's oldest ones and of what others left longest ago.
func (u *uploads) put(file *upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept = append(u.kept, file)
	size, mine := 0, 0
	newest := file.at
	for i, f := range slices.Backward(u.kept) {
		size += f.size()
		if f.owner == file.owner {
			mine++
		}
		if size > uploadsMost || f.owner == file.owner && mine > uploadsOfMe || newest.Sub(f.at) > uploadKept {
			size -= f.size()
			u.kept = append(u.kept[:i:i], u.kept[i+1:]...)
		}
	}
}

func (f *upload) size() int {
	n := len(f.data)
	if f.csv != nil {
		n += len(f.csv.text)
	}
	return n
}

// get finds a file of the person's for a table, nil when it is not kept, or another's.
func (u *uploads) get(id, owner, table string) *upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, f := range u.kept {
		if f.id == id && f.owner == owner && f.table == table && time.Since(f.at) < uploadKept {
			return f
		}
	}
	return nil
}

// ImportFile takes a file to import into a table and returns where the browser goes next: the page that shows it, or says why it cannot be read.
// ErrDenied when the user may not add rows.
func (s *Site) ImportFile(in widgets.In, m *Model, name string, data []byte) (to string, err error) {
	if !m.mayImport(in.User) {
		return "", widgets.ErrDenied
	}
	f := &upload{id: rand.Text(), owner: in.User.ID, table: m.table().ID(), name: fileTitle(name), data: data, at: time.Now()}
	if f.csv, err = readCSV(data, 0); err != nil {
		f.fault, f.data = err.Error(), nil
	}
	s.uploads.put(f)
	return m.importURL() + "?" + wordFile + "=" + f.id, nil
}

// fileTitle is what a browser calls a file, fit to be shown.
func fileTitle(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if !utf8.ValidString(name) || name == "." || name == "/" {
		return "the file"
	}
	return cut(oneLine(name), 80)
}
