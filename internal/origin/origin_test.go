package origin_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/origin"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
)

func by() origin.By { return origin.By{RequestID: "req1", Actor: eventlog.System()} }

func newService(t *testing.T, e storetest.Engine) *origin.Service {
	t.Helper()
	options := sqlstore.Options{URL: e.Open(t), Keys: secretbox.Ephemeral()}
	if _, err := sqlstore.Migrate(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return &origin.Service{Editor: edit.Editor{Store: store, Now: time.Now}}
}

func scopes(types ...string) (list []org.OriginScope) {
	for _, t := range types {
		list = append(list, org.OriginScope{Type: t})
	}
	return list
}

// An origin is kept as browsers send it, whatever is given.
func TestOneForm(t *testing.T) {
	t.Parallel()
	s := newService(t, storetest.Engines()[0])
	for _, c := range []struct{ given, kept string }{
		{"https://shop.example.com", "https://shop.example.com"},
		{"HTTPS://SHOP.Example.COM", "https://shop.example.com"},
		{"https://shop.example.com/", "https://shop.example.com"},
		{"https://shop.example.com/a/b?c=d#e", "https://shop.example.com"},
		{"https://shop.example.com:443", "https://shop.example.com"},
		{"https://shop.example.com:80", "https://shop.example.com:80"},
		{"http://shop.example.com:80", "http://shop.example.com"},
		{"http://localhost:8080", "http://localhost:8080"},
		{"https://köche.example", "https://xn--kche-5qa.example"},
		{"https://127.0.0.1:8443", "https://127.0.0.1:8443"},
		{"https://[2001:DB8::0:1]:8443", "https://[2001:db8::1]:8443"},
		{"", ""}, {"shop.example.com", ""}, {"//shop.example.com", ""}, {"https://", ""}, {"https:///x", ""},
		{"ftp://shop.example.com", ""}, {"javascript:alert(1)", ""}, {"com.shop.app:/callback", ""}, {"null", ""},
		{"https://user:pw@shop.example.com", ""}, {"https://shop.example.com:0", ""}, {"https://shop.example.com:70000", ""},
		{"https://*.example.com", ""}, {"https://shop example.com", ""}, {"https://shop.example.com\n", ""}, {"https://-.example.com", ""},
	} {
		o, err := s.Create(t.Context(), by(), origin.Input{Name: "shop", Origin: c.given, Scopes: scopes(org.ScopeCORS)})
		if c.kept == "" {
			if f := fault.As(err); f == nil || f.Kind != fault.Invalid || len(f.Causes) != 1 || f.Causes[0].Field != "origin" {
				t.Errorf("%q: %+v, %v", c.given, o, err)
			}
			continue
		}
		if err != nil || o.Origin != c.kept {
			t.Errorf("%q: %+v, %v, want %q", c.given, o, err, c.kept)
			continue
		}
		if trusted, err := s.Trusts(t.Context(), c.kept); !trusted || err != nil {
			t.Errorf("%q is not trusted (%v)", c.kept, err)
		}
		if err := s.Delete(t.Context(), by(), o.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// Each scope is for one thing.
func TestScopes(t *testing.T) {
	t.Parallel()
	s := newService(t, storetest.Engines()[0])
	frame := []org.OriginScope{{Type: org.ScopeFrame, Apps: []string{org.AppDashboard}}}
	var ids []string
	for name, list := range map[string][]org.OriginScope{
		"cors": scopes(org.ScopeCORS), "redirect": scopes(org.ScopeRedirect), "frame": scopes(org.ScopeFrame), "dashboard": frame,
		"all": append(scopes(org.ScopeCORS, org.ScopeRedirect), frame...),
	} {
		o, err := s.Create(t.Context(), by(), origin.Input{Name: name, Origin: "https://" + name, Scopes: list})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, o.ID)
	}
	expect := func(when string, cors, frames, dashboards []string) {
		t.Helper()
		for _, name := range []string{"cors", "redirect", "frame", "dashboard", "all"} {
			if trusted, err := s.Trusts(t.Context(), "https://"+name); trusted != slices.Contains(cors, name) || err != nil {
				t.Errorf("%s: %s is trusted: %v (%v)", when, name, trusted, err)
			}
		}
		for signedIn, want := range map[bool][]string{false: frames, true: dashboards} {
			got, err := s.Frames(t.Context(), signedIn)
			slices.Sort(got)
			for i := range want {
				want[i] = "https://" + want[i]
			}
			if !slices.Equal(got, want) || err != nil {
				t.Errorf("%s, signed in %v: frames %v (%v), want %v", when, signedIn, got, err, want)
			}
		}
	}
	expect("active", []string{"cors", "all"}, []string{"all", "dashboard", "frame"}, []string{"all", "dashboard"})
	for _, id := range ids {
		if _, err := s.Deactivate(t.Context(), by(), id); err != nil {
			t.Fatal(err)
		}
	}
	expect("inactive", nil, nil, nil)
}

// Of several who make the same one at once, one makes it, and the others are told.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, e)
			errs := make([]error, 6)
			var all sync.WaitGroup
			for i := range errs {
				all.Go(func() {
					_, errs[i] = s.Create(t.Context(), by(), origin.Input{Name: "shop", Origin: "https://shop.example", Scopes: scopes(org.ScopeCORS)})
				})
			}
			all.Wait()
			made := 0
			for _, err := range errs {
				switch {
				case err == nil:
					made++
				case !fault.Is(err, fault.Invalid):
					t.Error(err)
				}
			}
			page, next, err := s.List(t.Context(), origin.Query{Limit: 10})
			if made != 1 || len(page) != 1 || next != "" || err != nil {
				t.Errorf("%d made, %d listed, %v", made, len(page), err)
			}
		})
	}
}
