package sql

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"greenroom/widgets"
)

// ErrNoGroup is returned for a group that does not exist.
var ErrNoGroup = errors.New("sql: no such group")

// Account is a user as somebody sees who manages them: what they hold themselves, and by their groups.
type Account struct {
	User
	Groups []string
	// Own are the rights given to the user, Rights those and the ones of the groups; both are sorted.
	Own, Rights []string
	// Seen is when a sign-in of theirs was last used, the zero time if none is left.
	Seen time.Time
	// SignIns is how many of their sign-ins have not expired.
	SignIns int
}

// Group is a set of rights that several users hold.
type Group struct {
	Name    string
	Rights  []string
	Members []string // names of users
}

// rightWord is what a right may look like: a permission such as main.view_orders, or a pattern such as *.view_* or jobs.*.
var rightWord = regexp.MustCompile(`^[^\s\x00-\x1f\x7f]{1,200}$`)

// CheckRight says what is wrong with a right, nil if nothing is.
func CheckRight(word string) error {
	if !rightWord.MatchString(word) || !strings.ContainsAny(word, ".*") {
		return fmt.Errorf("sql: %q is no right: write app.verb_model, such as main.view_orders, or a pattern, such as *.view_*", word)
	}
	return nil
}

// within runs f in one write transaction of the state.
func (s *State) within(ctx context.Context, what string, f func(tx *sql.Tx) error) error {
	defer s.recent.forget()
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("sql: %s: %w", what, err)
	}
	defer tx.Rollback() //nolint:errcheck // after the commit it says so
	if err := f(tx); err != nil {
		if errors.Is(err, ErrNoUser) || errors.Is(err, ErrNoFactor) || errors.Is(err, ErrNoGroup) {
			return err
		}
		return fmt.Errorf("sql: %s: %w", what, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("sql: %s: %w", what, err)
	}
	return nil
}

// Accounts lists every user, sorted by name.
func (s *State) Accounts(ctx context.Context) ([]Account, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT u.id, u.name, u.password, u.superuser, u.active, u.staff,
			(SELECT count(*) FROM greenroom_sign_ins AS i WHERE i.user_id = u.id AND i.expires > ?),
			coalesce((SELECT max(i.seen) FROM greenroom_sign_ins AS i WHERE i.user_id = u.id), 0),
			coalesce((SELECT group_concat(g.name, char(10)) FROM greenroom_members AS m JOIN greenroom_groups AS g ON g.id = m.group_id WHERE m.user_id = u.id), ''),
			coalesce((SELECT group_concat(r.word, char(10)) FROM greenroom_user_rights AS r WHERE r.user_id = u.id), ''),
			`+rightsOf+` FROM greenroom_users AS u ORDER BY u.name`, time.Now().Unix())
	if err != nil {
		return nil, fmt.Errorf("sql: list the users: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var all []Account
	for rows.Next() {
		var a Account
		var seen int64
		var groups, own, every string
		if err := rows.Scan(&a.ID, &a.Name, &a.Password, &a.Super, &a.Active, &a.Staff, &a.SignIns, &seen, &groups, &own, &every); err != nil {
			return nil, fmt.Errorf("sql: list the users: %w", err)
		}
		if seen > 0 {
			a.Seen = time.Unix(seen, 0)
		}
		a.Groups, a.Own, a.Rights = lines(groups), lines(own), lines(every)
		a.User.Rights = a.Rights
		all = append(all, a)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sql: list the users: %w", err)
	}
	return all, nil
}

// rightsOf is the rights of the user u, their own and their groups', one a line.
const rightsOf = `coalesce((SELECT group_concat(word, char(10)) FROM (
		SELECT word FROM greenroom_user_rights WHERE user_id = u.id
		UNION SELECT r.word FROM greenroom_group_rights AS r JOIN greenroom_members AS m ON m.group_id = r.group_id WHERE m.user_id = u.id)), '')`

// lines takes a group_concat apart, sorted.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	all := strings.Split(text, "\n")
	slices.Sort(all)
	return all
}

// Groups lists every group, sorted by name.
func (s *State) Groups(ctx context.Context) ([]Group, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT g.name,
			coalesce((SELECT group_concat(r.word, char(10)) FROM greenroom_group_rights AS r WHERE r.group_id = g.id), ''),
			coalesce((SELECT group_concat(u.name, char(10)) FROM greenroom_members AS m JOIN greenroom_users AS u ON u.id = m.user_id WHERE m.group_id = g.id), '')
		FROM greenroom_groups AS g ORDER BY g.name`)
	if err != nil {
		return nil, fmt.Errorf("sql: list the groups: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var all []Group
	for rows.Next() {
		var g Group
		var rights, members string
		if err := rows.Scan(&g.Name, &rights, &members); err != nil {
			return nil, fmt.Errorf("sql: list the groups: %w", err)
		}
		g.Rights, g.Members = lines(rights), lines(members)
		all = append(all, g)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("sql: list the groups: %w", err)
	}
	return all, nil
}

// SetUser changes what kind of account a user is; ErrNoUser if there is none. One who may not sign in any more is signed out everywhere.
func (s *State) SetUser(ctx context.Context, name string, super, active, staff bool) error {
	return s.within(ctx, "change the user "+name, func(tx *sql.Tx) error {
		id, err := userID(ctx, tx, name)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE greenroom_users SET superuser = ?, active = ?, staff = ? WHERE id = ?`, super, active, staff, id)
		if err == nil && !(active && staff) {
			_, err = tx.ExecContext(ctx, `DELETE FROM greenroom_sign_ins WHERE user_id = ?`, id)
		}
		if err == nil {
			err = account(ctx, tx, "the user %s is now: superuser %t, active %t, staff %t", name, super, active, staff)
		}
		return err
	})
}

// DeleteUser removes a user with their rights and sign-ins; ErrNoUser if there is none.
func (s *State) DeleteUser(ctx context.Context, name string) error {
	return s.within(ctx, "remove the user "+name, func(tx *sql.Tx) error {
		id, err := userID(ctx, tx, name)
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM greenroom_users WHERE id = ?`, id)
		}
		if err == nil {
			err = account(ctx, tx, "the user %s was removed", name)
		}
		return err
	})
}

