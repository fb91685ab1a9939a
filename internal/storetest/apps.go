package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/usher-id/usher/internal/org"
)

func createApp(a *org.App) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Apps.Create(ctx, a) }
}

func updateApp(a *org.App) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Apps.Update(ctx, a) }
}

func appOf(id, label string) *org.App {
	return &org.App{ID: id, ClientID: "client-" + id, Name: org.AppOIDC, Label: label, Status: org.StatusActive}
}

// firstApp gives the app 0oa1 as it is stored.
func (s *suite) firstApp() (a *org.App) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) (err error) {
		a, err = tx.Apps.Get(ctx, "0oa1")
		return err
	})
	return a
}

func (s *suite) noApp(id string) {
	s.Helper()
	s.missing("app "+id, func(ctx context.Context, tx *org.Tx) error {
		_, err := tx.Apps.Get(ctx, id)
		return err
	})
	s.missing("client of app "+id, func(ctx context.Context, tx *org.Tx) error {
		_, err := tx.Apps.ByClientID(ctx, "client-"+id)
		return err
	})
}

// appIDs gives the ids of a query.
func (s *suite) appIDs(q org.AppQuery) (ids []string) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) error {
		all, err := tx.Apps.List(ctx, q)
		if all == nil {
			s.Error("the list is nil")
		}
		ids = []string{}
		for _, a := range all {
			ids = append(ids, a.ID)
		}
		return err
	})
	return ids
}

// fullApp has a value everywhere, and times as at gives them.
func fullApp(at func(int) time.Time) *org.App {
	return &org.App{
		ID: "0oa1", ClientID: "shop-client", Name: org.AppOIDC, Label: "Shop ✓", Status: org.StatusInactive,
		Settings: org.AppSettings{
			SelfService: true, ErrorRedirectURL: "https://shop.example/e", HideWeb: true,
			UserName: org.UserNameTemplate{Template: "${source.login}", Type: "BUILT_IN"}, AdminNote: "a",
			Profile: `{"b":1,"a":"ß"}`,
			OAuth: org.OAuthSettings{
				AuthMethod: "client_secret_basic", GrantTypes: []string{"authorization_code"}, ResponseTypes: []string{},
				RedirectURIs: []string{"https://b.example/", "https://a.example/"}, RefreshToken: org.RefreshToken{Rotation: "ROTATE", Leeway: 30},
				IdPLogin: org.IdPLogin{Mode: "DISABLED", Scopes: []string{}},
			},
			IDToken: org.IDTokenClaim{Name: "groups", Value: ".*", ValueType: "GROUPS"},
		},
		Keys: []org.ClientKey{{
			Credential: org.Credential{ID: "pks1", Status: org.StatusActive, Created: at(3), LastUpdated: at(4)}, KID: "k", Type: "RSA", N: "n", E: "AQAB",
		}},
		Secrets: []org.ClientSecret{{
			Credential: org.Credential{ID: "ocs1", Status: org.StatusActive, Created: at(5), LastUpdated: at(6)},
			Digest:     org.Digest{Salt: []byte("salt"), Sum: []byte{0, 255}},
		}},
		Created: at(1), LastUpdated: at(2), Version: 3,
	}
}

