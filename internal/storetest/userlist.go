package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// crowd is people with names that databases could order, or find, each in their
// own way.
func crowd(s *suite) (people []*org.User) {
	first := []string{"Ada", "ada", "Zoë", "", "Ünal", "straße", "STRASSE", "zoe", "A", "😀", "\U0010FFFF", "Ad\U0010FFFF"}
	last := []string{"O'Brien", "obrien", "Ω", "", "lovelace", "Lovelace ", "Love", "50%", "_"}
	statuses := []string{org.StatusActive, org.StatusStaged, org.StatusDeprovisioned, org.StatusActive}
	// Not in the order of their ids, by the bytes of which they are listed.
	ids := []string{"00ub", "00uZ", "00ua", "00uä", "00uB", "00uA", "00u9"}
	for i := range 3 * len(ids) {
		u := person(s, ids[i%len(ids)]+fmt.Sprint(i/len(ids)), fmt.Sprintf("Login%02d@example.com", i*7%50), "")
		u.Profile = u.Profile.Set(profile.FirstName, first[i%len(first)]).Set(profile.LastName, last[i%len(last)])
		if i%3 > 0 {
			u.Profile = u.Profile.Set(profile.Email, fmt.Sprintf("%c%d@work.example", 'A'+i%4, i))
		}
		u.Status = statuses[i%len(statuses)]
		u.TypeID = []string{"", "oty1", "", "oty2"}[i/2%4]
		u.Created, u.LastUpdated = stored(i%5), stored(i*3%11)
		people = append(people, u)
	}
	return people
}

// key is the value of a column in a form that can be compared.
func key(u *org.User, c org.UserColumn) string {
	switch c {
	case org.ByLogin:
		return profile.FoldLogin(u.Login())
	case org.ByEmail:
		return profile.FoldLogin(u.Email())
	case org.ByFirstName, org.ByLastName:
		return profile.FoldLogin(u.Profile.Text(string(c)))
	case org.ByStatus:
		return u.Status
	case org.ByType:
		return u.TypeID
	case org.ByCreated:
		return asKey(u.Created)
	case org.ByLastUpdated:
		return asKey(u.LastUpdated)
	}
	return u.ID
}

func asKey(v any) string {
	if t, ok := v.(time.Time); ok {
		return fmt.Sprintf("%020d", t.UnixMicro())
	}
	return v.(string)
}

// passes is what a condition means.
func passes(u *org.User, c org.UserCondition) bool {
	have, folds := key(u, c.Column), slices.Contains([]org.UserColumn{org.ByLogin, org.ByEmail, org.ByFirstName, org.ByLastName}, c.Column)
	is := func(holds func(have, value string) bool) bool {
		return slices.ContainsFunc(c.Values, func(v any) bool {
			value := asKey(v)
			if folds {
				value = profile.FoldLogin(value)
			}
			return holds(have, value)
		})
	}
	switch c.Operator {
	case filter.NotEqual:
		return !is(func(have, value string) bool { return have == value })
	case filter.StartsWith:
		return is(strings.HasPrefix)
	case filter.Greater:
		return is(func(have, value string) bool { return have > value })
	case filter.GreaterEqual:
		return is(func(have, value string) bool { return have >= value })
	case filter.Less:
		return is(func(have, value string) bool { return have < value })
	case filter.LessEqual:
		return is(func(have, value string) bool { return have <= value })
	}
	return is(func(have, value string) bool { return have == value })
}

