package widgets

import "context"

// Step is a change of one row among several that are made together.
type Step struct {
	Table string // Table.ID
	Op    string // "insert", "update" or "delete", as in Change
	// Key is the row's; nil for an insert.
	Key Key
	// Base is what the person saw of an update's columns, as in Writer.Update; Values are the columns to set. An update without Values changes
	// nothing, and is refused when the row is not there or not Within.
	Base, Values map[string]Value
	// Of fills columns of an insert from the first step's row: by column of this table, the column of that row.
	Of map[string]string
	// Within must hold for the row before an update or delete, and for what an insert or update makes of it.
	Within Filter
}

// StepError says which of several steps was refused; none of them was made. Err is what Writer's methods return, ErrNoRow where Within does not hold.
type StepError struct {
	N   int
	Err error
}

func (e *StepError) Error() string { return e.Err.Error() }
func (e *StepError) Unwrap() error { return e.Err }

// Together is a Source that can change rows of several tables of its database in one transaction.
type Together interface {
	// Together makes all steps or none, and publishes a Change for each after the commit. It returns the key of the first step's row; *StepError says
	// which step was refused.
	Together(ctx context.Context, steps []Step) (Key, error)
}
