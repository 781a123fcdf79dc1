package template

import (
	"os"
	"testing"

	"greenroom/internal/parity"
	"greenroom/widgets/view"
)

// TestMain reports what was compared.
func TestMain(m *testing.M) {
	os.Exit(parity.Main(m.Run, parity.Engine{
		Compile: view.CompileAny,
		Executed: func(t *view.Template, data any) (string, error) {
			var n view.Engines
			err := view.SameRecordings(t, data, &n)
			switch {
			case n.Machine > 0:
				return parity.Machine, err
			case n.GaveUp > 0:
				return parity.GaveUp, err
			case n.Standard > 0:
				return parity.Standard, err
			}
			return parity.Whole, err
		},
	}))
}
