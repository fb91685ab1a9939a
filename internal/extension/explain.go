package extension

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// explainFailure explains a call that brought no answer to judge.
func (r *reader) explainFailure() *unusable {
	kind := r.reply.Failure
	f := org.Finding{Code: kind, Read: r.reply.Detail, Repair: r.repairOfFailure(hookcall.Kind(kind))}
	if f.Read == "" {
		f.Read = kind
	}
	if r.holdsError() {
		f.Read += ", with an error object in its body"
		f.Repair = "The body of such an answer is never read. To refuse, send the error object with status 200."
	}
	return &unusable{kind, r.reply.Detail, f}
}

func (r *reader) holdsError() bool {
	name, _ := errorIn(r.object)
	return name != ""
}

const httpStatus = "HTTP_STATUS_"

// repairOfFailure says what to look at.
func (r *reader) repairOfFailure(kind hookcall.Kind) string {
	switch kind {
	case hookcall.Timeout:
		return "Answer within " + seconds(cmp.Or(r.reply.Timeout, hookcall.DefaultTimeout)) +
			", the body included. Do what takes longer after you have answered."
	case hookcall.DNSFailed:
		return "Look at the host name in the hook's URL."
	case hookcall.ConnectFailed:
		return "Nothing listens there. Start the service, or look at the host and port in the hook's URL."
	case hookcall.ConnectionLost:
		return "The service closed the connection before its answer was complete. Look at its log, and at the Content-Length that it sends."
	case hookcall.TLSFailed:
		return "Look at the certificate of the service: its dates, its names, who signed it. One that an authority of your own has signed needs outbound.ca_file."
	case hookcall.ProtocolInvalid:
		return "What came is no HTTP/1.1 answer. Look at what really listens there, and whether the URL should begin with https."
	case hookcall.AddressRefused:
		return "usher calls no private address and no plain http unless its operator allows the host (outbound.allow_hosts, outbound.allow, outbound.allow_http)."
	case hookcall.SelfCallRefused:
		return "The hook's URL is usher's own address. Give the service another port."
	case hookcall.Overloaded:
		return "Too many calls are under way. Make the service answer faster."
	case hookcall.RedirectRefused:
		return "Redirects are not followed. Give the hook the address that the service redirects to."
	case hookcall.OAuthTokenFailure:
		return r.repairOfToken()
	case hookcall.ResponseTooLarge:
		return "Answer with less than 256 KB."
	case hookcall.ResponseEncoded:
		return "Answer without Content-Encoding: no compression was asked for."
	}
	if status, ok := strings.CutPrefix(string(kind), httpStatus); ok {
		return r.repairOfStatus(status)
	}
	return ""
}

// repairOfToken says why there was no access token, so that nobody asked the
// service.
func (r *reader) repairOfToken() string {
	const general = "Look at the hook's token URL: its host, its path, its certificate."
	switch kind := r.reply.NoToken; kind {
	case hookcall.HTTPStatus(400), hookcall.HTTPStatus(401), hookcall.HTTPStatus(403):
		return "The authorization server does not know usher as this client. Compare the hook's clientId, its client secret " +
			"or hook key, and its scope with the app that is registered there. For a hook key the app needs the public half: " +
			"GET /api/v1/hook-keys/public/{keyId}."
	case hookcall.Timeout:
		return "The token endpoint and the service have " + seconds(cmp.Or(r.reply.Timeout, hookcall.DefaultTimeout)) + " together. " + general
	case hookcall.TokenUnusable:
		return "The hook's token URL must be that of a token endpoint, which answers 200 with JSON that has an access_token of the type Bearer."
	case hookcall.KeyUnusable:
		return "Make another hook key, register its public half at the authorization server and name it in the hook."
	case hookcall.SelfCallRefused:
		return "The hook's token URL is usher's own address."
	case hookcall.AddressRefused, hookcall.RedirectRefused:
		return r.repairOfFailure(kind) + " This is about the hook's token URL."
	}
	return general
}