// expected are the ids that a query gives from its beginning.
func expected(people []*org.User, q org.UserQuery) []string {
	ids := []string{}
	sorted := slices.Clone(people)
	slices.SortFunc(sorted, func(a, b *org.User) int {
		order := cmp.Or(strings.Compare(key(a, q.OrderBy), key(b, q.OrderBy)), strings.Compare(a.ID, b.ID))
		if q.Descending {
			return -order
		}
		return order
	})
	for _, u := range sorted {
		if !slices.ContainsFunc(q.Where, func(c org.UserCondition) bool { return !passes(u, c) }) {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

// pages reads a query page by page, in a transaction each, as clients do.
func pages(s *suite, q org.UserQuery, size int) []string {
	s.Helper()
	ids := []string{}
	q.Batch = size
	for more := true; more; {
		s.view(func(ctx context.Context, tx *org.Tx) error {
			n := 0
			err := tx.Users.Scan(ctx, q, func(u *org.User, at org.UserPosition) bool {
				ids, q.After = append(ids, u.ID), &at
				n++
				return n < size
			})
			more = n == size
			return err
		})
	}
	return ids
}

func is(c org.UserColumn, o filter.Operator, values ...any) org.UserCondition {
	return org.UserCondition{Column: c, Operator: o, Values: values}
}

func conditionsOfUsers() [][]org.UserCondition {
	list := [][]org.UserCondition{
		nil,
		{is(org.ByID, filter.Equal, "00ua1")},
		{is(org.ByID, filter.Equal, "00ua1", "00uZ3", "00uä2", "00unobody")},
		{is(org.ByID, filter.Equal)},
		{is(org.ByStatus, filter.NotEqual)},
		{is(org.ByID, filter.Greater, "00uZ"), is(org.ByID, filter.LessEqual, "00ub2")},
		{is(org.ByLogin, filter.Equal, "LOGIN07@EXAMPLE.COM")},
		{is(org.ByEmail, filter.StartsWith, "b")},
		{is(org.ByEmail, filter.Equal, "")},
		{is(org.ByLastName, filter.Equal, "LOVELACE")},
		{is(org.ByLastName, filter.StartsWith, "5")},
		{is(org.ByLastName, filter.StartsWith, "_")},
		{is(org.ByLastName, filter.StartsWith, "%")},
		{is(org.ByLastName, filter.StartsWith, "o'b")},
		{is(org.ByStatus, filter.Equal, org.StatusActive)},
		{is(org.ByStatus, filter.NotEqual, org.StatusDeprovisioned)},
		{is(org.ByStatus, filter.NotEqual, org.StatusDeprovisioned, org.StatusActive)},
		{is(org.ByType, filter.Equal, "oty1")},
		{is(org.ByType, filter.Equal, "oty1", "oty2"), is(org.ByStatus, filter.Equal, org.StatusActive)},
		{is(org.ByCreated, filter.Equal, stored(2))},
		{is(org.ByCreated, filter.Greater, stored(1)), is(org.ByLastUpdated, filter.LessEqual, stored(7))},
		{is(org.ByLastUpdated, filter.GreaterEqual, stored(4)), is(org.ByLastUpdated, filter.Less, stored(9))},
		{is(org.ByLastName, filter.StartsWith, "l"), is(org.ByFirstName, filter.GreaterEqual, "a"), is(org.ByStatus, filter.NotEqual, org.StatusStaged)},
	}
	for _, prefix := range []string{"", "a", "ad", "Ad", "z", "zo", "zoë", "Ü", "strasse", "Straß", "😀", "\U0010FFFF", "\uD7FF", "ad\U0010FFFF"} {
		list = append(list, []org.UserCondition{is(org.ByFirstName, filter.StartsWith, prefix)})
	}
	return list
}

func userListCases() []testCase {
	orders := []org.UserColumn{
		"", org.ByID, org.ByLogin, org.ByEmail, org.ByFirstName, org.ByLastName, org.ByStatus, org.ByCreated, org.ByLastUpdated,
	}
	return []testCase{
		{"every condition in every order, page by page", func(s *suite) {
			people := crowd(s)
			s.update(func(ctx context.Context, tx *org.Tx) error {
				for _, u := range people {
					if err := tx.Users.Create(ctx, u); err != nil {
						return err
					}
				}
				return nil
			})
			for _, where := range conditionsOfUsers() {
				for _, u := range people {
					holds := !slices.ContainsFunc(where, func(c org.UserCondition) bool { return !c.Holds(u) })
					equal(s, fmt.Sprintf("%+v holds of %s", where, u.ID), holds, slices.Contains(expected(people, org.UserQuery{Where: where}), u.ID))
				}
				for _, order := range orders {
					q := org.UserQuery{Where: where, OrderBy: order}
					for _, q.Descending = range []bool{false, true} {
						want := expected(people, q)
						for _, size := range []int{4, 100} {
							if got := pages(s, q, size); !slices.Equal(got, want) {
								s.Errorf("%+v, %d a page\n got %q\nwant %q", q, size, got, want)
							}
						}
					}
				}
			}
		}},
		{"a position before the range leads into it", func(s *suite) {
			people := crowd(s)
			for _, u := range people {
				s.update(createUser(u))
			}
			q := org.UserQuery{OrderBy: org.ByLastName, Where: []org.UserCondition{is(org.ByLastName, filter.StartsWith, "love")}}
			want := expected(people, q)
			q.After = &org.UserPosition{Value: "a", ID: "00u"}
			equal(s, "ids", pages(s, q, 4), want)
			q.Descending, q.After.Value = true, "z"
			slices.Reverse(want)
			equal(s, "ids from the other end", pages(s, q, 4), want)
		}},
		{"more than one batch, and others in between", func(s *suite) {
			const n = 300
			s.update(func(ctx context.Context, tx *org.Tx) error {
				for i := range n {
					if err := tx.Users.Create(ctx, person(s, fmt.Sprintf("00u%03d", i), fmt.Sprint("p", i), "")); err != nil {
						return err
					}
				}
				return nil
			})
			for _, batch := range []int{0, 7, 1000} {
				seen := 0
				s.view(func(ctx context.Context, tx *org.Tx) error {
					return tx.Users.Scan(ctx, org.UserQuery{Batch: batch}, func(u *org.User, _ org.UserPosition) bool {
						equal(s, "id", u.ID, fmt.Sprintf("00u%03d", seen))
						seen++
						_, err := tx.Users.Get(ctx, u.ID) // the transaction can be asked meanwhile
						return err == nil
					})
				})
				equal(s, "seen", seen, n)
			}
		}},
		{"pages while rows change", pagesWhileRowsChange},
		{"a scan of nobody", func(s *suite) { equal(s, "ids", pages(s, org.UserQuery{OrderBy: org.ByLogin}, 5), []string{}) }},
	}
}

// pagesWhileRowsChange: who is there all the time is given once in the order of
// ids, whatever is changed of anybody, and in every other order while the value
// that orders stays.
func pagesWhileRowsChange(s *suite) {
	const residents = 60
	resident := func(i int) *org.User {
		u := person(s, fmt.Sprintf("00u%03d", 5*i), fmt.Sprint("resident", i), "")
		u.Profile = u.Profile.Set(profile.LastName, fmt.Sprint("name", i%7))
		u.Status, u.LastUpdated = org.StatusActive, stored(i%9)
		return u
	}
	var want []string
	for i := range residents {
		s.update(createUser(resident(i)))
		want = append(want, resident(i).ID)
	}
	ctx, stop := context.WithCancel(s.Context())
	changes := make(chan error, 1)
	go func() {
		var err error
		for n := 0; err == nil && ctx.Err() == nil; n++ {
			guest := person(s, fmt.Sprintf("00u%03d", n*7%(5*residents)/5*5+1+n%4), fmt.Sprint("guest", n), "")
			guest.Profile = guest.Profile.Set(profile.LastName, fmt.Sprint("name", n%9))
			guest.Status, guest.LastUpdated = org.StatusActive, stored(n%13)
			// What orders by id alone must bear.
			changed := resident(n % residents)
			changed.Profile = changed.Profile.Set(profile.FirstName, fmt.Sprint(n))
			err = s.store.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error {
				if err := tx.Users.Update(ctx, changed); err != nil {
					return err
				}
				if err := tx.Users.Delete(ctx, guest.ID); err != nil && !errors.Is(err, org.ErrNotFound) {
					return err
				}
				if n%3 == 0 {
					return nil
				}
				return tx.Users.Create(ctx, guest)
			})
		}
		changes <- err
	}()
	for _, order := range []org.UserColumn{org.ByID, org.ByLastName, org.ByStatus, org.ByLastUpdated} {
		for _, descending := range []bool{false, true} {
			got := pages(s, org.UserQuery{OrderBy: order, Descending: descending}, 4)
			got = slices.DeleteFunc(got, func(id string) bool { return !slices.Contains(want, id) })
			slices.Sort(got)
			equal(s, fmt.Sprintf("residents by %s, descending %v", order, descending), got, want)
		}
	}
	stop()
	if err := <-changes; err != nil && !errors.Is(err, context.Canceled) {
		s.Errorf("changes: %v", err)
	}
}