// SetUserRights gives a user exactly these rights of their own and exactly these groups; a group that is not there is ErrNoGroup, and nothing
// is changed.
func (s *State) SetUserRights(ctx context.Context, name string, rights, groups []string) error {
	for _, word := range rights {
		if err := CheckRight(word); err != nil {
			return err
		}
	}
	return s.within(ctx, "change the rights of "+name, func(tx *sql.Tx) error {
		id, err := userID(ctx, tx, name)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM greenroom_user_rights WHERE user_id = ?`, id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM greenroom_members WHERE user_id = ?`, id); err != nil {
			return err
		}
		for _, word := range rights {
			if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO greenroom_user_rights (user_id, word) VALUES (?, ?)`, id, word); err != nil {
				return err
			}
		}
		for _, group := range groups {
			groupID, err := groupID(ctx, tx, group)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO greenroom_members (user_id, group_id) VALUES (?, ?)`, id, groupID); err != nil {
				return err
			}
		}
		return account(ctx, tx, "the user %s now holds the rights [%s] and is in the groups [%s]", name, strings.Join(rights, " "), strings.Join(groups, ", "))
	})
}

// PutGroup makes a group, or gives the one of that name exactly these rights.
func (s *State) PutGroup(ctx context.Context, name string, rights []string) error {
	if strings.TrimSpace(name) == "" || strings.ContainsAny(name, "\n\r\x00") {
		return errors.New("sql: a group needs a name of one line")
	}
	for _, word := range rights {
		if err := CheckRight(word); err != nil {
			return err
		}
	}
	return s.within(ctx, "put the group "+name, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO greenroom_groups (id, name) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`, rand.Text(), name); err != nil {
			return err
		}
		id, err := groupID(ctx, tx, name)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM greenroom_group_rights WHERE group_id = ?`, id); err != nil {
			return err
		}
		for _, word := range rights {
			if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO greenroom_group_rights (group_id, word) VALUES (?, ?)`, id, word); err != nil {
				return err
			}
		}
		return account(ctx, tx, "the group %s now holds the rights [%s]", name, strings.Join(rights, " "))
	})
}

// DeleteGroup removes a group, and its rights from who held them by it; ErrNoGroup if there is none.
func (s *State) DeleteGroup(ctx context.Context, name string) error {
	return s.within(ctx, "remove the group "+name, func(tx *sql.Tx) error {
		id, err := groupID(ctx, tx, name)
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM greenroom_groups WHERE id = ?`, id)
		}
		if err == nil {
			err = account(ctx, tx, "the group %s was removed", name)
		}
		return err
	})
}

// account writes down a change of users and groups, in the transaction that makes it.
func account(ctx context.Context, tx *sql.Tx, format string, args ...any) error {
	_, err := noteIn(ctx, tx, widgets.AuditLine{Deed: widgets.DeedAccount, Text: fmt.Sprintf(format, args...)})
	return err
}

func userID(ctx context.Context, tx *sql.Tx, name string) (id string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT id FROM greenroom_users WHERE name = ?`, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("%w: %q", ErrNoUser, name)
	}
	return id, err
}

func groupID(ctx context.Context, tx *sql.Tx, name string) (id string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT id FROM greenroom_groups WHERE name = ?`, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("%w: %q", ErrNoGroup, name)
	}
	return id, err
}
