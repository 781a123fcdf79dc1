package widgets

import "context"

// Look is how a person wants a table's list to look. The zero Look is the list's own.
type Look struct {
	// Columns are shown in this order; nil means those that the list declares.
	Columns []string
	// Roomy makes the rows higher.
	Roomy bool
}

// SavedView is a list's search, filters, order and columns under a name.
type SavedView struct {
	// ID is made by Memory.KeepView for a new view.
	ID string
	// Owner is the ID of the user who made it; Table is a Table.ID.
	Owner, Table string
	Name         string
	// Query is the list's address without the path and the place in the list.
	Query string
	// Shared shows it to everybody who may see the table; Opens lets the list open with it, for its owner or, when shared, for all who chose none.
	Shared, Opens bool
}

// Memory keeps what people chose for their lists. A user is named by his ID, a table by Table.ID.
type Memory interface {
	// Look is the zero Look for somebody who chose nothing.
	Look(ctx context.Context, user, table string) (Look, error)
	KeepLook(ctx context.Context, user, table string, l Look) error
	// Views are the user's own and those that are shared, by name.
	Views(ctx context.Context, user, table string) ([]SavedView, error)
	// KeepView adds a view, or replaces the one of its ID and owner. A view that opens takes that from the owner's others of the table.
	KeepView(ctx context.Context, v SavedView) (SavedView, error)
	// DropView forgets a view; one that is gone is no error.
	DropView(ctx context.Context, id string) error
}
