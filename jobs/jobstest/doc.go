// Package jobstest is what every jobs.Store must pass, ours and those of others:
//
//	func TestStore(t *testing.T) {
//		jobstest.Exercise(t, func(t *testing.T) func() jobs.Store {
//			path := filepath.Join(t.TempDir(), "jobs.db")
//			return func() jobs.Store { return open(t, path) }
//		})
//	}
//
// The tests ask for a Store several times where they want another process on the same data, and never say goodbye to one: as a crash would not.
package jobstest
