package sql_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	grsql "greenroom/sql"
)

func openState(t *testing.T, path string) *grsql.State {
	t.Helper()
	s, err := grsql.OpenState(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestState(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "new", "state.db")
	s := openState(t, path)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode: %v, %v", info.Mode(), err)
	}
	secret, err := s.Secret(ctx)
	if err != nil || len(secret) != 32 || bytes.Equal(secret, make([]byte, 32)) {
		t.Fatalf("secret: %x, %v", secret, err)
	}
	if _, err := s.UserByName(ctx, "ada"); !errors.Is(err, grsql.ErrNoUser) {
		t.Errorf("nobody yet: %v", err)
	}
	if err := s.PutUser(ctx, grsql.User{Name: "Ada", Password: "hash", Super: true}); err != nil {
		t.Fatal(err)
	}
	if err := s.PutUser(ctx, grsql.User{Name: "  "}); err == nil {
		t.Error("a user without a name")
	}
	ada, err := s.UserByName(ctx, "aDA")
	if err != nil || ada.Name != "Ada" || !ada.Super || ada.Password != "hash" || ada.ID == "" {
		t.Fatalf("user: %+v, %v", ada, err)
	}
	if same, err := s.UserByID(ctx, ada.ID); err != nil || same.Name != ada.Name || same.Password != ada.Password {
		t.Errorf("%+v, %v", same, err)
	}
	if _, err := s.UserByID(ctx, "nobody"); !errors.Is(err, grsql.ErrNoUser) {
		t.Error(err)
	}
	if _, err := s.CreateSignIn(ctx, "nobody", time.Now().Add(time.Hour)); !errors.Is(err, grsql.ErrNoUser) {
		t.Errorf("a sign-in of nobody: %v", err)
	}
	id, err := s.CreateSignIn(ctx, ada.ID, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.SignIn(ctx, id)
	if err != nil || in.User.ID != ada.ID || !in.User.Super || !in.User.Active || !in.User.Staff || len(in.CSRF) != 32 || in.Handle == "" || strings.Contains(id, in.Handle) {
		t.Errorf("sign-in: %+v, %v", in, err)
	}
	if u := in.User.Widget(in.Handle); u.ID != ada.ID || !u.Super || u.SessionID != in.Handle {
		t.Errorf("as pages see it: %+v", u)
	}
	later := time.Now().Add(3 * time.Hour)
	if err := s.TouchSignIn(ctx, id, time.Now(), later); err != nil {
		t.Fatal(err)
	}
	if in, err := s.SignIn(ctx, id); err != nil || in.Expires.Unix() != later.Unix() {
		t.Errorf("touched: %+v, %v", in, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wal, _ := os.ReadFile(path + "-wal")
	if bytes.Contains(append(data, wal...), []byte(id)) {
		t.Error("the cookie's id is kept in the file")
	}

	again := openState(t, path) // another process
	if other, err := again.Secret(ctx); err != nil || !bytes.Equal(other, secret) {
		t.Errorf("the secret stays: %v", err)
	}
	if _, err := again.SignIn(ctx, id); err != nil {
		t.Errorf("the sign-in stays: %v", err)
	}
	if err := s.PutUser(ctx, grsql.User{Name: "ada", Password: "other"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SignIn(ctx, id); !errors.Is(err, grsql.ErrNoSignIn) {
		t.Errorf("a new password signs out: %v", err)
	}
	if u, err := s.UserByName(ctx, "Ada"); err != nil || u.ID != ada.ID || u.Super || u.Password != "other" {
		t.Errorf("the user keeps the id: %+v, %v", u, err)
	}
	id, err = s.CreateSignIn(ctx, ada.ID, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	old, err := s.CreateSignIn(ctx, ada.ID, time.Now().Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SignIn(ctx, old); !errors.Is(err, grsql.ErrNoSignIn) {
		t.Errorf("an expired sign-in: %v", err)
	}
	if n, err := s.DeleteExpired(ctx, time.Now()); err != nil || n != 1 {
		t.Errorf("expired: %d, %v", n, err)
	}
	if err := errors.Join(s.DeleteSignIn(ctx, id), s.DeleteSignIn(ctx, id), s.DeleteSignIn(ctx, "")); err != nil {
		t.Error(err)
	}
	if _, err := s.SignIn(ctx, id); !errors.Is(err, grsql.ErrNoSignIn) {
		t.Errorf("signed out: %v", err)
	}
}

func TestStateTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	var all sync.WaitGroup
	secrets := make([][]byte, 4)
	for i := range secrets {
		all.Go(func() {
			s, err := grsql.OpenState(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close() //nolint:errcheck // nothing is left to write
			if secrets[i], err = s.Secret(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, s := range secrets {
		if !bytes.Equal(s, secrets[0]) {
			t.Error("two secrets")
		}
	}
}

func TestStateFaults(t *testing.T) {
	t.Parallel()
	path := made(t, "CREATE TABLE greenroom_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO greenroom_migrations VALUES (9999, 'later')")
	if _, err := grsql.OpenState(t.Context(), path); err == nil || !strings.Contains(err.Error(), "use a newer greenroom") {
		t.Errorf("a newer state: %v", err)
	}
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no database, no database, no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, "postgres://x/y", filepath.Join(text, "state.db")} {
		if _, err := grsql.OpenState(t.Context(), path); err == nil {
			t.Errorf("%s was taken for a state", path)
		}
	}
	if s, err := grsql.OpenState(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db")); err != nil || s.Close() != nil || s.Close() != nil {
		t.Errorf("a DSN: %v", err)
	}
}
