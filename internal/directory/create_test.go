package directory_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

func TestNewUsersAreInGroups(t *testing.T) {
	w := newWorld(t)
	staff, err := w.admin.EnsureGroup(t.Context(), by(""), "Staff")
	w.ok(err)
	w.told("group.lifecycle.create")
	var everyone *org.Group
	w.view(func(ctx context.Context, tx *org.Tx) (err error) {
		everyone, err = tx.Groups.ByName(ctx, org.Everyone)
		return err
	})
	in := named(t, "ada")
	in.GroupIDs = []string{staff.ID, everyone.ID, staff.ID}
	p, err := w.CreateUser(t.Context(), by(org.RoleOrgAdmin), in, directory.Creation{})
	w.ok(err)
	fresh := w.told("user.lifecycle.create", "group.user_membership.add")
	if e := fresh[0]; e.Actor.AlternateID != org.RoleOrgAdmin || e.Transaction != "req1" || e.Targets[0].ID != p.User.ID {
		t.Errorf("event is %+v", e)
	}
	w.view(func(ctx context.Context, tx *org.Tx) error {
		groups, err := tx.Members.Groups(ctx, p.User.ID)
		if len(groups) != 2 || groups[0].Name != org.Everyone || groups[1].Name != "Staff" {
			t.Errorf("groups are %v", groups)
		}
		return err
	})
}

