package mgmt_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/apicheck"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// put stores a user as it is.
func (w *world) put(u *org.User, profileJSON string) {
	w.Helper()
	var err error
	if u.Profile, err = profile.Decode(profileJSON); err != nil {
		w.Fatal(err)
	}
	err = w.people.Store.Update(w.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.Users.Create(ctx, u) })
	if err != nil {
		w.Fatal(err)
	}
}

// user makes a user of a name, with more in the body, and gives the id.
func (w *world) user(query, name, more string) string {
	w.Helper()
	body := `{"profile":{"login":"` + name + `@example.com","email":"` + name + `@example.com","firstName":"` + name + `","lastName":"L"}` + more + `}`
	var u struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(w.ok("POST", "/api/v1/users"+query, body).body), &u); err != nil {
		w.Fatal(err)
	}
	return u.ID
}

// A user has the keys that a real org answered in each of these statuses.
func TestUsersHaveTheRecordedShape(t *testing.T) {
	w := newWorld(t)
	const credentials = `,"credentials":{"password":{"value":"correct horse"},"recovery_question":{"question":"Who?","answer":"Adam"}}`
	gone := w.user("", "gone", credentials)
	w.ok("DELETE", "/api/v1/users/"+gone, "")
	for status, id := range map[string]string{
		"staged": w.user("?activate=false", "staged", ""), "provisioned": w.user("", "provisioned", ""),
		"active": w.user("", "active", credentials), "deprovisioned": gone,
	} {
		recorded, err := os.ReadFile("testdata/recorded/user-" + status + ".json")
		if err != nil {
			t.Fatal(err)
		}
		differences, err := apicheck.SameShape(recorded, []byte(w.ok("GET", "/api/v1/users/"+id, "").body), nil)
		if err != nil || differences != nil {
			t.Errorf("%s: %q, %v", status, differences, err)
		}
	}
}

// Okta's clients put options behind the type of a request without a body.
func TestOptionsBehindTheContentType(t *testing.T) {
	w := newWorld(t)
	id := w.user("", "ada", "")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/api/v1/users/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "SSWS "+w.token)
	r.Header.Set("Content-Type", "application/json; okta-response=omitCredentials,omitCredentialsLinks,omitTransitioningToStatus")
	if a := w.do(r); a.status != http.StatusOK || !strings.Contains(a.body, id) {
		t.Errorf("answer is %d %s", a.status, a.body)
	}
}

// Each link leads to a call that the status allows, and which the API has.
func TestLinksOfUsersLeadSomewhere(t *testing.T) {
	w := newWorld(t)
	for _, status := range org.UserStatuses() {
		id := w.user("", strings.ToLower(status[:4]), `,"credentials":{"password":{"value":"correct horse"}}`)
		w.become(id, status)
		var u struct {
			Links map[string]struct{ Href, Method string } `json:"_links"`
		}
		if err := json.Unmarshal([]byte(w.ok("GET", "/api/v1/users/"+id, "").body), &u); err != nil {
			t.Fatal(err)
		}
		for name, link := range u.Links {
			if link.Method == "" {
				w.ok("GET", strings.TrimPrefix(link.Href, base), "")
				continue
			}
			w.become(id, status)
			// Recorded answers show it of users who have no password, and Okta's page
			// on suspending allows it of active ones alone.
			if name == "suspend" && status == org.StatusProvisioned || name == "delete" {
				continue
			}
			body := map[string]string{
				"changePassword":         `{"oldPassword":{"value":"wrong"},"newPassword":{"value":"correct horse"}}`,
				"changeRecoveryQuestion": `{"password":{"value":"wrong"},"recovery_question":{"question":"Who?","answer":"Adam"}}`,
			}[name]
			a := w.send(link.Method, strings.TrimPrefix(link.Href, base), body)
			if proven := strings.Contains(a.body, "E0000014"); a.status/100 != 2 && !proven {
				t.Errorf("%s of %s: %d %s", name, status, a.status, a.body)
			}
		}
	}
}

// become puts a user into a status, in which its password is known again.
func (w *world) become(id, status string) {
	w.Helper()
	err := w.people.Store.Update(w.Context(), func(ctx context.Context, tx *org.Tx) error {
		u, err := tx.Users.Get(ctx, id)
		if err != nil {
			return err
		}
		u.Status = status
		return tx.Users.Update(ctx, u)
	})
	if err != nil {
		w.Fatal(err)
	}
}

const adaID = "00uAAAAAAAAAAAAAAAAA"

func TestUserIsAsRecorded(t *testing.T) {
	w := newWorld(t)
	at := time.Date(2026, 2, 3, 4, 5, 6, 7000, time.UTC)
	w.put(&org.User{
		ID: adaID, Status: org.StatusProvisioned, Created: at, Activated: at, StatusChanged: at, LastUpdated: at,
	}, `{"login":"ada@example.com","email":"ada@example.com","firstName":"Ada","lastName":"Lovelace","nickName":"Countess"}`)
	want := `{"id":"00u…","status":"PROVISIONED","created":"…Z","activated":"…Z","statusChanged":"…Z","lastLogin":null,
		"lastUpdated":"…Z","passwordChanged":null,"type":{"id":"oty…"},
		"profile":{"firstName":"Ada","lastName":"Lovelace","mobilePhone":null,"secondEmail":null,"nickName":"Countess",
			"login":"ada@example.com","email":"ada@example.com"},
		"credentials":{"provider":{"type":"OKTA","name":"OKTA"}},
		"_links":{"suspend":{"href":"https://id.example.com/api/v1/users/00u…/lifecycle/suspend","method":"POST"},
			"schema":{"href":"https://id.example.com/api/v1/meta/schemas/user/osc…"},
			"resetPassword":{"href":"https://id.example.com/api/v1/users/00u…/lifecycle/reset_password","method":"POST"},
			"reactivate":{"href":"https://id.example.com/api/v1/users/00u…/lifecycle/reactivate","method":"POST"},
			"self":{"href":"https://id.example.com/api/v1/users/00u…"},
			"resetFactors":{"href":"https://id.example.com/api/v1/users/00u…/lifecycle/reset_factors","method":"POST"},
			"type":{"href":"https://id.example.com/api/v1/meta/types/user/oty…"},
			"deactivate":{"href":"https://id.example.com/api/v1/users/00u…/lifecycle/deactivate","method":"POST"}}}`
	for _, key := range []string{adaID, "ada@example.com", "ADA%40Example.com", "ada"} {
		w.is(w.send("GET", "/api/v1/users/"+key, ""), 200, want)
	}
	w.put(&org.User{ID: "00uBBBBBBBBBBBBBBBBB", Status: org.StatusActive}, `{"login":"ada@example.org"}`)
	for _, key := range []string{"ada", "00uCCCCCCCCCCCCCCCCC", "eve@example.com"} {
		a := w.send("GET", "/api/v1/users/"+key, "")
		w.refused(a, 404, "E0000007")
	}
}
