package directory_test

import (
	"context"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
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
	store := openStore(t, url)
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
		{org.StatusActive, `{"login":"ada@example.com","email":"Ada@Example.com","firstName":"Ada","lastName":"Lovelace","city":"London","age":36,"cool":true,"cars":["Bugatti","Fiat"],"ssn":"111","badge":"111","pin":"1"}`},
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
