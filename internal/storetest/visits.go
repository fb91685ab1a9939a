package storetest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/usher-id/usher/internal/org"
)

func tokenCases() []testCase {
	create := func(t *org.Token) work {
		return func(ctx context.Context, tx *org.Tx) error { return tx.Tokens.Create(ctx, t) }
	}
	return []testCase{
		{"what is written is read, in the order of creation", func(s *suite) {
			s.view(func(ctx context.Context, tx *org.Tx) error {
				none, err := tx.Tokens.List(ctx, "")
				equal(s, "none", none, []*org.Token{})
				return err
			})
			s.update(create(&org.Token{ID: "00T1", Name: "late", Hash: "h1", Created: moment(2), LastUsed: moment(3), Expires: moment(4)}))
			s.update(create(&org.Token{ID: "00T2", Name: "early", Hash: "h2", Created: moment(1)}))
			late := &org.Token{ID: "00T1", Name: "late", Hash: "h1", Created: stored(2), LastUsed: stored(3), Expires: stored(4)}
			early := &org.Token{ID: "00T2", Name: "early", Hash: "h2", Created: stored(1)}
			s.view(func(ctx context.Context, tx *org.Tx) error {
				got, err := tx.Tokens.ByHash(ctx, "h1")
				if err != nil {
					return err
				}
				equal(s, "by hash", got, late)
				all, err := tx.Tokens.List(ctx, "")
				equal(s, "all", all, []*org.Token{early, late})
				if err != nil {
					return err
				}
				got, err = tx.Tokens.Get(ctx, "00T1")
				equal(s, "by id", got, late)
				return err
			})
		}},
		{"a hash is one token's", func(s *suite) {
			s.update(create(&org.Token{ID: "00T1", Hash: "h1"}))
			if err := s.tryUpdate(create(&org.Token{ID: "00T2", Hash: "h1"})); err == nil {
				s.Error("two tokens have one hash")
			}
		}},
		{"those of a user are told apart, and renamed", func(s *suite) {
			for i, user := range []string{"", "00u1", "00u2", "00u1"} {
				s.update(create(&org.Token{ID: "00T" + strconv.Itoa(i), Name: "t", Hash: strconv.Itoa(i), UserID: user, Created: moment(9 - i)}))
			}
			rename := func(id string) work {
				return func(ctx context.Context, tx *org.Tx) error {
					return tx.Tokens.Update(ctx, &org.Token{ID: id, Name: "new", Hash: "other", Role: org.RoleSuperAdmin, LastUpdated: moment(20)})
				}
			}
			s.update(rename("00T1"))
			s.refused(org.ErrNotFound, rename("00T9"))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				list, err := tx.Tokens.List(ctx, "00u1")
				equal(s, "of a user", list, []*org.Token{
					{ID: "00T3", Name: "t", Hash: "3", UserID: "00u1", Created: stored(6)},
					{ID: "00T1", Name: "new", Hash: "1", UserID: "00u1", Created: stored(8), LastUpdated: stored(20)},
				})
				return err
			})
		}},
		{"use goes forward only", func(s *suite) {
			s.update(create(&org.Token{ID: "00T1", Hash: "h1"}))
			for _, at := range []int{5, 3} {
				s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Tokens.Touch(ctx, "00T1", moment(at)) })
			}
			s.view(func(ctx context.Context, tx *org.Tx) error {
				got, err := tx.Tokens.ByHash(ctx, "h1")
				if err == nil {
					equal(s, "last use", got.LastUsed, stored(5))
				}
				return err
			})
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Tokens.Touch(ctx, "00T9", moment(1)) }) // revoked meanwhile
		}},
		{"what is deleted is gone", func(s *suite) {
			s.update(create(&org.Token{ID: "00T1", Hash: "h1"}))
			remove := func(ctx context.Context, tx *org.Tx) error { return tx.Tokens.Delete(ctx, "00T1") }
			s.update(remove)
			s.refused(org.ErrNotFound, remove)
			s.missing("by hash", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Tokens.ByHash(ctx, "h1")
				return err
			})
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Tokens.Get(ctx, "00T1")
				return err
			})
		}},
	}
}

