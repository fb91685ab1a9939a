package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// group makes a group.
func (h *house) group(name string) *org.Group {
	h.Helper()
	g, err := h.CreateGroup(h.Context(), h.by, directory.GroupInput{Name: name})
	if err != nil {
		h.Fatal(err)
	}
	return g
}

// everyone is the group of the set-up.
func (h *house) everyone() (g *org.Group) {
	h.Helper()
	h.read(func(ctx context.Context, tx *org.Tx) (err error) {
		g, err = tx.Groups.ByName(ctx, org.Everyone)
		return err
	})
	return g
}

func TestGroups(t *testing.T) {
	inHouse(t, func(h *house) {
		made, err := h.CreateGroup(h.Context(), h.by, directory.GroupInput{Name: "Staff", Description: "Who works here"})
		if err != nil {
			h.Fatal(err)
		}
		got, err := h.Group(h.Context(), made.ID)
		if err != nil || *got != *made || got.BuiltIn || !strings.HasPrefix(got.ID, "00g") || got.LastMembershipUpdated.IsZero() {
			h.Errorf("group is %+v (%v), was made %+v", got, err, made)
		}
		got, err = h.ReplaceGroup(h.Context(), h.by, made.ID, directory.GroupInput{Name: "Crew"})
		if err != nil || got.Name != "Crew" || got.Description != "" || !got.LastUpdated.After(made.LastUpdated) ||
			got.LastMembershipUpdated != made.LastMembershipUpdated {
			h.Errorf("group is %+v (%v)", got, err)
		}
		if _, err := h.ReplaceGroup(h.Context(), h.by, made.ID, directory.GroupInput{Name: "Crew"}); err != nil { // changes nothing
			h.Error(err)
		}
		if err := h.DeleteGroup(h.Context(), h.by, made.ID); err != nil {
			h.Error(err)
		}
		h.wantEvents("group.lifecycle.create "+made.ID, "group.profile.update "+made.ID, "group.lifecycle.delete "+made.ID)
		_, err = h.Group(h.Context(), made.ID)
		refused(h.T, err, fault.NotFound)
		_, err = h.ReplaceGroup(h.Context(), h.by, made.ID, directory.GroupInput{Name: "Crew"})
		refused(h.T, err, fault.NotFound)
		refused(h.T, h.DeleteGroup(h.Context(), h.by, made.ID), fault.NotFound)
	})
}

func TestGroupRules(t *testing.T) {
	inHouse(t, func(h *house) {
		staff, crew := h.group("Staff"), h.group("Crew")
		const blank = "name: The field cannot be left blank"
		for _, c := range []struct {
			in     directory.GroupInput
			causes []string
		}{
			{directory.GroupInput{}, []string{blank}},
			{directory.GroupInput{Name: " \t", Description: "a\nb"}, []string{blank, "description: must not have control characters"}},
			{directory.GroupInput{Name: strings.Repeat("ß", 256)}, []string{"name: must have at most 255 characters"}},
			{directory.GroupInput{Name: "x", Description: strings.Repeat("ß", 1025)}, []string{"description: must have at most 1024 characters"}},
			{directory.GroupInput{Name: "Staff"}, []string{"name: An object with this field already exists in the current organization"}},
			{directory.GroupInput{Name: org.Everyone}, []string{"name: An object with this field already exists in the current organization"}},
		} {
			_, err := h.CreateGroup(h.Context(), h.by, c.in)
			refused(h.T, err, fault.Invalid, c.causes...)
			_, err = h.ReplaceGroup(h.Context(), h.by, crew.ID, c.in)
			refused(h.T, err, fault.Invalid, c.causes...)
		}
		if got, err := h.Group(h.Context(), crew.ID); err != nil || *got != *crew {
			h.Errorf("a refused replace made %+v (%v)", got, err)
		}
		h.wantEvents("group.lifecycle.create "+staff.ID, "group.lifecycle.create "+crew.ID)
	})
}

// Every user is in Everyone, and stays.
func TestEveryoneIsFixed(t *testing.T) {
	inHouse(t, func(h *house) {
		all := h.everyone()
		if !all.BuiltIn || all.Type() != "BUILT_IN" || all.Description != "All users in your organization" {
			h.Errorf("Everyone is %+v", all)
		}
		ada := h.person("ada@example.com")
		_, err := h.ReplaceGroup(h.Context(), h.by, all.ID, directory.GroupInput{Name: "Nobody"})
		refused(h.T, err, fault.Invalid, ": The group Everyone cannot be changed.")
		refused(h.T, h.DeleteGroup(h.Context(), h.by, all.ID), fault.Invalid, ": The group Everyone cannot be deleted.")
		refused(h.T, h.RemoveFromGroup(h.Context(), h.by, all.ID, ada.ID), fault.Invalid, ": The group Everyone has every user in it.")
		if err := h.AddToGroup(h.Context(), h.by, all.ID, ada.ID); err != nil { // is in it already
			h.Error(err)
		}
		if _, err := h.ReplaceGroup(h.Context(), h.by, all.ID, directory.GroupInput{Name: all.Name, Description: all.Description}); err != nil {
			h.Error(err) // as a client does that reads it and writes it back
		}
		h.wantEvents()
	})
}

