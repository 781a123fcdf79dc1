package sql

import (
	"context"
	"database/sql"

	sq "github.com/Masterminds/squirrel"

	"greenroom/widgets"
)

// dialect is what differs between engines: sqlite.go, postgres.go and mysql.go.
type dialect interface {
	// facts are what differs without needing code.
	facts() *facts
	// catalogue reads the schema inside one read transaction.
	catalogue(ctx context.Context, tx *sql.Tx) (*catalogue, error)
	// version is a number that changes whenever the schema does.
	version(ctx context.Context, q querier) (int64, error)
	// raw is an expression for a column's value as it is stored: no driver may make a time or a float of it.
	raw(c *column) string
	// sortable is the expression by which a column is compared, sorted and grouped: the column itself, unless its type has no order.
	sortable(c *column) string
	// unindexed is an expression that sorts like the column and that no index serves.
	unindexed(c *column) string
	// argument is the stored value that a text means under a column's type; store and compare say how such a value is bound: as it is, or
	// inside an expression, where the engine would otherwise take it for something else.
	argument(c *column, text string) any
	store(c *column, arg any) any
	compare(c *column, arg any) any
	// like is a match of an expression of a column with one pattern, in which ! escapes, without regard to case.
	like(c *column, expr string) string
	// part writes a stored value as a part of a key, and parsed reads it back as the argument that finds it; ok is false for what no row can have.
	part(c *column, stored any) string
	parsed(c *column, part string) (arg any, ok bool)
	// scanned turns what the driver made of a row's values into stored values: int64, float64, string, []byte or nil.
	scanned(types []*sql.ColumnType, row []any)
	// sum adds a column up, as text; "" where the engine has no exact sum and Sum does without.
	sum(c *column) string
	// estimate guesses a table's rows from the engine's statistics; ok is false where there are none.
	estimate(ctx context.Context, q querier, s *shape) (n int64, ok bool)
	// fault says what kind of refusal an error of the engine is.
	fault(err error) fault
}

// facts are an engine's habits.
type facts struct {
	// app is the first word of the tables' IDs where the catalogue names no schema.
	app string
	// quote surrounds names.
	quote string
	// format finishes a statement: numbers its placeholders and unmasks its names.
	format sq.PlaceholderFormat
	// distinct is the comparison that takes NULL for a value, with %s for the expression.
	distinct string
	// nullsHigh says that NULL sorts above every value, else below.
	nullsHigh bool
	// foldNames says that the catalogue spells names in more than one way.
	foldNames bool
	// adaptive says that the engine cannot be trusted to choose between walking an index and sorting what matches (see list.page).
	adaptive bool
	// clustered says that a table is its primary key's index.
	clustered bool
	// touches says that the engine tells which tables a transaction changed.
	touches bool
	// aborts says that a transaction takes no more statements after one has failed, so that what went wrong is looked up outside it.
	aborts bool
	// remote says that rows travel: they are counted where they are.
	remote bool
	// returning says that INSERT … RETURNING works, and locking what a SELECT ends in to keep its rows from others until the commit.
	returning bool
	locking   string
	// skipping is locking that leaves out rows which others keep; empty where that is not known, or nobody keeps single rows.
	skipping string
	// noRow is an INSERT of defaults only, after the table's name; deletes begins a DELETE of rows of %s, a table AS t.
	noRow, deletes string
	// clock is an expression for the engine's time in microseconds since 1970.
	clock string
	// notNumbers says that a number can be NaN or infinite.
	notNumbers bool
	// noNUL says that a text cannot hold the character NUL.
	noNUL bool
}

// querier is what *sql.DB, *sql.Tx and *sql.Conn have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// catalogue is a database's schema as read: tables with their columns still unresolved against each other.
type catalogue struct {
	version int64
	// home is the schema that names without one mean.
	home   string
	tables []*rawTable
	// skipped says why tables or views that exist are not offered, by name.
	skipped map[string]string
}

// rawTable is a table as the catalogue lists it.
type rawTable struct {
	// schema is "" on SQLite, which has one.
	schema  string
	name    string
	comment string
	// readOnly is why rows cannot be written, if it is for a reason that only the engine knows.
	readOnly string
	view     bool
	virtual  bool
	noRowid  bool
	strict   bool
	columns  []rawColumn
	refs     []rawRef
	indexes  []rawIndex
	ddl      string
	rules    []rule
}

// rawRef is a foreign key: App and Table as written, To possibly empty: the parent's key.
type rawRef struct {
	widgets.Ref
	onUpdate string
}

type rawColumn struct {
	name, declared string
	notNull        bool
	fallback       *string // the default's text
	keyPart        int
	generated      bool
	hidden         bool
	// native is nil on SQLite, whose columns hold anything and are understood by their declared text.
	native *native
}

// native is a column of an engine that has types and keeps to them. Its values are texts, or bytes.
type native struct {
	// base is the type's name without size, a domain's the type below it.
	base                string
	kind                widgets.Kind
	maxLen, size, scale int
	choices             []string
	comment             string
	// auto says that the database numbers the rows.
	auto bool
	// bits and unsigned are a whole number's range.
	bits     int
	unsigned bool
	// zoned says that a time has a zone, and single that a float has four bytes.
	zoned, single bool
	// solid says that an empty text is no value of the type, unordered that it has no order, sensitive that its texts differ by case.
	solid, unordered, sensitive bool
}

type rawIndex struct {
	name    string
	unique  bool
	partial bool
	primary bool
	columns []string // "" for an expression
}

// faultKind is a refusal by the engine that a person can do something about.
type faultKind uint8

const (
	faultOther faultKind = iota
	faultUnique
	faultNotNull
	faultReference
	faultCheck
	faultType
	faultTrigger
	faultReadOnly
	faultBusy
	faultFull
	faultRights
	faultLength
	faultRange
)

// fault is an engine's error, taken apart. Detail is what the engine names: "orders.email", a CHECK's name or text, a trigger's message.
// Text is what the engine says, where it is fit for a person.
type fault struct {
	kind   faultKind
	detail string
	text   string
}
