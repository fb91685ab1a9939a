package app_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/storetest"
)

func TestLife(t *testing.T) {
	onEngines(t, func(s *shop) {
		a := s.make(web())
		if a.Status != org.StatusActive || a.ClientID != a.ID || !strings.HasPrefix(a.ID, "0oa") {
			s.Errorf("made %+v", a.App)
		}
		resting, err := s.Create(s.Context(), s.by, web(func(in *app.Input) { in.ClientID = "resting" }), false)
		if err != nil || resting.Status != org.StatusInactive || resting.ClientID != "resting" {
			s.Fatalf("made %+v, %v", resting, err)
		}
		refused(s.T, s.Delete(s.Context(), s.by, a.ID), fault.StillActive, "The app is active. Deactivate it first.")
		for _, call := range []func(context.Context, app.By, string) error{s.Activate, s.Deactivate, s.Deactivate, s.Activate, s.Deactivate, s.Delete} {
			if err := call(s.Context(), s.by, a.ID); err != nil {
				s.Fatal(err)
			}
		}
		refused(s.T, s.Delete(s.Context(), s.by, a.ID), fault.NotFound)
		s.wantEvents("application.lifecycle.create "+a.ID, "application.lifecycle.create "+resting.ID, "application.lifecycle.deactivate "+a.ID,
			"application.lifecycle.activate "+a.ID, "application.lifecycle.deactivate "+a.ID, "application.lifecycle.delete "+a.ID)
	})
}