func appCases() []testCase {
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.update(createApp(fullApp(moment)))
			equal(s, "app", s.firstApp(), fullApp(stored))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				a, err := tx.Apps.ByClientID(ctx, "shop-client")
				equal(s, "app by its client", a, fullApp(stored))
				return err
			})
		}},
		{"no keys and no secrets stay so", func(s *suite) {
			s.update(createApp(appOf("0oa1", "x")))
			equal(s, "app", s.firstApp(), appOf("0oa1", "x"))
		}},
		{"none is not found", func(s *suite) {
			s.noApp("0oa1")
			s.refused(org.ErrNotFound, updateApp(appOf("0oa1", "x")))
			s.refused(org.ErrNotFound, func(ctx context.Context, tx *org.Tx) error { return tx.Apps.Delete(ctx, "0oa1") })
		}},
		{"client ids are taken once, labels are not", func(s *suite) {
			s.update(createApp(appOf("0oa1", "x")))
			s.update(createApp(appOf("0oa2", "x")))
			third := appOf("0oa3", "y")
			third.ClientID = "client-0oa1"
			s.refused(org.ErrNameTaken, createApp(third))
		}},
		{"update replaces everything and counts the version up", func(s *suite) {
			s.update(createApp(appOf("0oa1", "x")))
			a := fullApp(moment)
			a.Version = 0
			s.update(updateApp(a))
			equal(s, "version in hand", a.Version, 1)
			want := fullApp(stored)
			want.Version = 1
			equal(s, "app", s.firstApp(), want)
		}},
		{"whoever read an older version is told, and keeps it", func(s *suite) {
			s.update(createApp(appOf("0oa1", "x")))
			first, second := s.firstApp(), s.firstApp()
			s.update(updateApp(first))
			s.refused(org.ErrConflict, updateApp(second))
			equal(s, "version in hand", second.Version, 0)
		}},
		{"lists go by id, in pages", func(s *suite) {
			for _, id := range []string{"0oaB", "0oaa", "0oaA", "0oab"} {
				s.update(createApp(appOf(id, "x")))
			}
			equal(s, "all", s.appIDs(org.AppQuery{Limit: 9}), []string{"0oaA", "0oaB", "0oaa", "0oab"})
			equal(s, "first", s.appIDs(org.AppQuery{Limit: 2}), []string{"0oaA", "0oaB"})
			equal(s, "second", s.appIDs(org.AppQuery{After: "0oaB", Limit: 2}), []string{"0oaa", "0oab"})
			equal(s, "end", s.appIDs(org.AppQuery{After: "0oab", Limit: 2}), []string{})
		}},
		{"lists look for the start of label or name, in any case", func(s *suite) {
			for id, label := range map[string]string{"0oa1": "Straße 1", "0oa2": "my shop", "0oa3": "Shop", "0oa4": "sh%p"} {
				s.update(createApp(appOf(id, label)))
			}
			for prefix, want := range map[string][]string{
				"STRASSE": {"0oa1"}, "shop": {"0oa3"}, "Sh%": {"0oa4"}, "OIDC_": {"0oa1", "0oa2", "0oa3", "0oa4"}, "idc": {}, "": {"0oa1", "0oa2", "0oa3", "0oa4"},
			} {
				equal(s, "prefix "+prefix, s.appIDs(org.AppQuery{Prefix: prefix, Limit: 9}), want)
			}
		}},
		{"a policy that is deleted leaves its apps to the default one", func(s *suite) {
			none, policy := "", "rst1"
			s.update(createPolicy(&org.Policy{ID: policy, Name: "P"}))
			s.update(createApp(appOf("0oa1", "x")))
			own := appOf("0oa2", "y")
			own.PolicyID = policy
			s.update(createApp(own))
			equal(s, "by default", s.appIDs(org.AppQuery{Policy: &none, Limit: 9}), []string{"0oa1"})
			equal(s, "by policy", s.appIDs(org.AppQuery{Policy: &policy, Limit: 9}), []string{"0oa2"})
			own.PolicyID = "rst2"
			if err := s.tryUpdate(updateApp(own)); err == nil {
				s.Error("a policy that does not exist is an app's")
			}
		}},
		{"what is deleted is gone, with what it was assigned to", func(s *suite) {
			s.update(createApp(appOf("0oa1", "x")))
			s.update(assign(s, "0oa1", "00g1", "00u1"))
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Apps.Delete(ctx, "0oa1") })
			s.noApp("0oa1")
			s.unassigned("0oa1", "00g1", "00u1")
		}},
	}
}

// assign makes a group and a user, and assigns an app to both.
func assign(s *suite, appID, groupID, userID string) work {
	s.Helper()
	u := person(s, userID, userID, "")
	return func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Users.Create(ctx, u); err != nil {
			return err
		}
		if err := tx.Groups.Create(ctx, &org.Group{ID: groupID, Name: groupID}); err != nil {
			return err
		}
		if err := tx.AppGroups.Put(ctx, &org.AppGroup{AppID: appID, GroupID: groupID, Priority: 2, Profile: map[string]string{"locale": "ß"}, LastUpdated: moment(1)}); err != nil {
			return err
		}
		return tx.AppUsers.Put(ctx, &org.AppUser{AppID: appID, UserID: userID, UserName: "ann", Profile: map[string]string{}, Created: moment(1), LastUpdated: moment(2)})
	}
}

