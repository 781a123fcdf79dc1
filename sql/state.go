package sql

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"greenroom/widgets"
)

// State is greenroom's own memory, kept apart from the served database: the secret that signs page tokens, users, and who is signed in. Its tables
// are named greenroom_*.
type State struct {
	read, write *sql.DB
	signIn      *sql.Stmt // of SignIn, which every request asks
	recent      recent
	refusals    refusals
}

// recent remembers sign-ins for rememberFor, since a page asks for its own several times while it is opened. Whatever this State changes is forgotten at
// once; what another process changes is seen when the time is over.
type recent struct {
	mu        sync.Mutex
	ins       map[string]remembered
	forgotten int64 // how often
}

type remembered struct {
	in    SignIn
	until time.Time
}

const (
	rememberFor    = time.Second
	mostRemembered = 10_000
)

// get also returns what put is to be given with what is read instead.
func (r *recent) get(id string, now time.Time) (in SignIn, forgotten int64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one, ok := r.ins[id]
	return one.in, r.forgotten, ok && now.Before(one.until) && now.Before(one.in.Expires)
}

// put remembers nothing that may have been read before what was forgotten since.
func (r *recent) put(id string, in SignIn, now time.Time, forgotten int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if forgotten != r.forgotten {
		return
	}
	if r.ins == nil || len(r.ins) >= mostRemembered {
		r.ins = map[string]remembered{}
	}
	r.ins[id] = remembered{in, now.Add(rememberFor)}
}

func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ins = nil
	r.forgotten++
}

// ErrNoUser and ErrNoSignIn are returned for what does not exist; an expired sign-in does not.
var (
	ErrNoUser   = errors.New("sql: no such user")
	ErrNoSignIn = errors.New("sql: no such sign-in")
)

// User is an account.
type User struct {
	// ID is made by PutUser for a new user.
	ID string
	// Name is what the person signs in with; capitals make no difference.
	Name string
	// Password is a hash; what kind is not this package's business.
	Password string
	Super    bool
	// Active and Staff must both hold, else nobody signs in with the account. PutUser makes new users of both kinds.
	Active, Staff bool
	// Factor tells that a second factor is asked for at the sign-in. Only SignIn sets it.
	Factor bool
	// Rights are the permissions and patterns held, by the user or by a group of theirs. PutUser leaves them as they are.
	Rights []string
	// Language is the tag of the one that they chose, "" for none. PutUser leaves it as it is.
	Language string
}

// Widget is the user as pages see them, under a sign-in's handle.
func (u User) Widget(handle string) *widgets.User {
	return &widgets.User{ID: u.ID, Name: u.Name, Super: u.Super, Rights: u.Rights, SessionID: handle, Language: u.Language}
}

// SignIn is a living sign-in.
type SignIn struct {
	// Handle names the sign-in in logs and sessions; the cookie cannot be made of it.
	Handle string
	// User is who signed in, also while they see the admin as somebody else.
	User User
	// CSRF is a secret of the sign-in's own.
	CSRF                   []byte
	Created, Seen, Expires time.Time

	shown *widgets.User
}

// Widget is the user as pages see them, whom the person sees the admin as if they do; all pages of the sign-in may share it.
func (in SignIn) Widget() *widgets.User { return in.shown }

