package hooktest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

func request(t *testing.T, name string) Request {
	t.Helper()
	for _, r := range Requests() {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no request %s", name)
	return Request{}
}

// A service that is made with the kit reads each of them, and sees what its
// description promises.
func TestRequests(t *testing.T) {
	t.Parallel()
	promises := map[string]string{
		"sign-up":                 `{"firstName":"Rosario","lastName":"Jones","login":"rosario.jones@example.com","email":"rosario.jones@example.com"}`,
		"sign-up-again":           `{"firstName":"Rosario","lastName":"Jones","login":"rosario.jones@example.com","email":"rosario.jones@example.com"}`,
		"sign-up-outsider":        `"email":"m.okonkwo@example.org"}`,
		"sign-up-email-only":      `{"login":"rosario.jones@example.com","email":"rosario.jones@example.com"}`,
		"sign-up-empty-profile":   `{}`,
		"sign-up-unicode":         `"firstName":"Zoë 😀"`,
		"sign-up-long":            strings.Repeat("ß", 20_000),
		"sign-up-custom":          `"badge":4107,"bignum":9007199254740993,"ratio":12.5,"vip":true,"tags":["a","b"]}`,
		"sign-up-unknown-members": `"newMember":{"some":["thing",null]}}`,
		"sign-up-classic":         `"email":"rosario.jones@example.com"}`,
		"update":                  `{"employeeNumber":"1234"}`,
		"update-empty":            `{}`,
	}
	for _, r := range Requests() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			want, ok := promises[r.Name]
			if !ok || r.Description == "" || strings.Contains(r.Description, "\n") {
				t.Fatalf("nothing is promised of it, or its description is no line: %q", r.Description)
			}
			var got string
			h := hook.Registration(func(_ context.Context, in *hook.RegistrationRequest) (hook.Answer, error) {
				got = in.Profile().String()
				if in.RequestType != r.RequestType {
					t.Errorf("requestType %q, want %q", in.RequestType, r.RequestType)
				}
				if !regexp.MustCompile(`^[\w-]{22}$`).MatchString(in.EventID) {
					t.Errorf("eventId %q", in.EventID)
				}
				return hook.Allow(), nil
			})
			Handler(h).Ask(t, r).Allowed()
			if !strings.Contains(got, want) {
				t.Errorf("the service sees %.200s, want %.200s", got, want)
			}
		})
	}
	if len(Requests()) != len(promises) {
		t.Errorf("%d requests, want %d", len(Requests()), len(promises))
	}
}

func TestRequestsHaveTheirOwnEventIDs(t *testing.T) {
	t.Parallel()
	by := map[string]string{}
	for _, r := range Requests() {
		var e hook.Envelope
		if err := json.Unmarshal(r.Body, &e); err != nil {
			t.Fatal(err)
		}
		if other, ok := by[e.EventID]; ok && r.Name != "sign-up-again" {
			t.Errorf("%s has the event id of %s", r.Name, other)
		}
		by[e.EventID] = r.Name
	}
	if a, b := request(t, "sign-up"), request(t, "sign-up-again"); !bytes.Equal(a.Body, b.Body) {
		t.Error("sign-up-again is not the same request")
	}
}

func TestClassicHasNoRequestType(t *testing.T) {
	t.Parallel()
	for _, r := range Requests() {
		if got := bytes.Contains(r.Body, []byte(`"requestType"`)); got != (r.RequestType != "") {
			t.Errorf("%s: has a requestType: %v", r.Name, got)
		}
	}
}

// An ordinary request has the shape of the fixtures, which have the shape of the
// seeds' examples.
func TestRequestsHaveTheShapeOfTheFixtures(t *testing.T) {
	t.Parallel()
	for fixture, name := range map[string]string{"seed-000-ssr": "sign-up", "seed-000-prog": "update"} {
		want, got := paths(t, one(t, fixture).Request), paths(t, request(t, name).Body)
		if want != got {
			t.Errorf("%s has the members\n%s, the fixture %s\n%s", name, got, fixture, want)
		}
	}
}

// paths lists the members of a request in their order, but not the attributes
// that it tells.
func paths(t *testing.T, text []byte) string {
	t.Helper()
	v, err := hook.Parse(text, hook.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	var walk func(at string, v any)
	walk = func(at string, v any) {
		list = append(list, at)
		o, ok := v.(*hook.Object)
		if !ok || at == ".data.userProfileUpdate" {
			return
		}
		for name, v := range o.All() {
			walk(at+"."+name, v)
		}
	}
	walk("", v)
	return strings.Join(list, "\n")
}

func TestPerson(t *testing.T) {
	t.Parallel()
	p := Person{"email": "a@example.com", "zip": 1, "badge": nil, "lastName": "B", "nickName": "", "firstName": "A", "login": "a", "tags": []string{}, "vip": false}
	const want = `{"firstName":"A","lastName":"B","login":"a","email":"a@example.com","tags":[],"vip":false,"zip":1}`
	if got := p.profile().String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "hooktest: ") {
			t.Errorf("a value that is not JSON: got %v, want a panic that names the package", v)
		}
	}()
	signUp("", "", Person{"email": make(chan int)}.profile())
}
