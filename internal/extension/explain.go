package extension

import (
	"errors"
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// noAnswer explains a call that brought no answer that can be judged.
func (r *reader) noAnswer() *unusable {
	kind := r.reply.Failure
	f := org.Finding{Code: kind, Read: r.reply.Detail, Repair: repairOfFailure(kind)}
	if f.Read == "" {
		f.Read = kind
	}
	if status, ok := strings.CutPrefix(kind, "HTTP_STATUS_"); ok {
		f.Read = "status " + status
		if r.hasErrorObject() {
			f.Read += " with an error object in its body"
			f.Repair = "The body of such an answer is never read. Send the error object with status 200."
		}
		if r.in.RequestType == hook.RequestProgressiveProfile && strings.HasPrefix(status, "5") {
			f.Repair = "The request was of type " + hook.RequestProgressiveProfile +
				": it has data.userProfileUpdate in place of data.userProfile. " + f.Repair
		}
	}
	return &unusable{kind, r.reply.Detail, f}
}

func (r *reader) hasErrorObject() bool {
	v, err := hook.Parse(r.reply.Body, hook.DefaultLimits)
	if err != nil {
		return false
	}
	o, _ := v.(*hook.Object)
	e, _ := o.Get("error")
	return e != nil
}

// repairOfFailure says what to look at, by the reason constant of hookcall.
func repairOfFailure(kind string) string {
	repairs := map[string]string{
		"TIMEOUT":            "Answer within 3 seconds, the body included. What takes longer belongs into an event hook.",
		"DNS_FAILED":         "Look at the host name of the hook's URL.",
		"CONNECT_FAILED":     "Nothing listens there. Start the service, or look at the host and port of the hook's URL.",
		"CONNECTION_LOST":    "The service closed the connection before the answer was complete. Look at its log, and at the Content-Length that it sends.",
		"TLS_FAILED":         "Look at the service's certificate. One of an own authority needs outbound.ca_file.",
		"PROTOCOL_INVALID":   "The answer is not HTTP that can be trusted. Look at what really listens there.",
		"ADDRESS_REFUSED":    "usher does not call private addresses unless its operator allows them (outbound.allow, outbound.allow_hosts).",
		"SELF_CALL_REFUSED":  "The hook's URL is usher's own address. Give the service another port.",
		"OVERLOADED":         "Too many calls of this hook are under way. Make the service faster.",
		"REDIRECT_REFUSED":   "Redirects are not followed. Give the hook the final URL.",
		"RESPONSE_TOO_LARGE": "Answer with less than 256 KB.",
		"RESPONSE_ENCODED":   "Answer without Content-Encoding: no compression was asked for.",
		"HTTP_STATUS_401":    "The service refused the secret. Compare the hook's authentication field and secret with what the service expects.",
		"HTTP_STATUS_404":    "Look at the path of the hook's URL.",
		"HTTP_STATUS_405":    "The service must take POST.",
	}
	if text, ok := repairs[kind]; ok {
		return text
	}
	if strings.HasPrefix(kind, "HTTP_STATUS_5") {
		return "The service failed. Look at its log for this request."
	}
	return "Answer with status 200 and a JSON body, also when you refuse: error codes are for requests that the service could not read."
}

// attributeFinding explains an update that cannot be applied.
func attributeFinding(schema *profile.Schema, err *profile.UpdateError, path string) org.Finding {
	f := org.Finding{Severity: org.SeverityError, Code: err.Code, Path: path, Read: err.Detail}
	switch err.Code {
	case profile.AttributeUnknown:
		var names []string
		for _, a := range schema.Attributes() {
			names = append(names, a.Name)
		}
		f.Suggestion = closest(err.Attribute, names, false)
		f.Repair = "A hook can only set attributes that the user schema has. Add the attribute to the schema, or leave it out."
		if err.Attribute == "error" {
			f.Suggestion, f.Repair = "", `Put "error" beside "commands", at the top of the answer.`
		}
		if err.Attribute == "registration" {
			f.Suggestion, f.Repair = hook.CommandAction, `To allow or deny, send {"type":"`+hook.CommandAction+`","value":{"registration":"DENY"}}.`
		}
	case profile.AttributeForbidden:
		f.Repair = "No command can set this attribute. Leave it out."
	default:
		f.Repair = "Send a value that the user schema allows. Types are not converted: \"12\" is no number."
	}
	return f
}

// Errors of a request that is not one of this hook type.
var errNotRegistration = errors.New("extension: not a request of a registration hook")

// ReadRequest reads the body of a registration hook's request, as a replay or a
// check of a service has it, far enough to judge an answer to it.
func ReadRequest(body []byte, schema *profile.Schema) (Registration, error) {
	v, err := hook.Parse(body, hook.DefaultLimits)
	if err != nil {
		return Registration{}, err
	}
	o, _ := v.(*hook.Object)
	if o.Text("eventType") != hook.TypeRegistration {
		return Registration{}, errNotRegistration
	}
	data, _ := o.Get("data")
	entered, _ := data.(*hook.Object)
	in := Registration{RequestType: o.Text("requestType"), Source: o.Text("source"), Schema: schema}
	for _, member := range []string{"userProfile", "userProfileUpdate"} {
		v, _ := entered.Get(member)
		values, _ := v.(*hook.Object)
		for name := range values.All() {
			in.Form = append(in.Form, name)
		}
	}
	return in, nil
}
