//go:build race

package http

// raceOn says that the race detector watches: it makes the runtime drop pooled memory at random, so allocations cannot be counted.
const raceOn = true
