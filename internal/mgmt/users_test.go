package mgmt_test

import (
	"context"
	"testing"
	"time"

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
