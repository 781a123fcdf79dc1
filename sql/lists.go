package sql

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"greenroom/widgets"
)

var _ widgets.Memory = (*State)(nil)

// Look implements widgets.Memory.
func (s *State) Look(ctx context.Context, user, table string) (widgets.Look, error) {
	var l widgets.Look
	var columns []byte
	err := s.read.QueryRowContext(ctx, `SELECT columns, roomy FROM greenroom_looks WHERE user_id = ? AND table_name = ?`, user, table).Scan(&columns, &l.Roomy)
	if errors.Is(err, sql.ErrNoRows) {
		return widgets.Look{}, nil
	}
	if err == nil {
		err = json.Unmarshal(columns, &l.Columns)
	}
	if err != nil {
		return widgets.Look{}, fmt.Errorf("sql: the look of %s: %w", table, err)
	}
	if len(l.Columns) == 0 {
		l.Columns = nil
	}
	return l, nil
}

// KeepLook implements widgets.Memory. The zero Look is forgotten.
func (s *State) KeepLook(ctx context.Context, user, table string, l widgets.Look) error {
	var err error
	if len(l.Columns) == 0 && !l.Roomy {
		_, err = s.write.ExecContext(ctx, `DELETE FROM greenroom_looks WHERE user_id = ? AND table_name = ?`, user, table)
	} else {
		columns, _ := json.Marshal(append([]string{}, l.Columns...)) // texts cannot fail
		_, err = s.write.ExecContext(ctx, `INSERT INTO greenroom_looks (user_id, table_name, columns, roomy) VALUES (?, ?, ?, ?)
			ON CONFLICT (user_id, table_name) DO UPDATE SET columns = excluded.columns, roomy = excluded.roomy`, user, table, string(columns), l.Roomy)
	}
	if err != nil {
		return fmt.Errorf("sql: keep the look of %s: %w", table, err)
	}
	return nil
}

// Views implements widgets.Memory.
func (s *State) Views(ctx context.Context, user, table string) ([]widgets.SavedView, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, owner_id, table_name, name, query, shared, opens FROM greenroom_views
		WHERE table_name = ? AND (owner_id = ? OR shared = 1) ORDER BY name COLLATE NOCASE, id`, table, user)
	if err != nil {
		return nil, fmt.Errorf("sql: the views of %s: %w", table, err)
	}
	defer rows.Close() //nolint:errcheck // Err tells what Close would
	var views []widgets.SavedView
	for rows.Next() {
		var v widgets.SavedView
		if err := rows.Scan(&v.ID, &v.Owner, &v.Table, &v.Name, &v.Query, &v.Shared, &v.Opens); err != nil {
			return nil, fmt.Errorf("sql: the views of %s: %w", table, err)
		}
		views = append(views, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sql: the views of %s: %w", table, err)
	}
	return views, nil
}

// KeepView implements widgets.Memory.
func (s *State) KeepView(ctx context.Context, v widgets.SavedView) (widgets.SavedView, error) {
	if v.ID == "" {
		v.ID = rand.Text()
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return v, fmt.Errorf("sql: keep a view: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after the commit it says so
	if v.Opens {
		_, err = tx.ExecContext(ctx, `UPDATE greenroom_views SET opens = 0 WHERE table_name = ? AND owner_id = ?`, v.Table, v.Owner)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO greenroom_views (id, owner_id, table_name, name, query, shared, opens) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, query = excluded.query, shared = excluded.shared, opens = excluded.opens
			WHERE owner_id = excluded.owner_id`, v.ID, v.Owner, v.Table, v.Name, v.Query, v.Shared, v.Opens)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return v, fmt.Errorf("sql: keep the view %q of %s: %w", v.Name, v.Table, err)
	}
	return v, nil
}

// DropView implements widgets.Memory.
func (s *State) DropView(ctx context.Context, id string) error {
	if _, err := s.write.ExecContext(ctx, `DELETE FROM greenroom_views WHERE id = ?`, id); err != nil {
		return fmt.Errorf("sql: drop a view: %w", err)
	}
	return nil
}