func TestDefaults(t *testing.T) {
	s := newOrg(t)
	got := s.make(web()).Settings
	want := org.AppSettings{
		UserName: org.UserNameTemplate{Template: "${source.login}", Type: "BUILT_IN"},
		OAuth: org.OAuthSettings{
			AuthMethod: "client_secret_basic", ApplicationType: "web", GrantTypes: []string{"authorization_code"}, ResponseTypes: []string{"code"},
			RedirectURIs: []string{"https://shop.example.com/callback"}, PostLogoutRedirectURIs: []string{}, WildcardRedirect: "DISABLED",
			ConsentMethod: "TRUSTED", IssuerMode: "ORG_URL", IdPLogin: org.IdPLogin{Mode: "DISABLED", Scopes: []string{}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("settings are\n%+v\nwant\n%+v", got, want)
	}
	for _, c := range []struct {
		in     app.Input
		method string
		pkce   bool
		token  org.RefreshToken
	}{
		{web(of("", "authorization_code"), redirecting("https://a.example")), "client_secret_basic", false, org.RefreshToken{}},
		{web(of("native", "authorization_code", "refresh_token"), redirecting("a:/")), "none", true, org.RefreshToken{Rotation: "STATIC"}},
		{web(of("browser", "authorization_code", "refresh_token"), redirecting("https://a.example")), "none", true, org.RefreshToken{Rotation: "ROTATE", Leeway: 30}},
		{web(of("browser", "implicit"), redirecting("https://a.example"), method("client_secret_post")), "client_secret_post", true, org.RefreshToken{}},
		{web(method("none")), "none", true, org.RefreshToken{}},
		{web(of("native", "authorization_code"), redirecting("a:/"), func(in *app.Input) { in.Settings.OAuth.AuthMethod, in.PKCERequired = "client_secret_basic", new(false) }), "client_secret_basic", false, org.RefreshToken{}},
		{web(of("web", "authorization_code", "refresh_token"), redirecting("https://a.example"), leeway("ROTATE", 0)), "client_secret_basic", false, org.RefreshToken{Rotation: "ROTATE"}},
		{web(of("web", "authorization_code", "refresh_token"), redirecting("https://a.example"), leeway("STATIC", 20)), "client_secret_basic", false, org.RefreshToken{Rotation: "STATIC"}},
	} {
		o := s.make(c.in).Settings.OAuth
		if o.AuthMethod != c.method || o.PKCERequired != c.pkce || o.RefreshToken != c.token {
			t.Errorf("%+v became %+v", c.in.Settings.OAuth, o)
		}
	}
}

// What nobody says of refresh tokens stays as it is, for as long as the client has
// that grant.
func TestRefreshTokenStays(t *testing.T) {
	s := newOrg(t)
	refreshing := []func(*app.Input){of("web", "authorization_code", "refresh_token"), redirecting("https://a.example")}
	a := s.make(web(append(slices.Clone(refreshing), leeway("ROTATE", 7))...))
	for _, step := range []struct {
		in   app.Input
		want org.RefreshToken
	}{
		{web(refreshing...), org.RefreshToken{Rotation: "ROTATE", Leeway: 7}},
		{web(append(slices.Clone(refreshing), func(in *app.Input) { in.Settings.OAuth.RefreshToken.Rotation = "STATIC" })...), org.RefreshToken{Rotation: "STATIC"}},
		{web(append(slices.Clone(refreshing), func(in *app.Input) { in.Settings.OAuth.RefreshToken.Rotation = "ROTATE" })...), org.RefreshToken{Rotation: "ROTATE", Leeway: 30}},
		{web(), org.RefreshToken{}},
		{web(refreshing...), org.RefreshToken{Rotation: "STATIC"}},
	} {
		if got := s.replace(a.ID, step.in).Settings.OAuth.RefreshToken; got != step.want {
			t.Errorf("it is %+v, want %+v", got, step.want)
		}
	}
}

func TestReplace(t *testing.T) {
	onEngines(t, func(s *shop) {
		a := s.make(web())
		before := len(s.events())
		if again := s.replace(a.ID, web()); !again.LastUpdated.Equal(a.LastUpdated) || again.Version != a.Version || len(s.events()) != before {
			s.Errorf("a change that changes nothing made %+v", again.App)
		}
		in := web(func(in *app.Input) { in.Name, in.SignOnMode, in.ClientID, in.Label = "x", "x", "x", "New" })
		changed := s.replace(a.ID, in)
		if changed.Name != "oidc_client" || changed.ClientID != a.ClientID || changed.Label != "New" || !changed.LastUpdated.After(a.LastUpdated) || changed.Version != a.Version+1 {
			s.Errorf("it became %+v", changed.App)
		}
		s.wantEvents("application.lifecycle.create "+a.ID, "application.lifecycle.update "+a.ID)
		_, err := s.Replace(s.Context(), s.by, a.ID, web(func(in *app.Input) { in.Label = "" }))
		refused(s.T, err, fault.Invalid, "label: The field cannot be left blank")
		if got := s.stored(a.ID); got.Label != "New" {
			s.Errorf("a replace that was refused left %+v", got.App)
		}
		_, err = s.Replace(s.Context(), s.by, "0oanone", web())
		refused(s.T, err, fault.NotFound)
		_, err = s.Replace(edit.Expect(s.Context(), a.Revision()), s.by, a.ID, web())
		refused(s.T, err, fault.Changed)
	})
}

// The text of a secret is told once, and known again.
func TestSecretOfAnApp(t *testing.T) {
	onEngines(t, func(s *shop) {
		a := s.make(web())
		if !regexp.MustCompile(`^[0-9A-Za-z]{64}$`).MatchString(a.Secret.Reveal()) {
			s.Errorf("the secret is %q", a.Secret.Reveal())
		}
		first := a.Secret.Reveal()
		step := func(name string, in app.Input, told string, good, bad []string) {
			s.Helper()
			got := s.replace(a.ID, in)
			if got.Secret.Reveal() != told {
				s.Errorf("%s: told %q, want %q", name, got.Secret.Reveal(), told)
			}
			stored := s.stored(a.ID)
			if !stored.Secret.Empty() {
				s.Errorf("%s: a read tells the secret", name)
			}
			for _, text := range good {
				if !stored.HasSecret(text) {
					s.Errorf("%s: %q is not known", name, text)
				}
			}
			for _, text := range bad {
				if stored.HasSecret(text) {
					s.Errorf("%s: %q is known", name, text)
				}
			}
		}
		secret := func(text string) func(*app.Input) { return func(in *app.Input) { in.Secret = text } }
		const own, other = "a secret of our own", "and another one of ours"
		step("left out", web(), "", []string{first}, []string{"", own, first + " "})
		step("the same", web(secret(first)), first, []string{first}, nil)
		step("another", web(secret(own)), own, []string{own}, []string{first})
		step("other method", web(method("client_secret_post")), "", []string{own}, nil)
		second, text, err := s.AddSecret(s.Context(), s.by, a.ID, "", "")
		if err != nil {
			s.Fatal(err)
		}
		step("two, the newer is replaced", web(secret(other)), other, []string{own, other}, []string{text.Reveal()})
		if _, err := s.Secret(s.Context(), a.ID, second.ID); fault.As(err) == nil {
			s.Error("what was replaced is still there")
		}
		oldest := s.stored(a.ID).Secrets[0].ID
		if _, err := s.SetSecretStatus(s.Context(), s.by, a.ID, oldest, org.StatusInactive); err != nil {
			s.Fatal(err)
		}
		step("one that rests is woken by its text", web(secret(own)), own, []string{own, other}, nil)
		step("none is needed", web(method("none"), secret(own)), "", nil, []string{own, other})
		got := s.replace(a.ID, web())
		if len(got.Secret.Reveal()) != 64 || len(got.Secrets) != 1 {
			s.Errorf("it is needed again, and %d are there", len(got.Secrets))
		}
	})
}

func TestSecrets(t *testing.T) {
	s := newOrg(t)
	a := s.make(web())
	first := s.stored(a.ID).Secrets[0]
	_, err := s.SetSecretStatus(t.Context(), s.by, a.ID, first.ID, org.StatusInactive)
	refused(t, err, fault.Invalid, "You can't deactivate the only active client secret.")
	refused(t, s.DeleteSecret(t.Context(), s.by, a.ID, first.ID), fault.Invalid, "You can't delete an active client secret. Deactivate the secret before deleting it.")
	_, _, err = s.AddSecret(t.Context(), s.by, a.ID, "too short", "RESTING")
	refused(t, err, fault.Invalid, "status: must be ACTIVE or INACTIVE", "client_secret: must have 14 to 100 characters")
	second, text, err := s.AddSecret(t.Context(), s.by, a.ID, "one that is known", org.StatusInactive)
	if err != nil || text.Reveal() != "one that is known" || second.Status != org.StatusInactive {
		t.Fatalf("made %+v, %v", second, err)
	}
	if s.stored(a.ID).HasSecret("one that is known") {
		t.Error("a secret that is not active is good")
	}
	if first.Digest.Mark() == second.Digest.Mark() || !regexp.MustCompile(`^[\w-]{22}$`).MatchString(second.Digest.Mark()) {
		t.Errorf("marks are %s and %s", first.Digest.Mark(), second.Digest.Mark())
	}
	_, _, err = s.AddSecret(t.Context(), s.by, a.ID, "", "")
	refused(t, err, fault.Invalid, "You've reached the maximum number of client secrets per client.")
	if err := s.DeleteSecret(t.Context(), s.by, a.ID, second.ID); err != nil {
		t.Fatal(err)
	}
	public := s.make(web(method("none")))
	_, _, err = s.AddSecret(t.Context(), s.by, public.ID, "", "")
	refused(t, err, fault.Invalid, "'client_secret' can't be used when 'token_endpoint_auth_method' is 'none'.")
}

// bits are a number of so many bits, in base64url.
func bits(n int) string {
	raw := make([]byte, n/8)
	raw[0], raw[len(raw)-1] = 0x80, 1
	return base64.RawURLEncoding.EncodeToString(raw)
}

func rsaKey(kid string, n int) app.KeyInput {
	return app.KeyInput{KID: kid, Type: "RSA", N: bits(n), E: "AQAB"}
}

// Keys on each curve.
func ecKeys() map[string]app.KeyInput {
	return map[string]app.KeyInput{
		"P-256": {Type: "EC", X: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", Y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
		"P-384": {Type: "EC", X: "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3", Y: "NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f"},
		"P-521": {Type: "EC", X: "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
			Y: "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"},
	}
}

func signing(keys ...app.KeyInput) func(*app.Input) {
	return func(in *app.Input) {
		in.Keys = keys
		in.Settings.OAuth.AuthMethod = "private_key_jwt"
	}
}

func TestKeyRules(t *testing.T) {
	s := newOrg(t)
	const (
		at       = "settings.oauthClient.jwks"
		notRSA   = at + ".keys[0].n: must be, with e, a public RSA key in base64url"
		notEC    = at + ".keys[0].x: must be, with y, a public key in base64url on the curve P-256, P-384 or P-521"
		notSoBig = at + ".keys[0].n: must have 2048 to 4096 bits"
	)
	change := func(k app.KeyInput, f func(*app.KeyInput)) app.KeyInput {
		f(&k)
		return k
	}
	ec := ecKeys()["P-256"]
	var many []app.KeyInput
	for i := range 51 {
		many = append(many, change(ec, func(k *app.KeyInput) { k.KID = fmt.Sprint(i) }))
	}
	cases := map[string]struct {
		keys []app.KeyInput
		want []string
	}{
		"none": {nil, []string{at + ": must have an active key, unless there is a jwks_uri: the client authenticates by private_key_jwt"}},
		"one at rest": {[]app.KeyInput{change(ec, func(k *app.KeyInput) { k.Status = "INACTIVE" })},
			[]string{at + ": must have an active key, unless there is a jwks_uri: the client authenticates by private_key_jwt"}},
		"RSA":              {[]app.KeyInput{rsaKey("", 2048)}, nil},
		"RSA, large":       {[]app.KeyInput{rsaKey("", 4096)}, nil},
		"RSA, small":       {[]app.KeyInput{rsaKey("", 2040)}, []string{notSoBig}},
		"RSA, too large":   {[]app.KeyInput{rsaKey("", 4104)}, []string{notSoBig}},
		"RSA, no numbers":  {[]app.KeyInput{{Type: "RSA"}}, []string{notRSA}},
		"RSA, no base64":   {[]app.KeyInput{{Type: "RSA", N: "!", E: "AQAB"}}, []string{notRSA}},
		"RSA, e is 1":      {[]app.KeyInput{change(rsaKey("", 2048), func(k *app.KeyInput) { k.E = "AQ" })}, []string{notRSA}},
		"EC, not on it":    {[]app.KeyInput{change(ec, func(k *app.KeyInput) { k.Y = k.X })}, []string{notEC}},
		"EC, other curve":  {[]app.KeyInput{change(ec, func(k *app.KeyInput) { k.Curve = "P-384" })}, []string{notEC}},
		"EC, no numbers":   {[]app.KeyInput{{Type: "EC"}}, []string{notEC}},
		"private":          {[]app.KeyInput{change(ec, func(k *app.KeyInput) { k.Private = true })}, []string{at + ".keys[0].d: must not be there: this is the private key, which by now is known to others"}},
		"symmetric":        {[]app.KeyInput{{Type: "oct"}}, []string{at + ".keys[0].kty: must be RSA or EC"}},
		"to encrypt":       {[]app.KeyInput{change(ec, func(k *app.KeyInput) { k.Use = "enc" })}, []string{at + ".keys[0].use: must be sig"}},
		"to sign":          {[]app.KeyInput{change(ec, func(k *app.KeyInput) { k.Use, k.Algorithm = "sig", "ES256" })}, nil},
		"wrong algorithm":  {[]app.KeyInput{change(ec, func(k *app.KeyInput) { k.Algorithm = "RS256" })}, []string{at + ".keys[0].alg: must be ES256, ES384 or ES512"}},
		"no such status":   {[]app.KeyInput{change(ec, func(k *app.KeyInput) { k.Status = "NEXT" })}, []string{at + ".keys[0].status: must be ACTIVE or INACTIVE"}},
		"two":              {[]app.KeyInput{rsaKey("a", 2048), rsaKey("b", 2048)}, nil},
		"two of a name":    {[]app.KeyInput{rsaKey("a", 2048), rsaKey("a", 4096)}, []string{at + ": All keys in the 'jwks' must have a unique `kid`."}},
		"two, one unnamed": {[]app.KeyInput{rsaKey("a", 2048), rsaKey("", 4096)}, []string{at + ": Each key should have a unique kid when adding multiple keys."}},
		"too many": {many, []string{at + ": You can't create a new key. You have reached the maximum number of keys allowed (50). " +
			"To add another key, you must first delete an existing one."}},
		"as many as may be": {many[:50], nil},
	}
	for curve, k := range ecKeys() {
		cases["EC by its length, "+curve] = struct {
			keys []app.KeyInput
			want []string
		}{[]app.KeyInput{k}, nil}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := s.Create(t.Context(), s.by, web(signing(c.keys...)), true)
			if c.want == nil && err != nil {
				t.Error(err)
			} else if c.want != nil {
				refused(t, err, fault.Invalid, c.want...)
			}
		})
	}
	elsewhere := oauth(func(o *org.OAuthSettings) { o.JWKSURI = "https://shop.example.com/jwks" })
	if a := s.make(web(signing(), elsewhere)); !a.Secret.Empty() || len(a.Secrets) != 0 {
		t.Errorf("a client that signs has secrets: %+v", a.Secrets)
	}
	_, err := s.Create(t.Context(), s.by, web(signing(ec), elsewhere), true)
	refused(t, err, fault.Invalid, at+": must not be there together with jwks_uri")
}

// A PUT replaces the keys; those that are the same keep their ids.
func TestKeysOfAnApp(t *testing.T) {
	onEngines(t, func(s *shop) {
		a := s.make(web(signing(rsaKey("a", 2048), rsaKey("b", 2048))))
		resting := rsaKey("b", 2048)
		resting.Status = org.StatusInactive
		got := s.replace(a.ID, web(signing(rsaKey("c", 2048), resting, rsaKey("a", 4096))))
		if len(got.Keys) != 3 || got.Keys[1].ID != a.Keys[1].ID || !got.Keys[1].Created.Equal(a.Keys[1].Created) ||
			got.Keys[1].Status != org.StatusInactive || !got.Keys[1].LastUpdated.After(a.Keys[1].LastUpdated) {
			s.Errorf("keys are %+v, were %+v", got.Keys, a.Keys)
		}
		if got.Keys[2].ID == a.Keys[0].ID { // another one of the same name
			s.Error("a key that was replaced kept its id")
		}
		stored := s.stored(a.ID).Keys
		if !reflect.DeepEqual(stored, got.Keys) {
			s.Errorf("stored are %+v, told %+v", stored, got.Keys)
		}
		again := s.replace(a.ID, web(signing(rsaKey("c", 2048), resting, rsaKey("a", 4096))))
		if again.Version != got.Version {
			s.Error("the same keys are a change")
		}
	})
}

func TestKeys(t *testing.T) {
	s := newOrg(t)
	a := s.make(web(signing(rsaKey("a", 2048))))
	first := a.Keys[0]
	_, err := s.SetKeyStatus(t.Context(), s.by, a.ID, first.ID, org.StatusInactive)
	refused(t, err, fault.Invalid, "Can't deactivate the only active JSON Web Key when the value for `token_endpoint_auth_method` is `private_key_jwt`.")
	refused(t, s.DeleteKey(t.Context(), s.by, a.ID, first.ID), fault.Invalid, "You can't delete an active JSON Web Key. Deactivate the key before deleting it.")
	for name, c := range map[string]struct {
		in   app.KeyInput
		want string
	}{
		"small":   {rsaKey("b", 1024), "n: must have 2048 to 4096 bits"},
		"taken":   {rsaKey("a", 4096), "All keys in the 'jwks' must have a unique `kid`."},
		"unnamed": {rsaKey("", 4096), "Each key should have a unique kid when adding multiple keys."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.AddKey(t.Context(), s.by, a.ID, c.in)
			refused(t, err, fault.Invalid, c.want)
		})
	}
	second, err := s.AddKey(t.Context(), s.by, a.ID, rsaKey("b", 2048))
	if err != nil {
		t.Fatal(err)
	}
	if first, err := s.SetKeyStatus(t.Context(), s.by, a.ID, first.ID, org.StatusInactive); err != nil || first.Status != org.StatusInactive {
		t.Fatalf("%+v, %v", first, err)
	}
	if k, err := s.Key(t.Context(), a.ID, second.ID); err != nil || k.KID != "b" {
		t.Errorf("%+v, %v", k, err)
	}
	// A client that does not sign can do without an active one.
	other := s.make(web(func(in *app.Input) { in.Keys = []app.KeyInput{rsaKey("", 2048)} }))
	if _, err := s.SetKeyStatus(t.Context(), s.by, other.ID, other.Keys[0].ID, org.StatusInactive); err != nil {
		t.Error(err)
	}
	elsewhere := s.make(web(signing(), oauth(func(o *org.OAuthSettings) { o.JWKSURI = "https://shop.example.com/jwks" })))
	_, err = s.AddKey(t.Context(), s.by, elsewhere.ID, rsaKey("a", 2048))
	refused(t, err, fault.Invalid, "The client has a jwks_uri, and keys of its own cannot be there together with it.")
}

