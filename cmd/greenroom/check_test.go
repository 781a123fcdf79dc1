package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"greenroom"
	grhttp "greenroom/http"
	grsql "greenroom/sql"
)

func TestCheckTellsByItsExitCode(t *testing.T) {
	dir := t.TempDir()
	file, state := filepath.Join(dir, "odd.db"), filepath.Join(dir, "state.db")
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE lines (n INTEGER)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) (code int, out string) {
		var stdout, stderr bytes.Buffer
		code = run(t.Context(), console{&stdout, &stderr}, append([]string{"check", "--db", file, "--state", state}, args...))
		t.Log(stderr.String())
		return code, stdout.String()
	}
	if code, out := ask(); code != 0 || !strings.Contains(out, "greenroom.A010  main.lines") {
		t.Errorf("information is answered %d: %s", code, out)
	}
	if code, out := ask("--silence", "greenroom.A010"); code != 0 || out != "Nothing was found.\n" {
		t.Errorf("what was silenced is answered %d: %s", code, out)
	}
	users, err := grsql.OpenState(t.Context(), state)
	if err != nil {
		t.Fatal(err)
	}
	if err := users.PutUser(t.Context(), grsql.User{Name: "admin", Password: grhttp.HashPassword("changeme"), Super: true}); err != nil {
		t.Fatal(err)
	}
	if err := users.Close(); err != nil {
		t.Fatal(err)
	}
	code, out := ask("--json", "--listen", "0.0.0.0:80", "--insecure")
	var found []greenroom.Finding
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if code != 1 || len(found) != 3 || found[0].ID != "greenroom.A080" || found[0].Level != greenroom.LevelError || found[0].Hint == "" {
		t.Errorf("an error is answered %d: %v", code, found)
	}
}
