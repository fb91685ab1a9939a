package hooktest

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usher-id/usher/hook"
)

// Request is a request to a registration hook.
type Request struct {
	Name        string // short, such as sign-up-outsider
	Description string // what is special about it, one line
	// RequestType is a constant of package hook, and empty for the Classic
	// Engine, which sends none.
	RequestType string
	Body        []byte
}

// Requests is a choice of what a registration hook gets in the field. A service
// has to answer each of them in a way that can be used, whatever it decides.
func Requests() []Request {
	member := func(name string, value any) hook.Member { return hook.Member{Name: name, Value: value} }
	rosario := func(more ...hook.Member) *hook.Object {
		return hook.NewObject(append([]hook.Member{
			member("firstName", "Rosario"), member("lastName", "Jones"),
			member("login", "rosario.jones@example.com"), member("email", "rosario.jones@example.com"),
		}, more...)...)
	}
	outsider := hook.NewObject(
		member("firstName", "Mireille"), member("lastName", "Okonkwo"),
		member("login", "m.okonkwo@example.org"), member("email", "m.okonkwo@example.org"),
	)
	names := hook.NewObject(
		member("firstName", "Zoë 😀"), member("lastName", "O'Brien-Ñúñez <b>&\u2028 \u202eمريم"),
		member("login", "zoë@bücher.example"), member("email", "zoë@bücher.example"),
	)
	first := signUp("sign-up", "an ordinary sign-up", rosario())
	again := first
	again.Name, again.Description = "sign-up-again", "the first request once more, with the same eventId, as when its answer was lost"
	return []Request{
		first,
		again,
		signUp("sign-up-outsider", "an address of another domain", outsider),
		signUp("sign-up-email-only", "a form that asks for nothing but an address", hook.NewObject(
			member("login", "rosario.jones@example.com"), member("email", "rosario.jones@example.com"))),
		signUp("sign-up-empty-profile", "no field that may be told: userProfile is an empty object", hook.NewObject()),
		signUp("sign-up-unicode", "names beyond ASCII, with markup and a change of direction", names),
		signUp("sign-up-long", "values of thousands of characters", rosario(
			member("costCentre", strings.Repeat("x", 4_000)), member("bio", strings.Repeat("ß", 20_000)))),
		signUp("sign-up-custom", "custom attributes that are a number, a boolean and an array", rosario(
			member("badge", 4107), member("bignum", 9007199254740993), member("ratio", 12.5),
			member("vip", true), member("tags", []string{"a", "b"}))),
		unknownMembers(rosario()),
		classic(rosario()),
		update("update", "more attributes of an existing user", hook.NewObject(member("employeeNumber", "1234"))),
		update("update-empty", "nothing has changed that may be told: userProfileUpdate is an empty object", hook.NewObject()),
	}
}

func signUp(name, description string, profile *hook.Object) Request {
	r := envelope(name, hook.RequestSelfServiceRegistration)
	r.Data.Context.Request.URL.Value = "/idp/idx/enroll/new"
	r.Data.UserProfile = profile
	return Request{name, description, r.RequestType, encode(r)}
}

func classic(profile *hook.Object) Request {
	const name = "sign-up-classic"
	r := envelope(name, "")
	r.Data.Context.Request.URL.Value = "/api/v1/registration/" + r.Source + "/register"
	r.Data.UserProfile = profile
	return Request{name, "a sign-up of the Classic Engine: there is no requestType", "", encode(r)}
}

func update(name, description string, delta *hook.Object) Request {
	r := envelope(name, hook.RequestProgressiveProfile)
	r.Data.Context.Request.URL.Value = "/idp/idx/enroll/update"
	r.Data.Context.User = &hook.User{
		PasswordChanged: "2022-01-01T00:00:00.000Z",
		Links: hook.UserLinks{
			Groups:  hook.Link{Href: "/api/v1/users/00u48gwcu01WxvNol0g7/groups"},
			Factors: hook.Link{Href: "/api/v1/users/00u48gwcu01WxvNol0g7/factors"},
		},
		Profile: hook.NewObject(
			hook.Member{Name: "firstName", Value: "Rosario"}, hook.Member{Name: "lastName", Value: "Jones"},
			hook.Member{Name: "timeZone", Value: "America/Los_Angeles"},
			hook.Member{Name: "login", Value: "rosario.jones@example.com"}, hook.Member{Name: "locale", Value: "en_US"},
		),
		ID: "00u48gwcu01WxvNol0g7",
	}
	r.Data.UserProfileUpdate = delta
	return Request{name, description, r.RequestType, encode(r)}
}

// unknownMembers is a request of a later version of the contract, which may add
// members anywhere.
func unknownMembers(profile *hook.Object) Request {
	r := signUp("sign-up-unknown-members", "members that this version of the contract does not know", profile)
	body := new(hook.Object)
	if err := body.UnmarshalJSON(r.Body); err != nil {
		panic(fmt.Sprintf("hooktest: %v", err)) // it was encoded a line ago
	}
	inner := func(o *hook.Object, name string) *hook.Object {
		v, _ := o.Get(name)
		return v.(*hook.Object)
	}
	data := inner(body, "data")
	for _, o := range []*hook.Object{body, data, inner(data, "context"), inner(data, "userProfile")} {
		o.Set("newMember", hook.NewObject(hook.Member{Name: "some", Value: []any{"thing", nil}}))
	}
	r.Body = encode(body)
	return r
}

// envelope makes all of a request but its subject. Ids are made of the name, so
// that a request is the same each time.
func envelope(name, requestType string) *hook.RegistrationRequest {
	sum := sha256.Sum256([]byte(name))
	r := &hook.RegistrationRequest{Envelope: hook.NewEnvelope(hook.TypeRegistration), RequestType: requestType}
	r.EventID = base64.RawURLEncoding.EncodeToString(sum[:16])
	r.EventTime = "2026-03-09T08:14:05.000Z"
	r.Source = "reg7k2mQx0Lw5TnHd4s1"
	r.Data.Action = hook.ActionAllow
	r.Data.Context.Request = hook.RequestContext{
		Method:    "POST",
		IPAddress: "203.0.113.24",
		ID:        "req" + base64.RawURLEncoding.EncodeToString(sum[16:31]),
	}
	return r
}

// Person is what somebody enters in a form: attributes and their values, which
// can be whatever encoding/json encodes.
type Person map[string]any

// profile is the person as a request tells of one: the four base attributes
// first, what was left empty absent.
func (p Person) profile() *hook.Object {
	base := []string{"firstName", "lastName", "login", "email"}
	o := hook.NewObject()
	for _, name := range slices.SortedFunc(maps.Keys(p), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(base, a), rank(base, b)), cmp.Compare(a, b))
	}) {
		if p[name] != nil && p[name] != "" {
			o.Set(name, p[name])
		}
	}
	return o
}

func rank(list []string, name string) int {
	if i := slices.Index(list, name); i >= 0 {
		return i
	}
	return len(list)
}

// encode writes what only this package or a test's author puts together.
func encode(v any) []byte {
	text, err := hook.Encode(v)
	if err != nil {
		panic(fmt.Sprintf("hooktest: %v", err))
	}
	return text
}