// pages gives the ids of all pages of a query.
func (s *shop) pages(query app.Query) (ids []string) {
	s.Helper()
	for range 9 {
		page, next, err := s.Apps(s.Context(), query)
		if err != nil {
			s.Fatalf("%+v: %v", query, err)
		}
		for _, a := range page {
			ids = append(ids, a.ID)
		}
		if query.After = next; next == "" {
			return ids
		}
		if len(page) != query.Limit {
			s.Errorf("%+v: a page of %d", query, len(page))
		}
	}
	s.Fatalf("%+v has no last page", query)
	return nil
}

func TestAppList(t *testing.T) {
	s := newOrg(t)
	var ids []string
	for i := range 7 {
		in := web(func(in *app.Input) { in.Label = fmt.Sprint("Shop ", i) })
		made, err := s.Create(t.Context(), s.by, in, i%2 == 0)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID)
	}
	slices.Sort(ids)
	kid := s.stored(ids[0]).SigningKey
	for query, want := range map[app.Query]int{
		{}:                                   7,
		{Prefix: "sHoP 3"}:                   1,
		{Prefix: "oidc"}:                     7,
		{Prefix: "hop"}:                      0,
		{Filter: `status eq "ACTIVE"`}:       4,
		{Filter: `status eq "active"`}:       0,
		{Filter: `not (status eq "ACTIVE")`}: 3,
		{Filter: `id eq "` + ids[2] + `"`}:   1,
		{Filter: `name eq "oidc_client"`}:    7,
		{Filter: `credentials.signing.kid eq "` + kid + `" and status eq "ACTIVE"`}: 4,
		{Filter: `status eq "ACTIVE"`, Prefix: "shop"}:                              4,
	} {
		for _, query.Limit = range []int{1, 2, 3, 200} {
			got := s.pages(query)
			if len(got) != want || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != want {
				t.Errorf("%+v: %v, want %d", query, got, want)
			}
		}
	}
	for text, want := range map[string]string{
		`label eq "x"`:     "field is not valid: label",
		`status co "A"`:    "Invalid filter 'status co \"A\"': Unrecognized attribute operator 'co' at position 7. Expected: eq,co,sw,pr,gt,ge,lt,le",
		`status pr`:        "Invalid filter 'status pr': Unrecognized attribute operator 'pr' at position 7. Expected: eq,co,sw,pr,gt,ge,lt,le",
		`status eq true`:   "Invalid filter 'status eq true': Expected a value in double quotes at position 10",
		`status eq "A" or`: "Invalid filter 'status eq \"A\" or': End of input at position 16 but expected an attribute expression",
	} {
		_, _, err := s.Apps(t.Context(), app.Query{Filter: text, Limit: 1})
		if f := fault.As(err); f == nil || f.Kind != fault.BadFilter || f.Summary != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Of whoever makes the first apps of an org one makes its signing key, and changes
// that come at once are all made.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, openStore(t, e.Open(t)))
			made := make([]*app.Instance, 4)
			var all sync.WaitGroup
			for i := range made {
				all.Go(func() {
					var err error
					if made[i], err = s.Create(t.Context(), s.by, web(), true); err != nil {
						t.Errorf("create: %v", err)
					}
				})
			}
			all.Wait()
			if t.Failed() {
				return
			}
			for _, a := range made {
				if a.SigningKey != made[0].SigningKey || len(a.SigningKey) != 43 {
					t.Errorf("signing keys are %q and %q", a.SigningKey, made[0].SigningKey)
				}
			}
			for i := range 4 {
				all.Go(func() {
					if _, err := s.AddKey(t.Context(), s.by, made[0].ID, rsaKey(fmt.Sprint(i), 2048)); err != nil {
						t.Errorf("add: %v", err)
					}
				})
			}
			all.Wait()
			if keys := s.stored(made[0].ID).Keys; len(keys) != 4 {
				t.Errorf("%d keys are left of 4 that were added at once", len(keys))
			}
		})
	}
}
