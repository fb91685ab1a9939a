package scenario

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/usher-id/usher/test/run"
)

// ada fills in the form of a trial, whose policy is usher's own.
func ada() url.Values {
	return url.Values{
		"firstName": {"Ada"}, "lastName": {"Lovelace"}, "email": {"ada@example.com"},
		"password": {"correct horse 47 battery"},
	}
}

// openForm gives a browser that has the form open.
func openForm(t *testing.T, server *run.Server) *run.Visitor {
	t.Helper()
	v := run.NewVisitor(t, server.URL)
	r, err := v.Get(t.Context(), "/signup")
	if err != nil || r.Status != http.StatusOK {
		t.Fatalf("the form: %d, %v", r.Status, err)
	}
	return v
}

// Another process holds the database: a backup, a person with a shell. The page
// says so, and what was typed can be sent again as it is.
func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	service := run.NewService(t)
	server := run.Dev(t, run.Options{Database: run.NewDatabase(t, run.SQLite), Hook: service.URL})
	v := openForm(t, server)

	unlock := run.Lock(t, server.Database)
	r, err := v.Post(t.Context(), "/signup", ada())
	unlock()
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("locked: status %d, Retry-After %q, want 503 and when to come back", r.Status, r.Header.Get("Retry-After"))
	}
	if err := expect(r, "above", []string{"The service is busy. Please try again in a moment."}); err != nil {
		t.Error(err)
	}
	if !strings.Contains(r.Body, `value="ada@example.com"`) {
		t.Errorf("locked: the form does not come back with what was typed:\n%s", r.Body)
	}
	for _, inside := range []string{"sql", "SQL", "locked", ada().Get("password")} {
		if strings.Contains(r.Body, inside) {
			t.Errorf("locked: the page has %q:\n%s", inside, r.Body)
		}
	}

	if r, err = v.Post(t.Context(), "/signup", ada()); err != nil || r.Status != http.StatusSeeOther {
		t.Errorf("sent again: %d, %v, want 303\n%s", r.Status, err, r.Body)
	}
	if r, err = v.Get(t.Context(), "/"); err != nil || !strings.Contains(r.Body, "Hello, Ada") {
		t.Errorf("nobody is signed in: %v\n%s", err, r.Body)
	}
	server.Stop(t)
}

// Ctrl-C while a service is deciding: what is under way comes to its end, and
// nothing new is taken.
func TestDrain(t *testing.T) {
	t.Parallel()
	for _, starter := range starters {
		t.Run(starter.name, func(t *testing.T) {
			t.Parallel()
			service := run.NewService(t)
			decide := make(chan struct{})
			a := run.Allow()
			a.Until = decide
			service.Answer(a)
			sc := load(t, "testdata/signup.txtar")
			server := starter.start(t, run.Options{Database: run.NewDatabase(t, run.SQLite), Hook: service.URL, Config: sc.config})
			v := openForm(t, server)

			type sent struct {
				reply run.Reply
				err   error
			}
			done := make(chan sent, 1)
			go func() {
				r, err := v.Post(t.Context(), "/signup", ada())
				done <- sent{r, err}
			}()
			service.WaitForCall(t)
			server.Interrupt(t)
			run.Eventually(t, "usher takes no connections any more", func() bool { return !run.Listens(t, server.URL) })
			close(decide)
			if s := <-done; s.err != nil || s.reply.Status != http.StatusSeeOther {
				t.Errorf("the submission under way: %d, %v, want 303\n%s", s.reply.Status, s.err, s.reply.Body)
			}
			if code := server.Ended(t); code != 0 {
				t.Errorf("usher ends with code %d", code)
			}
			users := 0
			for _, c := range run.Dump(t, server.Database) {
				if c.Table == "users" && c.Column == "id" {
					users++
				}
			}
			if users != 1 {
				t.Errorf("%d users, want 1", users)
			}
		})
	}
}

// The example is a process of its own, and ends with the usher that started it.
func TestExampleEndsWithDev(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *run.Server){
		"interrupted": func(t *testing.T, s *run.Server) { s.Stop(t) },
		"killed": func(t *testing.T, s *run.Server) {
			s.Kill(t)
			s.Ended(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := run.Dev(t, run.Options{})
			v := openForm(t, server)
			if r, err := v.Post(t.Context(), "/signup", ada()); err != nil || r.Status != http.StatusSeeOther {
				t.Errorf("the example refuses: %d, %v\n%s", r.Status, err, r.Body)
			}
			if !run.Listens(t, server.HookURL) {
				t.Fatal("the example does not listen")
			}
			end(t, server)
			run.Eventually(t, "the example has ended", func() bool { return !run.Listens(t, server.HookURL) })
		})
	}
}
