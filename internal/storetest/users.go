package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// hash is of the password "correct horse", at the least cost.
const hash = "$2a$04$bwpdIz3f.3NSsMZnrPgTP.ZikO.mRGkiKvkZLbT6UbUrcAL7pEJwi"

// person makes a user with a login and an address.
func person(t testing.TB, id, login, email string) *org.User {
	t.Helper()
	p, err := profile.Decode(`{"firstName":"Ada"}`)
	if err != nil {
		t.Fatal(err)
	}
	return &org.User{ID: id, Status: org.StatusActive, Profile: p.Set(profile.Login, login).Set(profile.Email, email)}
}

func createUser(u *org.User) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Users.Create(ctx, u) }
}

func updateUser(u *org.User) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Users.Update(ctx, u) }
}

// has expects that a user is stored just so.
func (s *suite) has(want *org.User) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) error {
		got, err := tx.Users.Get(ctx, want.ID)
		if err == nil && !sameUser(s, got, want) {
			s.Errorf("user %s is not as it was written", want.ID)
		}
		return err
	})
}

// sameUser compares users, with what they hide.
func sameUser(t testing.TB, got, want *org.User) bool {
	t.Helper()
	gotProfile, gotErr := got.Profile.Encode()
	wantProfile, wantErr := want.Profile.Encode()
	if gotErr != nil || wantErr != nil || gotProfile != wantProfile {
		t.Errorf("profile\n got %s, %v\nwant %s, %v", gotProfile, gotErr, wantProfile, wantErr)
	}
	equal(t, "hash", got.Password.Encoded(), want.Password.Encoded())
	g, w := *got, *want
	g.Profile, w.Profile = profile.Profile{}, profile.Profile{}
	g.Password, w.Password = password.Hash{}, password.Hash{}
	equal(t, "user", g, w)
	return !t.Failed()
}

func userCases() []testCase {
	return []testCase{
		{"what is written is read", func(s *suite) {
			// The order of keys and the text of numbers are the profile's.
			p, err := profile.Decode(`{"zeta":1.50,"login":"Ada@Example.com","email":"ada@work.example","alpha":[1,"ß",null],"note":"\ttab \"quoted\" \\u0000 \ufffd"}`)
			if err != nil {
				s.Fatal(err)
			}
			h, err := password.ParseHash(hash)
			if err != nil {
				s.Fatal(err)
			}
			u := &org.User{
				ID: "00u1", Status: org.StatusLockedOut, TypeID: "oty1", Profile: p, Password: h,
				Account: org.Account{
					Provider: org.Provider{Type: org.ProviderImport, Name: "The old one"},
					Recovery: org.Recovery{Question: "Who is \"it\"?", Answer: h}, PasswordHook: true,
					FailedSignIns: 3, LastFailure: moment(7), Earlier: []password.Hash{h, h},
				},
				Created: moment(1), Activated: moment(2), StatusChanged: moment(3), LastLogin: moment(4),
				LastUpdated: moment(5), PasswordChanged: moment(6),
			}
			s.update(createUser(u))
			want := *u
			want.Account.LastFailure = stored(7)
			want.Created, want.Activated, want.StatusChanged = stored(1), stored(2), stored(3)
			want.LastLogin, want.LastUpdated, want.PasswordChanged = stored(4), stored(5), stored(6)
			s.has(&want)
		}},
		{"never and no password stay so", func(s *suite) {
			u := person(s, "00u1", "ada@example.com", "ada@example.com")
			s.update(createUser(u))
			s.has(u)
		}},
		{"nobody is not found", func(s *suite) {
			nobody := person(s, "00u1", "ada@example.com", "ada@example.com")
			s.refused(org.ErrNotFound, updateUser(nobody))
			s.refused(org.ErrNotFound, func(ctx context.Context, tx *org.Tx) error { return tx.Users.Delete(ctx, "00u1") })
			s.refused(org.ErrNotFound, func(ctx context.Context, tx *org.Tx) error { return org.DeleteUser(ctx, tx, "00u1") })
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Users.Get(ctx, "00u1")
				return err
			})
			s.missing("by login", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Users.ByLogin(ctx, "ada@example.com")
				return err
			})
		}},
		{"update replaces everything", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada@example.com", "ada@example.com")))
			u := person(s, "00u1", "lovelace@example.com", "ada@work.example")
			u.Status, u.LastUpdated, u.TypeID = org.StatusSuspended, time.UnixMicro(1).UTC(), "oty2"
			u.Account = org.Account{Recovery: org.Recovery{Question: "Why?"}, FailedSignIns: 1}
			s.update(updateUser(u))
			s.has(u)
		}},
		{"delete takes sessions, tokens, mail, memberships and names along", func(s *suite) {
			s.update(func(ctx context.Context, tx *org.Tx) error {
				if err := tx.Users.Create(ctx, person(s, "00u1", "ada@example.com", "ada@work.example")); err != nil {
					return err
				}
				if err := tx.Groups.Create(ctx, &org.Group{ID: "00g1", Name: "G"}); err != nil {
					return err
				}
				if err := tx.Members.Add(ctx, "00g1", "00u1", time.Time{}); err != nil {
					return err
				}
				if err := tx.UserTokens.Create(ctx, &org.UserToken{Hash: "t1", UserID: "00u1"}); err != nil {
					return err
				}
				if err := tx.Mails.Append(ctx, &org.Mail{ID: "eml1", UserID: "00u1"}); err != nil {
					return err
				}
				return tx.Sessions.Create(ctx, &org.Session{ID: "trs1", Hash: "h1", UserID: "00u1"})
			})
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Users.Delete(ctx, "00u1") })
			s.missing("the session", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Sessions.ByHash(ctx, "h1")
				return err
			})
			s.missing("the token", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.UserTokens.ByHash(ctx, "t1")
				return err
			})
			equal(s, "mails", s.mails(), []*org.Mail{})
			s.update(createUser(person(s, "00u2", "ada@work.example", "ada@example.com")))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				groups, err := tx.Members.Groups(ctx, "00u1")
				equal(s, "groups", len(groups), 0)
				return err
			})
		}},
	}
}

// Everybody gives all users, in the order of their ids.
func Everybody(ctx context.Context, tx *org.Tx) (all []*org.User, err error) {
	err = tx.Users.Scan(ctx, org.UserQuery{}, func(u *org.User, _ org.UserPosition) bool {
		all = append(all, u)
		return true
	})
	return all, err
}
