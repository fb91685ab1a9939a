package mgmt_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// Whoever could set the password of an administrator, or the address that a link
// to set it goes to, would have the administrator's rights. So nobody does but a
// super administrator, by whatever call of the table.
func TestAdministratorsAreNotForOthers(t *testing.T) {
	w := newWorld(t)
	others := map[string]string{org.RoleOrgAdmin: w.tokenOf(org.RoleOrgAdmin), org.RoleHelpDesk: w.tokenOf(org.RoleHelpDesk)}
	for _, role := range org.Roles() {
		u := &org.User{ID: id.New(id.User), Status: org.StatusActive, Created: w.admin.Time()}
		w.administrator(u, strings.ToLower(role)+"@example.com", role)
		path := "/api/v1/users/" + u.ID
		before, events := w.ok("GET", path, "").body, len(w.events())
		for _, pattern := range w.api.Patterns() {
			method, call, _ := strings.Cut(pattern, " ")
			call, ofUser := strings.CutPrefix(call, "/api/v1/users/{id}")
			if method == http.MethodGet || !ofUser || strings.Contains(call, "{") {
				continue
			}
			for _, token := range others {
				v := *w
				v.token = token
				v.refused(v.send(method, path+call, harm(call)), http.StatusForbidden, "E0000006")
			}
		}
		if after := w.ok("GET", path, "").body; after != before || len(w.events()) != events {
			t.Errorf("%s became of\n%s\n%s", role, before, after)
		}
	}
}

// harm is the body of a call that would change a user.
func harm(call string) string {
	switch call {
	case "":
		return `{"profile":{"email":"mallory@example.com"},"credentials":{"password":{"value":"correct horse 7"}}}`
	case "/credentials/change_password":
		return `{"oldPassword":{"value":"correct horse 1"},"newPassword":{"value":"correct horse 7"}}`
	case "/credentials/change_recovery_question":
		return `{"password":{"value":"correct horse 1"},"recovery_question":{"question":"Who?","answer":"Mallory"}}`
	}
	return ""
}

// What is sensitive is neither shown nor changed for anybody but a super
// administrator, by whatever call that shows people.
func TestSensitiveValuesAreForSuperAdministrators(t *testing.T) {
	w := newWorld(t)
	w.secretive()
	w.put(&org.User{ID: adaID, Status: org.StatusActive, Created: w.admin.Time()},
		`{"login":"ada@example.com","email":"ada@example.com","firstName":"Ada","lastName":"Lovelace","city":"canary"}`)
	staff := w.group("Staff")
	w.ok("PUT", "/api/v1/groups/"+staff+"/users/"+adaID, "")
	reads := []string{
		"/api/v1/users/" + adaID, "/api/v1/users/ada@example.com", "/api/v1/users", "/api/v1/users?q=ada",
		"/api/v1/users?search=profile.login+eq+%22ada@example.com%22", "/api/v1/users?fields=id,profile:(city,login)",
		"/api/v1/groups/" + staff + "/users",
	}
	super := w.token
	for _, path := range reads {
		if a := w.ok("GET", path, ""); !strings.Contains(a.body, "canary") {
			t.Errorf("a super administrator gets of %s %s", path, a.body)
		}
	}
	for _, role := range []string{org.RoleOrgAdmin, org.RoleHelpDesk, org.RoleReadOnly} {
		w.token = w.tokenOf(role)
		for _, path := range reads {
			if a := w.send("GET", path, ""); strings.Contains(a.body, "canary") || strings.Contains(a.body, `"city"`) {
				t.Errorf("%s gets of %s %s", role, path, a.body)
			}
		}
		// Nor by asking for it: a search that finds by a value tells it.
		for _, search := range []string{"profile.city+eq+%22canary%22", "profile.city+pr", "profile.city+sw+%22c%22"} {
			if a := w.send("GET", "/api/v1/users?search="+search, ""); strings.Contains(a.body, adaID) {
				t.Errorf("%s finds by %s %s", role, search, a.body)
			}
		}
	}
	w.token = w.tokenOf(org.RoleOrgAdmin)
	const whole = `{"profile":{"login":"ada@example.com","email":"ada@example.com","firstName":"Ada","lastName":"Lovelace"}}`
	w.ok("PUT", "/api/v1/users/"+adaID, whole) // who reads without it and writes back does not erase it
	for _, method := range []string{"PUT", "POST"} {
		w.send(method, "/api/v1/users/"+adaID, strings.Replace(whole, `{"login"`, `{"city":"mallory","login"`, 1))
	}
	w.token = super
	if a := w.ok("GET", "/api/v1/users/"+adaID, ""); !strings.Contains(a.body, `"city":"canary"`) {
		t.Errorf("it became %s", a.body)
	}
}

// secretive makes an attribute sensitive.
func (w *world) secretive() {
	w.Helper()
	err := w.admin.Store.Update(w.Context(), func(ctx context.Context, tx *org.Tx) error {
		schema, err := tx.Schemas.Get(ctx)
		if err != nil {
			return err
		}
		city, _ := schema.Attribute("city")
		city.Sensitive = true
		if schema, err = schema.With(city); err != nil {
			return err
		}
		return tx.Schemas.Put(ctx, "", schema)
	})
	if err != nil {
		w.Fatal(err)
	}
}
