package jobstest_test

import (
	"testing"

	"greenroom/jobs"
	"greenroom/jobs/jobstest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	jobstest.Exercise(t, func(*testing.T) func() jobs.Store {
		store := jobs.NewMemory()
		return func() jobs.Store { return store }
	})
}