// OpenState opens the state, a file that is made (readable by its owner only) if there is none; path may also be one of Connect's DSNs.
func OpenState(ctx context.Context, path string) (*State, error) {
	if strings.HasPrefix(path, "sqlite:") || strings.HasPrefix(path, "file:") || strings.Contains(path, "://") {
		var err error
		if path, err = sqlitePath(path); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("sql: the folder of the state: %w", err)
	}
	// SQLite gives the files beside it the same permissions.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		err = f.Close()
	case errors.Is(err, fs.ErrExist):
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("sql: make the state: %w", err)
	}
	read, write, err := openSQLite(ctx, path, &Config{WAL: true, Readers: 2, Map: 64 << 20}, nil)
	if err != nil {
		return nil, fmt.Errorf("sql: open the state: %w", err)
	}
	s := &State{read: read, write: write}
	if err = migrate(ctx, write, sqlite{}, "*.sql"); err == nil {
		s.signIn, err = read.PrepareContext(ctx, signInQuery)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close may be called twice.
func (s *State) Close() error {
	var err error
	if s.signIn != nil {
		err = s.signIn.Close()
	}
	return errors.Join(err, s.read.Close(), s.write.Close())
}

// Secret is 32 random bytes that stay the same as long as the state does.
func (s *State) Secret(ctx context.Context) ([]byte, error) {
	fresh := make([]byte, 32)
	rand.Read(fresh)
	var secret []byte
	_, err := s.write.ExecContext(ctx, `INSERT INTO greenroom_secret (id, secret) VALUES (1, ?) ON CONFLICT DO NOTHING`, fresh)
	if err == nil {
		err = s.write.QueryRowContext(ctx, `SELECT secret FROM greenroom_secret WHERE id = 1`).Scan(&secret)
	}
	if err != nil {
		return nil, fmt.Errorf("sql: the secret: %w", err)
	}
	return secret, nil
}

// PutUser adds a user, or gives the one of that name a new password and rank. A new password ends their sign-ins.
func (s *State) PutUser(ctx context.Context, u User) error {
	defer s.recent.forget()
	if strings.TrimSpace(u.Name) == "" {
		return errors.New("sql: a user needs a name")
	}
	if u.ID == "" {
		u.ID = rand.Text()
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("sql: put user: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after the commit it says so
	_, err = tx.ExecContext(ctx, `DELETE FROM greenroom_sign_ins WHERE user_id IN (SELECT id FROM greenroom_users WHERE name = ? AND password <> ?)`,
		u.Name, u.Password)
	words := "the user " + u.Name + " was made, or given a new password"
	if u.Super {
		words += "; a superuser"
	}
	if err == nil {
		_, err = noteIn(ctx, tx, widgets.AuditLine{Deed: widgets.DeedAccount, Text: words})
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO greenroom_users (id, name, password, superuser) VALUES (?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET name = excluded.name, password = excluded.password, superuser = excluded.superuser`, u.ID, u.Name, u.Password, u.Super)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("sql: put user %s: %w", u.Name, err)
	}
	return nil
}

// UserByName finds a user; ErrNoUser if there is none.
func (s *State) UserByName(ctx context.Context, name string) (User, error) {
	return s.user(ctx, userQuery+`u.name = ?`, name)
}

// UserByID is UserByName by ID.
func (s *State) UserByID(ctx context.Context, id string) (User, error) {
	return s.user(ctx, userQuery+`u.id = ?`, id)
}

const userQuery = `SELECT u.id, u.name, u.password, u.superuser, u.active, u.staff, u.language, ` + rightsOf + ` FROM greenroom_users AS u WHERE `

func (s *State) user(ctx context.Context, query, arg string) (User, error) {
	var u User
	var rights string
	err := s.read.QueryRowContext(ctx, query, arg).
		Scan(&u.ID, &u.Name, &u.Password, &u.Super, &u.Active, &u.Staff, &u.Language, &rights)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return User{}, ErrNoUser
	case err != nil:
		return User{}, fmt.Errorf("sql: find a user: %w", err)
	}
	u.Rights = lines(rights)
	return u, nil
}

// hashed is how a sign-in's id is kept: who reads the state cannot sign in with it.
func hashed(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}

// handleOf names a sign-in where its id must not stand.
func handleOf(hash []byte) string { return hex.EncodeToString(hash[:8]) }

// noteSignIn writes down that a sign-in began or ended. It is the user's own doing unless the context knows of somebody else.
func noteSignIn(ctx context.Context, tx *sql.Tx, deed widgets.Deed, userID string, hash []byte) error {
	l := widgets.AuditLine{Deed: deed}
	actor, _ := widgets.ActorOf(ctx)
	var name string
	if err := tx.QueryRowContext(ctx, `SELECT name FROM greenroom_users WHERE id = ?`, userID).Scan(&name); err != nil {
		return err
	}
	if actor.UserID != "" && actor.UserID != userID {
		l.Text = "of " + name
	} else {
		actor.UserID, actor.User, actor.SignIn = userID, name, handleOf(hash)
	}
	l.Actor = actor
	_, err := noteIn(ctx, tx, l)
	return err
}

// CreateSignIn signs a user in and returns the id for the cookie, which is kept nowhere. Sign-ins that have expired are removed by the way.
func (s *State) CreateSignIn(ctx context.Context, userID string, expires time.Time) (id string, err error) {
	now := time.Now()
	if _, err := s.DeleteExpired(ctx, now); err != nil {
		return "", err
	}
	id = rand.Text() + rand.Text()
	csrf := make([]byte, 32)
	rand.Read(csrf)
	hash := hashed(id)
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("sql: sign in: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after the commit it says so
	_, err = tx.ExecContext(ctx, `INSERT INTO greenroom_sign_ins (hash, user_id, csrf, created, seen, expires) VALUES (?, ?, ?, ?, ?, ?)`,
		hash, userID, csrf, now.Unix(), now.Unix(), expires.Unix())
	if err == nil {
		err = noteSignIn(ctx, tx, widgets.DeedSignIn, userID, hash)
	}
	if err == nil {
		err = tx.Commit()
	}
	if faultCode(err) != 0 && (sqlite{}).fault(err).kind == faultReference {
		return "", ErrNoUser
	}
	if err != nil {
		return "", fmt.Errorf("sql: sign in: %w", err)
	}
	return id, nil
}

const signInQuery = `SELECT s.csrf, s.created, s.seen, s.expires, u.id, u.name, u.password, u.superuser, u.active, u.staff, u.language,
		EXISTS (SELECT 1 FROM greenroom_factors AS f WHERE f.user_id = u.id AND f.confirmed), a.user_id, ` + rightsOf + `
		FROM greenroom_sign_ins AS s JOIN greenroom_users AS u ON u.id = s.user_id LEFT JOIN greenroom_seen_as AS a ON a.hash = s.hash WHERE s.hash = ? AND s.expires > ? AND u.active AND u.staff`

// SignIn finds a sign-in by the cookie's id; ErrNoSignIn if there is none, it has expired, or its user may not sign in any more.
func (s *State) SignIn(ctx context.Context, id string) (SignIn, error) {
	now := time.Now()
	in, forgotten, ok := s.recent.get(id, now)
	if ok {
		return in, nil
	}
	in = SignIn{}
	var as sql.NullString
	var created, seen, expires int64
	var rights string
	hash := hashed(id)
	err := s.signIn.QueryRowContext(ctx, hash, now.Unix()).
		Scan(&in.CSRF, &created, &seen, &expires, &in.User.ID, &in.User.Name, &in.User.Password, &in.User.Super, &in.User.Active, &in.User.Staff, &in.User.Language,
			&in.User.Factor, &as, &rights)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return SignIn{}, ErrNoSignIn
	case err != nil:
		return SignIn{}, fmt.Errorf("sql: sign-in: %w", err)
	}
	in.Handle, in.User.Rights = handleOf(hash), lines(rights)
	in.Created, in.Seen, in.Expires = time.Unix(created, 0), time.Unix(seen, 0), time.Unix(expires, 0)
	if in.shown, err = s.seat(ctx, in.User.Widget(in.Handle), as); err != nil {
		return SignIn{}, err
	}
	if as.Valid && in.shown.Behind == nil { // for good, whatever they may tomorrow
		who := widgets.WithActor(ctx, widgets.In{User: in.shown}.Actor())
		return in, s.SeeAsOneself(who, id)
	}
	s.recent.put(id, in, now, forgotten)
	return in, nil
}

// TouchSignIn notes that a sign-in was used and when it ends now.
func (s *State) TouchSignIn(ctx context.Context, id string, seen, expires time.Time) error {
	defer s.recent.forget()
	_, err := s.write.ExecContext(ctx, `UPDATE greenroom_sign_ins SET seen = ?, expires = ? WHERE hash = ?`, seen.Unix(), expires.Unix(), hashed(id))
	if err != nil {
		return fmt.Errorf("sql: touch a sign-in: %w", err)
	}
	return nil
}

// DeleteSignIn signs out; an id that does not exist is no error.
func (s *State) DeleteSignIn(ctx context.Context, id string) error {
	return s.endSignIn(ctx, hashed(id))
}

// endSignIn removes a sign-in and writes that down; one that is gone is no error.
func (s *State) endSignIn(ctx context.Context, hash []byte) error {
	return s.within(ctx, "sign out", func(tx *sql.Tx) error {
		var userID string
		err := tx.QueryRowContext(ctx, `DELETE FROM greenroom_sign_ins WHERE hash = ? RETURNING user_id`, hash).Scan(&userID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = noteSignIn(ctx, tx, widgets.DeedSignOut, userID, hash)
		}
		return err
	})
}

// EndSignIn signs out the sign-in of a handle; one that does not exist is no error.
func (s *State) EndSignIn(ctx context.Context, handle string) error {
	defer s.recent.forget()
	start, err := hex.DecodeString(handle)
	if err != nil || len(start) != 8 {
		return fmt.Errorf("sql: %q is no handle of a sign-in", handle)
	}
	var hash []byte
	err = s.read.QueryRowContext(ctx, `SELECT hash FROM greenroom_sign_ins WHERE substr(hash, 1, 8) = ?`, start).Scan(&hash)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("sql: end a sign-in: %w", err)
	}
	return s.endSignIn(ctx, hash)
}

// DeleteExpired removes the sign-ins that ended by now and says how many.
func (s *State) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	defer s.recent.forget()
	result, err := s.write.ExecContext(ctx, `DELETE FROM greenroom_sign_ins WHERE expires <= ?`, now.Unix())
	if err != nil {
		return 0, fmt.Errorf("sql: remove expired sign-ins: %w", err)
	}
	return result.RowsAffected()
}
