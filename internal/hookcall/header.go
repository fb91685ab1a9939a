package hookcall

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usher-id/usher/internal/fault"
)

// Limits of a header, in bytes.
const (
	maxHeaderName  = 64
	maxHeaderValue = 4 << 10
)

// CheckHeaders checks the headers of a hook when they are stored: auth, the
// secret one (nil without), and the further ones. Okta refuses reserved names
// "such as Accept" and publishes no list; ours is in docs/okta-choices.md. What
// net/http would drop silently (Host, Content-Length …) or pass on as it is
// (Connection, bytes above 0x7f) is refused here, where somebody can mend it.
//
// White space at the ends of a value is allowed, though HTTP does not carry it.
//
// The error is a fault of kind Invalid whose causes name the property:
// "authScheme.key", "headers[1].value". It holds no value of a header.
func CheckHeaders(auth *Header, extra []Header) error {
	var causes []fault.Cause
	add := func(property, text string) {
		if text != "" {
			causes = append(causes, fault.Cause{Field: property, Text: text})
		}
	}
	seen := map[string]string{} // lower-case name → property
	if auth != nil {
		add("authScheme.key", checkName(auth.Name))
		add("authScheme.value", checkValue(auth.Value))
		seen[strings.ToLower(auth.Name)] = "authScheme.key"
	}
	for i, h := range extra {
		property := fmt.Sprintf("headers[%d]", i)
		text := checkName(h.Name)
		lower := strings.ToLower(h.Name)
		if first, twice := seen[lower]; text == "" && twice {
			text = "The name is that of " + first + ": the case of a header name makes no difference."
		} else if !twice {
			seen[lower] = property + ".key"
		}
		add(property+".key", text)
		add(property+".value", checkValue(h.Value))
	}
	if causes == nil {
		return nil
	}
	return fault.New(fault.Invalid, "Api validation failed: channel", causes...)
}

func checkName(name string) string {
	switch {
	case name == "":
		return "The name is missing."
	case len(name) > maxHeaderName:
		return fmt.Sprintf("The name is longer than %d characters.", maxHeaderName)
	case strings.ContainsFunc(name, notToken):
		return "The name may hold letters, digits and !#$%&'*+-.^_`|~ only."
	case reserved(strings.ToLower(name)):
		return "The name is reserved."
	}
	return ""
}

func checkValue(value string) string {
	switch {
	case len(value) > maxHeaderValue:
		return fmt.Sprintf("The value is longer than %d characters.", maxHeaderValue)
	case strings.ContainsFunc(value, notText):
		return "The value may hold visible ASCII characters, spaces and tabs only."
	}
	return ""
}

// notToken is the complement of tchar (RFC 9110, section 5.6.2).
func notToken(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

func notText(r rune) bool { return r != '\t' && (r < ' ' || r > '~') }

// reserved tells which names, in lower case, are usher's or HTTP's own. Others
// would smuggle requests (Transfer-Encoding), strip headers on the way
// (Connection) or forge what usher or a proxy vouches for.
func reserved(name string) bool {
	for _, prefix := range []string{"proxy-", "x-forwarded-", "x-usher-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains([]string{
		"accept", "accept-encoding", "connection", "content-encoding", "content-length",
		"content-type", "cookie", "expect", "forwarded", "host", "keep-alive", "te", "trailer",
		"traceparent", "tracestate", "transfer-encoding", "upgrade", "via",
		"x-okta-request-id", "x-okta-verification-challenge",
	}, name)
}
