package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/usher-id/usher/internal/org"
)

func createGroup(g *org.Group) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Groups.Create(ctx, g) }
}

func updateGroup(g *org.Group) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Groups.Update(ctx, g) }
}

// staff gives the group 00g1 as it is stored.
func (s *suite) staff() (g *org.Group) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) (err error) {
		g, err = tx.Groups.Get(ctx, "00g1")
		return err
	})
	return g
}

// groupIDs are the ids of a list.
func (s *suite) groupIDs(q org.GroupQuery) (ids []string) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) error {
		list, err := tx.Groups.List(ctx, q)
		if list == nil {
			s.Error("the list is nil")
		}
		ids = []string{}
		for _, g := range list {
			ids = append(ids, g.ID)
		}
		return err
	})
	return ids
}

func groupCases() []testCase {
	full := func(at func(int) time.Time) *org.Group {
		return &org.Group{
			ID: "00g1", Name: org.Everyone, Description: "All", BuiltIn: true,
			Created: at(1), LastUpdated: at(2), LastMembershipUpdated: at(3),
		}
	}
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.update(createGroup(full(moment)))
			equal(s, "by id", s.staff(), full(stored))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				byName, err := tx.Groups.ByName(ctx, org.Everyone)
				equal(s, "by name", byName, full(stored))
				return err
			})
		}},
		{"names are exact and taken once", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: "Staff"}))
			s.refused(org.ErrNameTaken, createGroup(&org.Group{ID: "00g2", Name: "Staff"}))
			s.update(createGroup(&org.Group{ID: "00g2", Name: "staff"}))
			s.refused(org.ErrNameTaken, updateGroup(&org.Group{ID: "00g2", Name: "Staff"}))
			s.update(updateGroup(&org.Group{ID: "00g2", Name: "staff"})) // its own
			s.missing("in other letters", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Groups.ByName(ctx, "STAFF")
				return err
			})
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Groups.Get(ctx, "00g3")
				return err
			})
		}},
		{"update replaces name, description and time", func(s *suite) {
			s.update(createGroup(full(moment)))
			s.update(updateGroup(&org.Group{ID: "00g1", Name: "b", Description: "c", LastUpdated: moment(9)}))
			want := full(stored)
			want.Name, want.Description, want.LastUpdated = "b", "c", stored(9)
			equal(s, "group", s.staff(), want)
			equal(s, "by the new prefix", s.groupIDs(org.GroupQuery{Prefix: "B", Limit: 9}), []string{"00g1"})
			s.refused(org.ErrNotFound, updateGroup(&org.Group{ID: "00g2", Name: "x"}))
		}},
		{"what is deleted is gone, and its members stay users", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: "Staff"}))
			s.update(createUser(person(s, "00u1", "ada", "")))
			s.update(addMember("00g1", "00u1", 1))
			remove := func(ctx context.Context, tx *org.Tx) error { return tx.Groups.Delete(ctx, "00g1") }
			s.update(remove)
			s.refused(org.ErrNotFound, remove)
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Groups.Get(ctx, "00g1")
				return err
			})
			equal(s, "groups of the user", s.groupsOf("00u1"), []string{})
			s.has(person(s, "00u1", "ada", ""))
		}},
		{"lists go by id, page by page and by prefix", func(s *suite) {
			equal(s, "none", s.groupIDs(org.GroupQuery{Limit: 9}), []string{})
			for id, name := range map[string]string{
				"00gA": "Straße", "00gB": "STRASSE 2", "00gC": "strand", "00ga": "50% off", "00gb": "50_ off", "00gc": "str", "00gd": "\U0010FFFF",
			} {
				s.update(createGroup(&org.Group{ID: id, Name: name}))
			}
			for _, c := range []struct {
				query org.GroupQuery
				want  []string
			}{
				{org.GroupQuery{Limit: 3}, []string{"00gA", "00gB", "00gC"}},
				{org.GroupQuery{Limit: 3, After: "00gC"}, []string{"00ga", "00gb", "00gc"}},
				{org.GroupQuery{Limit: 3, After: "00gd"}, []string{}},
				{org.GroupQuery{Limit: 9, Prefix: "STR"}, []string{"00gA", "00gB", "00gC", "00gc"}},
				{org.GroupQuery{Limit: 9, Prefix: "straß"}, []string{"00gA", "00gB"}},
				{org.GroupQuery{Limit: 1, Prefix: "straß", After: "00gA"}, []string{"00gB"}},
				{org.GroupQuery{Limit: 9, Prefix: "50%"}, []string{"00ga"}},
				{org.GroupQuery{Limit: 9, Prefix: "50_"}, []string{"00gb"}},
				{org.GroupQuery{Limit: 9, Prefix: "off"}, []string{}},
				{org.GroupQuery{Limit: 9, Prefix: "\x00"}, []string{}},
			} {
				equal(s, fmt.Sprintf("%+v", c.query), s.groupIDs(c.query), c.want)
			}
		}},
		{"whoever deletes a group learns which policies name it", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: "Staff"}))
			s.update(createPolicy(&org.Policy{ID: "rst1", Source: "reg1", Name: "p"}))
			errs := race(2, func(i int) error {
				return s.store.Update(s.Context(), func(ctx context.Context, tx *org.Tx) error {
					if i == 0 {
						return deleteTarget(ctx, tx)
					}
					return nameTarget(ctx, tx)
				})
			})
			if err := errors.Join(errs...); err != nil {
				s.Fatal(err)
			}
			s.view(func(ctx context.Context, tx *org.Tx) error {
				p, err := tx.Policies.Get(ctx, "rst1")
				if err == nil {
					equal(s, "target group", p.Rule.TargetGroupID, "")
				}
				return err
			})
		}},
	}
}

// deleteTarget deletes a group, and then takes it out of the policy.
func deleteTarget(ctx context.Context, tx *org.Tx) error {
	if err := tx.Groups.Delete(ctx, "00g1"); err != nil {
		return err
	}
	p, err := tx.Policies.Get(ctx, "rst1")
	if err != nil || p.Rule.TargetGroupID == "" {
		return err
	}
	p.Rule.TargetGroupID = ""
	return tx.Policies.Update(ctx, p)
}

// nameTarget makes a group that is there the target of the policy.
func nameTarget(ctx context.Context, tx *org.Tx) error {
	p, err := tx.Policies.Get(ctx, "rst1")
	if err != nil {
		return err
	}
	p.Rule.TargetGroupID = "00g1"
	if err := tx.Policies.Update(ctx, p); err != nil {
		return err
	}
	if _, err := tx.Groups.Get(ctx, "00g1"); !errors.Is(err, org.ErrNotFound) {
		return err
	}
	p.Rule.TargetGroupID = ""
	return tx.Policies.Update(ctx, p)
}
