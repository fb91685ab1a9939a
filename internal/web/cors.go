package web

import (
	"context"
	"net/http"
)

// Origins knows which other sites are trusted. origin.Service is the one.
type Origins interface {
	Trusts(ctx context.Context, origin string) (bool, error)
}

// What pages of trusted origins may send and read beside what every page may (Fetch
// standard, § 3.3). They may keep what a preflight says for ten minutes.
const (
	corsMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
	corsHeaders = "Authorization, Content-Type, Accept, If-Match, X-Okta-User-Agent-Extended"
	corsExposed = "ETag, Link, X-Okta-Request-Id, X-Rate-Limit-Limit, X-Rate-Limit-Remaining, X-Rate-Limit-Reset"
	corsMaxAge  = "600"
)

// CORS lets pages of trusted origins read what next answers. It answers their
// preflights, which carry no token; those of others go on to next, which refuses
// them like any request without one. An origin is never repeated before it was
// found among the trusted ones.
func CORS(next http.Handler, origins Origins) http.Handler {
	return Handler(func(w http.ResponseWriter, r *http.Request) error {
		// Caches must keep the answers to different origins apart, also the one to
		// none.
		w.Header().Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if origin == "" {
			next.ServeHTTP(w, r)
			return nil
		}
		trusted, err := origins.Trusts(r.Context(), origin)
		if err != nil {
			return err
		}
		if !trusted {
			next.ServeHTTP(w, r)
			return nil
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", corsMethods)
			h.Set("Access-Control-Allow-Headers", corsHeaders)
			h.Set("Access-Control-Max-Age", corsMaxAge)
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		h.Set("Access-Control-Expose-Headers", corsExposed)
		next.ServeHTTP(w, r)
		return nil
	})
}
