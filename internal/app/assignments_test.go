package app_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// assignGroup assigns an app to a group with a priority.
func (s *shop) assignGroup(appID, groupID string, priority int, claims map[string]any) {
	s.Helper()
	if _, err := s.AssignGroup(s.Context(), s.by, appID, groupID, app.GroupInput{Priority: &priority, Profile: claims}); err != nil {
		s.Fatal(err)
	}
}

func (s *shop) assignUser(appID, userID string) {
	s.Helper()
	if _, err := s.AssignUser(s.Context(), s.by, appID, app.UserInput{UserID: userID}); err != nil {
		s.Fatal(err)
	}
}

// Who may use an app: every way to have it, alone and taken away again.
func TestMayUse(t *testing.T) {
	onEngines(t, func(s *shop) {
		s.group("00gstaff")
		s.group("00gothers")
		s.person("00uown", nil, "00gothers")
		s.person("00ustaff", nil, "00gstaff", "00gothers")
		s.person("00unobody", nil)
		a := s.make(web())
		s.assignGroup(a.ID, "00gstaff", 0, nil)
		s.assignUser(a.ID, "00uown")
		closed := s.make(web())
		open := s.make(web(func(in *app.Input) { in.Settings.ImplicitAssignment = true }))
		resting, err := s.Create(s.Context(), s.by, web(func(in *app.Input) { in.Settings.ImplicitAssignment = true }), false)
		if err != nil {
			s.Fatal(err)
		}
		all := []string{"00uown", "00ustaff", "00unobody"}
		who := func(appID string) (list []string) {
			s.Helper()
			err := s.Store.View(s.Context(), func(ctx context.Context, tx *org.Tx) error {
				list = []string{}
				a, err := tx.Apps.Get(ctx, appID)
				for _, id := range all {
					if err != nil {
						return err
					}
					var may bool
					if may, err = app.MayUse(ctx, tx, a, id); may {
						list = append(list, id)
					}
				}
				return err
			})
			if err != nil {
				s.Fatal(err)
			}
			return list
		}
		want := func(name, appID string, want ...string) {
			s.Helper()
			if got := who(appID); !slices.Equal(got, want) {
				s.Errorf("%s: %v, want %v", name, got, want)
			}
		}
		want("assigned", a.ID, "00uown", "00ustaff")
		want("to nobody", closed.ID)
		want("to all", open.ID, all...)
		want("inactive", resting.ID)
		if err := s.UnassignUser(s.Context(), s.by, a.ID, "00uown"); err != nil {
			s.Fatal(err)
		}
		want("taken from a user", a.ID, "00ustaff")
		s.update(func(ctx context.Context, tx *org.Tx) error {
			return tx.Members.Remove(ctx, "00gstaff", "00ustaff", s.Now())
		})
		want("out of the group", a.ID)
		s.update(func(ctx context.Context, tx *org.Tx) error {
			return tx.Members.Add(ctx, "00gstaff", "00unobody", s.Now())
		})
		want("in the group", a.ID, "00unobody")
		s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Groups.Delete(ctx, "00gstaff") })
		want("the group is gone", a.ID)
	})
}