// What is refused costs no hash.
func TestRefusedUsersAreNotHashed(t *testing.T) {
	w := newWorld(t)
	taken := w.person("ada")
	made := w.hashes.made
	for name, in := range map[string]directory.UserInput{
		"no name": withPassword(directory.UserInput{Profile: object(t, `{"login":"a@example.com","email":"a@example.com"}`)}),
		"taken":   withPassword(named(t, "ada")),
		"no group": func() directory.UserInput {
			in := withPassword(named(t, "eve"))
			in.GroupIDs = []string{"00g"}
			return in
		}(),
		"weak": {Profile: named(t, "eve").Profile, Credentials: &directory.CredentialsInput{Password: &directory.PasswordInput{Value: secret("short")}}},
		"no such type": func() directory.UserInput {
			in, none := withPassword(named(t, "eve")), "oty"
			in.TypeID = &none
			return in
		}(),
	} {
		_, err := w.CreateUser(t.Context(), by(""), in, directory.Creation{Activate: true})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := w.UpdateUser(t.Context(), by(""), taken, withPassword(directory.UserInput{Profile: object(t, `{"x":1}`)}), directory.Update{})
	w.refused(err, fault.Invalid, "Property name 'x' is not defined in profile")
	_, err = w.UpdateUser(t.Context(), by(""), "nobody", withPassword(directory.UserInput{}), directory.Update{})
	w.refused(err, fault.NotFound)
	_, err = w.TempPassword(t.Context(), by(""), "nobody")
	w.refused(err, fault.NotFound)
	if w.hashes.made != made {
		t.Errorf("%d hashes were made", w.hashes.made-made)
	}
	w.told()
}

func TestImportedPasswords(t *testing.T) {
	w := newWorld(t)
	hook := "default"
	in := named(t, "hooked")
	in.Credentials = &directory.CredentialsInput{Password: &directory.PasswordInput{Hook: &hook}}
	p, err := w.CreateUser(t.Context(), by(""), in, directory.Creation{Activate: true})
	w.ok(err)
	if u := w.get(p.User.ID); !u.Account.PasswordHook || !u.Password.Empty() || u.Provider().Type != org.ProviderImport {
		t.Errorf("account is %+v", u.Account)
	}
	in = named(t, "hashed")
	in.Credentials = &directory.CredentialsInput{Password: &directory.PasswordInput{
		Hash: &password.Import{Algorithm: "SHA-256", Value: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="}, // of "test"
	}}
	p, err = w.CreateUser(t.Context(), by(""), in, directory.Creation{})
	w.ok(err)
	u := w.get(p.User.ID)
	ok, stale, err := w.hashes.Verify(t.Context(), u.Password, *secret("test"))
	if !ok || !stale || err != nil || u.PasswordChanged != noon {
		t.Errorf("verified %v %v, %v; changed %v", ok, stale, err, u.PasswordChanged)
	}
	// A password that is set is usher's.
	p, err = w.UpdateUser(t.Context(), by(""), p.User.ID, withPassword(directory.UserInput{}), directory.Update{})
	w.ok(err)
	if p.User.Provider().Type != org.ProviderOkta || p.User.Status != org.StatusStaged {
		t.Errorf("provider is %v, status %s", p.User.Provider(), p.User.Status)
	}
}

func TestSensitiveValuesAreOfSuperAdministrators(t *testing.T) {
	w := newWorld(t)
	w.attributes(profile.Attribute{Name: "ssn", Title: "SSN", Type: profile.String, Sensitive: true})
	in := named(t, "ada")
	in.Profile.Set("ssn", "123-45-6789")
	_, err := w.CreateUser(t.Context(), by(org.RoleOrgAdmin), in, directory.Creation{})
	w.refused(err, fault.Forbidden)
	p, err := w.CreateUser(t.Context(), by(org.RoleSuperAdmin), in, directory.Creation{})
	w.ok(err)
	for role, sees := range map[string]bool{"": true, org.RoleSuperAdmin: true, org.RoleOrgAdmin: false, org.RoleHelpDesk: false, org.RoleReadOnly: false} {
		p, err := w.User(t.Context(), by(role), p.User.ID)
		w.ok(err)
		if p.Visible.Has("ssn") != sees || !p.Visible.Has("login") {
			t.Errorf("%s sees %v", role, p.Visible)
		}
	}
	part := directory.UserInput{Profile: object(t, `{"ssn":"987-65-4321"}`)}
	_, err = w.UpdateUser(t.Context(), by(org.RoleOrgAdmin), p.User.ID, part, directory.Update{})
	w.refused(err, fault.Forbidden)
	// Who does not see it does not take it away by a replacement, either.
	_, err = w.UpdateUser(t.Context(), by(org.RoleOrgAdmin), p.User.ID, named(t, "ada"), directory.Update{Replace: true})
	w.ok(err)
	if got := w.get(p.User.ID).Profile.Text("ssn"); got != "123-45-6789" {
		t.Errorf("it became %q", got)
	}
	_, err = w.UpdateUser(t.Context(), by(org.RoleSuperAdmin), p.User.ID, named(t, "ada"), directory.Update{Replace: true})
	w.ok(err)
	if _, ok := w.get(p.User.ID).Profile.Get("ssn"); ok {
		t.Error("it is still there")
	}
}

// Another type, in which the attribute is not marked or not there, would show the
// value to whoever moves the user there.
func TestSensitiveValuesAreNotShownByAnotherType(t *testing.T) {
	secretive := profile.Attribute{Name: "ssn", Title: "SSN", Type: profile.String, Sensitive: true}
	plain, strict := secretive, secretive
	plain.Sensitive, strict.Pattern = false, "9.*"
	w := newWorld(t)
	w.attributes(secretive)
	none, open, closed := w.userType("none"), w.userType("open", plain), w.userType("closed", strict)
	hire := func(name, ssn string) string {
		in := named(t, name)
		if ssn != "" {
			in.Profile.Set("ssn", ssn)
		}
		p, err := w.CreateUser(t.Context(), by(""), in, directory.Creation{})
		w.ok(err)
		return p.User.ID
	}
	move := func(role, userID, typeID string, in directory.UserInput) error {
		in.TypeID = &typeID
		_, err := w.UpdateUser(t.Context(), by(role), userID, in, directory.Update{Replace: true})
		return err
	}
	ada, eve := hire("ada", "123-45-6789"), hire("eve", "")
	withNull, withOther := named(t, "ada"), named(t, "ada")
	withNull.Profile.Set("ssn", nil)
	withOther.Profile.Set("ssn", "1")
	for _, in := range []directory.UserInput{named(t, "ada"), withNull, withOther} {
		w.refused(move(org.RoleOrgAdmin, ada, open, in), fault.Forbidden)
		w.refused(move(org.RoleOrgAdmin, ada, none, in), fault.Forbidden)
	}
	w.ok(move(org.RoleOrgAdmin, eve, open, named(t, "eve"))) // who has none
	// It stays, and whether it fits is not told.
	w.ok(move(org.RoleOrgAdmin, ada, closed, named(t, "ada")))
	if got := w.get(ada).Profile.Text("ssn"); got != "123-45-6789" {
		t.Errorf("it became %q", got)
	}
	w.refused(move(org.RoleOrgAdmin, ada, open, named(t, "ada")), fault.Forbidden)
	fits := named(t, "ada")
	fits.Profile.Set("ssn", "2")
	w.ok(move(org.RoleSuperAdmin, ada, open, fits))
}

func TestUserTypes(t *testing.T) {
	w := newWorld(t)
	contractor := &org.UserType{ID: id.New(id.UserType), Name: "contractor", DisplayName: "Contractor", Created: noon, LastUpdated: noon}
	var standard *org.UserType
	w.update(func(ctx context.Context, tx *org.Tx) (err error) {
		if standard, err = tx.UserTypes.Default(ctx); err != nil {
			return err
		}
		if err := tx.UserTypes.Create(ctx, contractor); err != nil {
			return err
		}
		s, err := profile.NewSchema(profile.Attribute{Name: "agency", Title: "Agency", Type: profile.String, Required: true})
		if err != nil {
			return err
		}
		return tx.Schemas.Put(ctx, contractor.ID, s)
	})
	in := named(t, "ada")
	in.TypeID = &contractor.ID
	_, err := w.CreateUser(t.Context(), by(""), in, directory.Creation{})
	w.refused(err, fault.Invalid, "agency: The field cannot be left blank")
	in.Profile.Set("agency", "ACME")
	p, err := w.CreateUser(t.Context(), by(""), in, directory.Creation{})
	w.ok(err)
	if p.Type.ID != contractor.ID || p.User.TypeID != contractor.ID {
		t.Errorf("type is %+v", p.Type)
	}
	w.told("user.lifecycle.create")

	// A part may repeat the type and not change it; a whole may, and obeys the
	// schema of the new one.
	other := directory.UserInput{TypeID: &standard.ID}
	_, err = w.UpdateUser(t.Context(), by(""), p.User.ID, other, directory.Update{})
	w.refused(err, fault.Invalid, "type.id: can only be changed by PUT")
	_, err = w.UpdateUser(t.Context(), by(""), p.User.ID, directory.UserInput{TypeID: &contractor.ID}, directory.Update{})
	w.ok(err)
	w.told()
	other.Profile = in.Profile
	_, err = w.UpdateUser(t.Context(), by(""), p.User.ID, other, directory.Update{Replace: true})
	w.refused(err, fault.Invalid, "Property name 'agency' is not defined in profile")
	other.Profile = named(t, "ada").Profile
	p, err = w.UpdateUser(t.Context(), by(""), p.User.ID, other, directory.Update{Replace: true})
	w.ok(err)
	if !p.Type.Default() || p.User.TypeID != "" || p.Visible.Has("agency") {
		t.Errorf("type is %+v, values %v", p.Type, p.Visible)
	}
	w.told("user.account.update_user_type", "user.account.update_profile")
}

// The type of a user who is gone stays, whatever else is said of the user.
func TestTypeOfTheDeprovisionedStays(t *testing.T) {
	w := newWorld(t)
	contractor := &org.UserType{ID: id.New(id.UserType), Name: "contractor", DisplayName: "Contractor", Created: noon, LastUpdated: noon}
	w.update(func(ctx context.Context, tx *org.Tx) error { return tx.UserTypes.Create(ctx, contractor) })
	ada := w.person("ada")
	w.become(ada, org.StatusDeprovisioned)
	for name, in := range map[string]directory.UserInput{
		"alone":               {TypeID: &contractor.ID, Profile: named(w, "ada").Profile},
		"without a profile":   {TypeID: &contractor.ID, Credentials: &directory.CredentialsInput{}},
		"with a new password": {TypeID: &contractor.ID, Credentials: &directory.CredentialsInput{Password: &directory.PasswordInput{}}},
	} {
		_, err := w.UpdateUser(t.Context(), by(""), ada, in, directory.Update{Replace: true})
		if !fault.Is(err, fault.WrongStatus) || w.get(ada).TypeID != "" {
			t.Errorf("%s: type is %q (%v)", name, w.get(ada).TypeID, err)
		}
	}
}

// One of several who make the same user at once wins, and the others are told why.
func TestOneLoginIsMadeOnce(t *testing.T) {
	inWorlds(t, func(w *world) {
		const n = 8
		errs := together(n, func(int) error {
			_, err := w.CreateUser(w.Context(), by(""), named(w, "ada"), directory.Creation{Activate: true})
			return err
		})
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
			} else {
				w.refused(err, fault.Invalid, "login: An object with this field already exists in the current organization")
			}
		}
		if made != 1 {
			w.Errorf("%d were made", made)
		}
		w.told("user.lifecycle.create", "user.lifecycle.activate")
	})
}

