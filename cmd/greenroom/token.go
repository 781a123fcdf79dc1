package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	grsql "greenroom/sql"
)

// tokenLife is how long a token can be used.
const tokenLife = 30 * 24 * time.Hour

func addToken(ctx context.Context, con console, s *grsql.State, _ userOptions, args []string) error {
	id, text, err := s.AddToken(ctx, args[0], tokenLife)
	if err != nil {
		return err
	}
	fmt.Fprintf(con.err, "Token %s of %s, for 30 days. It is shown once; keep it in a file that only you can read:\n", id, args[0])
	fmt.Fprintln(con.out, text)
	return nil
}

func listTokens(ctx context.Context, con console, s *grsql.State, _ userOptions, _ []string) error {
	all, err := s.Tokens(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(con.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tUSER\tMADE\tUNTIL")
	for _, t := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.ID, t.User, t.Created.Format(time.DateOnly), t.Expires.Format(time.DateOnly))
	}
	return w.Flush()
}

func revokeToken(ctx context.Context, con console, s *grsql.State, _ userOptions, args []string) error {
	err := s.RevokeToken(ctx, args[0])
	if errors.Is(err, grsql.ErrNoToken) {
		return fmt.Errorf("there is no token %q; 'greenroom user tokens' shows all: %w", args[0], err)
	}
	if err == nil {
		fmt.Fprintf(con.out, "revoked %s\n", args[0])
	}
	return err
}