func TestMembers(t *testing.T) {
	inHouse(t, func(h *house) {
		staff, ada := h.group("Staff"), h.person("ada@example.com")
		names := func() (names []string) {
			groups, err := h.UserGroups(h.Context(), h.by, "ada@example.com")
			if err != nil {
				h.Fatal(err)
			}
			for _, g := range groups {
				names = append(names, g.Name)
			}
			return names
		}
		for range 2 {
			if err := h.AddToGroup(h.Context(), h.by, staff.ID, ada.ID); err != nil {
				h.Fatal(err)
			}
		}
		if got := names(); !slices.Equal(got, []string{"Everyone", "Staff"}) {
			h.Errorf("groups are %v", got)
		}
		if g, err := h.Group(h.Context(), staff.ID); err != nil || !g.LastMembershipUpdated.After(staff.LastMembershipUpdated) || g.LastUpdated != staff.LastUpdated {
			h.Errorf("group is %+v (%v)", g, err)
		}
		for range 2 {
			if err := h.RemoveFromGroup(h.Context(), h.by, staff.ID, ada.ID); err != nil {
				h.Fatal(err)
			}
		}
		if got := names(); !slices.Equal(got, []string{"Everyone"}) {
			h.Errorf("groups are %v", got)
		}
		h.wantEvents("group.lifecycle.create "+staff.ID, "group.user_membership.add "+ada.ID, "group.user_membership.remove "+ada.ID)
		for _, call := range []func(context.Context, directory.By, string, string) error{h.AddToGroup, h.RemoveFromGroup} {
			refused(h.T, call(h.Context(), h.by, "00gnone", ada.ID), fault.NotFound)
			refused(h.T, call(h.Context(), h.by, staff.ID, "00unone"), fault.NotFound)
		}
		_, err := h.UserGroups(h.Context(), h.by, "00unone")
		refused(h.T, err, fault.NotFound)
	})
}

func TestGroupUsersArePaged(t *testing.T) {
	inHouse(t, func(h *house) {
		staff := h.group("Staff")
		var want []string
		for i := range 5 {
			u := h.person(fmt.Sprint("p", i, "@example.com"))
			want = append(want, u.ID)
			if err := h.AddToGroup(h.Context(), h.by, staff.ID, u.ID); err != nil {
				h.Fatal(err)
			}
		}
		h.person("other@example.com")
		slices.Sort(want)
		var got []string
		pages := 0
		for after, more := "", true; more; more = after != "" {
			page, next, err := h.GroupUsers(h.Context(), h.by, staff.ID, after, 2)
			if err != nil {
				h.Fatal(err)
			}
			for _, p := range page {
				got = append(got, p.User.ID)
			}
			if pages++; pages == 1 { // who leaves and comes meanwhile is neither skipped nor shown twice
				if err := h.RemoveFromGroup(h.Context(), h.by, staff.ID, want[1]); err != nil {
					h.Fatal(err)
				}
			}
			after = next
		}
		if !slices.Equal(got, want) || pages != 3 {
			h.Errorf("%d pages have %v, want %v", pages, got, want)
		}
		_, _, err := h.GroupUsers(h.Context(), h.by, "00gnone", "", 2)
		refused(h.T, err, fault.NotFound)
	})
}

