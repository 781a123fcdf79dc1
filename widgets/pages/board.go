package pages

import (
	"context"
	"fmt"
	"strconv"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// mostBoardRows bounds a card: who wants more goes to the list.
const mostBoardRows = 50

// Board is the state of a card with a small table.
type Board struct {
	Columns []BoardColumn
	Rows    []BoardRow
	// More leads to all of it and MoreLabel says so; a More without one reads "Show all".
	More, MoreLabel string
	// Empty is shown when there are no rows. Empty means "Nothing here."
	Empty string
}

// BoardColumn heads a column; Number aligns it at the right.
type BoardColumn struct {
	Label  string
	Number bool
}

// BoardRow is a line of a Board, at most 50 of them. Key tells it apart from the others, so that a change patches this line only; empty means its place.
type BoardRow struct {
	Key string
	// Cells are one for each column: text, numbers, a Pill, or template.HTML.
	Cells []any
	// URL is where the first cell leads, "" for nowhere.
	URL string
}

var boardTemplate = must("board.html")

// TableWidget makes a card with a small table. The caller may set what else a Widget has: Size, Permissions, Topics, Refresh, Shared.
func TableWidget(name, label string, load func(ctx context.Context, in widgets.In) (Board, error)) widgets.Widget {
	return widgets.Widget{
		Name: name, Label: label, Template: boardTemplate, Styles: []string{chartStyles},
		Mount: func(ctx context.Context, in widgets.In) (any, error) {
			b, err := load(ctx, in)
			if err != nil {
				return nil, err
			}
			v, err := b.view(label, in.Language)
			if err != nil {
				return nil, fmt.Errorf("pages: table %q: %w", name, err)
			}
			return v, nil
		},
	}
}

type (
	boardView struct {
		Label, More, MoreLabel, Empty string
		Heads                         []boardHead
		Rows                          []boardLine
	}
	boardHead struct{ Label, Class string }
	boardLine struct {
		Key   string
		Cells []boardCell
	}
	boardCell struct {
		Label, Class, URL, Pill string
		Value                   any
	}
)

func (b Board) view(label string, l *lang.Language) (*boardView, error) {
	v := &boardView{Label: label, More: b.More, MoreLabel: firstOf(b.MoreLabel, l.T("Show all"))}
	if len(b.Rows) == 0 {
		v.Empty = firstOf(b.Empty, l.T("Nothing here."))
	}
	if len(b.Rows) > mostBoardRows {
		return nil, fmt.Errorf("%d rows are too many for a card: at most %d, and More leads to the rest", len(b.Rows), mostBoardRows)
	}
	for _, c := range b.Columns {
		v.Heads = append(v.Heads, boardHead{c.Label, numberClass(c.Number)})
	}
	for n, row := range b.Rows {
		if len(row.Cells) != len(b.Columns) {
			return nil, fmt.Errorf("row %d has %d cells for %d columns", n, len(row.Cells), len(b.Columns))
		}
		line := boardLine{Key: firstOf(row.Key, "row-"+strconv.Itoa(n))}
		for i, value := range row.Cells {
			cell := boardCell{Label: b.Columns[i].Label, Class: numberClass(b.Columns[i].Number), Value: value}
			if i == 0 {
				cell.URL = row.URL
			}
			if p, ok := value.(Pill); ok {
				cell.Value, cell.Pill = p.Text, pill(p.Level)
			}
			line.Cells = append(line.Cells, cell)
		}
		v.Rows = append(v.Rows, line)
	}
	return v, nil
}

func numberClass(number bool) string {
	if number {
		return "gr-num"
	}
	return ""
}
