package pages

import (
	"bufio"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"greenroom/widgets"
)

// exportText is a value as text, whole; bytes are base64.
func exportText(v widgets.Value) string {
	if v.IsBlob() {
		return base64.StdEncoding.EncodeToString(v.Bytes())
	}
	return v.String()
}

// csvFile is comma-separated values as RFC 4180 has them: UTF-8, column names on top. NULL is an empty field.
type csvFile struct {
	w       *csv.Writer
	columns []*widgets.Column
	fields  []string
}

func newCSV(w io.Writer, _ string, columns []*widgets.Column) sheet {
	f := &csvFile{w: csv.NewWriter(bufio.NewWriterSize(w, 32<<10)), columns: columns, fields: make([]string, len(columns))}
	f.w.UseCRLF = true
	for i, c := range columns {
		f.fields[i] = harmless(c.Name)
	}
	_ = f.w.Write(f.fields) // what it could not write, the next row or close tells
	return f
}

func (f *csvFile) row(values []widgets.Value) error {
	for i, v := range values {
		f.fields[i] = harmless(exportText(v))
	}
	return f.w.Write(f.fields)
}

func (f *csvFile) close() error {
	f.w.Flush()
	return f.w.Error()
}

// harmless keeps a spreadsheet from running a text as a formula: such a text gets an apostrophe in front, as people write it there. Numbers stay as
// they are.
func harmless(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0]) || len(s) <= 60 && decimalText.MatchString(s) {
		return s
	}
	return "'" + s
}

// jsonFile is an array of one object a row. Whole numbers that every reader holds exactly are numbers, all others texts.
type jsonFile struct {
	w       *bufio.Writer
	columns []*widgets.Column
	names   [][]byte
	any     bool
}

func newJSON(w io.Writer, _ string, columns []*widgets.Column) sheet {
	f := &jsonFile{w: bufio.NewWriterSize(w, 32<<10), columns: columns}
	for _, c := range columns {
		name, _ := json.Marshal(c.Name) // a text cannot fail
		f.names = append(f.names, append(name, ':'))
	}
	return f
}

func (f *jsonFile) row(values []widgets.Value) error {
	open := ",\n{"
	if !f.any {
		open, f.any = "[\n{", true
	}
	_, _ = f.w.WriteString(open) // a bufio.Writer keeps its first error, which the last write of the row returns
	for i, v := range values {
		if i > 0 {
			_ = f.w.WriteByte(',')
		}
		_, _ = f.w.Write(f.names[i])
		_, _ = f.w.Write(jsonValue(f.columns[i], v))
	}
	return f.w.WriteByte('}')
}

func (f *jsonFile) close() error {
	end := "\n]\n"
	if !f.any {
		end = "[]\n"
	}
	_, _ = f.w.WriteString(end)
	return f.w.Flush()
}

func jsonValue(c *widgets.Column, v widgets.Value) []byte {
	text := exportText(v)
	switch {
	case v.IsNull():
		return []byte("null")
	case v.IsBlob():
	case c.Kind == widgets.KindBool:
		if yes, ok := truth(text); ok {
			text = map[bool]string{true: "true", false: "false"}[yes]
			return []byte(text)
		}
	case c.Kind == widgets.KindInteger && exactNumber(text), c.Kind == widgets.KindJSON && json.Valid([]byte(text)):
		return []byte(text)
	}
	out, _ := json.Marshal(text) // a text cannot fail
	return out
}

// exactNumber tells whether a number is one in JSON and in a spreadsheet, both of which calculate with 15 digits.
func exactNumber(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if len(digits) == 0 || len(digits) > 16 || len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
		return false
	}
	points, n := 0, 0
	for _, r := range digits {
		switch {
		case r == '.':
			points++
		case r < '0' || r > '9':
			return false
		default:
			n++
		}
	}
	return n <= 15 && points <= 1 && digits[0] != '.' && digits[len(digits)-1] != '.'
}