// Nothing names a group that is gone.
func TestDeletedGroupIsNamedByNothing(t *testing.T) {
	inHouse(t, func(h *house) {
		staff, crew := h.group("Staff"), h.group("Crew")
		var rule string
		h.write(func(ctx context.Context, tx *org.Tx) error {
			enrollment, err := tx.Policies.Default(ctx)
			if err != nil {
				return err
			}
			rule, enrollment.Rule.TargetGroupID = enrollment.Rule.ID, staff.ID
			app := &org.App{ID: "0oa1", ClientID: "0oa1", Label: "Shop"}
			return errors.Join(tx.Policies.Update(ctx, enrollment),
				tx.PasswordPolicies.Create(ctx, &org.PasswordPolicy{ID: "00p1", Name: "p", Priority: 1, GroupIDs: []string{crew.ID, staff.ID}}),
				tx.Apps.Create(ctx, app), tx.AppGroups.Put(ctx, &org.AppGroup{AppID: app.ID, GroupID: staff.ID}))
		})
		if err := h.DeleteGroup(h.Context(), h.by, staff.ID); err != nil {
			h.Fatal(err)
		}
		h.read(func(ctx context.Context, tx *org.Tx) error {
			enrollment, err := tx.Policies.Default(ctx)
			if err != nil || enrollment.Rule.TargetGroupID != "" || !enrollment.Rule.LastUpdated.Equal(enrollment.LastUpdated) {
				h.Errorf("the rule is %+v (%v)", enrollment.Rule, err)
			}
			passwords, err := tx.PasswordPolicies.Get(ctx, "00p1")
			if err != nil || !slices.Equal(passwords.GroupIDs, []string{crew.ID}) {
				h.Errorf("the password policy is for %v (%v)", passwords.GroupIDs, err)
			}
			assigned, err := tx.AppGroups.List(ctx, "0oa1", "", 0)
			if len(assigned) > 0 {
				h.Errorf("the app has %+v", assigned)
			}
			return err
		})
		h.wantEvents("group.lifecycle.create "+staff.ID, "group.lifecycle.create "+crew.ID, "group.application_assignment.remove 0oa1",
			"policy.rule.update "+rule, "policy.lifecycle.update 00p1", "group.lifecycle.delete "+staff.ID)
	})
}

func TestGroupsChangeAsTheClientHasSeenThem(t *testing.T) {
	inHouse(t, func(h *house) {
		staff := h.group("Staff")
		ctx := edit.Expect(h.Context(), "another")
		_, err := h.ReplaceGroup(ctx, h.by, staff.ID, directory.GroupInput{Name: "Crew"})
		refused(h.T, err, fault.Changed)
		refused(h.T, h.DeleteGroup(ctx, h.by, staff.ID), fault.Changed)
		if _, err := h.ReplaceGroup(edit.Expect(h.Context(), staff.Revision()), h.by, staff.ID, directory.GroupInput{Name: "Crew"}); err != nil {
			h.Error(err)
		}
	})
}

// Of several who want a name one gets it; the others are told so.
func TestGroupsAtOnce(t *testing.T) {
	inHouse(t, func(h *house) {
		ada := h.person("ada@example.com")
		errs := atOnce(6, func(int) error {
			_, err := h.CreateGroup(h.Context(), h.by, directory.GroupInput{Name: "Staff"})
			return err
		})
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
				continue
			}
			refused(h.T, err, fault.Invalid, "name: An object with this field already exists in the current organization")
		}
		page, _, err := h.Groups(h.Context(), directory.GroupSearch{Prefix: "staff", Limit: 9})
		if err != nil || made != 1 || len(page) != 1 {
			h.Fatalf("%d were made, %d are there (%v)", made, len(page), err)
		}
		// Members come and go while the group is renamed, and deleted at last.
		errs = atOnce(6, func(i int) error {
			switch i % 3 {
			case 0:
				return h.AddToGroup(h.Context(), h.by, page[0].ID, ada.ID)
			case 1:
				return h.RemoveFromGroup(h.Context(), h.by, page[0].ID, ada.ID)
			}
			_, err := h.ReplaceGroup(h.Context(), h.by, page[0].ID, directory.GroupInput{Name: fmt.Sprint("Staff ", i)})
			return err
		})
		if err := errors.Join(errs...); err != nil {
			h.Error(err)
		}
		if err := h.DeleteGroup(h.Context(), h.by, page[0].ID); err != nil {
			h.Error(err)
		}
	})
}

