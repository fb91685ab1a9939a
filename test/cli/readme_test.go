package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/test/run"
)

// Documents whose console blocks are tried.
func documents() []string {
	return []string{"README.md", "CONTRIBUTING.md", "examples/registration-go/README.md", "examples/registration-node/README.md"}
}

// trials says how each command that a document may tell to type is proven: by
// its first words, the longest first.
var trials = []struct {
	words string
	try   func(t *testing.T, args []string)
}{
	{"make", target},
	{"go build", builds},
	{"go run", builds},
	{"usher dev", untilStopped},
	{"usher serve", untilStopped},
	{"usher hook check", toTheEnd},
	{"usher token create", toTheEnd},
	{"usher apply", againstATrial},
	{"usher migrate", toTheEnd},
	{"usher version", toTheEnd},
}

// Whatever README tells to type works as it stands there: nothing but ports,
// folders and the names of other machines is replaced.
func TestReadme(t *testing.T) {
	t.Parallel()
	for _, document := range documents() {
		text, err := os.ReadFile(filepath.Join(run.Root, document))
		if err != nil {
			t.Fatal(err)
		}
		commands := commandsOf(string(text))
		if len(commands) == 0 && document == "README.md" {
			t.Errorf("%s has no commands: the test did not see what it should", document)
		}
		for _, command := range commands {
			t.Run(document+"/"+command, func(t *testing.T) {
				t.Parallel()
				try(t, command)
			})
		}
	}
}

func try(t *testing.T, command string) {
	t.Helper()
	args, err := split(command)
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range trials {
		if words := strings.Fields(trial.words); len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			trial.try(t, args[1:])
			return
		}
	}
	t.Errorf("nobody has said how to prove %q: add it to the table of trials", command)
}

var comment = regexp.MustCompile(`\s+#.*$`)

// commandsOf gives the commands of make and usher in the blocks of a document,
// without their comments and with lines joined that end with a backslash.
func commandsOf(text string) []string {
	var commands []string
	fenced, console := false, false
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		line = strings.TrimSpace(line)
		if language, fence := strings.CutPrefix(line, "```"); fence {
			fenced = !fenced
			console = fenced && (language == "" || language == "console" || language == "sh")
			continue
		}
		line = comment.ReplaceAllString(strings.TrimPrefix(line, "$ "), "")
		line = strings.Replace(line, "go run ./cmd/usher", "usher", 1)
		line = strings.TrimPrefix(line, "bin/") // where a document has built it
		if word, _, _ := strings.Cut(line, " "); console && (word == "make" || word == "usher" || word == "go") {
			commands = append(commands, line)
		}
	}
	return commands
}

// split parts a command as a shell does, as far as documents go.
func split(command string) ([]string, error) {
	var out strings.Builder
	cmd := exec.Command("sh", "-c", `printf '%s\n' `+command)
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), nil
}

// target wants every word to be a target of the Makefile or a variable.
func target(t *testing.T, args []string) {
	makefile, err := os.ReadFile(filepath.Join(run.Root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, arg := range args {
		if strings.Contains(arg, "=") {
			continue
		}
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(arg) + `:`).Match(makefile) {
			t.Errorf("make %s: the Makefile has no such target", arg)
		}
	}
}

// builds builds the package that stands last, somewhere else.
func builds(t *testing.T, args []string) {
	build := exec.Command("go", "build", "-o", filepath.Join(t.TempDir(), "built"), args[len(args)-1])
	build.Dir = run.Root
	if text, err := build.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

// againstATrial runs a command that is a client of the API, at the root of the
// repository, whose files it names.
func againstATrial(t *testing.T, args []string) {
	server := run.Dev(t, run.Options{})
	cmd := exec.Command(run.Binary(t), args...)
	cmd.Dir = run.Root
	cmd.Env = append(run.Environment(), "USHER_URL="+server.URL, "USHER_TOKEN="+server.Token, "HOOK_URL="+server.HookURL, "HOOK_SECRET=s3cret")
	if out, log, code := run.Output(t, cmd); code != 0 || !strings.Contains(out, "+ ") {
		t.Errorf("code %d\n%s%s", code, out, log)
	}
	server.Stop(t)
}

// toTheEnd runs a command that ends by itself, and well.
func toTheEnd(t *testing.T, args []string) {
	out, log, code := run.Output(t, inFolder(t, args))
	if code != 0 {
		t.Errorf("code %d\n%s%s", code, out, log)
	}
}

// untilStopped runs a command that serves until it is interrupted.
func untilStopped(t *testing.T, args []string) {
	if args[0] == "dev" && !slices.Contains(args, "--listen") {
		args = append(args, "--listen", "127.0.0.1:0")
	}
	p := run.Start(t, inFolder(t, args))
	if args[0] == "dev" {
		p.Line(t)
	} else {
		run.Eventually(t, "it is ready", func() bool { return strings.Contains(p.Log(), "usher is ready") })
	}
	p.Interrupt(t)
	p.Rest(t)
	if code := p.Ended(t); code != 0 {
		t.Errorf("code %d\n%s", code, p.Log())
	}
}

// inFolder prepares a command in a folder that has the configuration file of
// README, with a hook service where the document has one.
func inFolder(t *testing.T, args []string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	config := configOf(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "usher.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, arg := range args {
		if regexp.MustCompile(`^http://(localhost|127\.0\.0\.1):3000/`).MatchString(arg) {
			args[i] = example(t)
		}
	}
	cmd := exec.Command(run.Binary(t), args...)
	cmd.Dir = dir
	cmd.Env = append(run.Environment(), "HOOK_SECRET=s3cret")
	if args[0] == "token" {
		migrate := exec.Command(run.Binary(t), "migrate", "--config", "usher.yaml")
		migrate.Dir, migrate.Env = dir, cmd.Env
		if _, log, code := run.Output(t, migrate); code != 0 {
			t.Fatalf("usher migrate: code %d\n%s", code, log)
		}
	}
	return cmd
}

var yamlBlock = regexp.MustCompile("(?ms)^```yaml\n(publicUrl:.*?)^```")

// configOf is the configuration file that README shows, with this machine's
// database, folder and port.
func configOf(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(run.Root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := yamlBlock.FindSubmatch(text)
	if found == nil {
		t.Fatal("README.md shows no configuration file")
	}
	config := string(found[1])
	for key, value := range map[string]string{
		"database": "sqlite:" + filepath.Join(dir, "usher.db"), "keyFile": filepath.Join(dir, "usher.key"),
	} {
		line := regexp.MustCompile(`(?m)^` + key + `: .*$`)
		if !line.MatchString(config) {
			t.Fatalf("the configuration of README.md has no %s", key)
		}
		config = line.ReplaceAllLiteralString(config, key+": "+value)
	}
	return config + "\nlisten: 127.0.0.1:0\n"
}

// The reader of documents reads what it should.
func TestCommandsOf(t *testing.T) {
	t.Parallel()
	const text = "x\n```console\nmake run      # starts\n$ usher version\ngo run ./cmd/usher dev \\\n  --json\nls\n```\n" +
		"```go\nmake nothing\n```\nmake prose\n```\nmake test\n```\n`make inline`\n"
	want := []string{"make run", "usher version", "usher dev    --json", "make test"}
	if got := commandsOf(text); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	args, err := split(`usher dev --hook-auth 'a: b c' "$HOME x"`)
	if err != nil || len(args) != 5 || args[3] != "a: b c" {
		t.Errorf("%q, %v", args, err)
	}
}
