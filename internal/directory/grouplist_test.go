package directory

import (
	"testing"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// Whatever is asked for is a test of groups, or refused in Okta's words.
func FuzzGroups(f *testing.F) {
	for _, seed := range []string{
		`id eq "00g1" or type eq "BUILT_IN"`, `lastUpdated gt "2026-02-03T04:05:06.000Z" and not (lastMembershipUpdated le "2026-02-03T04:05:06Z")`,
		`profile.name sw "É" or profile.description co "\ufb01"`, `created pr and profile.name pr`, `lastUpdated eq "0000-01-01T00:00:00Z"`,
		`profile.name ne "x"`, `id eq`, `((`,
	} {
		f.Add(seed, seed)
	}
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	groups := []*org.Group{{}, {ID: "00g1", Name: "É\ufb01", Description: "b😀", Created: at, LastUpdated: at, LastMembershipUpdated: at}, {BuiltIn: true}}
	f.Fuzz(func(t *testing.T, filter, search string) {
		match, err := (&GroupSearch{Filter: filter, Search: search}).match()
		if err != nil {
			if !fault.Is(err, fault.BadFilter) && !fault.Is(err, fault.BadSearch) {
				t.Fatalf("%q, %q: %v", filter, search, err)
			}
			return
		}
		for _, g := range groups {
			match(g)
		}
	})
}
