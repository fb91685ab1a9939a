package hooktest_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/hooktest"
)

// t stands for the *testing.T of a test function; it prints what a test would
// say.
var t printer

type printer struct{}

func (printer) Helper()                           {}
func (printer) Context() context.Context          { return context.Background() }
func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (printer) Fatalf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// The service under test: it knows example.com, and makes a badge for everybody.
var service = hook.Registration(
	func(_ context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
		if !strings.HasSuffix(r.Attribute("email"), "@example.com") {
			return hook.DenyField("email", "Only example.com emails can register."), nil
		}
		return hook.Set("badge", 12), nil
	},
	hook.Secret("authorization", "Basic YWRtaW46c3VwZXJzZWNyZXQ="),
)

func Example() {
	target := hooktest.Handler(service).With("authorization", "Basic YWRtaW46c3VwZXJzZWNyZXQ=")

	target.Register(t, hooktest.Person{"email": "eve@other.org"}).
		DeniedAt("email", "Only example.com emails can register.")
	target.Register(t, hooktest.Person{"email": "ann@example.com"}).
		Sets("badge", 12)
	// Output:
}

// When an expectation does not hold, the test says what was expected, what came,
// and the answer that it came from.
func ExampleResult_DeniedAt() {
	target := hooktest.Handler(service).With("authorization", "Basic YWRtaW46c3VwZXJzZWNyZXQ=")

	target.Register(t, hooktest.Person{"email": "ann@example.com"}).
		DeniedAt("email", "Only example.com emails can register.")
	// Output:
	// the person should be refused at the field "email": "Only example.com emails can register.", but is allowed
	// answer: 200 OK
	// {"commands":[{"type":"com.okta.user.profile.update","value":{"badge":12}}]}
}

// An answer that usher could not use ends the test. Here the secret is missing.
func ExampleTarget_Register() {
	hooktest.Handler(service).Register(t, hooktest.Person{"email": "ann@example.com"})
	// Output:
	// register: usher could not use this answer: the status is 401; a refusal too has status 200, whatever else makes the answer void
	// answer: 401 Unauthorized
	// Unauthorized
}

// A service should have a usable answer to whatever usher may send.
func ExampleRequests() {
	target := hooktest.Handler(service).With("authorization", "Basic YWRtaW46c3VwZXJzZWNyZXQ=")

	for _, r := range hooktest.Requests() {
		target.Ask(t, r)
	}
	target.Ask(t, hooktest.Requests()[0]).Allowed()
	// Output:
}
