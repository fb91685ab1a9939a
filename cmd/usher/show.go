package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
)

// show writes one call for a person who writes a hook service: what was sent,
// what came back, what was decided, and what to change.
func show(to io.Writer, c *org.HookCall) {
	w := plain{to}
	what := c.RequestType
	if what == "" {
		what = c.EventType
	}
	if c.Preview {
		what += ", dry run"
	}
	fmt.Fprintf(w, "\n%s  %s  (%s)\n", c.Started.Local().Format("15:04:05"), c.HookURL, what)
	fmt.Fprintf(w, "  sent      %s\n", shorten(payload(c.Request), 600))
	fmt.Fprintf(w, "  received  %s\n", received(c))
	for i, a := range c.Attempts {
		if t := a.Token; t != nil {
			fmt.Fprintf(w, "  token     %s, %s\n", attempt(*t), milliseconds(t.Duration))
		}
		if a.Failure != "" || len(c.Attempts) > 1 {
			fmt.Fprintf(w, "  try %d     %s, %s\n", i+1, attempt(a), milliseconds(a.Duration))
		}
	}
	fmt.Fprintf(w, "  decided   %s in %s\n", decided(c), milliseconds(c.Duration))
	for _, m := range c.Messages {
		at := "above the form"
		if m.Field != "" {
			at = "at " + m.Field
		}
		fmt.Fprintf(w, "  shown     “%s” %s\n", m.Text, at)
	}
	for _, f := range c.Findings {
		showFinding(w, f)
	}
}

func showFinding(w io.Writer, f org.Finding) {
	at := f.Path
	if at != "" {
		at += ": "
	}
	fmt.Fprintf(w, "  %-9s %s%s\n", f.Severity, at, f.Read)
	for _, line := range []string{f.Happens, f.Repair} {
		if line != "" {
			fmt.Fprintf(w, "            %s\n", line)
		}
	}
	if f.Suggestion != "" {
		fmt.Fprintf(w, "            Did you mean %s?\n", f.Suggestion)
	}
}

func decided(c *org.HookCall) string {
	switch c.Decision {
	case org.DecisionAllow:
		return "ALLOW"
	case org.DecisionDeny:
		return "DENY"
	case org.DecisionError:
		return "refused by the error object"
	}
	return "refused: " + c.Reason
}

func received(c *org.HookCall) string {
	a := c.Answer
	if a.Status == 0 {
		return "nothing"
	}
	text := fmt.Sprintf("%d", a.Status)
	if a.ContentType != "" {
		text += " " + a.ContentType
	}
	if a.Body != "" {
		text += " " + shorten(a.Body, 600)
	}
	return text
}

func attempt(a org.Attempt) string {
	switch {
	case a.Failure != "" && a.Detail != "":
		return a.Failure + ": " + a.Detail
	case a.Failure != "":
		return a.Failure
	}
	return fmt.Sprintf("status %d", a.Status)
}

// payload is the part of a request that a decision is made from; the rest is the
// same in every one.
func payload(request string) string {
	v, err := hook.Parse([]byte(request), hook.DefaultLimits)
	if err != nil {
		return request
	}
	o, _ := v.(*hook.Object)
	data, _ := o.Get("data")
	o, _ = data.(*hook.Object)
	for _, name := range []string{"userProfile", "userProfileUpdate"} {
		if values, ok := o.Get(name); ok {
			text, _ := hook.Encode(values) // it was parsed, so it can be written
			return name + " " + string(text)
		}
	}
	return request
}

func shorten(s string, n int) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n]) + " …"
}

// plain writes to a terminal what strangers have said. Control characters of it
// could redraw the screen, and those of direction make a text seem another.
type plain struct{ w io.Writer }

func (p plain) Write(text []byte) (int, error) {
	var b strings.Builder
	for _, r := range string(text) {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	if _, err := io.WriteString(p.w, b.String()); err != nil {
		return 0, err
	}
	return len(text), nil
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
