package directory_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/storetest"
)

var super, desk = eventlog.Origin{Role: org.RoleSuperAdmin}, eventlog.Origin{Role: org.RoleHelpDesk}

// ids gives who is found, page by page.
func (w *town) ids(by directory.By, l directory.UserList) (ids []string, err error) {
	w.Helper()
	for {
		page, err := w.Users(w.Context(), by, l)
		if err != nil {
			return nil, err
		}
		if len(page.People) > l.Limit || page.Next != "" && len(page.People) < l.Limit {
			w.Fatalf("%+v: a page of %d, next %q", l, len(page.People), page.Next)
		}
		for _, p := range page.People {
			ids = append(ids, p.User.ID)
		}
		if l.After = page.Next; page.Next == "" {
			return ids, nil
		}
	}
}

// letters gives who is found by the letters of their ids, or what is wrong.
func (w *town) letters(by directory.By, l directory.UserList) string {
	w.Helper()
	ids, err := w.ids(by, l)
	if err != nil {
		return problem(err)
	}
	return strings.ReplaceAll(strings.Join(ids, ""), "00u", "")
}

// problem shows a fault with its cause.
func problem(err error) string {
	f := fault.As(err)
	if f == nil || len(f.Causes) != 1 {
		return "not a fault: " + err.Error()
	}
	return map[fault.Kind]string{fault.BadSearch: "search", fault.BadPage: "page"}[f.Kind] + ": " + f.Causes[0].Field + ": " + f.Causes[0].Text
}

// inOrder is for lists whose order is any.
func inOrder(letters string) string {
	if strings.Contains(letters, ":") {
		return letters
	}
	runes := []rune(letters)
	slices.Sort(runes)
	return string(runes)
}

