package mgmt_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/usher-id/usher/internal/org"
)

// told is shown of a call, in the place of a status, when the System Log has told
// of it.
const told = 0

// silent are calls that change nothing that the System Log tells of, although
// their method is not GET.
var silent = []string{
	"POST /api/v1/inlineHooks/{id}/execute", // a Preview; the hook's own record tells of it
	// There are no factors to take away, and nobody signs in here who could be
	// locked out or have a session; package directory shows those two.
	"POST /api/v1/users/{id}/lifecycle/reset_factors",
	"POST /api/v1/users/{id}/lifecycle/unlock",
	"DELETE /api/v1/users/{id}/sessions",
}

// changes tells whether a call is one that the System Log must tell of.
func changes(route string) bool {
	return !strings.HasPrefix(route, http.MethodGet+" ") && !slices.Contains(silent, route) && !slices.Contains(neverAllowed, route)
}

// audit holds what a call has left in the System Log to the rule that it tells
// who changed what, from where and by which request.
func (s *scenario) audit(route string, events []org.Event) error {
	if strings.HasPrefix(route, http.MethodGet+" ") && len(events) > 0 {
		return fmt.Errorf("a GET has left %s", events[0].Type)
	}
	for _, e := range events {
		if flaw := s.flaw(&e); flaw != "" {
			return fmt.Errorf("the event %s: %s: %+v", e.Type, flaw, e)
		}
	}
	if len(events) > 0 && s.last.status/100 == 2 {
		s.covers(route, told)
	}
	return nil
}

// flaw says what an event fails to tell, or "".
func (s *scenario) flaw(e *org.Event) string {
	named := func(t org.Target) bool { return t.ID != "" && t.Type != "" && t.DisplayName != "" }
	switch {
	case e.Display == "":
		return "it has no message; is it in the catalogue?"
	case e.Outcome.Result == "":
		return "it has no outcome"
	case e.Actor.ID == "" || e.Actor.ID == "unknown" || e.Actor.Type == "" || e.Actor.DisplayName == "":
		return "nobody did it"
	case !strings.HasPrefix(e.TokenID, "00T"):
		return "it names no token"
	case e.Client.IP != "127.0.0.1" || e.Client.UserAgent == "":
		return "it came from nowhere"
	case e.Transaction != s.last.header.Get("X-Okta-Request-Id"):
		return "it is of another request"
	case len(e.Targets) == 0 || slices.ContainsFunc(e.Targets, func(t org.Target) bool { return !named(t) }):
		return "it does not say what was changed"
	}
	return ""
}
