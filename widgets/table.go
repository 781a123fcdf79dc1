package widgets

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Kind says how a column is shown, compared and edited.
type Kind uint8

// The kinds of columns. KindText is the zero value and holds for whatever is not recognised.
const (
	KindText     Kind = iota
	KindLongText      // text without a short limit: a textarea
	KindInteger       // any width; shown right-aligned, never grouped inside an input
	KindDecimal       // exact: numeric, decimal, money
	KindFloat
	KindBool
	KindDate     // 2006-01-02
	KindTime     // 15:04:05
	KindDateTime // 2006-01-02 15:04:05, with or without a zone as stored
	KindJSON
	KindUUID
	KindEnum // Choices lists what is allowed
	KindBytes
)

// Numeric reports whether values of the kind are numbers.
func (k Kind) Numeric() bool { return k == KindInteger || k == KindDecimal || k == KindFloat }

// Column is one column of a Table as the database's catalogue describes it.
type Column struct {
	// Name is the column's name as stored; Label is what people read.
	Name, Label string
	Kind        Kind
	// Type is the declared type, for messages: "NUMERIC(10,2)".
	Type string
	// Nullable, HasDefault and Generated say what an empty input on the add page means. Generated columns are read-only; Auto columns are
	// filled in by the database when absent (rowid alias, identity, serial).
	Nullable, HasDefault, Generated, Auto bool
	// Default is the default's text as the database has it, for a hint.
	Default string
	// Choices are the only values allowed, from an enum type or a CHECK constraint; nil means any.
	Choices []string
	// MaxLen is the longest text in characters; 0 means no limit.
	MaxLen int
	// Unique says that a UNIQUE constraint covers this column alone; Indexed that an index starts with it.
	Unique, Indexed bool
	// KeyPart is the column's place in the primary key, from 1; 0 means none.
	KeyPart int
	// Ref is the foreign key this column alone makes up, nil otherwise.
	Ref *Ref
	// Help is the comment that the database keeps on the column, "" for none.
	Help string
}

// Ref is a foreign key: Columns of this table hold To of the other. To is never empty.
type Ref struct {
	Columns []string
	App     string
	Table   string
	To      []string
	// OnDelete is CASCADE, SET NULL, SET DEFAULT, RESTRICT or NO ACTION.
	OnDelete string
}

// Table is a table or view as the catalogue describes it. Tables are immutable once made.
type Table struct {
	// App is the schema ("main", "public", the database on MariaDB); Name is the table's name as stored.
	App, Name string
	// Label and Plural are what people read: "order", "Orders".
	Label, Plural string
	Columns       []Column
	// Key is the primary key's columns in order; empty means rows cannot be addressed.
	Key []string
	// Refs are all foreign keys, those of several columns too.
	Refs []Ref
	// TitleColumns make up a row's name (design.md 10): the first unique text column, else name, title, label, email, FirstName and LastName
	// joined, else the first text, else the key.
	TitleColumns []string
	// ReadOnly is why rows cannot be edited, for people ("no primary key: rows cannot be told apart"); "" means they can.
	ReadOnly string
	// View says that this is a view.
	View bool
	// Help is the comment that the database keeps on the table, "" for none.
	Help string
}

// ID is the table's name in topics, permissions and errors: "main.orders".
func (t *Table) ID() string { return t.App + "." + t.Name }

// Topic is where changes of the table's rows are published as Change values.
func (t *Table) Topic() string { return "table/" + t.ID() }

// Column finds a column by its exact name, nil if there is none.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Change says that rows of a table changed; it is published on Table.Topic after the commit. Keys is nil when unknown or many.
type Change struct {
	Table string // Table.ID
	Op    string // "insert", "update", "delete", or "" when unknown
	Keys  []Key
}

// Key is a primary key: its parts as text, in the order of Table.Key.
type Key []string

// ErrBadKey is returned for a key that cannot be parsed.
var ErrBadKey = errors.New("widgets: not a row's key")

// String is the key as it stands in addresses and in data-key: each part percent-encoded, joined by commas.
func (k Key) String() string {
	parts := make([]string, len(k))
	for i, p := range k {
		// PathEscape leaves ',' alone; a part that holds one must not look like two parts. "add" must not look like the add page.
		parts[i] = strings.ReplaceAll(url.PathEscape(p), ",", "%2C")
	}
	return strings.Join(parts, ",")
}

// ParseKey is the inverse of Key.String.
func ParseKey(s string) (Key, error) {
	parts := strings.Split(s, ",")
	key := make(Key, len(parts))
	for i, p := range parts {
		part, err := url.PathUnescape(p)
		if err != nil {
			return nil, fmt.Errorf("%w: %q", ErrBadKey, s)
		}
		key[i] = part
	}
	return key, nil
}