func TestUsersSearch(t *testing.T) {
	onEngines(t, func(w *town) {
		w.settle(people(w)...)
		for search, want := range map[string]string{
			`id eq "00ub"`:       "b",
			`id eq "00UB"`:       "", // ids are what they are
			`id sw "00u"`:        "abcdef",
			`id gt "00ud"`:       "ef",
			`id pr`:              "abcdef",
			`status eq "ACTIVE"`: "ab",
			`status eq "active"`: "ab",
			`status lt "STAGED" or status gt "STAGED"`:         "abdef",
			`status eq "STAGED" or status eq "DEPROVISIONED"`:  "cd",
			`status eq "STAGED" and status eq "DEPROVISIONED"`: "",
			`status sw "P"`:                             "f",
			`status pr`:                                 "abcdef",
			`status eq "NEVER"`:                         "",
			`created gt "2026-02-03T04:05:03.000Z"`:     "ef",
			`created ge "2026-02-03T04:05:03Z"`:         "def",
			`created lt "2026-02-03T05:05:01+01:00"`:    "a",
			`created eq "2026-02-03T04:05:01.000Z"`:     "b",
			`created pr`:                                "abcdef",
			`lastUpdated le "2026-02-03T04:05:06.000Z"`: "ef",
			`lastUpdated gt "2026-02-03T04:05:06Z" and lastUpdated lt "2026-02-03T04:05:10Z"`: "bcd",
			`activated pr`: "ace",
			`activated eq "2026-02-03T04:05:20.000Z"`:                    "ace",
			`activated lt "2030-01-01T00:00:00.000Z"`:                    "ace", // never is not before
			`statusChanged ge "2026-02-03T04:05:04.000Z"`:                "ef",
			`type.id eq "oty1"`:                                          "ace",
			`type.id eq "oty2"`:                                          "",
			`profile.login eq "ADA@EXAMPLE.COM"`:                         "a",
			`profile.login eq "fay"`:                                     "f",
			`profile.login co "A"`:                                       "abcdef",
			`profile.login co "a@ex"`:                                    "a",
			`profile.email sw "ada"`:                                     "ae",
			`profile.email pr`:                                           "abcde",
			`profile.firstName eq "ada"`:                                 "ad",
			`profile.firstName eq "zoë"`:                                 "c",
			`profile.firstName eq "zoe"`:                                 "", // diacritical marks count
			`profile.lastName sw "LOVE"`:                                 "abe",
			`profile.lastName ge "love" and profile.lastName lt "loved"`: "b",
			`profile.lastName eq "quote\"d"`:                             "f",
			`profile.lastName eq "o'brien"`:                              "c",
			`profile.city eq "LONDON"`:                                   "ab",
			`profile.city pr`:                                            "ab",
			`profile.zipCode eq 0`:                                       "",
			`profile.zipCode sw "01"`:                                    "c",
			`profile.zipCode gt "00"`:                                    "c",
			`profile.age eq 36`:                                          "ae",
			`profile.age eq "36"`:                                        "ae", // as Terraform writes it
			`profile.age eq 3.6e1`:                                       "ae",
			`profile.age gt 9`:                                           "ace",
			`profile.age le 9`:                                           "b",
			`profile.age pr`:                                             "abce",
			`profile.height eq 1.50`:                                     "be",
			`profile.height lt -1`:                                       "",
			`profile.cool eq true`:                                       "a",
			`profile.cool eq "false"`:                                    "b",
			`profile.cars eq "FIAT"`:                                     "ae",
			`profile.cars sw "b"`:                                        "a",
			`profile.cars eq "Bugatti" and profile.cars eq "Fiat"`:       "a",
			`profile.cars pr`:                                            "ae",
			`profile.laps gt 4`:                                          "b",
			`profile.laps pr`:                                            "b",
			`type.id eq "oty0" or type.id eq "oty2"`:                     "bdf",
			`profile.desk eq 7`:                                          "c", // of another type
			`profile.ssn eq "111"`:                                       "a",
			`profile.firstName sw "a" or profile.lastName sw "lo"`:       "abde",
			`status eq "ACTIVE" and (profile.firstName sw "a" or profile.lastName sw "lo" or profile.city eq "x")`:     "ab",
			`profile.city eq "London" or profile.login eq "fay"`:                                                       "abf",
			`(profile.firstName eq "ada" or profile.age lt 10) and (status eq "ACTIVE" or profile.lastName eq "dane")`: "abd",
			`profile.login eq "ada@example.com" or profile.login eq "fay" or profile.login eq "nobody"`:                "af",
			`type.id eq "oty1" or profile.lastName eq "love"`:                                                          "abce",
			`created gt "2026-02-03T04:05:01Z" and profile.lastName sw "lo"`:                                           "e",

			`profile.city`:                          `search: search: End of input at position 12 but expected an attribute operator`,
			`profile.city ne "x"`:                   `search: search: Unrecognized attribute operator 'ne' at position 13. Expected: eq,co,sw,pr,gt,ge,lt,le`,
			`profile.city ew "x"`:                   `search: search: Unrecognized attribute operator 'ew' at position 13. Expected: eq,co,sw,pr,gt,ge,lt,le`,
			`profile.city co "x"`:                   `search: search: The operator co is for profile.firstName, profile.lastName, profile.email and profile.login, not for profile.city, at position 13`,
			`id co "x"`:                             `search: search: The operator co is for profile.firstName, profile.lastName, profile.email and profile.login, not for id, at position 3`,
			`not (id pr)`:                           `search: search: The operator 'not' at position 0 is not supported. Expected: and,or`,
			`id pr and (not (id pr))`:               `search: search: The operator 'not' at position 11 is not supported. Expected: and,or`,
			`profile.shoe eq "x"`:                   `search: search: There is no property profile.shoe that can be searched, at position 0`,
			`profile.City eq "x"`:                   `search: search: There is no property profile.City that can be searched, at position 0`,
			`id pr or city eq "x"`:                  `search: search: There is no property city that can be searched, at position 9`,
			`profile. eq "x"`:                       `search: search: There is no property profile. that can be searched, at position 0`,
			`lastLogin pr`:                          `search: search: There is no property lastLogin that can be searched, at position 0`,
			`profile.pin eq "1"`:                    `search: search: There is no property profile.pin that can be searched, at position 0`,
			`profile.city eq null`:                  `search: search: Expected a value in double quotes at position 16`,
			`id eq "\u0000"`:                        `search: search: A character that no value has at position 6`,
			`profile.age eq "x"`:                    `search: search: Expected a number at position 15`,
			`profile.age eq 1e999`:                  `search: search: Expected a number at position 15`,
			`profile.age sw "3"`:                    `search: search: The operator sw is for text, not for profile.age, at position 12`,
			`profile.cool eq "x"`:                   `search: search: Expected true or false at position 16`,
			`profile.cool gt true`:                  `search: search: The operator gt is not for profile.cool, which is true or false, at position 13`,
			`created gt "yesterday"`:                `search: search: Expected a time such as "2026-01-31T12:00:00.000Z" at position 11`,
			`created sw "2026-01-31T12:00:00.000Z"`: `search: search: The operator sw is for text, not for created, at position 8`,
		} {
			for _, limit := range []int{1, 200} {
				if got := inOrder(w.letters(super, directory.UserList{Search: search, Limit: limit})); got != want {
					w.Errorf("%s, %d a page:\n got %s\nwant %s", search, limit, got, want)
				}
			}
		}
	})
}

