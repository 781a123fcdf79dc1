package main

import (
	"errors"
	"path/filepath"
	"testing"
)

// Every task can be done; what it costs is for a machine at rest to say.
func TestEveryTaskCanBeDone(t *testing.T) {
	if err := run(t.Context(), filepath.Join(t.TempDir(), "shop.db"), 2000, 1, "", ""); err != nil && !errors.Is(err, errMissed) {
		t.Fatal(err)
	}
}
