// Package race says whether the race detector watches. It makes the runtime drop pooled memory at random, so a test that counts allocations has to allow for
// more of them then, or to leave it.
package race