func TestAssignGroup(t *testing.T) {
	onEngines(t, func(s *shop) {
		for _, id := range []string{"00ga", "00gb", "00gc", "00gd"} {
			s.group(id)
		}
		a := s.make(web())
		assign := func(groupID string, in app.GroupInput, priority int, claims map[string]string) {
			s.Helper()
			got, err := s.AssignGroup(s.Context(), s.by, a.ID, groupID, in)
			if err != nil || got.Priority != priority || !reflect.DeepEqual(got.Profile, claims) {
				s.Errorf("%s: %+v, %v", groupID, got, err)
			}
			stored, err := s.Group(s.Context(), a.ID, groupID)
			if err != nil || !reflect.DeepEqual(stored, got) {
				s.Errorf("%s: stored is %+v, told %+v, %v", groupID, stored, got, err)
			}
		}
		none := map[string]string{}
		assign("00gb", app.GroupInput{}, 0, none)
		assign("00ga", app.GroupInput{}, 1, none)
		assign("00gc", app.GroupInput{Priority: new(7)}, 7, none)
		assign("00gd", app.GroupInput{Profile: map[string]any{"locale": "de", "name": nil}}, 8, map[string]string{"locale": "de"})
		assign("00ga", app.GroupInput{}, 1, none)                 // as it is
		assign("00gd", app.GroupInput{Priority: new(0)}, 0, none) // a PUT replaces
		s.wantEvents("application.lifecycle.create "+a.ID,
			"group.application_assignment.add "+a.ID, "group.application_assignment.add "+a.ID, "group.application_assignment.add "+a.ID,
			"group.application_assignment.add "+a.ID, "group.application_assignment.update "+a.ID)
		var got []string
		for after, pages := "", 0; pages < 5; pages++ {
			page, next, err := s.Groups(s.Context(), a.ID, after, 3)
			if err != nil {
				s.Fatal(err)
			}
			for _, g := range page {
				got = append(got, g.GroupID)
			}
			if after = next; next == "" {
				break
			}
		}
		if want := []string{"00ga", "00gb", "00gc", "00gd"}; !slices.Equal(got, want) {
			s.Errorf("listed are %v", got)
		}
		if err := s.UnassignGroup(s.Context(), s.by, a.ID, "00ga"); err != nil {
			s.Fatal(err)
		}
		refused(s.T, s.UnassignGroup(s.Context(), s.by, a.ID, "00ga"), fault.NotFound)
		_, err := s.Group(s.Context(), a.ID, "00ga")
		refused(s.T, err, fault.NotFound)
	})
}

// The users of an app come once each, whichever way they have it, in pages that
// miss nobody.
func TestUsersOfAnApp(t *testing.T) {
	onEngines(t, func(s *shop) {
		s.group("00gfirst")
		s.group("00gsecond")
		a := s.make(web())
		want := map[string]string{}
		for i := range 12 {
			id := fmt.Sprintf("00u%02d", i)
			var groups []string
			if i%2 == 0 {
				groups = append(groups, "00gfirst")
			}
			if i%3 == 0 {
				groups = append(groups, "00gsecond")
			}
			s.person(id, nil, groups...)
			switch {
			case i%4 == 1:
				s.assignUser(a.ID, id)
				want[id] = "USER "
				if i%3 == 0 {
					want[id] = "USER second"
				}
			case i%3 == 0:
				want[id] = "GROUP second" // the first by priority
			case i%2 == 0:
				want[id] = "GROUP first"
			}
		}
		s.assignGroup(a.ID, "00gfirst", 5, map[string]any{"website": "first"})
		s.assignGroup(a.ID, "00gsecond", 1, map[string]any{"website": "second"})
		for _, limit := range []int{1, 2, 5, 100} {
			got := map[string]string{}
			var ids []string
			for _, u := range s.usersOf(a.ID, limit) {
				got[u.UserID] = u.Scope + " " + claim(u, "website")
				ids = append(ids, u.UserID)
				alone, err := s.User(s.Context(), a.ID, u.UserID)
				if err != nil || !reflect.DeepEqual(alone, u) {
					s.Errorf("alone it is %+v, in the list %+v, %v", alone, u, err)
				}
			}
			if !reflect.DeepEqual(got, want) || !slices.IsSorted(ids) || len(ids) != len(want) {
				s.Errorf("by %d they are %v, want %v", limit, ids, want)
			}
		}
		_, err := s.User(s.Context(), a.ID, "00u07")
		refused(s.T, err, fault.NotFound)
	})
}

// usersOf gives all pages of users of an app.
func (s *shop) usersOf(appID string, limit int) (all []*app.Assignment) {
	s.Helper()
	after := ""
	for range 13 {
		page, next, err := s.Users(s.Context(), appID, after, limit)
		if err != nil {
			s.Fatal(err)
		}
		all = append(all, page...)
		if after = next; next == "" {
			return all
		}
		if len(page) != limit {
			s.Errorf("a page of %d", len(page))
		}
	}
	s.Fatal("there is no last page")
	return nil
}

func claim(a *app.Assignment, name string) string {
	i := slices.IndexFunc(a.Profile, func(c app.Claim) bool { return c.Name == name })
	return a.Profile[i].Value
}

