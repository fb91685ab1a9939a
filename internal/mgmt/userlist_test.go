package mgmt_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/org"
)

// users stores n active users, and one who is deactivated.
func (w *world) users(n int) {
	w.Helper()
	for i := range n {
		w.put(&org.User{ID: fmt.Sprintf("00uAAAAAAAAAAAAAA%03d", i), Status: org.StatusActive},
			fmt.Sprintf(`{"login":"u%03d@example.com","email":"u%03d@example.com","firstName":"Ada","lastName":"L%d","city":"London"}`, i, i, i%3))
	}
	w.put(&org.User{ID: "00uZZZZZZZZZZZZZZZZZ", Status: org.StatusDeprovisioned}, `{"login":"gone@example.com","firstName":"Gone"}`)
}

// logins are those of a list.
func (w *world) logins(a answer) []string {
	w.Helper()
	var list []struct{ Profile struct{ Login string } }
	if err := json.Unmarshal([]byte(a.body), &list); err != nil {
		w.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	logins := []string{}
	for _, u := range list {
		logins = append(logins, u.Profile.Login)
	}
	return logins
}

// A list shows each user as a call for that user does.
func TestListedUserIsAsTheUser(t *testing.T) {
	w := newWorld(t)
	w.users(1)
	one := w.ok("GET", "/api/v1/users/00uAAAAAAAAAAAAAA000", "")
	for _, query := range []string{"", "?q=ad", "?search=" + url.QueryEscape(`profile.login eq "u000@example.com"`), "?filter=" + url.QueryEscape(`status eq "ACTIVE"`)} {
		if a := w.ok("GET", "/api/v1/users"+query, ""); strings.TrimSpace(a.body) != "["+strings.TrimSpace(one.body)+"]" {
			t.Errorf("%s: %s, want %s", query, a.body, one.body)
		}
	}
	if a := w.ok("GET", "/api/v1/users?search="+url.QueryEscape(`id eq "nobody"`), ""); strings.TrimSpace(a.body) != "[]" {
		t.Errorf("nobody is %s", a.body)
	}
}

func TestUserPages(t *testing.T) {
	onEngines(t, func(w *world) {
		w.users(205)
		for query, want := range map[string]struct {
			pages []int // how many users each has
			first string
		}{
			"":                                     {[]int{200, 5}, "u000@example.com"},
			"limit=1000":                           {[]int{200, 5}, "u000@example.com"},
			"limit=100":                            {[]int{100, 100, 5}, "u000@example.com"},
			"q=ada":                                {[]int{10}, "u000@example.com"},
			"q=ada&limit=3":                        {[]int{3}, "u000@example.com"},
			"search=status+eq+%22deprovisioned%22": {[]int{1}, "gone@example.com"},
			"search=status%20pr&limit=150":         {[]int{150, 56}, "u000@example.com"},
			"sortBy=profile.lastName&sortOrder=desc&limit=150":          {[]int{150, 55}, "u203@example.com"},
			"search=" + url.QueryEscape(`profile.city eq "london"`):     {[]int{200, 5}, "u000@example.com"},
			"search=" + url.QueryEscape(`profile.lastName sw "l1"`):     {[]int{68}, "u001@example.com"},
			"search=" + url.QueryEscape(`profile.lastName pr or id pr`): {[]int{200, 6}, "u000@example.com"},
		} {
			path := "/api/v1/users?" + query
			var sizes []int
			var all []string
			for path != "" {
				a := w.ok("GET", strings.TrimPrefix(path, base), "")
				logins := w.logins(a)
				sizes, all = append(sizes, len(logins)), append(all, logins...)
				path = next(w, a, query != "")
			}
			if !slices.Equal(sizes, want.pages) || all[0] != want.first {
				w.Errorf("%s: pages of %v from %s, want %v", query, sizes, all[0], want)
			}
			slices.Sort(all)
			if len(slices.Compact(all)) != len(all) {
				w.Errorf("%s repeats somebody", query)
			}
		}
	})
}

// next gives the URL of the next page, or "". Each relation has a line, and all
// parameters are in it.
func next(w *world, a answer, asked bool) string {
	w.Helper()
	lines := a.header.Values("Link")
	if !strings.HasSuffix(lines[0], `>; rel="self"`) || asked && !strings.Contains(lines[0], "?") {
		w.Errorf("Link: %s", lines)
	}
	if len(lines) == 1 {
		return ""
	}
	href, ok := strings.CutSuffix(lines[1], `>; rel="next"`)
	if len(lines) != 2 || !ok {
		w.Errorf("Link: %s", lines)
	}
	return strings.TrimPrefix(href, "<")
}

func TestUserListFaults(t *testing.T) {
	w := newWorld(t)
	w.users(2)
	for query, want := range map[string]struct{ code, cause string }{
		"search=profile.city":        {"E0000031", "search: End of input at position 12 but expected an attribute operator"},
		"search=profile.shoe+pr":     {"E0000031", "search: There is no property profile.shoe that can be searched, at position 0"},
		"filter=profile.city+pr":     {"E0000031", "filter: A filter has no property profile.city; use search, at position 0"},
		"sortBy=profile.city":        {"E0000031", "sortBy: there is no index for the order of this property; use id, status, created, lastUpdated, profile.login, profile.email, profile.firstName or profile.lastName"},
		"sortBy=id&sortOrder=random": {"E0000031", "sortOrder: must be asc or desc"},
		"q=a&search=id+pr":           {"E0000031", "search: only one of q, filter and search can be given"},
		"limit=0":                    {"E0000054", "limit: must be a positive integer"},
		"limit=-1":                   {"E0000054", "limit: must be a positive integer"},
		"limit=ten":                  {"E0000054", "limit: must be a positive integer"},
		"after=x":                    {"E0000054", "after: must be taken from the link to the next page of the same list"},
		"fields=id,profile:(":        {"E0000001", `fields: must be names with commas between them, as in "id,status,profile:(firstName,city)"`},
		"search=%ff":                 {"E0000031", "search: End of input at position 1 but expected an attribute operator"},
	} {
		w.refused(w.send("GET", "/api/v1/users?"+query, ""), 400, want.code, want.cause)
	}
	// What Okta has and usher does not know is no error.
	w.ok("GET", "/api/v1/users?expand=blocks&search=&q=&filter=&after=", "")
}

func TestUserFields(t *testing.T) {
	w := newWorld(t)
	w.users(1)
	for fields, want := range map[string]string{
		"":                                   "",
		"id":                                 `[{"id":"00u…"}]`,
		"status":                             `[{"id":"00u…","status":"ACTIVE"}]`,
		"status,profile:(city,firstName)":    `[{"id":"00u…","status":"ACTIVE","profile":{"firstName":"Ada","city":"London"}}]`,
		" status , profile:( city , shoe ) ": `[{"id":"00u…","status":"ACTIVE","profile":{"city":"London"}}]`,
		"profile:(city),created":             `[{"id":"00u…","created":null,"profile":{"city":"London"}}]`,
		"profile":                            `[{"id":"00u…","profile":{"firstName":"Ada","lastName":"L0","mobilePhone":null,"secondEmail":null,"city":"London","login":"u000@example.com","email":"u000@example.com"}}]`,
		"shoe":                               `[{"id":"00u…"}]`,
	} {
		a := w.send("GET", "/api/v1/users?fields="+url.QueryEscape(fields), "")
		if fields != "" {
			w.is(a, 200, want)
		} else if !strings.Contains(a.body, "_links") {
			t.Errorf("no fields: %s", a.body)
		}
	}
	for _, fields := range []string{"profile:", "profile:(a", "profile:(a))", "a b", "status:(a)", "(a)", "profile:((a))", "a;b", "é"} {
		if a := w.send("GET", "/api/v1/users?fields="+url.QueryEscape(fields), ""); a.status != 400 {
			t.Errorf("%s: %d %s", fields, a.status, a.body)
		}
	}
}
