package directory_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/storetest"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// world is the people of a new org.
type world struct {
	*testing.T
	*directory.Service
	admin  *admin.Service
	hashes *countingHasher
	seen   int // events that an expectation was about
}

// countingHasher counts the hashes that it makes.
type countingHasher struct {
	*password.Hasher
	made int
}

func (h *countingHasher) Hash(ctx context.Context, secret password.Secret) (password.Hash, error) {
	h.made++
	return h.Hasher.Hash(ctx, secret)
}

// inWorlds runs a test on each database.
func inWorlds(t *testing.T, test func(*world)) {
	t.Helper()
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(open(t, e))
		})
	}
}

// newWorld is on SQLite.
func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return open(t, storetest.Engines()[0])
}

func open(t *testing.T, e storetest.Engine) *world {
	t.Helper()
	store := openStore(t, e.Open(t))
	hasher, err := password.NewHasher(password.Params{Algorithm: password.Bcrypt, BcryptCost: password.MinBcryptCost}, 0)
	if err != nil {
		t.Fatal(err)
	}
	editor := edit.Editor{Store: store, Now: func() time.Time { return noon }}
	w := &world{T: t, hashes: &countingHasher{Hasher: hasher}, admin: &admin.Service{Editor: editor}}
	w.Service = &directory.Service{Editor: editor, Hasher: w.hashes}
	if _, err := w.admin.SetUp(t.Context(), by("")); err != nil {
		t.Fatal(err)
	}
	w.seen = len(w.log())
	return w
}

// by is somebody with a role.
func by(role string) directory.By {
	return directory.By{RequestID: "req1", Actor: org.Actor{ID: "00Tsomebody", Type: "PublicClientApp", AlternateID: role}, Role: role}
}

// log gives all events.
func (w *world) log() (all []org.Event) {
	w.Helper()
	w.view(func(ctx context.Context, tx *org.Tx) error {
		all = nil
		return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
			all = append(all, e)
			return true
		})
	})
	return all
}

// told expects these types of events since the last time.
func (w *world) told(want ...string) []org.Event {
	w.Helper()
	all := w.log()
	fresh := all[w.seen:]
	w.seen = len(all)
	var got []string
	for _, e := range fresh {
		got = append(got, e.Type)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.Errorf("events are %v, want %v", got, want)
	}
	return fresh
}

func (w *world) view(read func(context.Context, *org.Tx) error) {
	w.Helper()
	if err := w.Store.View(w.Context(), read); err != nil {
		w.Fatal(err)
	}
}

func (w *world) update(write func(context.Context, *org.Tx) error) {
	w.Helper()
	if err := w.Store.Update(w.Context(), write); err != nil {
		w.Fatal(err)
	}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// refused expects a fault of a kind, with these causes.
func (w *world) refused(err error, kind fault.Kind, causes ...string) {
	w.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind {
		w.Fatalf("error is %v, want kind %d", err, kind)
	}
	var got []string
	for _, c := range f.Causes {
		got = append(got, strings.TrimPrefix(c.Field+": "+c.Text, ": "))
	}
	if len(causes) > 0 && !slices.Equal(got, causes) {
		w.Errorf("causes are %q, want %q", got, causes)
	}
}

func object(t testing.TB, text string) *hook.Object {
	t.Helper()
	o := &hook.Object{}
	if err := o.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return o
}

// named is what is said of a person of a name.
func named(t testing.TB, name string) directory.UserInput {
	return directory.UserInput{Profile: object(t, `{"login":"`+name+`@example.com","email":"`+name+`@work.example","firstName":"`+name+`","lastName":"Doe"}`)}
}

func secret(text string) *password.Secret {
	s := password.NewSecret(text)
	return &s
}

const first = "correct horse"

func withPassword(in directory.UserInput) directory.UserInput {
	in.Credentials = &directory.CredentialsInput{Password: &directory.PasswordInput{Value: secret(first)}}
	return in
}

// person makes an active user with a password, and gives the id.
func (w *world) person(name string) string {
	w.Helper()
	p, err := w.CreateUser(w.Context(), by(""), withPassword(named(w, name)), directory.Creation{Activate: true})
	w.ok(err)
	w.seen = len(w.log())
	return p.User.ID
}

func (w *world) get(userID string) (u *org.User) {
	w.Helper()
	w.view(func(ctx context.Context, tx *org.Tx) (err error) {
		u, err = tx.Users.Get(ctx, userID)
		return err
	})
	return u
}

// become puts a user into a status.
func (w *world) become(userID, status string) {
	w.Helper()
	w.update(func(ctx context.Context, tx *org.Tx) error {
		u, err := tx.Users.Get(ctx, userID)
		if err != nil {
			return err
		}
		u.Status = status
		return tx.Users.Update(ctx, u)
	})
}

func (w *world) grant(userID, role string) {
	w.Helper()
	w.update(func(ctx context.Context, tx *org.Tx) error {
		return tx.Grants.Create(ctx, &org.Grant{ID: id.Text(20), UserID: userID, Role: role, Created: noon})
	})
}

// mails gives what is to be sent.
func (w *world) mails() (all []*org.Mail) {
	w.Helper()
	w.view(func(ctx context.Context, tx *org.Tx) (err error) {
		all, err = tx.Mails.List(ctx, 100)
		return err
	})
	return all
}

// token gives what is kept of a token, or nil.
func (w *world) token(text string) (kept *org.UserToken) {
	w.Helper()
	w.view(func(ctx context.Context, tx *org.Tx) (err error) {
		kept, err = tx.UserTokens.ByHash(ctx, org.HashToken(text))
		if err != nil {
			kept = nil
		}
		return nil
	})
	return kept
}

func (w *world) signIn(userID string) {
	w.Helper()
	w.update(func(ctx context.Context, tx *org.Tx) error {
		return tx.Sessions.Create(ctx, &org.Session{ID: id.New(id.Session), Hash: userID, UserID: userID, Created: noon, LastUse: noon, Expires: noon.Add(time.Hour)})
	})
}

func (w *world) signedIn(userID string) bool {
	w.Helper()
	var is bool
	w.view(func(ctx context.Context, tx *org.Tx) error {
		_, err := tx.Sessions.ByHash(ctx, userID)
		is = err == nil
		return nil
	})
	return is
}

// attributes adds to the user schema.
func (w *world) attributes(list ...profile.Attribute) {
	w.Helper()
	w.update(func(ctx context.Context, tx *org.Tx) error {
		s, err := tx.Schemas.Get(ctx)
		if err != nil {
			return err
		}
		if s, err = s.With(list...); err != nil {
			return err
		}
		return tx.Schemas.Put(ctx, "", s)
	})
}

// userType makes a type of users with attributes of its own, and gives the id.
func (w *world) userType(name string, custom ...profile.Attribute) string {
	w.Helper()
	t := &org.UserType{ID: id.New(id.UserType), Name: name, DisplayName: name, Created: noon, LastUpdated: noon}
	s, err := profile.NewSchema(custom...)
	w.ok(err)
	w.update(func(ctx context.Context, tx *org.Tx) error {
		if err := tx.UserTypes.Create(ctx, t); err != nil {
			return err
		}
		return tx.Schemas.Put(ctx, t.Key(), s)
	})
	return t.ID
}
