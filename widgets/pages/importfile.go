package pages

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"greenroom/widgets"
)

// MaxUpload is the largest file that can be imported, in bytes.
const MaxUpload = 16 << 20

// What a file may have at most. A cell beyond is nearly always a quote that is never closed.
const (
	mostCells = 500
	mostRows  = 1_000_000
	cellMost  = 256 << 10
	shownRows = 8 // of a preview
)

// separators are what cells may be divided by, in the order in which a tie between them is decided.
var separators = []rune{',', ';', '\t', '|'}

// csvText is a file of comma-separated values that was read once to its end: nothing in it can fail any more.
type csvText struct {
	text   []byte // UTF-8 without a byte order mark
	comma  rune
	header []string
	head   []csvRow // the first rows
	rows   int64
}

// csvRow is a record and the line that it begins on.
type csvRow struct {
	line  int
	cells []string
}

// readCSV reads a file that somebody sent: UTF-8, or UTF-16 with a byte order mark. Without a separator it is guessed. What is wrong is a UserError that
// says where, and what to do.
func readCSV(data []byte, comma rune) (*csvText, error) {
	text, err := decoded(data)
	if err != nil {
		return nil, err
	}
	f := &csvText{text: text, comma: comma}
	if comma == 0 {
		f.comma = guessComma(text)
	}
	err = f.each(func(row csvRow) error {
		if f.rows++; f.rows > mostRows {
			return faultf("The file has more than %s rows. Divide it.", group(mostRows))
		}
		if len(f.head) < shownRows {
			cells := make([]string, len(row.cells))
			copy(cells, row.cells)
			f.head = append(f.head, csvRow{row.line, cells})
		}
		return nil
	})
	if err == nil && f.rows == 0 {
		err = widgets.UserError("The file has no rows below its first line, which names the columns.")
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

func faultf(format string, args ...any) error { return widgets.UserError(fmt.Sprintf(format, args...)) }

// each calls f with every row below the first line, whose cells are good until the next.
func (t *csvText) each(f func(csvRow) error) error {
	r := csv.NewReader(bytes.NewReader(t.text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = t.comma, -1, true
	for first := true; ; first = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			if first {
				return widgets.UserError("The file is empty.")
			}
			return nil
		}
		if err != nil {
			return quoteFault(err)
		}
		line, _ := r.FieldPos(0)
		if len(cells) > mostCells {
			return faultf("Line %d has %s cells; a file may have at most %d columns. Is the separator right?", line, group(int64(len(cells))), mostCells)
		}
		for i, cell := range cells {
			if len(cell) > cellMost {
				at, _ := r.FieldPos(i)
				return faultf("The cell in line %d, column %d has %s; at most %s fit. Is a closing quote missing?", at, i+1, bytesText(nil, len(cell)), bytesText(nil, cellMost))
			}
		}
		if first {
			if t.header == nil { // a file is read by several at once, once it is known
				t.header = names(cells)
			}
			continue
		}
		if err := f(csvRow{line, cells}); err != nil {
			return err
		}
	}
}

// names are the headings as they are shown; one that is empty gets its place.
func names(cells []string) []string {
	out := make([]string, len(cells))
	for i, cell := range cells {
		if out[i] = strings.TrimSpace(harmed(cell)); out[i] == "" {
			out[i] = fmt.Sprintf("Column %d", i+1)
		}
	}
	return out
}

func quoteFault(err error) error {
	var at *csv.ParseError
	switch {
	case !errors.As(err, &at):
		return err
	case errors.Is(err, csv.ErrBareQuote):
		return faultf("Line %d, character %d: a quote stands inside a cell that does not begin with one. Put the whole cell in quotes and double the quotes in it.", at.Line, at.Column)
	case errors.Is(err, csv.ErrQuote) && at.StartLine != at.Line:
		return faultf("The quote that opens a cell after line %d is not closed, or not followed by a separator (found at line %d).", at.StartLine, at.Line)
	}
	return faultf("Line %d, character %d: a quote is not closed, or text follows the one that closes the cell. A quote inside of a quoted cell is doubled.", at.Line, at.Column)
}

// decoded makes UTF-8 of a file.
func decoded(data []byte) ([]byte, error) {
	switch {
	case len(data) == 0:
		return nil, widgets.UserError("The file is empty.")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return nil, widgets.UserError("This is a spreadsheet, not a CSV file. Save it as “CSV UTF-8” and choose that file.")
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		data = fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		data = fromUTF16(data[2:], binary.BigEndian)
	default:
		data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	}
	if !utf8.Valid(data) {
		at := 0
		for at < len(data) {
			r, size := utf8.DecodeRune(data[at:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			at += size
		}
		return nil, faultf("Line %d is not in UTF-8 (byte %#x). Save the file as “CSV UTF-8” and choose it again.", 1+bytes.Count(data[:at], []byte("\n")), data[at])
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return nil, faultf("Line %d has a NUL character: this is no text. Save it as “CSV UTF-8” and choose that file.", 1+bytes.Count(data[:at], []byte("\n")))
	}
	if !bytes.ContainsRune(data, '\n') {
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n")) // line ends of old
	}
	return data, nil
}

func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// guessComma finds what the first line is divided by: what stands there most often outside of quotes.
func guessComma(text []byte) rune {
	counts := map[rune]int{}
	quoted := false
	for _, r := range string(text[:min(len(text), cellMost)]) {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '\n' && len(counts) > 0:
			return most(counts)
		default:
			for _, c := range separators {
				if r == c {
					counts[r]++
				}
			}
		}
	}
	return most(counts)
}

func most(counts map[rune]int) rune {
	best := separators[0]
	for _, c := range separators {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// harmed takes back what harmless did to a text on export, and what spreadsheets' users do by hand.
func harmed(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && harmless(rest) == s {
		return rest
	}
	return s
}
