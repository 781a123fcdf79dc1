//go:build !unix

package http

// maxFiles is how many files the process may have open, 0 if that is not known.
func maxFiles() int { return 0 }
