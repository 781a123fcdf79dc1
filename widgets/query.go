package widgets

import "context"

// Op is a comparison of a Filter.
type Op string

// The comparisons. OpIn takes any number of values, OpBetween two of which one may be empty (open), OpNull and OpNotNull none, the others one.
const (
	OpEq       Op = "eq"
	OpNe       Op = "ne"
	OpLt       Op = "lt"
	OpLe       Op = "le"
	OpGt       Op = "gt"
	OpGe       Op = "ge"
	OpIn       Op = "in"
	OpBetween  Op = "between"
	OpNull     Op = "null"
	OpNotNull  Op = "notnull"
	OpContains Op = "contains"
	OpPrefix   Op = "prefix"
)

// Filter is a condition on a row: a comparison, or a conjunction or disjunction of others. The zero Filter holds for every row. Unknown columns are
// an error where the filter is used, never ignored.
type Filter struct {
	All    []Filter // every one holds
	Any    []Filter // at least one holds; an empty non-nil Any holds for no row
	Column string
	Op     Op
	Values []string
}

// Where is a comparison.
func Where(column string, op Op, values ...string) Filter {
	return Filter{Column: column, Op: op, Values: values}
}

// And joins two filters; an empty one adds nothing.
func (f Filter) And(g Filter) Filter {
	switch {
	case f.Empty():
		return g
	case g.Empty():
		return f
	}
	return Filter{All: []Filter{f, g}}
}

// Empty reports whether the filter holds for every row.
func (f Filter) Empty() bool { return f.Column == "" && len(f.All) == 0 && f.Any == nil }

// Nothing is the filter that holds for no row.
func Nothing() Filter { return Filter{Any: []Filter{}} }

// Order is one column of a sort.
type Order struct {
	Column string
	Desc   bool
}

// Query says which rows of a table a page shows. Every column named must exist in the Table; anything else is an error.
type Query struct {
	// Search is what a person typed: words are AND-ed, "quoted text" is one phrase, =x is equality, ^x a prefix, column:x looks in that column.
	Search string
	// In are the columns that Search looks in; nil means the table's text columns, as the Source decides.
	In []string
	// Named are the columns that a word of the search may name; nil means those of In, or any column when In is nil too.
	Named  []string
	Filter Filter
	// Order is the sort; the Source always appends the primary key.
	Order []Order
	// After and Before are cursors taken from Rows; Last asks for the last page. At most one of the three.
	After, Before string
	Last          bool
	// Limit is the page's size; 0 means 25.
	Limit int
	// Select are the columns to fetch; nil means all. Long text and bytes may come shortened from List, never from Get.
	Select []string
}

// Row is a record. Values stand in the order of the Query's Select, or of the Table's columns.
type Row struct {
	Key    Key
	Values []Value
}

// Rows is a page of a list. Next and Prev are cursors for Query.After and Query.Before, "" where there is nothing more.
type Rows struct {
	Columns []string
	Rows    []Row
	Next    string
	Prev    string
}

// Count is a number of rows. Exact, "at least" (10,000+) or an estimate (~).
type Count struct {
	N        int64
	AtLeast  bool
	Estimate bool
	// Unknown is set when neither could be had in time.
	Unknown bool
}

// Facet is a value of a column and how many rows have it; N is -1 for a value that is known to exist but could not be counted in time.
type Facet struct {
	Value Value
	Label string
	N     int64
}

// Dependents counts rows that a deletion would touch in another table. AtLeast means that counting stopped at N.
type Dependents struct {
	Table    string // Table.ID
	Label    string
	N        int64
	AtLeast  bool
	OnDelete string // as in Ref
}

// Reader is what a list, a form and a job read through. All methods stop when ctx ends.
type Reader interface {
	Table() *Table
	// List returns a page by keyset: a page deep inside costs what the first costs.
	List(ctx context.Context, q Query) (Rows, error)
	// Count counts exactly up to 10,000, then says "at least" or estimates.
	Count(ctx context.Context, q Query) (Count, error)
	// Facets counts the most frequent values of a column among the query's rows, at most limit of them.
	Facets(ctx context.Context, q Query, column string, limit int) ([]Facet, error)
	// Get reads one whole row; ErrNoRow when it does not exist or the filter hides it.
	Get(ctx context.Context, key Key, f Filter) (Row, error)
	// Names returns what rows of this table are called, by Key.String of the values of columns (the key, or what a foreign key points to).
	Names(ctx context.Context, columns []string, values []Key) (map[string]string, error)
	// Sum adds up a numeric column over the query's rows (all of them, not a page) and returns it as text, "0" for none.
	Sum(ctx context.Context, q Query, column string) (string, error)
	// Pin calls each with the keys of all the query's rows, in key order, from one read transaction.
	Pin(ctx context.Context, q Query, each func(Key) error) error
	// Fetch reads the rows of keys that (still) exist and pass the filter, in the order of keys.
	Fetch(ctx context.Context, keys []Key, f Filter) ([]Row, error)
}

// Neighbours is what a Source may have besides: the rows beside one in a list.
type Neighbours interface {
	// Beside returns the key of the next row behind key in the query's order, with back of the one before it; ErrNoRow at the end, and when key is no
	// row. The row itself need not pass the query's search and filter. After, Before, Last, Limit and Select are ignored.
	Beside(ctx context.Context, q Query, key Key, back bool) (Key, error)
}

// Writer changes rows. Each method is one transaction, and publishes a Change after its commit.
type Writer interface {
	// Insert adds a row and returns its key. Columns that are absent get their defaults. *Invalid says which field is wrong.
	Insert(ctx context.Context, values map[string]Value) (Key, error)
	// Update sets the changed columns. base holds what the person saw of the columns that matter; when the row differs by now, *Conflict is
	// returned and nothing is written. A nil base writes without looking.
	Update(ctx context.Context, key Key, base, changes map[string]Value) error
	// Delete removes rows; *Invalid (with a text for the form) when the database refuses, ErrNoRow when none existed.
	Delete(ctx context.Context, keys ...Key) error
	// Dependents counts what a deletion of key would touch, a level deep, capped.
	Dependents(ctx context.Context, key Key) ([]Dependents, error)
}

// Source is a table that can be read and written.
type Source interface {
	Reader
	Writer
}
