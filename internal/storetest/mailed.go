package storetest

import (
	"context"
	"errors"

	"github.com/usher-id/usher/internal/org"
)

// withUsers makes users to hang something on.
func (s *suite) withUsers(ids ...string) {
	s.Helper()
	for _, id := range ids {
		s.update(createUser(person(s, id, id+"@example.com", "")))
	}
}

func createUserToken(t *org.UserToken) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.UserTokens.Create(ctx, t) }
}

func userTokenCases() []testCase {
	known := func(s *suite, hash string) bool {
		s.Helper()
		found := true
		s.view(func(ctx context.Context, tx *org.Tx) error {
			_, err := tx.UserTokens.ByHash(ctx, hash)
			if isNotFound(err) {
				found, err = false, nil
			}
			return err
		})
		return found
	}
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.withUsers("00u1")
			s.update(createUserToken(&org.UserToken{
				Hash: "h1", UserID: "00u1", Purpose: org.PurposeActivate, Created: moment(1), Expires: moment(2),
			}))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				got, err := tx.UserTokens.ByHash(ctx, "h1")
				equal(s, "token", got, &org.UserToken{
					Hash: "h1", UserID: "00u1", Purpose: org.PurposeActivate, Created: stored(1), Expires: stored(2),
				})
				return err
			})
		}},
		{"a token is found in the transaction that makes it", func(s *suite) {
			s.withUsers("00u1")
			s.update(func(ctx context.Context, tx *org.Tx) error {
				if err := tx.UserTokens.Create(ctx, &org.UserToken{Hash: "h1", UserID: "00u1"}); err != nil {
					return err
				}
				_, err := tx.UserTokens.ByHash(ctx, "h1")
				return err
			})
		}},
		{"a token is taken once", func(s *suite) {
			s.withUsers("00u1")
			s.update(createUserToken(&org.UserToken{Hash: "h1", UserID: "00u1"}))
			take := func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.UserTokens.Take(ctx, "h1")
				return err
			}
			s.update(take)
			s.refused(org.ErrNotFound, take)
		}},
		{"of many who take a token at once one gets it", func(s *suite) {
			s.withUsers("00u1")
			s.update(createUserToken(&org.UserToken{Hash: "h1", UserID: "00u1"}))
			const n = 8
			errs := race(n, func(int) error {
				return s.store.Update(s.Context(), func(ctx context.Context, tx *org.Tx) error {
					_, err := tx.UserTokens.Take(ctx, "h1")
					return err
				})
			})
			equal(s, "taken and not found", []int{count(errs, nil), count(errs, org.ErrNotFound)}, []int{1, n - 1})
		}},
		{"those of a user go at once, and others stay", func(s *suite) {
			s.withUsers("00u1", "00u2")
			for hash, user := range map[string]string{"h1": "00u1", "h2": "00u1", "h3": "00u2"} {
				s.update(createUserToken(&org.UserToken{Hash: hash, UserID: user}))
			}
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.UserTokens.DeleteOfUser(ctx, "00u1") })
			equal(s, "known", []bool{known(s, "h1"), known(s, "h2"), known(s, "h3")}, []bool{false, false, true})
		}},
		{"what has expired is pruned", func(s *suite) {
			s.withUsers("00u1")
			s.update(createUserToken(&org.UserToken{Hash: "old", UserID: "00u1", Expires: moment(1)}))
			s.update(createUserToken(&org.UserToken{Hash: "new", UserID: "00u1", Expires: moment(2)}))
			s.update(func(ctx context.Context, tx *org.Tx) error {
				n, err := tx.UserTokens.Prune(ctx, stored(2))
				equal(s, "pruned", n, 1)
				return err
			})
			equal(s, "known", []bool{known(s, "old"), known(s, "new")}, []bool{false, true})
		}},
	}
}

// mails gives what is to be sent.
func (s *suite) mails() (all []*org.Mail) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) (err error) {
		all, err = tx.Mails.List(ctx, 10)
		return err
	})
	return all
}

func mailIDs(all []*org.Mail) []string {
	ids := []string{}
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	return ids
}

func appendMail(m *org.Mail) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Mails.Append(ctx, m) }
}

func mailCases() []testCase {
	three := func(s *suite) {
		s.withUsers("00u1", "00u2")
		s.update(appendMail(&org.Mail{ID: "eml3", UserID: "00u1", Created: moment(3)}))
		s.update(appendMail(&org.Mail{ID: "eml1", UserID: "00u2", Created: moment(1)}))
		s.update(appendMail(&org.Mail{ID: "eml2", UserID: "00u1", Created: moment(2)}))
	}
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.withUsers("00u1")
			m := &org.Mail{
				ID: "eml1", UserID: "00u1", Kind: org.MailActivate, To: "ada@example.com", Token: org.NewSecret("s3cret"), Created: moment(1),
			}
			s.update(appendMail(m))
			all := s.mails()
			if len(all) != 1 {
				s.Fatalf("%d mails", len(all))
			}
			equal(s, "token", all[0].Token.Reveal(), "s3cret")
			want := *m
			want.Created = stored(1)
			equal(s, "mail", *all[0], want)
		}},
		{"the oldest come first, up to a limit", func(s *suite) {
			three(s)
			equal(s, "all", mailIDs(s.mails()), []string{"eml1", "eml2", "eml3"})
			s.view(func(ctx context.Context, tx *org.Tx) error {
				two, err := tx.Mails.List(ctx, 2)
				equal(s, "two", mailIDs(two), []string{"eml1", "eml2"})
				return err
			})
		}},
		{"none is an empty list", func(s *suite) {
			equal(s, "mails", s.mails(), []*org.Mail{})
		}},
		{"what was sent goes, and is gone", func(s *suite) {
			three(s)
			for range 2 {
				s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Mails.Delete(ctx, "eml2") })
			}
			equal(s, "left", mailIDs(s.mails()), []string{"eml1", "eml3"})
		}},
		{"what is for a user goes at once", func(s *suite) {
			three(s)
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Mails.DeleteOfUser(ctx, "00u1") })
			equal(s, "left", mailIDs(s.mails()), []string{"eml1"})
		}},
		{"what is old is pruned", func(s *suite) {
			three(s)
			s.update(func(ctx context.Context, tx *org.Tx) error {
				n, err := tx.Mails.Prune(ctx, stored(3))
				equal(s, "pruned", n, 2)
				return err
			})
			equal(s, "left", mailIDs(s.mails()), []string{"eml3"})
		}},
	}
}

func isNotFound(err error) bool { return errors.Is(err, org.ErrNotFound) }
