package pages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/gabriel-vasile/mimetype"

	"greenroom/widgets"
)

// File is a column that names a file of the Site's store, as "ID/name". Whoever may see the row may download it, whoever may change the column may put
// another in its place. Files that are no longer named stay in the store: the row's history can bring them back.
type File struct {
	// Column is a text column that may be NULL.
	Column string
	// Accept are the types that are taken, such as "application/pdf" or "image/*", judged by what is in the file and not by its name. Nil means any.
	Accept []string
	// Limit is the largest file in bytes. Zero means 10 MiB; at most 64 MiB, since a file is held in memory while it comes in.
	Limit int64
}

const (
	usualFile = 10 << 20
	mostFile  = 64 << 20
	sniffed   = 3072 // bytes that tell a file's type
)

// ErrTooLarge is returned for a file that is larger than File.Limit.
var ErrTooLarge = errors.New("pages: the file is too large")

// files checks Form.Files. Their columns are no fields of the form: a file is changed by itself.
func (p *preparation) files(m *Model) {
	id := m.table().ID()
	p.check(len(m.Form.Files) == 0 || p.site.Files != nil, "%s: Form.Files has columns, but there is no store: set Config.Files", id)
	for i := range m.Form.Files {
		f := &m.Form.Files[i]
		c := p.column(m, "Form.Files", f.Column)
		if c == nil {
			continue
		}
		fits := (c.Kind == widgets.KindText || c.Kind == widgets.KindLongText) && c.Nullable && c.KeyPart == 0 && c.Ref == nil && (c.MaxLen == 0 || c.MaxLen >= 64)
		p.check(fits, "%s: Form.Files names %q (%s); it must be a text of 64 characters or more that may be NULL", id, c.Name, c.Type)
		p.check(f.Limit >= 0 && f.Limit <= mostFile, "%s: Form.Files: %q: Limit is %d; at most %d bytes", id, c.Name, f.Limit, int64(mostFile))
		if f.Limit == 0 {
			f.Limit = usualFile
		}
		m.fields = slices.DeleteFunc(slices.Clone(m.fields), func(o *widgets.Column) bool { return o.Name == c.Name })
	}
}

// file finds a file column's declaration, nil if it is none.
func (m *Model) file(column string) *File {
	for i := range m.Form.Files {
		if m.Form.Files[i].Column == column {
			return &m.Form.Files[i]
		}
	}
	return nil
}

// FileLimit is the largest file of a column, 0 where it has none.
func (m *Model) FileLimit(column string) int64 {
	if f := m.file(column); f != nil {
		return f.Limit
	}
	return 0
}

var fileRef = regexp.MustCompile(`^([0-9a-f]{32})/([^/\\\x00-\x1f\x7f]+)$`)

