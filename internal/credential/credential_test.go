package credential_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/credential"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func newHasher(t *testing.T) *password.Hasher {
	t.Helper()
	h, err := password.NewHasher(password.Params{Algorithm: password.Bcrypt, BcryptCost: password.MinBcryptCost}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func hashOf(t *testing.T, h *password.Hasher, text string) password.Hash {
	t.Helper()
	hash, err := h.Hash(t.Context(), password.NewSecret(text))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// ada has had the passwords first, second … and has the last one for an hour.
func ada(t *testing.T, h *password.Hasher, had ...string) *org.User {
	t.Helper()
	u := &org.User{ID: "00uAda", PasswordChanged: noon.Add(-time.Hour)}
	u.Profile = u.Profile.Set(profile.Login, "ada@example.com").Set(profile.FirstName, "Augusta").Set(profile.LastName, "Lovelace")
	for _, text := range had {
		if !u.Password.Empty() {
			u.Account.Earlier = slices.Concat([]password.Hash{u.Password}, u.Account.Earlier)
		}
		u.Password = hashOf(t, h, text)
	}
	return u
}

// weak gives the one cause of a refusal, or "".
func weak(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	f := fault.As(err)
	if f == nil || f.Kind != fault.WeakPassword || len(f.Causes) != 1 || f.Causes[0].Field != "password" {
		t.Fatalf("error is %v", err)
	}
	return f.Causes[0].Text
}

// Each row changes one setting of the complexity, and shows it by a password that
// is good without it.
func TestComplexity(t *testing.T) {
	t.Parallel()
	h := newHasher(t)
	for name, c := range map[string]struct {
		set    func(*password.Rules)
		secret string
	}{
		"minLength":        {func(r *password.Rules) { r.MinLength = 20 }, "Correct horse 7"},
		"minLowerCase":     {func(r *password.Rules) { r.MinLowerCase = 1 }, "CORRECT HORSE 7"},
		"minUpperCase":     {func(r *password.Rules) { r.MinUpperCase = 1 }, "correct horse 7"},
		"minNumber":        {func(r *password.Rules) { r.MinNumber = 1 }, "Correct horse"},
		"minSymbol":        {func(r *password.Rules) { r.MinSymbol = 1 }, "CorrectHorse7"},
		"excludeUsername":  {func(r *password.Rules) { r.ExcludeUsername = true }, "Ada@example.com"},
		"excludeFirstName": {func(r *password.Rules) { r.ExcludeFirstName = true }, "augusta 1815"},
		"excludeLastName":  {func(r *password.Rules) { r.ExcludeLastName = true }, "xLovelacex"},
		"excludeCommon":    {func(r *password.Rules) { r.ExcludeCommon = true }, "Password123"},
	} {
		settings := org.PasswordSettings{Complexity: password.Rules{MinLength: 4}}
		person, secret := ada(t, h).Profile, password.NewSecret(c.secret)
		if said := weak(t, credential.Check(h, settings, person, secret)); said != "" {
			t.Errorf("without %s: %s", name, said)
		}
		c.set(&settings.Complexity)
		if weak(t, credential.Check(h, settings, person, secret)) == "" {
			t.Errorf("%s: %q is good", name, c.secret)
		}
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	h := newHasher(t)
	secret := func(text string) *password.Secret { s := password.NewSecret(text); return &s }
	const (
		history = "Password requirements were not met. Your password cannot be any of your last 3 passwords."
		minAge  = "Password requirements were not met. At least 61 minute(s) must have elapsed since you last changed your password."
		short   = "Password requirements were not met. Password requirements: at least 8 characters, does not include your username."
	)
	had := []string{"password one", "password two", "password three", "password four"}
	for name, c := range map[string]struct {
		age     org.PasswordAge
		in      credential.Input
		refused string
		err     error
	}{
		"the person":                   {org.PasswordAge{}, credential.Input{Old: secret("password four"), New: *secret("password five"), History: true, MinAge: true}, "", nil},
		"the person, wrong":            {org.PasswordAge{}, credential.Input{Old: secret("password three"), New: *secret("password five")}, "", credential.ErrWrongPassword},
		"the person, empty":            {org.PasswordAge{}, credential.Input{Old: secret(""), New: *secret("password five")}, "", credential.ErrWrongPassword},
		"wrong and weak":               {org.PasswordAge{}, credential.Input{Old: secret("password three"), New: *secret("x")}, "", credential.ErrWrongPassword},
		"weak":                         {org.PasswordAge{}, credential.Input{Old: secret("password four"), New: *secret("x")}, short, nil},
		"an administrator":             {org.PasswordAge{}, credential.Input{New: *secret("password five")}, "", nil},
		"an administrator, weak":       {org.PasswordAge{}, credential.Input{New: *secret("x")}, short, nil},
		"no history":                   {org.PasswordAge{}, credential.Input{New: *secret("password four"), History: true}, "", nil},
		"the same":                     {org.PasswordAge{HistoryCount: 3}, credential.Input{New: *secret("password four"), History: true}, history, nil},
		"the third last":               {org.PasswordAge{HistoryCount: 3}, credential.Input{New: *secret("password two"), History: true}, history, nil},
		"the fourth last":              {org.PasswordAge{HistoryCount: 3}, credential.Input{New: *secret("password one"), History: true}, "", nil},
		"more history than there was":  {org.PasswordAge{HistoryCount: 30}, credential.Input{New: *secret("password five"), History: true}, "", nil},
		"the same, not strict":         {org.PasswordAge{HistoryCount: 3}, credential.Input{New: *secret("password four")}, "", nil},
		"too soon":                     {org.PasswordAge{MinMinutes: 61}, credential.Input{New: *secret("password five"), MinAge: true}, minAge, nil},
		"soon enough":                  {org.PasswordAge{MinMinutes: 60}, credential.Input{New: *secret("password five"), MinAge: true}, "", nil},
		"too soon, not strict":         {org.PasswordAge{MinMinutes: 61}, credential.Input{New: *secret("password five")}, "", nil},
		"too soon and the same, again": {org.PasswordAge{MinMinutes: 61, HistoryCount: 3}, credential.Input{New: *secret("password four"), MinAge: true, History: true}, minAge, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := c.in
			in.User = ada(t, h, had...)
			in.Settings = org.PasswordSettings{Complexity: password.DefaultRules(), Age: c.age}
			change, err := credential.Prepare(t.Context(), h, in, noon)
			if c.err != nil {
				if !errors.Is(err, c.err) || change != nil {
					t.Errorf("error is %v, want %v", err, c.err)
				}
				return
			}
			if said := weak(t, err); said != c.refused {
				t.Errorf("refused: %q, want %q", said, c.refused)
			}
			if err != nil {
				return
			}
			u := ada(t, h, had...)
			u.Account.FailedSignIns, u.Account.LastFailure, u.Account.PasswordHook = 3, noon, true
			if err := change.Apply(u); err != nil {
				t.Fatal(err)
			}
			if ok, _, err := h.Verify(t.Context(), u.Password, in.New); !ok || err != nil || !u.PasswordChanged.Equal(noon) {
				t.Errorf("after the change at %v the password is not the new one: %v", u.PasswordChanged, err)
			}
			if a := u.Account; a.FailedSignIns != 0 || !a.LastFailure.IsZero() || a.PasswordHook {
				t.Errorf("account is %+v", a)
			}
		})
	}
}

// As many earlier hashes are kept as are asked about, and no more.
func TestEarlierPasswords(t *testing.T) {
	t.Parallel()
	h := newHasher(t)
	for count, want := range map[int]int{0: 0, 1: 0, 2: 1, 3: 2, 30: 3} {
		u := ada(t, h, "password one", "password two", "password three")
		previous := u.Password
		settings := org.PasswordSettings{Complexity: password.DefaultRules(), Age: org.PasswordAge{HistoryCount: count}}
		change, err := credential.Prepare(t.Context(), h, credential.Input{User: u, Settings: settings, New: password.NewSecret("password four")}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if err := change.Apply(u); err != nil {
			t.Fatal(err)
		}
		if earlier := u.Account.Earlier; len(earlier) != want || want > 0 && earlier[0].Encoded() != previous.Encoded() {
			t.Errorf("of %d, %d earlier passwords are kept, want %d", count, len(earlier), want)
		}
	}
	// A first password has no earlier one.
	u := ada(t, h)
	settings := org.DefaultPasswordSettings()
	change, err := credential.Prepare(t.Context(), h, credential.Input{User: u, Settings: settings, New: password.NewSecret("password one"), History: true}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Apply(u); err != nil || len(u.Account.Earlier) != 0 || u.Password.Empty() {
		t.Errorf("after the first password: %v, %d earlier", err, len(u.Account.Earlier))
	}
}

// A change of the password that came between wins against one that was proven by
// the password before. A new hash of the same password is no change of it.
func TestChangeMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHasher(t)
	old := password.NewSecret("password one")
	for name, c := range map[string]struct {
		old       *password.Secret
		meanwhile func(*org.User)
		want      error
	}{
		"by the person":        {&old, func(u *org.User) { u.PasswordChanged = noon.Add(-time.Minute) }, credential.ErrWrongPassword},
		"by the administrator": {nil, func(u *org.User) { u.PasswordChanged = noon.Add(-time.Minute) }, nil},
		"hashed anew":          {&old, func(u *org.User) { u.Password = hashOf(t, h, "password one") }, nil},
	} {
		u := ada(t, h, "password one")
		in := credential.Input{User: u, Settings: org.DefaultPasswordSettings(), Old: c.old, New: password.NewSecret("password two")}
		change, err := credential.Prepare(t.Context(), h, in, noon)
		if err != nil {
			t.Fatal(err)
		}
		c.meanwhile(u)
		before := u.Password.Encoded()
		if err := change.Apply(u); !errors.Is(err, c.want) || (c.want == nil) == (u.Password.Encoded() == before) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// full is a hasher without a free slot.
type full struct{ *password.Hasher }

func (full) Hash(context.Context, password.Secret) (password.Hash, error) {
	return password.Hash{}, password.ErrBusy
}

func TestNoSlot(t *testing.T) {
	t.Parallel()
	h := newHasher(t)
	in := credential.Input{User: ada(t, h, "password one"), Settings: org.DefaultPasswordSettings(), New: password.NewSecret("password two")}
	if _, err := credential.Prepare(t.Context(), full{h}, in, noon); !fault.Is(err, fault.Busy) {
		t.Errorf("error is %v", err)
	}
}
