package main

import (
	"context"
	"os"

	"greenroom/bench/target"
)

// benchTarget is the measured server: it does what its standard input says and ends with it.
func benchTarget(ctx context.Context, con console, args []string) error {
	return target.Run(ctx, args, os.Stdin, con.out)
}