// refOf reads a column's value; ok is false for what is no file of the store, such as a path from before.
func refOf(v widgets.Value) (id, name string, ok bool) {
	if v.IsNull() || v.IsBlob() {
		return "", "", false
	}
	parts := fileRef.FindStringSubmatch(v.String())
	if parts == nil {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// fileName is what a file may be called, of what somebody's browser calls it: no path, no control characters, at most so many characters, its end kept.
func fileName(name string, most int) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.Trim(name, " .")
	if r := []rune(name); len(r) > most {
		dot := strings.LastIndexByte(name, '.')
		end := []rune{}
		if dot > 0 && len(name)-dot <= 10 {
			end = []rune(name[dot:])
		}
		name = string(r[:most-len(end)]) + string(end)
	}
	return firstOf(name, "file")
}

// Download is a file of a row, as it is sent. Type is what its content says where a browser can do no harm with it, else application/octet-stream.
type Download struct {
	io.ReadSeekCloser
	Name, Type string
	Size       int64
}

// plainTypes are types that are told to browsers; all files are downloads, whatever they are.
var plainTypes = []string{"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain; charset=utf-8", "text/csv"}

// Download opens the file that a column of in.Key's row names: ErrNoRow when the row or the column is not the person's to see, or names none.
func (s *Site) Download(ctx context.Context, in widgets.In, m *Model, column string) (*Download, error) {
	_, v, err := m.fileValue(ctx, in, column)
	if err != nil {
		return nil, err
	}
	id, name, ok := refOf(v)
	if !ok {
		return nil, widgets.ErrNoRow
	}
	f, size, err := s.Files.Open(ctx, id)
	if errors.Is(err, widgets.ErrNoFile) {
		return nil, widgets.UserError("The file “" + name + "” is not in the store any more.")
	}
	if err != nil {
		return nil, err
	}
	kind, err := sniff(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	d := &Download{f, name, "application/octet-stream", size}
	if slices.Contains(plainTypes, kind.String()) {
		d.Type = kind.String()
	}
	return d, nil
}

// sniff tells a file's type, and goes back to its beginning.
func sniff(f io.ReadSeeker) (*mimetype.MIME, error) {
	kind, err := mimetype.DetectReader(io.LimitReader(f, sniffed))
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, fmt.Errorf("pages: look at a file: %w", err)
	}
	return kind, nil
}

// fileValue reads a file column of a row, if the person may see it.
func (m *Model) fileValue(ctx context.Context, in widgets.In, column string) (*File, widgets.Value, error) {
	f := m.file(column)
	if f == nil || in.Key == nil {
		return nil, widgets.Null(), widgets.ErrNoRow
	}
	g, err := m.see(ctx, in)
	if err != nil {
		return nil, widgets.Null(), err
	}
	if slices.Contains(g.hide, column) {
		return nil, widgets.Null(), widgets.ErrNoRow
	}
	row, err := m.Source.Get(ctx, in.Key, g.scope)
	if err != nil {
		return nil, widgets.Null(), err
	}
	if m.inBin(row) && !m.may(ctx, in.User, widgets.Delete, in.Key).Allow {
		return nil, widgets.Null(), widgets.ErrNoRow
	}
	return f, valueOf(m.table(), row, column), nil
}

// mayUpload tells whether the person may change a file column of the row, and within which rows.
func (m *Model) mayUpload(ctx context.Context, in widgets.In, column string) (widgets.Filter, bool) {
	d := m.may(ctx, in.User, widgets.Edit, in.Key)
	may := d.Allow && m.table().ReadOnly == "" && !slices.Contains(union(union(in.ReadOnly, d.ReadOnly), union(in.Hide, d.Hide)), column) && !slices.Contains(m.Form.ReadOnly, column)
	return both(in.Scope, d.Rows).And(m.live()), may
}

// Upload is a file that somebody sends; without Content the column is emptied. Seen is the mark of the value that the page showed.
type Upload struct {
	Name    string
	Size    int64
	Content io.ReadSeeker
	Seen    string
}

// Upload puts a file in the place of the one that a column of in.Key's row names. It returns the row's page. A refusal is a UserError, ErrTooLarge, or
// ErrDenied; nothing is kept then.
func (s *Site) Upload(ctx context.Context, in widgets.In, m *Model, column string, up Upload) (page string, err error) {
	f, old, err := m.fileValue(ctx, in, column)
	if err != nil {
		return "", err
	}
	scope, may := m.mayUpload(ctx, in, column)
	if !may {
		return "", widgets.ErrDenied
	}
	if _, err := m.Source.Get(ctx, in.Key, scope); err != nil {
		return "", err
	}
	if up.Seen != mark(old) {
		return "", widgets.UserError("Somebody else changed this file meanwhile. Nothing was saved; look at it, then try again.")
	}
	next, id := widgets.Null(), ""
	if up.Content != nil {
		if up.Size > f.Limit {
			return "", ErrTooLarge
		}
		kind, err := sniff(up.Content)
		if err != nil {
			return "", err
		}
		if !f.accepts(kind) {
			return "", widgets.UserError("This is a file of the type " + kind.String() + ". Here " + strings.Join(f.Accept, ", ") + " is taken.")
		}
		if id, err = s.Files.Put(ctx, up.Content); err != nil {
			return "", err
		}
		most := 80
		if c := m.table().Column(column); c.MaxLen > 0 {
			most = min(most, c.MaxLen-33)
		}
		next = widgets.Text(id + "/" + fileName(up.Name, most))
	}
	err = m.Source.Update(ctx, in.Key, map[string]widgets.Value{column: old}, map[string]widgets.Value{column: next})
	if err != nil && id != "" {
		err = errors.Join(err, s.Files.Drop(context.WithoutCancel(ctx), id))
	}
	if conflict := (*widgets.Conflict)(nil); errors.As(err, &conflict) {
		err = widgets.UserError("Somebody else changed this file meanwhile. Nothing was saved; look at it, then try again.")
	}
	return carried(m.changeURL(in.Key), rawQuery(in.Raw).Get(wordList)), err
}

func (f *File) accepts(kind *mimetype.MIME) bool {
	if f.Accept == nil {
		return true
	}
	return slices.ContainsFunc(f.Accept, func(want string) bool {
		family, any := strings.CutSuffix(want, "/*")
		return any && strings.HasPrefix(kind.String(), family+"/") || kind.Is(want)
	})
}

// uploadView is a file column as form.html draws it.
type uploadView struct {
	CSRF, ID, Column, Label, Help, Name, URL, Post, Seen, Accept string
	May                                                          bool
}

func (m *Model) fileURL(key widgets.Key, column string) string {
	return m.url() + key.String() + "/file/" + url.PathEscape(column)
}

// mountFiles reads the file columns of the form's row.
func (m *Model) mountFiles(ctx context.Context, in widgets.In, s *formState, row widgets.Row, hide []string) {
	s.files = nil
	for i, f := range m.Form.Files {
		if slices.Contains(hide, f.Column) || s.add {
			continue
		}
		c := m.table().Column(f.Column)
		v := valueOf(m.table(), row, f.Column)
		shown := uploadView{
			CSRF: in.CSRF, ID: fmt.Sprintf("file-%d", i), Column: c.Name, Label: in.T(c.Label), Help: in.T(m.help(c)), Post: carried(m.fileURL(s.key, c.Name), rawQuery(in.Raw).Get(wordList)),
			Seen: mark(v), Accept: strings.Join(f.Accept, ","),
		}
		if _, name, ok := refOf(v); ok {
			shown.Name, shown.URL = name, m.fileURL(s.key, c.Name)
		} else if !v.IsNull() {
			shown.Name = v.String()
		}
		if _, may := m.mayUpload(ctx, in, c.Name); may && !s.binned {
			shown.May = true
		}
		shown.Help = strings.TrimSpace(shown.Help + " " + in.T("At most %s.", bytesText(in.Language, int(f.Limit))))
		s.files = append(s.files, shown)
	}
}