// together runs n at once and gives their errors.
func together(n int, run func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			<-start
			errs[i] = run(i)
		})
	}
	close(start)
	wait.Wait()
	return errs
}

// No update is lost of several at once, whatever they change, and none waits for
// another that waits for it.
func TestConcurrentUpdatesAllCount(t *testing.T) {
	inWorlds(t, func(w *world) {
		ada, eve := w.person("ada"), w.person("eve")
		attributes := []string{"city", "state", "zipCode", "title", "division", "department", "manager", "costCenter"}
		people := []string{ada, eve}
		errs := together(4*len(attributes), func(i int) error {
			// Both people, in both orders.
			for _, at := range [][]int{{0, 1}, {1, 0}}[i%2] {
				in := directory.UserInput{Profile: object(w, `{"`+attributes[i%len(attributes)]+`":"v"}`)}
				if i/len(attributes) == 3 {
					in = directory.UserInput{Profile: object(w, `{"email":"`+[]string{"ada", "eve"}[at]+`@new.example"}`)}
				}
				if _, err := w.UpdateUser(w.Context(), by(""), people[at], in, directory.Update{}); err != nil {
					return err
				}
			}
			return nil
		})
		if err := errors.Join(errs...); err != nil {
			w.Fatal(err)
		}
		for _, userID := range people {
			u := w.get(userID)
			for _, name := range attributes {
				if u.Profile.Text(name) != "v" {
					w.Errorf("%s of %s was lost", name, u.Login())
				}
			}
			if u.Email() != u.Profile.Text("firstName")+"@new.example" {
				w.Errorf("address is %s", u.Email())
			}
		}
		events := len(w.log()) - w.seen
		if want := 2 * (len(attributes) + 1); events != want {
			w.Errorf("%d events, want %d: what changes nothing is not told of", events, want)
		}
	})
}

func TestIfMatchHolds(t *testing.T) {
	w := newWorld(t)
	ada := w.person("ada")
	seen := w.get(ada).Revision()
	part := func(city string) directory.UserInput {
		return directory.UserInput{Profile: object(t, `{"city":"`+city+`"}`)}
	}
	expecting := expect(t.Context(), seen)
	_, err := w.UpdateUser(expecting, by(""), ada, part("Rome"), directory.Update{})
	w.ok(err)
	_, err = w.UpdateUser(expecting, by(""), ada, part("Paris"), directory.Update{})
	w.refused(err, fault.Changed)
	w.refused(w.DeleteUser(expecting, by(""), ada), fault.Changed)
	w.refused(w.SuspendUser(expecting, by(""), ada), fault.Changed)
	w.ok(w.DeleteUser(t.Context(), by(""), ada))
	w.refused(w.DeleteUser(expecting, by(""), ada), fault.Changed)
	// The clock stands still in this test; states differ all the same.
	if u := w.get(ada); !u.LastUpdated.After(noon) || u.LastUpdated.Sub(noon) > time.Millisecond {
		t.Errorf("changed at %v", u.LastUpdated)
	}
}
