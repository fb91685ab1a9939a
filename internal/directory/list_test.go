package directory_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
)

// town is an org with people to be looked for.
type town struct {
	*testing.T
	*directory.Service
	clock *time.Time
}

func newTown(t *testing.T, url string) *town {
	t.Helper()
	options := sqlstore.Options{URL: url, Keys: secretbox.Ephemeral()}
	if _, err := sqlstore.Migrate(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	clock := second(0)
	w := &town{T: t, Service: &directory.Service{Editor: edit.Editor{Store: store, Now: func() time.Time { return clock }}}, clock: &clock}
	w.schema(&org.UserType{ID: "oty0", Name: org.DefaultUserType},
		profile.Attribute{Name: "ssn", Title: "ssn", Type: profile.String, Sensitive: true},
		profile.Attribute{Name: "age", Title: "age", Type: profile.Integer},
		profile.Attribute{Name: "height", Title: "height", Type: profile.Number},
		profile.Attribute{Name: "cool", Title: "cool", Type: profile.Boolean},
		profile.Attribute{Name: "cars", Title: "cars", Type: profile.Array, Items: &profile.Items{Type: profile.String}},
		profile.Attribute{Name: "laps", Title: "laps", Type: profile.Array, Items: &profile.Items{Type: profile.Number}},
		profile.Attribute{Name: "pin", Title: "pin", Type: profile.String, Mutability: profile.WriteOnly},
		profile.Attribute{Name: "badge", Title: "badge", Type: profile.String},
	)
	w.schema(&org.UserType{ID: "oty1", Name: "staff"},
		profile.Attribute{Name: "badge", Title: "badge", Type: profile.String, Sensitive: true},
		profile.Attribute{Name: "desk", Title: "desk", Type: profile.Integer},
	)
	return w
}

// onEngines runs a test in a town on each database.
func onEngines(t *testing.T, test func(*town)) {
	t.Helper()
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(newTown(t, e.Open(t)))
		})
	}
}

func (w *town) update(write func(context.Context, *org.Tx) error) {
	w.Helper()
	if err := w.Store.Update(w.Context(), write); err != nil {
		w.Fatal(err)
	}
}

// schema gives a type of users attributes of its own.
func (w *town) schema(t *org.UserType, custom ...profile.Attribute) {
	w.Helper()
	s, err := profile.NewSchema(custom...)
	if err != nil {
		w.Fatal(err)
	}
	w.update(func(ctx context.Context, tx *org.Tx) error {
		if err := tx.UserTypes.Create(ctx, t); err != nil {
			return err
		}
		return tx.Schemas.Put(ctx, t.Key(), s)
	})
}

func second(n int) time.Time { return time.Date(2026, 2, 3, 4, 5, n, 0, time.UTC) }

// people are those whom the tables look for. The id is 00u and the first letter.
func people(t testing.TB) (all []*org.User) {
	t.Helper()
	for i, p := range []struct {
		status, profile string
	}{
		{org.StatusActive, `{"login":"ada@example.com","email":"Ada@Example.com","firstName":"Ada","lastName":"Lovelace","city":"London","age":36,"cool":true,"cars":["Bugatti","Fiat"],"ssn":"111","pin":"1"}`},
		{org.StatusActive, `{"login":"bob@example.com","email":"bob@work.example","firstName":"Bob","lastName":"Love","city":"london","age":9,"height":1.5,"cool":false,"laps":[3,4.5]}`},
		{org.StatusStaged, `{"login":"cleo@example.com","email":"cleo@example.com","firstName":"Zoë","lastName":"O'Brien","zipCode":"0100","desk":7,"age":100,"laps":[]}`},
		{org.StatusDeprovisioned, `{"login":"dan@example.com","email":"dan@example.com","firstName":"Ada","lastName":"Dane"}`},
		{org.StatusSuspended, `{"login":"eve@example.com","email":"ada.fan@example.com","firstName":"Eve","lastName":"lovelace","age":36,"height":1.50,"cars":["fiat"]}`},
		{org.StatusProvisioned, `{"login":"FAY","firstName":"Fay","lastName":"Quote\"d"}`},
	} {
		u := &org.User{
			ID: "00u" + string("abcdef"[i]), Status: p.status, Created: second(i), LastUpdated: second(10 - i), StatusChanged: second(i),
		}
		if i%2 == 0 {
			u.Activated = second(20)
			u.TypeID = "oty1"
		}
		var err error
		if u.Profile, err = profile.Decode(p.profile); err != nil {
			t.Fatal(err)
		}
		all = append(all, u)
	}
	return all
}

func (w *town) settle(people ...*org.User) {
	w.Helper()
	w.update(func(ctx context.Context, tx *org.Tx) error {
		for _, u := range people {
			if err := tx.Users.Create(ctx, u); err != nil {
				return err
			}
		}
		return nil
	})
}

var super, desk = eventlog.Origin{Role: org.RoleSuperAdmin}, eventlog.Origin{Role: org.RoleHelpDesk}

// letters gives who is found, page by page, by the letters of their ids.
func (w *town) letters(by directory.By, l directory.UserList) string {
	w.Helper()
	text := ""
	for pages := 0; ; pages++ {
		page, err := w.Users(w.Context(), by, l)
		if err != nil {
			return problem(err)
		}
		if len(page.People) > l.Limit || page.Next != "" && len(page.People) < l.Limit {
			w.Fatalf("%+v: a page of %d, next %q", l, len(page.People), page.Next)
		}
		for _, p := range page.People {
			text += strings.TrimPrefix(p.User.ID, "00u")
		}
		if l.After = page.Next; page.Next == "" || pages > 20 {
			return text
		}
	}
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
			if _, shown := page.People[0].Visible.Get("ssn"); shown != want {
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
