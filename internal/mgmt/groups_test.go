package mgmt_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/org"
)

// groupAnswer is a group as a recorded answer has it.
func groupAnswer(kind, name, description string) string {
	return `{"id":"00g…","created":"…Z","lastUpdated":"…Z","lastMembershipUpdated":"…Z","objectClass":["okta:user_group"],"type":"` + kind + `",
		"profile":{"name":"` + name + `","description":` + description + `},
		"_links":{"logo":[],"users":{"href":"https://id.example.com/api/v1/groups/00g…/users"},
			"apps":{"href":"https://id.example.com/api/v1/groups/00g…/apps"}}}`
}

// group makes a group and gives its id.
func (w *world) group(name string) string {
	w.Helper()
	g, err := w.people.CreateGroup(w.Context(), usher(), directory.GroupInput{Name: name})
	if err != nil {
		w.Fatal(err)
	}
	return g.ID
}

func TestGroupIsAsRecorded(t *testing.T) {
	w := newWorld(t)
	w.is(w.send("GET", "/api/v1/groups", ""), 200, `[`+groupAnswer("BUILT_IN", "Everyone", `"All users in your organization"`)+`]`)
	// As Terraform's provider writes one.
	w.is(w.send("POST", "/api/v1/groups", `{"profile":{"name":"Staff","description":"Who <works> here"}}`), 200,
		groupAnswer("OKTA_GROUP", "Staff", `"Who <works> here"`))
	id := w.group("Plain")
	w.is(w.send("GET", "/api/v1/groups/"+id, ""), 200, groupAnswer("OKTA_GROUP", "Plain", "null"))
	w.is(w.send("PUT", "/api/v1/groups/"+id, `{"id":"00gother","type":"BUILT_IN","profile":{"name":"Simple","description":null}}`), 200,
		groupAnswer("OKTA_GROUP", "Simple", "null"))
}

// Everybody is found by following the links, each once.
func TestPagesOfGroupsAndTheirUsers(t *testing.T) {
	w := newWorld(t)
	staff := w.group("Staff")
	for i := range 5 {
		w.group(fmt.Sprint("Group ", i))
		id := fmt.Sprintf("00uAAAAAAAAAAAAAAAA%d", i)
		w.put(&org.User{ID: id, Status: org.StatusActive}, fmt.Sprintf(`{"login":"p%d@example.com"}`, i))
		w.ok("PUT", "/api/v1/groups/"+staff+"/users/"+id, "")
	}
	for path, want := range map[string]int{
		"/api/v1/groups?limit=2": 7, "/api/v1/groups?limit=3&search=profile.name+sw+%22group%22": 5,
		"/api/v1/groups/" + staff + "/users?limit=2": 5, "/api/v1/groups?q=Group&limit=2": 2, // q has no pages
	} {
		seen := map[string]bool{}
		for next := path; next != ""; {
			a := w.ok("GET", next, "")
			var page []struct{ ID string }
			if err := json.Unmarshal([]byte(a.body), &page); err != nil {
				t.Fatal(err)
			}
			for _, o := range page {
				seen[o.ID] = true
			}
			links := a.header.Values("Link")
			next = ""
			if len(links) > 1 {
				target, _, _ := strings.Cut(strings.TrimPrefix(links[1], "<"+base), `>; rel="next"`)
				next = target
			}
		}
		if len(seen) != want {
			t.Errorf("%s has %d, want %d", path, len(seen), want)
		}
	}
}
