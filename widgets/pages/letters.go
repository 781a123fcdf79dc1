package pages

import (
	"strings"
	"unicode"
)

// lettered gives each entry of the navigation the letter that leads there after g: the first of its label that is still free. Dashboard has d.
func lettered(groups []navGroup) []navGroup {
	taken := map[rune]bool{'d': true, 'g': true} // g begins anew
	for _, g := range groups {
		for i := range g.Items {
			for _, r := range strings.ToLower(g.Items[i].Label) {
				if r < unicode.MaxASCII && unicode.IsLetter(r) && !taken[r] {
					taken[r], g.Items[i].Go = true, string(r)
					break
				}
			}
		}
	}
	return groups
}