// unassigned expects that nothing of what assign did is left.
func (s *suite) unassigned(appID, groupID, userID string) {
	s.Helper()
	s.missing("the group's", func(ctx context.Context, tx *org.Tx) error {
		_, err := tx.AppGroups.Get(ctx, appID, groupID)
		return err
	})
	s.missing("the user's", func(ctx context.Context, tx *org.Tx) error {
		_, err := tx.AppUsers.Get(ctx, appID, userID)
		return err
	})
}

func assignmentCases() []testCase {
	return []testCase{
		{"what is written is read, and a second time changes it", func(s *suite) {
			s.update(createApp(appOf("0oa1", "x")))
			s.update(assign(s, "0oa1", "00g1", "00u1"))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				g, err := tx.AppGroups.Get(ctx, "0oa1", "00g1")
				if err != nil {
					return err
				}
				equal(s, "group", g, &org.AppGroup{AppID: "0oa1", GroupID: "00g1", Priority: 2, Profile: map[string]string{"locale": "ß"}, LastUpdated: stored(1)})
				u, err := tx.AppUsers.Get(ctx, "0oa1", "00u1")
				equal(s, "user", u, &org.AppUser{AppID: "0oa1", UserID: "00u1", UserName: "ann", Profile: map[string]string{}, Created: stored(1), LastUpdated: stored(2)})
				return err
			})
			s.update(func(ctx context.Context, tx *org.Tx) error {
				if err := tx.AppGroups.Put(ctx, &org.AppGroup{AppID: "0oa1", GroupID: "00g1", Profile: map[string]string{}}); err != nil {
					return err
				}
				return tx.AppUsers.Put(ctx, &org.AppUser{AppID: "0oa1", UserID: "00u1", UserName: "bob", Profile: map[string]string{"name": "B"}, Created: moment(8), LastUpdated: moment(9)})
			})
			s.view(func(ctx context.Context, tx *org.Tx) error {
				g, err := tx.AppGroups.Get(ctx, "0oa1", "00g1")
				if err != nil {
					return err
				}
				equal(s, "group", g, &org.AppGroup{AppID: "0oa1", GroupID: "00g1", Profile: map[string]string{}})
				u, err := tx.AppUsers.Get(ctx, "0oa1", "00u1")
				equal(s, "user", u, &org.AppUser{AppID: "0oa1", UserID: "00u1", UserName: "bob", Profile: map[string]string{"name": "B"}, Created: stored(1), LastUpdated: stored(9)})
				return err
			})
		}},
		{"nobody and nothing cannot be assigned", func(s *suite) {
			s.update(createApp(appOf("0oa1", "x")))
			for name, write := range map[string]work{
				"group": func(ctx context.Context, tx *org.Tx) error {
					return tx.AppGroups.Put(ctx, &org.AppGroup{AppID: "0oa1", GroupID: "00g1", Profile: map[string]string{}})
				},
				"user": func(ctx context.Context, tx *org.Tx) error {
					return tx.AppUsers.Put(ctx, &org.AppUser{AppID: "0oa1", UserID: "00u1", Profile: map[string]string{}})
				},
			} {
				if err := s.tryUpdate(write); err == nil {
					s.Errorf("a %s that does not exist is assigned", name)
				}
			}
			s.refused(org.ErrNotFound, func(ctx context.Context, tx *org.Tx) error { return tx.AppGroups.Delete(ctx, "0oa1", "00g1") })
			s.refused(org.ErrNotFound, func(ctx context.Context, tx *org.Tx) error { return tx.AppUsers.Delete(ctx, "0oa1", "00u1") })
		}},
		{"what is taken back is gone, and what goes takes it along", func(s *suite) {
			for i, gone := range []work{
				func(ctx context.Context, tx *org.Tx) error {
					if err := tx.AppUsers.Delete(ctx, "0oa0", "00u0"); err != nil {
						return err
					}
					return tx.AppGroups.Delete(ctx, "0oa0", "00g0")
				},
				func(ctx context.Context, tx *org.Tx) error {
					if err := tx.Users.Delete(ctx, "00u1"); err != nil {
						return err
					}
					return tx.AppGroups.Delete(ctx, "0oa1", "00g1")
				},
			} {
				appID, groupID, userID := fmt.Sprint("0oa", i), fmt.Sprint("00g", i), fmt.Sprint("00u", i)
				s.update(createApp(appOf(appID, "x")))
				s.update(assign(s, appID, groupID, userID))
				s.update(gone)
				s.unassigned(appID, groupID, userID)
			}
		}},
		{"lists go by id, in pages, and of one app", testAssignmentPages},
		{"a user has an app by groups, the first by priority", testAssignmentsOfUser},
	}
}

