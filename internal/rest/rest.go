// Package rest is what the parts of the management API share: who asks, what is
// asked for, and how links and pages are answered, in the manner of Okta's API.
//
//	mgmt ──► userapi, appapi ──► rest ──► web
package rest

import (
	"context"
	"net/http"
	"net/url"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
)

// Parameters reads the query. One that cannot be read whole is refused: a filter
// that was dropped would show too much.
func Parameters(r *http.Request) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.Invalid, "Api validation failed: query", fault.Cause{Text: "the query of the URL is not well-formed"}).With(err)
	}
	return values, nil
}

type byKey struct{}

// WithBy notes who makes a request.
func WithBy(ctx context.Context, by edit.By) context.Context {
	return context.WithValue(ctx, byKey{}, by)
}

// ByOf is who makes a request, which was found out before it was served.
func ByOf(r *http.Request) edit.By {
	by, _ := r.Context().Value(byKey{}).(edit.By)
	return by
}
