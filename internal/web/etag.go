package web

import (
	"net/http"
	"strings"
)

// Tag says in which state a thing was when it was read (RFC 9110 § 8.8.3).
func Tag(w http.ResponseWriter, revision string) { w.Header().Set("ETag", `"`+revision+`"`) }

// Expected are the states in which a client wants the thing to be that it
// changes, of If-Match (RFC 9110 § 13.1.1), or none. Weak tags match nothing, as
// the RFC has it, and neither does what is no tag: they are "", which no state is.
func Expected(r *http.Request) []string {
	var revisions []string
	for _, line := range r.Header.Values("If-Match") {
		for _, tag := range strings.Split(line, ",") {
			revisions = append(revisions, revisionOf(strings.TrimSpace(tag)))
		}
	}
	return revisions
}

func revisionOf(tag string) string {
	if tag == "*" {
		return tag
	}
	inside, opened := strings.CutPrefix(tag, `"`)
	inside, closed := strings.CutSuffix(inside, `"`)
	if !opened || !closed || inside == "*" { // in quotes it is not every state
		return ""
	}
	return inside
}
