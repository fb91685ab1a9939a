package scenario

import (
	"os"
	"testing"

	"github.com/usher-id/usher/test/run"
)

func TestMain(m *testing.M) { run.Main(m) }

func load(t *testing.T, file string) *script {
	t.Helper()
	archive, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sc, err := parse(archive)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return sc
}

// starters are the ways to run usher.
var starters = []struct {
	name  string
	start func(t testing.TB, o run.Options) *run.Server
}{
	{"dev", func(t testing.TB, o run.Options) *run.Server {
		o.Args = append(o.Args, "--hook-auth", "authorization: "+hookSecret)
		return run.Dev(t, o)
	}},
	{"serve", run.Serve},
}

// hookSecret is that of the configuration of the scenarios.
const hookSecret = "Basic aG9vazpzM2NyZXQtb2Ytc2NlbmFyaW9z"

// Every promise, by both commands and on both databases. The cases of one run
// follow each other; runs stand side by side.
func TestSignUp(t *testing.T) {
	t.Parallel()
	sc := load(t, "testdata/signup.txtar")
	for _, starter := range starters {
		for _, engine := range run.Engines() {
			t.Run(starter.name+"/"+engine, func(t *testing.T) {
				t.Parallel()
				service := run.NewService(t)
				server := starter.start(t, run.Options{Database: run.NewDatabase(t, engine), Hook: service.URL, Config: sc.config})
				s := newStage(t, sc, server, service)
				for _, c := range sc.cases {
					t.Run(c.title, func(t *testing.T) { s.play(t, c) })
				}
				t.Run("sweep", s.sweep)
			})
		}
	}
}

// Where the policy lets nobody sign up; dev always lets people.
func TestClosed(t *testing.T) {
	t.Parallel()
	playServed(t, load(t, "testdata/closed.txtar"))
}

// What an administrator changes through the API.
func TestSettings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"policies", "passwords", "org", "users", "schema"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playServed(t, load(t, "testdata/"+name+".txtar"))
		})
	}
}

// playServed plays a scenario by usher serve on each database.
func playServed(t *testing.T, sc *script) {
	t.Helper()
	for _, engine := range run.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			service := run.NewService(t)
			server := run.Serve(t, run.Options{Database: run.NewDatabase(t, engine), Hook: service.URL, Config: sc.config})
			s := newStage(t, sc, server, service)
			for _, c := range sc.cases {
				t.Run(c.title, func(t *testing.T) { s.play(t, c) })
			}
			server.Stop(t)
		})
	}
}
