//go:build !linux

package main

import (
	"context"
	"errors"
)

func benchTarget(context.Context, console, []string) error {
	return errors.New("bench runs on Linux")
}
