package profile

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxFolds is more rounds than any text needs; one that would not settle is cut
// off rather than turned for ever.
const maxFolds = 8

// FoldLogin gives the key by which a login is unique and found: NFKC, Unicode
// case folding and no space around it. What is stored and shown is the login as
// it was typed.
//
// One pass is not enough: folding can undo the normal form and the normal form
// can bring new capitals and spaces (U+3392, U+00A0), so it goes on until
// nothing changes. FoldLogin(FoldLogin(s)) is FoldLogin(s).
//
// NUL and invalid UTF-8, which no stored login has but a sign-in form may send,
// become U+FFFD: PostgreSQL refuses them even in a look-up.
func FoldLogin(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	fold := cases.Fold()
	for range maxFolds {
		next := strings.TrimSpace(fold.String(norm.NFKC.String(s)))
		if next == s {
			break
		}
		s = next
	}
	return s
}
