package extension

import (
	"errors"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/profile"
)

var errNotRegistration = errors.New("extension: not a request of a registration hook")

// ReadRequest reads the body of a registration hook's request, as a Preview, a
// replay or a check of a service has it, far enough to judge an answer to it.
// Stored is what would be stored should the answer change nothing, as far as the
// request shows it.
//
// The fields of the form are not in a request: those that it shows stand for
// them. Of the user there is the id alone.
func ReadRequest(body []byte, schema *profile.Schema) (in Registration, stored profile.Profile, err error) {
	v, err := hook.Parse(body, hook.DefaultLimits)
	if err != nil {
		return in, stored, err
	}
	o, _ := v.(*hook.Object)
	if o.Text("eventType") != hook.TypeRegistration {
		return in, stored, errNotRegistration
	}
	in = Registration{RequestType: o.Text("requestType"), Source: o.Text("source"), Schema: schema}
	data := object(o, "data")
	user := object(object(data, "context"), "user")
	if id := user.Text("id"); id != "" {
		in.User = &hook.User{ID: id}
	}
	shown := object(data, "userProfile")
	entered := shown
	if in.RequestType == hook.RequestProgressiveProfile {
		shown = object(user, "profile")
		entered = object(data, "userProfileUpdate")
	}
	p := profile.New(shown)
	if zone, ok := p.Get("timeZone"); ok { // the schema's timezone
		p = p.Delete("timeZone").Set(profile.TimeZone, zone)
	}
	for name, value := range entered.All() {
		in.Form = append(in.Form, name)
		p = p.Set(name, value)
	}
	return in, schema.Storable(p), nil
}

// object is a member that is an object, else nil, which reads as an empty one.
func object(o *hook.Object, name string) *hook.Object {
	v, _ := o.Get(name)
	inner, _ := v.(*hook.Object)
	return inner
}
