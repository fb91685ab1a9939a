package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/usher-id/usher/internal/fault"
)

// Link tells a client where it is in a list, and where the next page is unless
// the cursor is "". Both URLs are absolute and repeat all parameters: Okta's
// Node SDK follows them as they are, its Go SDK merges their query over the one
// that it sent. Each relation has a line of its own, since the Go SDKs read the
// first URL of a line for every relation and would fetch page 1 for ever.
func (s *Site) Link(w http.ResponseWriter, r *http.Request, next string) {
	query := r.URL.Query()
	s.addLink(w, r, "self", query)
	if next != "" {
		query.Set("after", next)
		s.addLink(w, r, "next", query)
	}
}

func (s *Site) addLink(w http.ResponseWriter, r *http.Request, rel string, query url.Values) {
	u := s.URL(r.URL.EscapedPath())
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	w.Header().Add("Link", `<`+u+`>; rel="`+rel+`"`)
}

// PageSize reads the parameter limit: preset without one, and the most there can
// be for a higher one. Whoever gets a shorter page than was asked for finds the
// link to the next.
func PageSize(values url.Values, preset, most int) (int, error) {
	text := values.Get("limit")
	if text == "" {
		return preset, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fault.New(fault.BadPage, "", fault.Cause{Field: "limit", Text: "must be a positive integer"})
	}
	return min(n, most), nil
}