func TestUsersFilter(t *testing.T) {
	onEngines(t, func(w *town) {
		w.settle(people(w)...)
		for text, want := range map[string]string{
			`status eq "ACTIVE"`:                        "ab",
			`status eq "active"`:                        "", // in a filter letters are what they are
			`status eq "DEPROVISIONED"`:                 "d",
			`id eq "00uc"`:                              "c",
			`profile.login eq "FAY"`:                    "f",
			`profile.login eq "fay"`:                    "",
			`profile.email eq "Ada@Example.com"`:        "a",
			`profile.email eq "ada@example.com"`:        "",
			`profile.firstName eq "Ada"`:                "ad",
			`profile.lastName eq "lovelace"`:            "e",
			`lastUpdated gt "2026-02-03T04:05:08.000Z"`: "ab",
			`lastUpdated eq "2026-02-03T04:05:08.000Z"`: "c",
			`lastUpdated le "2026-02-03T04:05:06.000Z" and (status eq "SUSPENDED" or profile.firstName eq "x")`: "e",
			`STATUS eq "ACTIVE"`:                    `search: filter: A filter has no property STATUS; use search, at position 0`,
			`created gt "2026-02-03T04:05:08.000Z"`: `search: filter: A filter has no property created; use search, at position 0`,
			`profile.city eq "x"`:                   `search: filter: A filter has no property profile.city; use search, at position 0`,
			`profile.login sw "x"`:                  `search: filter: A filter does not compare profile.login by sw; use search, at position 14`,
			`lastUpdated pr`:                        `search: filter: A filter does not compare lastUpdated by pr; use search, at position 12`,
			`id gt "x"`:                             `search: filter: A filter does not compare id by gt; use search, at position 3`,
			`not (id eq "x")`:                       `search: filter: The operator 'not' at position 0 is not supported. Expected: and,or`,
			`id eq`:                                 `search: filter: End of input at position 5 while expecting a value for operator eq`,
		} {
			if got := inOrder(w.letters(super, directory.UserList{Filter: text, Limit: 2})); got != want {
				w.Errorf("%s:\n got %s\nwant %s", text, got, want)
			}
		}
	})
}

func TestUsersByNameAndAll(t *testing.T) {
	onEngines(t, func(w *town) {
		w.settle(people(w)...)
		for _, c := range []struct {
			list directory.UserList
			want string
		}{
			{directory.UserList{}, "abcef"}, // nobody who is deactivated
			{directory.UserList{SortBy: "profile.lastName"}, "baecf"},
			{directory.UserList{SortBy: "profile.lastName", SortOrder: "DESC"}, "fceab"},
			{directory.UserList{SortBy: "created", SortOrder: "desc", Search: `profile.lastName sw "l" or profile.firstName sw "a"`}, "edba"},
			{directory.UserList{SortBy: "status", Search: `created pr`}, "abdfce"},
			{directory.UserList{SortBy: "lastUpdated", Search: `status eq "NEVER"`}, ""},
			{directory.UserList{SortBy: "profile.email", Search: `profile.email eq "ada@example.com"`}, "a"},
			{directory.UserList{SortOrder: "sideways"}, "abcef"}, // without sortBy it says nothing
			{directory.UserList{SortBy: "id", SortOrder: "sideways"}, "search: sortOrder: must be asc or desc"},
			{directory.UserList{SortBy: "profile.city"}, "search: sortBy: there is no index for the order of this property; use id, status, created, lastUpdated, profile.login, profile.email, profile.firstName or profile.lastName"},
			{directory.UserList{Q: "ada"}, "ae"}, // by first name, then by address
			{directory.UserList{Q: "LOVE"}, "bae"},
			{directory.UserList{Q: "nobody"}, ""},
			{directory.UserList{Q: "a", SortBy: "profile.city"}, "ae"},
			{directory.UserList{Q: "a", Search: "id pr"}, "search: search: only one of q, filter and search can be given"},
			{directory.UserList{Q: "a", After: "x"}, "page: after: a list by q has no further pages; use search"},
		} {
			for _, limit := range []int{1, 3, 200} {
				if c.list.Q != "" {
					limit = 10
				}
				c.list.Limit = limit
				if got := w.letters(super, c.list); got != c.want {
					w.Errorf("%+v:\n got %s\nwant %s", c.list, got, c.want)
				}
			}
		}
		page, err := w.Users(w.Context(), super, directory.UserList{Q: "love", Limit: 2})
		if err != nil || len(page.People) != 2 || page.Next != "" {
			w.Errorf("q gave %+v, %v", page, err)
		}
	})
}