func TestGroupLists(t *testing.T) {
	inHouse(t, func(h *house) {
		day := func(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 500_000_000, time.UTC) }
		for i, g := range []*org.Group{
			{ID: "00gA", Name: "Straße", Description: "Ours"}, {ID: "00gB", Name: "STRAND"}, {ID: "00gC", Name: "Strict", Description: "our own"},
			{ID: "00gD", Name: "Other"},
		} {
			g.Created, g.LastUpdated, g.LastMembershipUpdated = day(i+1), day(i+2), day(i+3)
			h.write(func(ctx context.Context, tx *org.Tx) error { return tx.Groups.Create(ctx, g) })
		}
		all := h.everyone().ID
		for _, c := range []struct {
			query directory.GroupSearch
			want  string // the ids, without Everyone's
		}{
			{directory.GroupSearch{}, "A B C D"},
			{directory.GroupSearch{Prefix: "STR"}, "A B C"},
			{directory.GroupSearch{Prefix: "STR", Search: `profile.description pr`}, "A C"},
			{directory.GroupSearch{Filter: `id eq "00gB" or id eq "00gD"`}, "B D"},
			{directory.GroupSearch{Filter: `type eq "OKTA_GROUP"`, After: "00gB"}, "C D"},
			{directory.GroupSearch{Filter: `type eq "BUILT_IN"`}, ""},
			{directory.GroupSearch{Filter: `lastUpdated gt "2026-03-03T12:00:00.000Z" and type eq "OKTA_GROUP"`}, "C D"},
			{directory.GroupSearch{Filter: `lastUpdated ge "2026-03-03T12:00:00Z" and lastUpdated le "2026-03-04T13:00:00+01:00"`}, "B C"},
			{directory.GroupSearch{Filter: `lastMembershipUpdated lt "2026-03-05T12:00:00.000Z"`}, "A B"},
			{directory.GroupSearch{Filter: `lastMembershipUpdated eq "2026-03-05T12:00:00.000Z"`}, "C"},
			{directory.GroupSearch{Search: `created le "2026-03-02T12:00:00.000Z"`}, "A B"},
			{directory.GroupSearch{Search: `profile.name eq "strasse"`}, "A"},
			{directory.GroupSearch{Search: `profile.name sw "stra" and not (profile.description co "our")`}, "B"},
			{directory.GroupSearch{Search: `profile.description co "OUR"`}, "A C"},
			{directory.GroupSearch{Search: `id sw "00gA"`}, "A"},
			{directory.GroupSearch{Search: `profile.name eq "nobody"`}, ""},
		} {
			q := c.query
			q.Limit = 10
			page, next, err := h.Groups(h.Context(), q)
			var ids []string
			for _, g := range page {
				if g.ID != all {
					ids = append(ids, strings.TrimPrefix(g.ID, "00g"))
				}
			}
			if got := strings.Join(ids, " "); err != nil || got != c.want || next != "" {
				h.Errorf("%+v gave %q, next %q (%v); want %q", c.query, got, next, err, c.want)
			}
		}
		var got []string
		for after, more := "", true; more; more = after != "" {
			page, next, err := h.Groups(h.Context(), directory.GroupSearch{Filter: `type eq "OKTA_GROUP"`, After: after, Limit: 3})
			if err != nil {
				h.Fatal(err)
			}
			for _, g := range page {
				got = append(got, g.ID)
			}
			after = next
		}
		if !slices.Equal(got, []string{"00gA", "00gB", "00gC", "00gD"}) {
			h.Errorf("pages have %v", got)
		}
	})
}

func TestGroupListsRefuse(t *testing.T) {
	inHouse(t, func(h *house) {
		for filter, want := range map[string]string{
			`id eqq "x"`:               `Invalid filter 'id eqq "x"': Unrecognized attribute operator 'eqq' at position 3. Expected: eq,co,sw,pr,gt,ge,lt,le`,
			`id sw "x"`:                `Invalid filter 'id sw "x"': Unrecognized attribute operator 'sw' at position 3. Expected: eq,co,sw,pr,gt,ge,lt,le`,
			`type pr`:                  `Invalid filter 'type pr': Unrecognized attribute operator 'pr' at position 5. Expected: eq,co,sw,pr,gt,ge,lt,le`,
			`id eq 1`:                  `Invalid filter 'id eq 1': Expected a value in double quotes at position 6`,
			`profile.name eq "x"`:      "field is not valid: profile.name",
			`lastUpdated gt "tuesday"`: "must be a date-time as in 2027-01-31T12:00:00.000Z: lastUpdated",
		} {
			_, _, err := h.Groups(h.Context(), directory.GroupSearch{Filter: filter, Limit: 1})
			if f := fault.As(err); f == nil || f.Kind != fault.BadFilter || f.Summary != want {
				h.Errorf("%s gave %v", filter, err)
			}
		}
		for search, want := range map[string]string{
			`profile.name ne "x"`:  "search: Unrecognized attribute operator 'ne' at position 13. Expected: eq,co,sw,pr,gt,ge,lt,le",
			`lastUpdated sw "2"`:   "search: must be a date-time as in 2027-01-31T12:00:00.000Z: lastUpdated",
			`profile.Name eq "x"`:  "search: field is not valid: profile.Name",
			`profile.name eq "x" `: "",
		} {
			_, _, err := h.Groups(h.Context(), directory.GroupSearch{Search: search, Limit: 1})
			if want == "" {
				if err != nil {
					h.Error(err)
				}
				continue
			}
			refused(h.T, err, fault.BadSearch, want)
		}
	})
}
