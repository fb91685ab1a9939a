package eventlog

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
)

// HookCalled makes the event of a hook call from its redacted record. Okta's
// public catalogue writes the keys of debugData in snake case; its real events
// have them in camel case, and so have these. Keys that begin with "usher." are
// our own, and Okta promises nothing about any of them.
func HookCalled(c *org.HookCall, now time.Time, o Origin, h *org.InlineHook) org.Event {
	e := New(Type(c.Event), now, o, org.Outcome{Result: c.Outcome, Reason: c.Reason}, HookTarget(h))
	path := requestPath(c.Request)
	e.Debug = map[string]string{
		"inlineHookType":    c.EventType,
		"inlineHook":        javaMap(c.DebugContext),
		"errorMessage":      c.Detail,
		"requestId":         c.RequestID,
		"requestUri":        path,
		"url":               path,
		"usher.eventId":     c.EventID,
		"usher.requestType": c.RequestType,
		"usher.attempts":    strconv.Itoa(len(c.Attempts)),
		"usher.durationMs":  strconv.FormatInt(c.Duration.Milliseconds(), 10),
		"usher.hookVersion": strconv.FormatInt(c.HookVersion, 10),
		"usher.decision":    c.Decision,
	}
	if c.Answer.Status != 0 {
		e.Debug["usher.status"] = strconv.Itoa(c.Answer.Status)
	}
	for key, value := range e.Debug {
		if value == "" {
			delete(e.Debug, key)
		}
	}
	return e
}

// requestPath is the path of the person's request as the hook was told it. A
// body that a Preview sent may lack it.
func requestPath(body string) string {
	var request struct {
		Data struct {
			Context struct {
				Request struct {
					URL struct{ Value string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &request); err != nil {
		return ""
	}
	path, _, _ := strings.Cut(request.Data.Context.Request.URL.Value, "?")
	return path
}

// javaMap writes a JSON object as Java prints a map, {k=v, …}, which is how
// Okta's catalogue shows the debugContext of a service. A text that was cut off
// at its limit is written as it is.
func javaMap(text string) string {
	if text == "" {
		return ""
	}
	v, err := hook.Parse([]byte(text), hook.DefaultLimits)
	if err != nil {
		return text
	}
	var b strings.Builder
	writeJava(&b, v)
	return b.String()
}

func writeJava(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case string:
		b.WriteString(v)
	case json.Number:
		b.WriteString(v.String())
	case []any:
		b.WriteByte('[')
		for i, element := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			writeJava(b, element)
		}
		b.WriteByte(']')
	case *hook.Object:
		b.WriteByte('{')
		separator := ""
		for name, value := range v.All() {
			b.WriteString(separator + name + "=")
			writeJava(b, value)
			separator = ", "
		}
		b.WriteByte('}')
	}
}
