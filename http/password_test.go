package http

import (
	"strings"
	"testing"
)

func TestPassword(t *testing.T) {
	hash := HashPassword("correct horse")
	if !PasswordFits(hash, "correct horse") {
		t.Error("the right password does not fit")
	}
	if hash == HashPassword("correct horse") {
		t.Error("two hashes of one password are equal: no salt")
	}
	for name, c := range map[string][2]string{
		"another password": {hash, "correct horsf"},
		"an empty one":     {hash, ""},
		"no user":          {"", "correct horse"},
		"no hash":          {"correct horse", "correct horse"},
		"a cut hash":       {hash[:len(hash)-60], "correct horse"},
		"another kind":     {strings.Replace(hash, "argon2id", "argon2i", 1), "correct horse"},
		"an empty digest":  {hash[:strings.LastIndex(hash, "$")+1], ""},
	} {
		if PasswordFits(c[0], c[1]) {
			t.Errorf("%s fits", name)
		}
	}
}