// Below a super administrator, a search must not tell whether somebody has a
// value that is not shown.
func TestSensitiveAttributesAreNoneToOthers(t *testing.T) {
	onEngines(t, func(w *town) {
		w.settle(people(w)...)
		for _, text := range []string{
			`profile.%s eq "111"`, `profile.%s pr`, `profile.%s sw "1"`, `profile.%s ne "1"`, `profile.%s co "1"`,
			`id eq "nobody" and profile.%s gt "0"`, `profile.%s eq null`,
		} {
			for name, nothing := range map[string]string{"ssn": "dog", "badge": "bread"} { // badge: in one of two types
				seen := w.letters(desk, directory.UserList{Search: fmt.Sprintf(text, name), Limit: 9})
				unknown := w.letters(desk, directory.UserList{Search: fmt.Sprintf(text, nothing), Limit: 9})
				if !strings.HasPrefix(seen, "search: ") || strings.ReplaceAll(seen, name, nothing) != unknown {
					w.Errorf("%s: %s, and of what is not there: %s", text, seen, unknown)
				}
			}
		}
		for by, want := range map[*directory.By]bool{&super: true, &desk: false} {
			page, err := w.Users(w.Context(), *by, directory.UserList{Search: `id eq "00ua"`, Limit: 9})
			if err != nil {
				w.Fatal(err)
			}
			if _, shown := page.People[0].Visible.Get("badge"); shown != want {
				w.Errorf("shown to %s: %v", by.Role, shown)
			}
		}
	})
}

func TestUsersCursor(t *testing.T) {
	w := newTown(t, storetest.Engines()[0].Open(t))
	w.settle(people(w)...)
	lists := []directory.UserList{
		{Limit: 2}, {Limit: 2, Search: "id pr"}, {Limit: 2, Filter: `status eq "ACTIVE" or status eq "STAGED"`},
		{Limit: 2, SortBy: "created"}, {Limit: 2, SortBy: "created", SortOrder: "desc"}, {Limit: 2, SortBy: "profile.lastName"},
		{Limit: 2, Search: `profile.firstName sw "a" or profile.lastName sw "lo"`},
	}
	var cursors []string
	for _, l := range lists {
		page, err := w.Users(t.Context(), super, l)
		if err != nil || page.Next == "" {
			t.Fatalf("%+v: %+v, %v", l, page, err)
		}
		cursors = append(cursors, page.Next)
		again, err := w.Users(t.Context(), super, directory.UserList{Limit: 1, Search: l.Search, Filter: l.Filter, SortBy: l.SortBy, SortOrder: l.SortOrder, After: page.Next})
		if err != nil || len(again.People) != 1 {
			t.Errorf("%+v with another limit: %+v, %v", l, again, err)
		}
	}
	const wrong = "page: after: must be taken from the link to the next page of the same list"
	for i, l := range lists {
		forged := []string{"x", "e30", cursors[i] + "A", cursors[i][:len(cursors[i])-2], base64.RawURLEncoding.EncodeToString([]byte(`[]`))}
		for j, other := range cursors {
			if j != i {
				forged = append(forged, other)
			}
		}
		own, err := base64.RawURLEncoding.DecodeString(cursors[i])
		if err != nil {
			t.Fatal(err)
		}
		for old, changed := range map[string]string{
			`"s":0`: `"s":99`, `"s": 0`: `"s":-1`, `,"i":"`: `,"i":"\u0000`, `"i":`: `"x":1,"i":`, `"v":`: `"w":`, `"t":`: `"v":"x","u":`,
		} {
			if text := strings.Replace(string(own), old, changed, 1); text != string(own) {
				forged = append(forged, base64.RawURLEncoding.EncodeToString([]byte(text)))
			}
		}
		for _, after := range forged {
			l.After = after
			if got := w.letters(super, l); got != wrong {
				t.Errorf("%+v: %s", l, got)
			}
		}
	}
}

