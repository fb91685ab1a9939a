package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/safedial"
	"github.com/usher-id/usher/internal/server"
)

type hookCommand struct {
	Check   checkCommand   `cmd:"" help:"Send every kind of request to a hook service and explain its answers."`
	Example exampleCommand `cmd:"" help:"Run the example hook service."`
}

type checkCommand struct {
	URL      string        `arg:"" help:"Where the service listens, as http://localhost:3000/registrationHook."`
	HookAuth string        `help:"Secret header that the service expects, as in 'authorization: Basic dXNlcjpzZWNyZXQ='."`
	Config   string        `help:"Configuration file whose user schema the answers are judged by. Default: Okta's base attributes." type:"path"`
	Timeout  time.Duration `help:"Deadline of one attempt." default:"3s"`
	JSON     bool          `help:"Print the result as JSON." name:"json"`
}

// checked is how a service answered one request.
type checked struct {
	Request      string    `json:"request"`
	Description  string    `json:"description"`
	Good         bool      `json:"good"`
	Status       int       `json:"status"`
	Milliseconds float64   `json:"ms"`
	Decision     string    `json:"decision"`
	Findings     []finding `json:"findings"`
}

// finding is an [org.Finding] under the names that scripts read.
type finding struct {
	Severity   string `json:"severity"`
	Code       string `json:"code"`
	Path       string `json:"path"`
	Read       string `json:"read"`
	Happens    string `json:"happens"`
	Repair     string `json:"repair"`
	Suggestion string `json:"suggestion"`
}

// Run sends every request and fails if one of them could not be used.
func (c *checkCommand) Run(ctx context.Context, t terminal) error {
	if c.Timeout <= 0 {
		return errors.New("--timeout: expected more than 0s")
	}
	schema, err := c.schema(t)
	if err != nil {
		return err
	}
	runner, h, err := c.connect()
	if err != nil {
		return err
	}
	var all []checked
	for _, r := range hooktest.Requests() {
		all = append(all, c.check(ctx, runner, h, schema, r))
		if ctx.Err() != nil {
			return fmt.Errorf("stopped: %d of %d requests were answered", len(all)-1, len(hooktest.Requests()))
		}
	}
	if one, ok := c.checkSecret(ctx, runner, h, schema); ok && ctx.Err() == nil {
		all = append(all, one)
	}
	return c.report(t, all)
}

// report prints the results, and fails if one is bad.
func (c *checkCommand) report(t terminal, all []checked) error {
	bad := 0
	for i, one := range all {
		if !one.Good {
			bad++
		}
		if !c.JSON {
			one.write(t, i > 0 && slices.Equal(one.Findings, all[i-1].Findings))
		}
	}
	if c.JSON {
		encoder := json.NewEncoder(t.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(all); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(t.out, "\n%d of %d good\n", len(all)-bad, len(all))
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d answers are bad; what to change stands above", bad, len(all))
	}
	return nil
}

// schema is what answers are judged by.
func (c *checkCommand) schema(t terminal) (*profile.Schema, error) {
	if c.Config == "" {
		return profile.NewSchema()
	}
	settings, err := config.Load(c.Config, t.getenv)
	if err != nil {
		return nil, err
	}
	return server.SeedSchema(settings)
}

// connect makes the same caller as the server has, which may call what was typed
// on this command line.
func (c *checkCommand) connect() (*extension.Runner, *org.InlineHook, error) {
	service, err := parseTarget("<url>", c.URL, c.HookAuth)
	if err != nil {
		return nil, nil, err
	}
	policy, err := service.policy()
	if err != nil {
		return nil, nil, err
	}
	dialer := &safedial.Dialer{Policy: policy}
	runner := extension.NewRunner(hookcall.New(hookcall.Options{Dial: dialer.DialContext, CheckURL: policy.ParseURL}))
	runner.Timeout = c.Timeout
	h := &org.InlineHook{ID: "check", Name: c.URL, Type: hook.TypeRegistration, Channel: org.Channel{URI: c.URL}}
	if service.header != "" {
		h.Channel.Auth = &org.HeaderAuth{Key: service.header, Value: org.NewSecret(service.secret)}
	}
	return runner, h, nil
}

func (c *checkCommand) check(ctx context.Context, runner *extension.Runner, h *org.InlineHook, schema *profile.Schema, r hooktest.Request) checked {
	out := checked{Request: r.Name, Description: r.Description, Findings: []finding{}}
	j, err := runner.Try(ctx, h, schema, r.Body, id.Request())
	if err != nil { // cannot be: the kit's own requests
		out.Findings = append(out.Findings, finding{Severity: org.SeverityError, Read: err.Error()})
		return out
	}
	out.Status, out.Decision = j.Call.Answer.Status, j.Decision
	out.Milliseconds = float64(j.Call.Duration.Microseconds()) / 1000
	for _, f := range j.Call.Findings {
		out.Findings = append(out.Findings, finding(f))
	}
	// A misspelt or misplaced member is skipped, as the contract says, and then an
	// answer that was to refuse allows.
	out.Good = j.Decision != org.DecisionFailed && !slices.ContainsFunc(out.Findings, func(f finding) bool {
		return f.Code == extension.CodeMemberIgnored || f.Code == extension.CodeErrorMisplaced
	})
	return out
}

// checkSecret sends a request with a wrong secret, which a service must refuse.
func (c *checkCommand) checkSecret(ctx context.Context, runner *extension.Runner, h *org.InlineHook, schema *profile.Schema) (checked, bool) {
	if h.Channel.Auth == nil {
		return checked{}, false
	}
	wrong := *h
	wrong.Channel.Auth = &org.HeaderAuth{Key: h.Channel.Auth.Key, Value: org.NewSecret("wrong-" + id.Text(16))}
	r := hooktest.Requests()[0]
	r.Name, r.Description = "wrong-secret", "a request whose secret header is wrong: it must be refused with status 401 or 403"
	out := c.check(ctx, runner, &wrong, schema, r)
	switch out.Status / 100 {
	case 4:
		out.Good, out.Findings = true, []finding{}
		return out, true
	case 2: // judged below: it was not refused
	default:
		return out, true // no answer tells nothing about the secret
	}
	out.Good = false
	out.Findings = []finding{{
		Severity: org.SeverityError, Code: "SECRET_NOT_CHECKED", Read: fmt.Sprintf("status %d for a wrong secret", out.Status),
		Happens: "Everybody who finds the service can use it.",
		Repair:  "Compare the header " + h.Channel.Auth.Key + " with the secret, in constant time, and answer 401 if it differs.",
	}}
	return out, true
}

// write prints one result. The same findings as those of the line before are not
// repeated.
func (c checked) write(t terminal, again bool) {
	mark := "good"
	if !c.Good {
		mark = "BAD"
	}
	out := plain{t.out}
	fmt.Fprintf(out, "%-5s%-24s%4d %8.1f ms  %-9s %s\n", mark, c.Request, c.Status, c.Milliseconds, c.does(), c.Description)
	shown := slices.DeleteFunc(slices.Clone(c.Findings), func(f finding) bool { return f.Severity == org.SeverityNote })
	if again && len(shown) > 0 {
		fmt.Fprintln(out, "  as above")
		return
	}
	for _, f := range shown {
		showFinding(t.out, org.Finding(f))
	}
}

// does says what the answer does.
func (c checked) does() string {
	switch c.Decision {
	case org.DecisionAllow:
		return "allows"
	case org.DecisionDeny, org.DecisionError:
		return "refuses"
	}
	if c.Good {
		return "refuses" // the wrong secret
	}
	return "unusable"
}