func (r *reader) repairOfStatus(status string) string {
	switch {
	case r.reply.OAuth && (status == "401" || status == "403"):
		return "The service refused the access token. Compare the issuer, the audience and the scope that it wants with those of the token. " +
			"The next call fetches another one."
	case status == "401", status == "403":
		return "The service refused the call. Compare the hook's authentication field and secret with what the service expects."
	case status == "404":
		return "Look at the path in the hook's URL."
	case status == "405":
		return "The service must take POST."
	case r.in.RequestType == hook.RequestProgressiveProfile && (status == "400" || status[:1] == "5"):
		return "Look at the log of the service. This request was of the type " + hook.RequestProgressiveProfile +
			": it has data.userProfileUpdate and no data.userProfile, and a service that reads only the latter fails here."
	case status[:1] == "5":
		return "The service failed. Look at its log for this request."
	}
	return "Answer with status 200, also when you refuse: other statuses are for requests that the service could not read."
}

// repairOfSyntax says what is likely to have broken the JSON at that place.
func repairOfSyntax(body []byte, e *hook.SyntaxError) string {
	before, behind := bytes.TrimSpace(body[:e.Offset]), body[e.Offset:]
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		return "The body is a page and not JSON, probably the error page of a server or proxy in front of the service."
	case e.Problem == "invalid UTF-8", bytes.IndexByte(body, 0) >= 0:
		return "Send the body as UTF-8."
	case bytes.HasSuffix(before, []byte(",")) && (bytes.HasPrefix(behind, []byte("}")) || bytes.HasPrefix(behind, []byte("]"))):
		return "Take away the comma before this bracket: JSON allows none after the last member."
	case len(behind) == 0:
		return "The body ends too early. Look at the Content-Length that the service sends, and at what writes the body."
	case strings.HasPrefix(e.Problem, "nested"), strings.HasPrefix(e.Problem, "more than"):
		return "Send a smaller answer."
	case behind[0] == '\'':
		return "JSON wants double quotes. Let a JSON library write the body."
	}
	return "Let a JSON library write the body."
}

// attributeFinding explains an update that cannot be made. The value tells the
// repair and is never in the finding.
func attributeFinding(schema *profile.Schema, err *profile.UpdateError, value any) org.Finding {
	f := org.Finding{Code: err.Code}
	switch err.Code {
	case profile.AttributeUnknown:
		f.Suggestion, f.Repair = repairOfName(schema, err.Attribute, value)
	case profile.AttributeForbidden:
		f.Repair = "No command can set this attribute. Leave it out."
		if strings.EqualFold(err.Attribute, "profile") { // a reserved name
			f.Repair = repairOfNesting
		}
	default:
		a, _ := schema.Attribute(err.Attribute)
		f.Repair = repairOfValue(a, value)
	}
	return f
}

const repairOfNesting = `Name the attributes in "value" itself: {"firstName":"…"} and not {"profile":{"firstName":"…"}}.`

func repairOfName(schema *profile.Schema, name string, value any) (suggestion, repair string) {
	if repair := errorPlace(name); repair != "" {
		return "", repair
	}
	if name == "registration" || name == "action" {
		return hook.CommandAction, "To allow or deny, send a command of the type " + hook.CommandAction + ": " + actionExample + "."
	}
	var names []string
	for _, a := range schema.Attributes() {
		names = append(names, a.Name)
	}
	suggestion = closest(name, names)
	if _, ok := value.(*hook.Object); ok && suggestion == "" {
		return "", repairOfNesting
	}
	return suggestion, "A hook can only set attributes that the user schema has. Add it to the schema, or leave it out."
}

// repairOfValue says how to write a value that the schema takes.
func repairOfValue(a profile.Attribute, value any) string {
	_, isText := value.(string)
	switch {
	case value == nil, value == "":
		return "The attribute is required: it cannot be taken away. Send a value, or leave it out."
	case isText && (a.Type == profile.Integer || a.Type == profile.Number):
		return `Send the number without quotes: 12 and not "12". Types are not converted.`
	case isText && a.Type == profile.Boolean:
		return "Send true or false without quotes. Types are not converted."
	case a.Type == profile.Array && hook.Kind(value) != "array":
		return `Send an array, also for one value: ["…"].`
	case a.Type == profile.String && !isText:
		return "Send the value in quotes. Types are not converted."
	}
	if _, ok := value.(json.Number); ok {
		return "Send a number that the user schema allows: an integer has 32 bits and no fraction."
	}
	return "Send a value that the user schema allows."
}