func testAssignmentPages(s *suite) {
	for _, id := range []string{"0oa1", "0oa2"} {
		s.update(createApp(appOf(id, "x")))
	}
	for i := range 4 {
		s.update(assign(s, "0oa1", fmt.Sprint("00g", i), fmt.Sprint("00u", i)))
	}
	s.view(func(ctx context.Context, tx *org.Tx) error {
		for _, page := range []struct {
			after string
			limit int
			want  []string
		}{{"", 0, []string{"0", "1", "2", "3"}}, {"", 2, []string{"0", "1"}}, {"1", 2, []string{"2", "3"}}, {"3", 2, []string{}}} {
			groups, err := tx.AppGroups.List(ctx, "0oa1", "00g"+page.after, page.limit)
			if err != nil {
				return err
			}
			got := []string{}
			for _, g := range groups {
				got = append(got, g.GroupID[len("00g"):])
			}
			equal(s, fmt.Sprintf("groups %+v", page), got, page.want)
			users, err := tx.AppUsers.List(ctx, "0oa1", "00u"+page.after, max(page.limit, 2))
			if err != nil {
				return err
			}
			for i, u := range users {
				equal(s, "user", u.UserID, "00u"+page.want[i])
			}
		}
		none, err := tx.AppUsers.List(ctx, "0oa2", "", 9)
		equal(s, "another app's", none, []*org.AppUser{})
		return err
	})
	equal(s, "of a group", s.appIDs(org.AppQuery{GroupID: "00g1", Limit: 9}), []string{"0oa1"})
	equal(s, "of none", s.appIDs(org.AppQuery{GroupID: "00g9", Limit: 9}), []string{})
}

func testAssignmentsOfUser(s *suite) {
	s.update(createApp(appOf("0oa1", "x")))
	s.update(assign(s, "0oa1", "00g1", "00u1"))
	s.update(assign(s, "0oa1", "00g2", "00u2"))
	s.update(func(ctx context.Context, tx *org.Tx) error {
		for i, id := range []string{"00g2", "00g1"} {
			if err := tx.AppGroups.Put(ctx, &org.AppGroup{AppID: "0oa1", GroupID: id, Priority: i, Profile: map[string]string{}}); err != nil {
				return err
			}
			if err := tx.Members.Add(ctx, id, "00u1", moment(1)); err != nil {
				return err
			}
		}
		of, err := tx.AppGroups.OfUser(ctx, "0oa1", "00u1")
		if err != nil {
			return err
		}
		if len(of) != 2 || of[0].GroupID != "00g2" || of[1].GroupID != "00g1" {
			s.Errorf("by %+v", of)
		}
		nobody, err := tx.AppGroups.OfUser(ctx, "0oa1", "00u2")
		equal(s, "of who is in none", nobody, []*org.AppGroup{})
		return err
	})
}

func signingKeyCases() []testCase {
	create := func(k *org.SigningKey) work {
		return func(ctx context.Context, tx *org.Tx) error { return tx.SigningKeys.Create(ctx, k) }
	}
	return []testCase{
		{"one is active, and is read as it was written", func(s *suite) {
			s.missing("before", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.SigningKeys.Active(ctx)
				return err
			})
			s.update(create(&org.SigningKey{ID: "old", Status: org.StatusInactive, Private: org.NewSecret("0")}))
			s.update(create(&org.SigningKey{ID: "kid", Status: org.StatusActive, Private: org.NewSecret("pr1vate"), Created: moment(1)}))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				k, err := tx.SigningKeys.Active(ctx)
				equal(s, "key", k, &org.SigningKey{ID: "kid", Status: org.StatusActive, Private: org.NewSecret("pr1vate"), Created: stored(1)})
				return err
			})
			s.refused(org.ErrConflict, create(&org.SigningKey{ID: "other", Status: org.StatusActive, Private: org.NewSecret("x")}))
		}},
	}
}
