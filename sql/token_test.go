package sql

import (
	"errors"
	"path/filepath"
	"testing"
	"time"
)

func TestTokensActForTheirUserUntilTheyAreRevoked(t *testing.T) {
	t.Parallel()
	s, err := OpenState(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // a test's
	if err := s.PutUser(t.Context(), User{Name: "ann", Password: "x"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.AddToken(t.Context(), "bob", time.Hour); !errors.Is(err, ErrNoUser) {
		t.Errorf("a token for nobody: %v", err)
	}
	id, text, err := s.AddToken(t.Context(), "ann", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.AddToken(t.Context(), "ann", -time.Hour); err != nil {
		t.Fatal(err)
	}
	if u, by, err := s.TokenUser(t.Context(), text); err != nil || u.Name != "ann" || by != id {
		t.Errorf("%+v %s %v", u, by, err)
	}
	for _, wrong := range []string{"", id, text + "x", text[:len(text)-1]} {
		if _, _, err := s.TokenUser(t.Context(), wrong); !errors.Is(err, ErrNoToken) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if all, err := s.Tokens(t.Context()); err != nil || len(all) != 1 || all[0].ID != id || all[0].User != "ann" {
		t.Errorf("%+v %v: the one that expired is none", all, err)
	}
	if err := s.SetUser(t.Context(), "ann", false, false, true); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.TokenUser(t.Context(), text); !errors.Is(err, ErrNoToken) {
		t.Errorf("of somebody who may not sign in: %v", err)
	}
	if err := s.SetUser(t.Context(), "ann", false, true, true); err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeToken(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.TokenUser(t.Context(), text); !errors.Is(err, ErrNoToken) {
		t.Errorf("after it was revoked: %v", err)
	}
	if err := s.RevokeToken(t.Context(), id); !errors.Is(err, ErrNoToken) {
		t.Errorf("twice: %v", err)
	}
}
