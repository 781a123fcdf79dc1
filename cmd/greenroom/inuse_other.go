//go:build !unix

package main

import "strings"

func isInUse(err error) bool { return strings.Contains(err.Error(), "Only one usage") }
