package emaildomain_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/usher-id/usher/examples/registration-go/emaildomain"
	"github.com/usher-id/usher/hook/hooktest"
)

const secret = "Basic YWRtaW46c3VwZXJzZWNyZXQ="

func service() hooktest.Target {
	return hooktest.Handler(emaildomain.Handler(secret)).With("authorization", secret)
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"ann@example.com", "Ann@EXAMPLE.com", `"a@b"@example.com`} {
		service().Register(t, hooktest.Person{"email": email}).Allowed()
	}
	for _, email := range []string{
		"", "eve@other.org", "eve@example.com.evil.org", "eve@notexample.com", "eve@sub.example.com",
		"eve@example.com@other.org", "example.com", "eve@", "eve@example.com ",
	} {
		service().Register(t, hooktest.Person{"email": email}).
			DeniedAt("email", "Only example.com emails can register.")
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	for _, number := range []any{"1234", "0000", 1234} {
		service().Update(t, hooktest.Person{"employeeNumber": number}).Allowed()
	}
	for _, number := range []any{"123", "12345", "12a4", "１２３４", "1234\n", -123, 12.5} {
		service().Update(t, hooktest.Person{"employeeNumber": number}).
			DeniedAt("employeeNumber", "Only employee numbers with 4 digits can register.")
	}
	service().Update(t, hooktest.Person{"costCentre": "R-220"}).Allowed()
}

func TestAnswersWhateverComes(t *testing.T) {
	t.Parallel()
	for _, r := range hooktest.Requests() {
		service().Ask(t, r)
	}
}

// The refusals are those of Okta's reference page to the letter; the fixture has
// its sample.
func TestRefusesAsTheReferenceDoes(t *testing.T) {
	t.Parallel()
	cases, err := hooktest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Name != "error-seed-email" {
			continue
		}
		res, err := c.HTTPResponse()
		if err != nil {
			t.Fatal(err)
		}
		sample, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, sample); err != nil {
			t.Fatal(err)
		}
		e, err := service().Send(t.Context(), hooktest.Request{Body: c.Request})
		if err != nil || !bytes.Equal(e.Body, want.Bytes()) {
			t.Errorf("got %s, %v, want %s", e, err, want.Bytes())
		}
		return
	}
	t.Fatal("the fixture error-seed-email is not there")
}

func TestAsksForTheSecret(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"", "Basic x", secret + " "} {
		target := hooktest.Handler(emaildomain.Handler(secret)).With("authorization", wrong)
		e, err := target.Send(t.Context(), hooktest.Requests()[0])
		if err != nil || e.Status != 401 {
			t.Errorf("with %q: got %v, %v, want 401", wrong, e, err)
		}
	}
}
