package directory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// words are the vocabulary of the tests: the base attributes, and some.
func words(t testing.TB, exact bool) *vocabulary {
	t.Helper()
	s, err := profile.NewSchema(
		profile.Attribute{Name: "age", Title: "Age", Type: profile.Integer},
		profile.Attribute{Name: "cool", Title: "Cool", Type: profile.Boolean},
		profile.Attribute{Name: "cars", Title: "Cars", Type: profile.Array, Items: &profile.Items{Type: profile.String}},
	)
	if err != nil {
		t.Fatal(err)
	}
	v := &vocabulary{exact: exact, attributes: map[string]profile.Attribute{}, defaultType: "oty0"}
	for _, a := range s.Attributes() {
		v.attributes[a.Name] = a
	}
	return v
}

// show writes scans as the test below does.
func show(list []scan) string {
	var texts []string
	for _, s := range list {
		text := "by " + string(s.order)
		for _, c := range s.query().Where {
			text += fmt.Sprintf(", %s %s %v", c.Column, c.Operator, c.Values)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

func TestPlan(t *testing.T) {
	t.Parallel()
	v := words(t, false)
	many := func(format string, n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(format, i))
		}
		return strings.Join(list, " or ")
	}
	for text, want := range map[string]string{
		// What one index finds comes in its order, and what it finds of one value by id.
		`id eq "a"`:               "by id, id eq [a]",
		`profile.login eq "A"`:    "by id, login eq [A]",
		`profile.lastName eq "A"`: "by id, lastName eq [A]",
		`profile.lastName sw "a"`: "by lastName, lastName sw [a]",
		`created gt "2026-01-01T00:00:00Z" and created lt "2026-02-01T00:00:00Z"`: "by created, created gt [2026-01-01 00:00:00 +0000 UTC], created lt [2026-02-01 00:00:00 +0000 UTC]",
		`status eq "active"`:             "by id, status eq [ACTIVE]",
		`type.id eq "oty1"`:              "by id, type eq [oty1]",
		`id eq "a" or id eq "b"`:         "by id, id eq [a b]",
		many(`profile.email eq "%d"`, 3): "by email, email eq [0 1 2]",

		// Of several conditions the one that fewest meet leads; the others go with it.
		`profile.lastName sw "a" and profile.login sw "b"`:                       "by login, lastName sw [a], login sw [b]",
		`profile.lastName sw "a" and profile.firstName eq "b" and status pr`:     "by id, lastName sw [a], firstName eq [b]",
		`profile.lastName sw "a" and status eq "STAGED" and profile.city eq "x"`: "by lastName, lastName sw [a], status eq [STAGED]",

		// Statuses are a set.
		`status lt "STAGED" or status gt "STAGED"`:                        "by id, status ne [STAGED]",
		`status eq "STAGED" and status eq "ACTIVE"`:                       "",
		`status eq "STAGED" and profile.city eq "x" or status eq "NEVER"`: "by id, status eq [STAGED]",
		`status gt "A" and status lt "Z"`:                                 "by id",

		// Alternatives are scans.
		`profile.firstName sw "a" or profile.lastName sw "a"`:                                              "by firstName, firstName sw [a]; by lastName, lastName sw [a]",
		`status eq "ACTIVE" and (profile.firstName sw "a" or profile.lastName sw "a")`:                     "by firstName, firstName sw [a], status eq [ACTIVE]; by lastName, lastName sw [a], status eq [ACTIVE]",
		`status eq "STAGED" or profile.lastName sw "a"`:                                                    "by id, status eq [STAGED]; by lastName, lastName sw [a]",
		many(`profile.lastName sw "%d"`, maxScans+1):                                                       "by id", // too many
		`(` + many(`profile.lastName sw "%d"`, 5) + `) and (` + many(`profile.firstName sw "%d"`, 3) + `)`: "by lastName, lastName sw [0]; by lastName, lastName sw [1]; by lastName, lastName sw [2]; by lastName, lastName sw [3]; by lastName, lastName sw [4]",

		// No index helps.
		`profile.city eq "x"`:                            "by id",
		`profile.city eq "x" or profile.lastName eq "a"`: "by id",
		`profile.lastName co "x"`:                        "by id",
		`type.id eq "oty0"`:                              "by id",
	} {
		var q userQuery
		found, err := q.parse(v, text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := show(scans(found)); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

// Whatever is asked for is refused with a position, or narrowed to scans in which
// nobody is missing who passes.
func FuzzUsers(f *testing.F) {
	for _, seed := range []string{
		`profile.firstName sw "a" or status eq "ACTIVE" and (profile.login eq "b" or id gt "00u")`,
		`status lt "STAGED" or status gt "STAGED"`, `created ge "2026-02-03T04:05:06Z" and created eq "2026-02-03T04:05:06.5Z"`,
		`profile.age gt 3 or profile.cool eq true or profile.cars eq "x"`, `type.id eq "oty0"`, `profile.lastName le " É"`,
		`not (id pr)`, `profile.lastName eq "` + "\ufb01" + `"`, `lastUpdated lt "0001-01-01T00:00:00Z"`,
	} {
		f.Add(seed)
	}
	var users []*org.User
	for i, name := range []string{"", "a", "Ada", "É", "\ufb01x", " z", "b😀"} {
		p, err := profile.Decode(fmt.Sprintf(`{"login":%q,"firstName":%q,"lastName":%q,"age":%d,"cool":%v,"cars":[%q]}`, "l"+name, name, name+"n", i*3, i%2 == 0, name))
		if err != nil {
			f.Fatal(err)
		}
		at := time.Date(2026, 2, 3, 4, 5, 6, i*500_000_000, time.UTC)
		users = append(users, &org.User{ID: "00u" + name, Status: allStatuses()[i], Profile: p, Created: at, LastUpdated: at, TypeID: []string{"", "oty1"}[i%2]})
	}
	languages := []*vocabulary{words(f, false), words(f, true)}
	f.Fuzz(func(t *testing.T, text string) {
		for _, v := range languages {
			var q userQuery
			found, err := q.parse(v, text)
			if err != nil {
				var problem *filter.Error
				if !errors.As(err, &problem) || problem.Position < 0 || problem.Position > len([]rune(text)) {
					t.Fatalf("%q: %v", text, err)
				}
				continue
			}
			if len(found) > maxScans {
				t.Errorf("%q: %d scans", text, len(found))
			}
			for _, u := range users {
				if q.test(u) && !slices.ContainsFunc(found, func(a alternative) bool { return a.holds(u) }) {
					t.Errorf("%q: %s is in none of %s", text, u.ID, show(scans(found)))
				}
			}
		}
	})
}
