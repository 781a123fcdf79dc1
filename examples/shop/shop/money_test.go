package shop

import "testing"

func TestMoney(t *testing.T) {
	t.Parallel()
	for cents, want := range map[string]string{
		"0": "€0.00", "5": "€0.05", "-5": "-€0.05", "100": "€1.00", "123456": "€1,234.56", "100000000": "€1,000,000.00",
		"123456789012345678901234": "€1,234,567,890,123,456,789,012.34", "": "", "-": "-", "1.5": "1.5",
	} {
		if got := money(cents); got != want {
			t.Errorf("money(%q) is %q, want %q", cents, got, want)
		}
	}
}
