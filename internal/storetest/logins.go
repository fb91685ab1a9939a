package storetest

import (
	"context"

	"github.com/usher-id/usher/internal/org"
)

// taken expects whether names are.
func (s *suite) taken(want bool, names ...string) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) error {
		got, err := tx.Users.Taken(ctx, names...)
		if got != want {
			s.Errorf("%q taken: %v, want %v", names, got, want)
		}
		return err
	})
}

func loginCases() []testCase {
	return []testCase{
		{"one person in other letters is the same", func(s *suite) {
			for _, pair := range [][2]string{
				{"ada@example.com", "ADA@Example.COM"},
				{"straße@example.com", "STRASSE@example.com"},
				{"ἄδα@example.com", "ἌΔΑ@example.com"},
				{"grace@example.com", " ｇｒａｃｅ@example.com\t"},        // NFKC, and space around
				{"rené@example.com", "rene\u0301@example.com"},       // composed or not
				{"ﬁona@example.com", "FIONA@example.com"},            // a ligature
				{"sigma.ς@example.com", "SIGMA.Σ@example.com"},       // final or not
				{"kelvin@example.com", "\u212Aelvin@example.com"},    // the Kelvin sign
				{"i@istanbul.example.com", "I@istanbul.example.com"}, // not by Turkish rules
			} {
				first, second := pair[0], pair[1]
				u := person(s, "00u"+first, first, first)
				s.update(createUser(u))
				s.refused(org.ErrLoginTaken, createUser(person(s, "00u2", second, second)))
				s.taken(true, second)
				s.view(func(ctx context.Context, tx *org.Tx) error {
					got, err := tx.Users.ByLogin(ctx, second)
					if err == nil && !sameUser(s, got, u) {
						s.Errorf("%q is not %q", second, first)
					}
					return err
				})
			}
		}},
		{"different people stay different", func(s *suite) {
			for _, login := range []string{
				"ada@example.com", "ada.@example.com", "ada+1@example.com", "\u0430da@example.com", // a Cyrillic а
				"istanbul@example.com", "\u0131stanbul@example.com", "\u0130stanbul@example.com", // ı and İ are not i
				"%@example.com", "_da@example.com",
			} {
				s.taken(false, login)
				s.update(createUser(person(s, "00u"+login, login, login)))
			}
		}},
		{"a login cannot be another's address, nor the reverse", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "ada@example.com")))
			s.refused(org.ErrLoginTaken, createUser(person(s, "00u2", "Ada@example.com", "other@example.com")))
			s.refused(org.ErrLoginTaken, createUser(person(s, "00u2", "other", "ADA")))
			s.refused(org.ErrLoginTaken, createUser(person(s, "00u2", "other", "ada@example.com")))
			s.taken(false, "other", "other@example.com")
			s.taken(true, "other", "ada@EXAMPLE.com")
			s.missing("by address", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Users.ByLogin(ctx, "ada@example.com")
				return err
			})
		}},
		{"no name is not taken", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", ""))) // without an address
			s.update(createUser(person(s, "00u2", "eve", "")))
			s.taken(false)
			s.taken(false, "", " ")
		}},
		{"a changed login frees the old one, and only that", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "ada@example.com")))
			s.update(updateUser(person(s, "00u1", "lovelace", "ada@example.com")))
			s.taken(false, "ada")
			s.taken(true, "lovelace")
			s.taken(true, "ada@example.com")
			s.update(createUser(person(s, "00u2", "ada", "eve@example.com")))
		}},
		{"one may take one's own address for a login, and both swapped", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "ada@example.com")))
			s.update(updateUser(person(s, "00u1", "ada@example.com", "ada")))
			s.update(updateUser(person(s, "00u1", "ADA@example.com", "ada@example.com")))
			s.taken(false, "ada")
		}},
		{"nobody can change into another", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "ada@example.com")))
			eve := person(s, "00u2", "eve", "eve@example.com")
			s.update(createUser(eve))
			s.refused(org.ErrLoginTaken, updateUser(person(s, "00u2", "ADA", "eve@example.com")))
			s.refused(org.ErrLoginTaken, updateUser(person(s, "00u2", "eve", "Ada@Example.com")))
			s.has(eve)
		}},
	}
}
