package mgmt_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
)

// tokenAnswer is a token without what is its own to say.
const tokenAnswer = `"clientName":"Okta API","created":"…Z","expiresAt":"…Z","lastUpdated":"…Z","network":{"connection":"ANYWHERE"},
	"tokenWindow":"P30D","_link":{"self":{"href":"https://id.example.com/api/v1/api-tokens/00T…","hints":{"allow":["GET","PUT","DELETE"]}}}`

// usher is who makes what a test begins with.
func usher() admin.By { return admin.By{RequestID: "reqtest", Actor: eventlog.System()} }

// administrator stores a person with a role and gives the token of one.
func (w *world) administrator(u *org.User, login, role string) (token string) {
	w.Helper()
	w.put(u, `{"login":"`+login+`","email":"`+login+`"}`)
	err := w.admin.Store.Update(w.Context(), func(ctx context.Context, tx *org.Tx) error {
		return tx.Grants.Create(ctx, &org.Grant{ID: "grant" + u.ID, UserID: u.ID, Role: role})
	})
	if err != nil {
		w.Fatal(err)
	}
	token, _, err = w.admin.CreateToken(w.Context(), usher(), admin.TokenInput{Name: "of " + login, UserID: u.ID})
	if err != nil {
		w.Fatal(err)
	}
	return token
}

// apiToken makes a token and gives its id.
func (w *world) apiToken(name string) string {
	w.Helper()
	_, t, err := w.admin.CreateToken(w.Context(), usher(), admin.TokenInput{Name: name})
	if err != nil {
		w.Fatal(err)
	}
	return t.ID
}

// tokenOf makes a token of nobody with a role, and gives its text.
func (w *world) tokenOf(role string) string {
	w.Helper()
	text, _, err := w.admin.CreateToken(w.Context(), usher(), admin.TokenInput{Name: role, Role: role})
	if err != nil {
		w.Fatal(err)
	}
	return text
}

func TestTokenObjects(t *testing.T) {
	w := newWorld(t)
	var made struct{ ID, Token string }
	a := w.ok("POST", "/api/v1/api-tokens", `{"name":"ci","role":"HELP_DESK_ADMIN"}`)
	if err := json.Unmarshal([]byte(a.body), &made); err != nil {
		t.Fatal(err)
	}
	a.body = strings.Replace(a.body, made.Token, "secret", 1)
	w.is(a, 200, `{"id":"00T…","name":"ci","role":"HELP_DESK_ADMIN",`+tokenAnswer+`,"token":"secret"}`)
	w.is(w.send("GET", "/api/v1/api-tokens/"+made.ID, ""), 200, `{"id":"00T…","name":"ci","role":"HELP_DESK_ADMIN",`+tokenAnswer+`}`)
	w.token = made.Token
	w.ok("GET", "/api/v1/users/me", "")

	w.token = w.administrator(&org.User{ID: adaID, Status: org.StatusActive}, "ada@example.com", org.RoleOrgAdmin)
	w.is(w.send("GET", "/api/v1/api-tokens", ""), 200, `[{"id":"00T…","name":"of ada@example.com","userId":"00u…",`+tokenAnswer+`}]`)
}

// Whoever has a person's token is that person: to the API, and in the log.
func TestTokenOfAPerson(t *testing.T) {
	w := newWorld(t)
	super := w.token
	w.token = w.administrator(&org.User{ID: adaID, Status: org.StatusActive}, "ada@example.com", org.RoleOrgAdmin)
	if a := w.ok("GET", "/api/v1/users/me", ""); !strings.Contains(a.body, `"id":"`+adaID+`"`) {
		t.Errorf("me is %s", a.body)
	}
	var list []struct{ ID string }
	if err := json.Unmarshal([]byte(w.ok("GET", "/api/v1/api-tokens", "").body), &list); err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	w.create(registration("hook", bareConfig))
	w.token = super
	for _, filter := range []string{
		`transaction.detail.requestApiTokenId%20eq%20%22` + list[0].ID + `%22`, `actor.id%20eq%20%22` + adaID + `%22`,
	} {
		a := w.ok("GET", "/api/v1/logs?filter="+filter, "")
		var events []struct {
			EventType   string
			Transaction struct {
				Detail struct{ RequestAPITokenID string }
			}
		}
		if err := json.Unmarshal([]byte(a.body), &events); err != nil {
			t.Fatal(err)
		}
		if len(events) != 1 || events[0].EventType != "inline_hook.created" || events[0].Transaction.Detail.RequestAPITokenID != list[0].ID {
			t.Errorf("%s: %s", filter, a.body)
		}
	}
}
