package sql

import (
	"context"
	"database/sql"

	"greenroom/widgets"
)

// dialect is what differs between engines. sqlite.go has the only one so far; PostgreSQL and MariaDB come behind the same methods.
type dialect interface {
	// catalogue reads the schema inside one read transaction.
	catalogue(ctx context.Context, tx *sql.Tx) (*catalogue, error)
	// version is a number that changes whenever the schema does.
	version(ctx context.Context, q querier) (int64, error)
	// raw is an expression for a column's value as it is stored: no driver may make a time or a float of it.
	raw(c *column) string
	// unindexed is an expression that sorts like the column and that no index serves.
	unindexed(c *column) string
	// argument is what is bound to store or compare a text under a column's type.
	argument(c *column, text string) any
	// part writes a stored value as a part of a key, and parsed reads it back as the argument that finds it.
	part(c *column, stored any) string
	parsed(c *column, part string) any
	// fault says what kind of refusal an error of the engine is.
	fault(err error) fault
}

// querier is what *sql.DB, *sql.Tx and *sql.Conn have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// catalogue is a database's schema as read: tables with their columns still unresolved against each other.
type catalogue struct {
	version int64
	tables  []*rawTable
	// skipped says why tables or views that exist are not offered, by name.
	skipped map[string]string
}

// rawTable is a table as the catalogue lists it.
type rawTable struct {
	name    string
	view    bool
	virtual bool
	noRowid bool
	strict  bool
	columns []rawColumn
	refs    []widgets.Ref // Table as written, To possibly empty: the parent's key
	indexes []rawIndex
	ddl     string
}

type rawColumn struct {
	name, declared string
	notNull        bool
	fallback       *string // the default's text
	keyPart        int
	generated      bool
	hidden         bool
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
)

// fault is an engine's error, taken apart. Detail is what the engine names: "orders.email", a CHECK's name or text, a trigger's message.
type fault struct {
	kind   faultKind
	detail string
}
