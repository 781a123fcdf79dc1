//go:build race

package view_test

// raceOn says that the race detector watches: it makes the runtime drop pooled memory at random, so allocations cannot be counted.
const raceOn = true
