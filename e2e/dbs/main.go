// Command dbs runs a PostgreSQL and a MariaDB for the tests, on loopback, with their data in a temporary folder.
//
//	go run ./e2e/dbs          start what does not run yet, and print the DSNs as lines for a shell
//	go run ./e2e/dbs stop     end both and remove their data
//
// The lines set GREENROOM_POSTGRES and GREENROOM_MYSQL. They are kept in a file in the temporary folder too, one a user, which is how a second start
// finds the first. The servers outlive this program: whoever starts them stops them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var err error
	switch args := strings.Join(os.Args[1:], " "); args {
	case "", "start":
		err = start(ctx)
	case "stop":
		err = stop(ctx)
	default:
		err = fmt.Errorf("unknown argument %q; say start, stop or nothing", args)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dbs:", err)
		os.Exit(1)
	}
}

// record is the file that tells of the running servers.
func record() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("greenroom-dbs-%d.env", os.Getuid()))
}

// start is idempotent: servers that answer are kept, and what is left of others is cleared away first.
func start(ctx context.Context) error {
	if text, err := os.ReadFile(record()); err == nil {
		running, err := parse(string(text))
		if err == nil && running.answers(ctx) {
			fmt.Print(running.exports())
			return nil
		}
		if err := stop(ctx); err != nil {
			return err
		}
	}
	made, err := startServers(ctx)
	if err != nil {
		return errors.Join(err, made.end(ctx))
	}
	if err := os.WriteFile(record(), []byte(made.text()), 0o600); err != nil {
		return errors.Join(err, made.end(ctx))
	}
	fmt.Print(made.exports())
	return nil
}

func stop(ctx context.Context) error {
	text, err := os.ReadFile(record())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	running, err := parse(string(text))
	if err != nil {
		return fmt.Errorf("%s is not as this program writes it; end the servers by hand and remove it: %w", record(), err)
	}
	if err := running.end(ctx); err != nil {
		return err
	}
	return os.Remove(record())
}
