package shop

import "strings"

// money writes an amount in euro cents as people read it: 123456 is €1,234.56. It works on the digits, so any size is exact; what is no whole
// number comes back as it is.
func money(cents string) string {
	digits := strings.TrimPrefix(cents, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return cents
	}
	for len(digits) < 3 {
		digits = "0" + digits
	}
	whole, rest := digits[:len(digits)-2], digits[len(digits)-2:]
	amount := "€" + grouped(whole) + "." + rest
	if strings.HasPrefix(cents, "-") {
		return "-" + amount
	}
	return amount
}

// grouped sets commas between thousands.
func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
