package pages

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"greenroom/widgets"
)

// The bounds of a worksheet.
const (
	mostSheetRows = 1 << 20
	mostCellText  = 32767
)

// xlsxFile is a workbook, written from front to back: the worksheets as they come, then the parts that name them. Texts stand in their cells (inline
// strings), so that nothing is kept; they are never formulas. A table longer than a worksheet goes on in another. Excel holds 32,767 characters a cell;
// what is longer is cut.
type xlsxFile struct {
	zip     *zip.Writer
	w       *bufio.Writer
	title   string
	columns []*widgets.Column
	sheets  int
	rows    int // of the worksheet
	err     error
}

func newXLSX(w io.Writer, title string, columns []*widgets.Column) sheet {
	f := &xlsxFile{zip: zip.NewWriter(w), title: title, columns: columns}
	f.begin()
	return f
}

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	xmlMain   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	xmlOffice = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	xmlPack   = `http://schemas.openxmlformats.org/package/2006/`
	sheetType = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
)

// begin opens the next worksheet and writes its headings.
func (f *xlsxFile) begin() {
	f.sheets, f.rows = f.sheets+1, 1
	f.part("xl/worksheets/sheet"+strconv.Itoa(f.sheets)+".xml", xmlHead+`<worksheet `+xmlMain+
		`><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`+
		`<sheetFormatPr defaultRowHeight="15"/><sheetData><row>`)
	for _, c := range f.columns {
		f.text(c.Label, ` s="1"`)
	}
	f.put("</row>")
}

func (f *xlsxFile) end() { f.put("</sheetData></worksheet>") }

// part flushes what stands before and begins another file of the archive.
func (f *xlsxFile) part(name, content string) {
	if f.w != nil && f.err == nil {
		f.err = f.w.Flush()
	}
	if f.err != nil {
		return
	}
	w, err := f.zip.Create(name)
	if err != nil {
		f.err = err
		return
	}
	f.w = bufio.NewWriterSize(w, 32<<10)
	f.put(content)
}

func (f *xlsxFile) put(s string) {
	if f.err == nil {
		_, f.err = f.w.WriteString(s)
	}
}

func (f *xlsxFile) text(s, attributes string) {
	if r := []rune(s); len(s) > mostCellText && len(r) > mostCellText {
		s = string(r[:mostCellText-1]) + "…"
	}
	f.put(`<c t="inlineStr"` + attributes + `><is><t xml:space="preserve">`)
	if f.err == nil {
		f.err = xml.EscapeText(f.w, []byte(s))
	}
	f.put("</t></is></c>")
}

func (f *xlsxFile) row(values []widgets.Value) error {
	if f.rows == mostSheetRows {
		f.end()
		f.begin()
	}
	f.rows++
	f.put("<row>")
	for i, v := range values {
		text := exportText(v)
		switch c := f.columns[i]; {
		case v.IsNull():
			f.put("<c/>")
		case c.Kind.Numeric() && exactNumber(text):
			f.put("<c><v>" + text + "</v></c>")
		default:
			f.text(text, "")
		}
	}
	f.put("</row>")
	return f.err
}

func (f *xlsxFile) close() error {
	f.end()
	var types, sheets, links strings.Builder
	for n := 1; n <= f.sheets; n++ {
		number := strconv.Itoa(n)
		types.WriteString(`<Override PartName="/xl/worksheets/sheet` + number + `.xml" ContentType="` + sheetType + `worksheet+xml"/>`)
		name := sheetName(f.title)
		if n > 1 {
			name += " " + number
		}
		sheets.WriteString(`<sheet name="`)
		_ = xml.EscapeText(&sheets, []byte(name)) // a Builder cannot fail
		sheets.WriteString(`" sheetId="` + number + `" r:id="s` + number + `"/>`)
		links.WriteString(`<Relationship Id="s` + number + `" Type="` + xmlOffice + `/worksheet" Target="worksheets/sheet` + number + `.xml"/>`)
	}
	f.part("xl/workbook.xml", xmlHead+`<workbook `+xmlMain+` xmlns:r="`+xmlOffice+`"><sheets>`+sheets.String()+`</sheets></workbook>`)
	f.part("xl/_rels/workbook.xml.rels", xmlHead+`<Relationships xmlns="`+xmlPack+`relationships">`+links.String()+
		`<Relationship Id="styles" Type="`+xmlOffice+`/styles" Target="styles.xml"/></Relationships>`)
	f.part("xl/styles.xml", xmlHead+`<styleSheet `+xmlMain+`><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>`+
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>`+
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>`+
		`<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>`)
	f.part("_rels/.rels", xmlHead+`<Relationships xmlns="`+xmlPack+`relationships"><Relationship Id="book" Type="`+xmlOffice+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	f.part("[Content_Types].xml", xmlHead+`<Types xmlns="`+xmlPack+`content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="`+sheetType+`sheet.main+xml"/>`+
		`<Override PartName="/xl/styles.xml" ContentType="`+sheetType+`styles+xml"/>`+types.String()+`</Types>`)
	if f.err == nil {
		f.err = f.w.Flush()
	}
	if f.err != nil {
		return f.err
	}
	return f.zip.Close()
}

// sheetName makes a worksheet's name of a table's: without what Excel forbids, and short enough for a number behind it.
func sheetName(title string) string {
	name := strings.Trim(strings.NewReplacer("[", "", "]", "", ":", "", "*", "", "?", "", "/", "", `\`, "").Replace(title), "' ")
	if r := []rune(name); len(r) > 26 {
		name = string(r[:26])
	}
	return firstOf(name, "Rows")
}