// What the profile of a user is in an app: mapped, and under what assignments say.
// A sensitive value is not in it.
func TestProfileInAnApp(t *testing.T) {
	s := newOrg(t)
	city, _ := profile.Base("city")
	city.Sensitive = true
	s.update(func(ctx context.Context, tx *org.Tx) error {
		schema, err := tx.Schemas.Get(ctx)
		if err != nil {
			return err
		}
		if schema, err = schema.With(city); err != nil {
			return err
		}
		return tx.Schemas.Put(ctx, "", schema)
	})
	s.person("00u1", map[string]string{
		"firstName": "Ada", "lastName": "Lovelace", "streetAddress": "St. James's Square 12", "countryCode": "GB", "timezone": "Europe/London",
		"postalAddress": "12 St. James's Square, London", "profileUrl": "https://a.example", "city": "London", "middleName": "King", "locale": "en_GB", "nickName": "Ada",
		"primaryPhone": "+44 20 1", "state": "LND", "zipCode": "SW1Y", "displayName": "",
	})
	s.group("00g1")
	s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Members.Add(ctx, "00g1", "00u1", s.Now()) })
	a := s.make(web())
	s.assignGroup(a.ID, "00g1", 0, map[string]any{"nickname": "staff", "gender": "of a group"})
	got, err := s.AssignUser(t.Context(), s.by, a.ID, app.UserInput{UserID: "00u1", Profile: map[string]any{"nickname": "Countess", "birthdate": "1815-12-10"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []app.Claim{
		{Name: "street_address", Value: "St. James's Square 12"}, {Name: "country", Value: "GB"}, {Name: "website"}, {Name: "zoneinfo", Value: "Europe/London"},
		{Name: "birthdate", Value: "1815-12-10"}, {Name: "gender", Value: "of a group"}, {Name: "formatted", Value: "12 St. James's Square, London"},
		{Name: "profile", Value: "https://a.example"}, {Name: "locality"}, {Name: "given_name", Value: "Ada"}, {Name: "middle_name", Value: "King"},
		{Name: "locale", Value: "en_GB"}, {Name: "picture"}, {Name: "name", Value: "Ada Lovelace"}, {Name: "nickname", Value: "Countess"},
		{Name: "phone_number", Value: "+44 20 1"}, {Name: "region", Value: "LND"}, {Name: "postal_code", Value: "SW1Y"}, {Name: "family_name", Value: "Lovelace"},
		{Name: "email", Value: "mail.00u1@example.com"},
	}
	if !reflect.DeepEqual(got.Profile, want) {
		t.Errorf("claims are\n%v\nwant\n%v", got.Profile, want)
	}
}

// What is sensitive is what the schema of the user's own type says, not that of the
// default one, at each of the calls that show a profile.
func TestProfileIsJudgedByTheUsersType(t *testing.T) {
	s := newOrg(t)
	contractor := &org.UserType{ID: "oty1", Name: "contractor", DisplayName: "Contractor"}
	city, _ := profile.Base("city")
	city.Sensitive = true
	schema, err := profile.NewSchema(city)
	if err != nil {
		t.Fatal(err)
	}
	s.update(func(ctx context.Context, tx *org.Tx) error {
		if err := tx.UserTypes.Create(ctx, contractor); err != nil {
			return err
		}
		return tx.Schemas.Put(ctx, contractor.ID, schema)
	})
	a := s.make(web())
	want := map[string]string{"00u1": "London", "00u2": ""}
	for userID := range want {
		s.person(userID, map[string]string{"city": "London"})
	}
	s.update(func(ctx context.Context, tx *org.Tx) error {
		u, err := tx.Users.Get(ctx, "00u2")
		if err != nil {
			return err
		}
		u.TypeID = contractor.ID
		return tx.Users.Update(ctx, u)
	})
	for userID, city := range want {
		assigned, err := s.AssignUser(t.Context(), s.by, a.ID, app.UserInput{UserID: userID})
		if err != nil || claim(assigned, "locality") != city {
			t.Errorf("assigned is %+v (%v)", assigned, err)
		}
		got, err := s.User(t.Context(), a.ID, userID)
		if err != nil || claim(got, "locality") != city {
			t.Errorf("read is %+v (%v)", got, err)
		}
	}
	for _, listed := range s.usersOf(a.ID, 2) {
		if claim(listed, "locality") != want[listed.UserID] {
			t.Errorf("listed is %+v", listed)
		}
	}
}

func TestNameInAnApp(t *testing.T) {
	s := newOrg(t)
	s.person("00u1", map[string]string{"email": "Mail.Of@Example.com"})
	for template, want := range map[string]string{
		"":                                "00u1@example.com",
		"${source.login}":                 "00u1@example.com",
		"${source.email}":                 "Mail.Of@Example.com",
		"${fn:toLowerCase(source.email)}": "mail.of@example.com",
		`${fn:substringBefore(source.email, "@")}`: "Mail.Of",
		`${fn:substringBefore(source.login, "@")}`: "00u1",
		"${source.employeeID}":                     "00u1@example.com",
	} {
		a := s.make(web(func(in *app.Input) { in.Settings.UserName.Template = template }))
		s.assignUser(a.ID, "00u1")
		if got, err := s.User(t.Context(), a.ID, "00u1"); err != nil || got.UserName != want {
			t.Errorf("%s: %+v, %v", template, got, err)
		}
	}
	a := s.make(web())
	for _, step := range []struct{ said, want string }{{"ada", "ada"}, {"", "ada"}, {"countess", "countess"}} {
		got, err := s.AssignUser(t.Context(), s.by, a.ID, app.UserInput{UserID: "00u1", UserName: step.said})
		if err != nil || got.UserName != step.want {
			t.Errorf("%q: %+v, %v", step.said, got, err)
		}
	}
	_, err := s.AssignUser(t.Context(), s.by, a.ID, app.UserInput{UserName: strings.Repeat("x", 256), Profile: map[string]any{"email": 1.0, "shoe": nil}})
	refused(t, err, fault.Invalid, "profile.email: must be a string", "profile: Property name 'shoe' is not defined in profile",
		"credentials.userName: must have at most 255 characters", "id: The field cannot be left blank")
}

func TestPoliciesOfApps(t *testing.T) {
	onEngines(t, func(s *shop) {
		a, b := s.make(web()), s.make(web())
		access, err := s.AccessPolicy(s.Context())
		if err != nil || access.ID != a.AccessPolicy || access.Created.IsZero() {
			s.Errorf("access policy is %+v, %v", access, err)
		}
		own := &org.Policy{ID: "rst1", Name: "Own", Status: org.StatusActive}
		s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Create(ctx, own) })
		byDefault := a.EnrollmentPolicy
		set := func(policyID, want string) {
			s.Helper()
			if err := s.SetPolicy(s.Context(), s.by, a.ID, policyID); err != nil {
				s.Fatal(err)
			}
			if got := s.stored(a.ID); got.EnrollmentPolicy != want || got.AccessPolicy != access.ID {
				s.Errorf("policies are %+v", got)
			}
		}
		apps := func(policyID string, want ...string) {
			s.Helper()
			var got []string
			for after, pages := "", 0; pages < 4; pages++ {
				page, next, err := s.OfPolicy(s.Context(), policyID, after, 1)
				if err != nil {
					s.Fatal(err)
				}
				for _, a := range page {
					got = append(got, a.ID)
				}
				if after = next; next == "" {
					break
				}
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				s.Errorf("apps of %s are %v, want %v", policyID, got, want)
			}
		}
		before := len(s.events())
		set(access.ID, byDefault)
		set(byDefault, byDefault)
		if len(s.events()) != before {
			s.Error("what changes nothing is told of")
		}
		apps(byDefault, a.ID, b.ID)
		set("rst1", "rst1")
		apps("rst1", a.ID)
		apps(byDefault, b.ID)
		apps(access.ID, a.ID, b.ID)
		set(byDefault, byDefault)
		apps("rst1")
		refused(s.T, s.SetPolicy(s.Context(), s.by, a.ID, "rstnone"), fault.NotFound)
		refused(s.T, s.SetPolicy(s.Context(), s.by, "0oanone", "rst1"), fault.NotFound)
		_, _, err = s.OfPolicy(s.Context(), "rstnone", "", 1)
		refused(s.T, err, fault.NotFound)
		if errors.Is(err, org.ErrNotFound) {
			s.Error("an internal error comes out")
		}
	})
}