func sessionCases() []testCase {
	create := openSession
	gone := func(s *suite, hash string) {
		s.Helper()
		s.missing("session "+hash, func(ctx context.Context, tx *org.Tx) error {
			_, err := tx.Sessions.ByHash(ctx, hash)
			return err
		})
	}
	there := func(s *suite, want *org.Session) {
		s.Helper()
		s.view(func(ctx context.Context, tx *org.Tx) error {
			got, err := tx.Sessions.ByHash(ctx, want.Hash)
			equal(s, "session", got, want)
			return err
		})
	}
	return []testCase{
		{"what is written is read, and use goes forward only", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "")))
			s.update(create(&org.Session{ID: "trs1", Hash: "h1", UserID: "00u1", Created: moment(1), LastUse: moment(2), Expires: moment(3)}))
			there(s, &org.Session{ID: "trs1", Hash: "h1", UserID: "00u1", Created: stored(1), LastUse: stored(2), Expires: stored(3)})
			for _, at := range []int{9, 8} {
				s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Sessions.Touch(ctx, "trs1", moment(at)) })
			}
			there(s, &org.Session{ID: "trs1", Hash: "h1", UserID: "00u1", Created: stored(1), LastUse: stored(9), Expires: stored(3)})
		}},
		{"nobody has no session", func(s *suite) {
			if err := s.tryUpdate(create(&org.Session{ID: "trs1", Hash: "h1", UserID: "00u1"})); err == nil {
				s.Error("nobody is signed in")
			}
			gone(s, "h1")
		}},
		{"ended, of one user, and by time", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "")))
			s.update(createUser(person(s, "00u2", "eve", "")))
			for i, user := range []string{"00u1", "00u1", "00u2", "00u2"} {
				s.update(create(&org.Session{ID: fmt.Sprint("trs", i), Hash: fmt.Sprint("h", i), UserID: user, Expires: stored(i)}))
			}
			remove := func(ctx context.Context, tx *org.Tx) error { return tx.Sessions.Delete(ctx, "trs0") }
			s.update(remove)
			s.update(remove) // signing out twice is no error
			gone(s, "h0")
			s.update(func(ctx context.Context, tx *org.Tx) error {
				n, err := tx.Sessions.DeleteOfUser(ctx, "00u1")
				equal(s, "ended", n, 1)
				return err
			})
			gone(s, "h1")
			s.update(func(ctx context.Context, tx *org.Tx) error {
				n, err := tx.Sessions.Prune(ctx, stored(3))
				equal(s, "pruned", n, 1)
				return err
			})
			gone(s, "h2")
			there(s, &org.Session{ID: "trs3", Hash: "h3", UserID: "00u2", Expires: stored(3)})
		}},
	}
}

func swap(i *org.Interaction) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Interactions.Swap(ctx, i) }
}

func interactionCases() []testCase {
	visit := func(s *suite, hash string) (i *org.Interaction) {
		s.Helper()
		s.view(func(ctx context.Context, tx *org.Tx) (err error) {
			i, err = tx.Interactions.ByHash(ctx, hash)
			return err
		})
		return i
	}
	return []testCase{
		{"what is written is read, and counted", func(s *suite) {
			full := func(at func(int) time.Time) *org.Interaction {
				return &org.Interaction{
					ID: "int1", Hash: "h1", State: org.StateDone, UserID: "00u1", Deadline: at(1),
					Messages: []org.Message{{Field: "email", Text: "No <&> no."}}, Created: at(2), Expires: at(3),
				}
			}
			mine, want := full(moment), full(stored)
			s.update(swap(mine))
			equal(s, "version in hand", mine.Version, 1)
			want.Version = 1
			equal(s, "visit", visit(s, "h1"), want)
			again := full(moment)
			again.Version = 1
			s.update(swap(again))
			want.Version = 2
			equal(s, "visit", visit(s, "h1"), want)
		}},
		{"no messages and an empty list stay so", func(s *suite) {
			for hash, messages := range map[string][]org.Message{"nil": nil, "empty": {}} {
				s.update(swap(&org.Interaction{ID: "int" + hash, Hash: hash, Messages: messages}))
				equal(s, hash, visit(s, hash).Messages, messages)
			}
		}},
		{"only the version that was read is replaced", func(s *suite) {
			i := &org.Interaction{ID: "int1", Hash: "h1", State: org.StateForm}
			s.update(swap(i))
			stale := *i
			i.State = org.StateCalling
			s.update(swap(i))
			equal(s, "version in hand", i.Version, 2)
			s.refused(org.ErrConflict, swap(&stale))
			equal(s, "version of the stale one", stale.Version, 1)
			s.refused(org.ErrConflict, swap(&org.Interaction{ID: "int1", Hash: "other"}))
			s.refused(org.ErrConflict, swap(&org.Interaction{ID: "other", Hash: "h1"}))
			s.refused(org.ErrConflict, swap(&org.Interaction{ID: "nobody", Hash: "h9", Version: 1}))
			equal(s, "state", visit(s, "h1").State, org.StateCalling)
		}},
		{"a version goes back with what was undone", func(s *suite) {
			i := &org.Interaction{ID: "int1", Hash: "h1"}
			s.refused(errLost, func(ctx context.Context, tx *org.Tx) error {
				for range 2 {
					if err := tx.Interactions.Swap(ctx, i); err != nil {
						return err
					}
				}
				equal(s, "version inside", i.Version, 2)
				return fmt.Errorf("mine: %w", errLost)
			})
			equal(s, "version in hand", i.Version, 0)
			s.update(swap(i))
		}},
		{"pruned by time, and then not found", func(s *suite) {
			s.update(swap(&org.Interaction{ID: "int1", Hash: "h1", Expires: stored(1)}))
			s.update(swap(&org.Interaction{ID: "int2", Hash: "h2", Expires: stored(2)}))
			s.update(func(ctx context.Context, tx *org.Tx) error {
				n, err := tx.Interactions.Prune(ctx, stored(2))
				equal(s, "pruned", n, 1)
				return err
			})
			s.missing("the old one", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Interactions.ByHash(ctx, "h1")
				return err
			})
			equal(s, "the other", visit(s, "h2").ID, "int2")
		}},
	}
}