// No search that no index helps with goes on for ever, and those that do not
// take their time are not disturbed.
func TestUsersTookTooLong(t *testing.T) {
	w := newTown(t, storetest.Engines()[0].Open(t))
	w.settle(people(w)...)
	now := second(0)
	w.Now = func() time.Time { // every user that is looked at takes a second
		now = now.Add(time.Second)
		return now
	}
	w.SearchTime = 4 * time.Second
	const advice = `; add, with "and", a comparison of one of id, status, created, lastUpdated, profile.login, profile.email, profile.firstName or profile.lastName, by eq, sw, gt, ge, lt or le, and leave out sortBy`
	for _, c := range []struct {
		list directory.UserList
		want string
	}{
		{directory.UserList{Search: `profile.city eq "Paris" and profile.cars pr`, Limit: 1}, "search: search: no page of users was found within 4s, since there is no index for profile.city, profile.cars" + advice},
		{directory.UserList{Search: `profile.lastName co "x"`, Limit: 1}, "search: search: no page of users was found within 4s, since there is no index for profile.lastName (co)" + advice},
		{directory.UserList{Limit: 9}, "search: search: no page of users was found within 4s" + advice},
		{directory.UserList{Search: `profile.city eq "London" and profile.login sw "ada"`, Limit: 1}, "a"},
		{directory.UserList{Search: `profile.login eq "ada@example.com"`, Limit: 9}, "a"},
		// The page is full; nobody knows whether there is more.
		{directory.UserList{Search: `profile.city eq "LONDON"`, Limit: 2}, "ab"},
	} {
		if got := w.letters(super, c.list); got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.list, got, c.want)
		}
	}
	w.SearchTime = 0
	if got := w.letters(super, directory.UserList{Search: `profile.city eq "Paris"`, Limit: 1}); !strings.Contains(got, "within 5s") {
		t.Error(got)
	}
}

// Who is there all the time is given once, whatever is done to others, and in a
// list by id whatever is done to anybody.
func TestUsersWhileTheyChange(t *testing.T) {
	onEngines(t, func(w *town) {
		const residents, guests = 40, 20
		user := func(id, first string, status string) *org.User {
			p, err := profile.Decode(fmt.Sprintf(`{"login":%q,"firstName":%q,"lastName":"Resident","city":"Paris"}`, id, first))
			if err != nil {
				w.Fatal(err)
			}
			return &org.User{ID: id, Status: status, Profile: p, Created: second(1), LastUpdated: second(1)}
		}
		resident := func(n int, first string) *org.User { return user(fmt.Sprintf("00u%03dR", n), first, org.StatusActive) }
		guest := func(n int) *org.User {
			return user(fmt.Sprintf("00u%03dG%d", n*7%residents, n), []string{"Ada", "Bob"}[n%2], org.StatusActive)
		}
		var want []string
		for n := range residents {
			first := []string{"Ada", "Bob"}[n%2]
			w.settle(resident(n, first))
			want = append(want, resident(n, first).ID)
		}
		ctx, stop := context.WithCancel(w.Context())
		changes := make(chan error, 1)
		go func() {
			var err error
			for n := 0; err == nil && ctx.Err() == nil; n++ {
				changed := resident(n%residents, []string{"Ada", "Bob"}[n%2])
				changed.LastLogin = second(n)
				err = w.Store.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error {
					if err := tx.Users.Update(ctx, changed); err != nil {
						return err
					}
					if n >= guests {
						if err := tx.Users.Delete(ctx, guest(n-guests).ID); err != nil {
							return err
						}
					}
					return tx.Users.Create(ctx, guest(n))
				})
			}
			changes <- err
		}()
		for _, l := range []directory.UserList{
			{}, {Search: `profile.city eq "paris"`}, {Filter: `status eq "ACTIVE"`}, {SortBy: "profile.lastName", SortOrder: "desc"},
			{Search: `profile.firstName eq "ada" or profile.firstName sw "bo" or profile.lastName sw "res"`},
		} {
			l.Limit = 3
			got, err := w.ids(super, l)
			if err != nil {
				w.Fatal(err)
			}
			got = slices.DeleteFunc(got, func(id string) bool { return !strings.HasSuffix(id, "R") })
			slices.Sort(got)
			if !slices.Equal(got, want) {
				w.Errorf("%+v gave %v", l, got)
			}
		}
		stop()
		if err := <-changes; err != nil && !errors.Is(err, context.Canceled) {
			w.Errorf("changes: %v", err)
		}
	})
}
