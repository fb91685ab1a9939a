package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/usher-id/usher/internal/web"
)

type originsOf map[string]bool

func (o originsOf) Trusts(_ context.Context, origin string) (bool, error) {
	if origin == "https://broken.example" {
		return false, errors.New("internal")
	}
	return o[origin], nil
}

// An origin is trusted as a whole or not at all: every near miss is nobody.
func TestCORS(t *testing.T) {
	t.Parallel()
	const shop = "https://shop.example"
	handler := web.CORS(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }), originsOf{shop: true})
	for _, c := range []struct {
		method, origin, preflight string
		status                    int
		allowed                   bool
	}{
		{"GET", "", "", http.StatusTeapot, false},
		{"GET", shop, "", http.StatusTeapot, true},
		{"PUT", shop, "", http.StatusTeapot, true},
		{"OPTIONS", shop, "PUT", http.StatusNoContent, true},
		{"OPTIONS", shop, "", http.StatusTeapot, true}, // no preflight
		{"OPTIONS", "https://evil.example", "PUT", http.StatusTeapot, false},
		{"GET", "null", "", http.StatusTeapot, false},
		{"GET", "http://shop.example", "", http.StatusTeapot, false},
		{"GET", shop + ":8443", "", http.StatusTeapot, false},
		{"GET", shop + ".evil.example", "", http.StatusTeapot, false},
		{"GET", "https://evil-shop.example", "", http.StatusTeapot, false},
		{"GET", "https://x.shop.example", "", http.StatusTeapot, false},
		{"GET", shop + "/", "", http.StatusTeapot, false},
		{"GET", "https://broken.example", "", http.StatusInternalServerError, false},
	} {
		r := httptest.NewRequest(c.method, "/", nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if c.preflight != "" {
			r.Header.Set("Access-Control-Request-Method", c.preflight)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		h := w.Header()
		want := map[bool]string{true: c.origin}[c.allowed]
		if w.Code != c.status || h.Get("Access-Control-Allow-Origin") != want || h.Get("Vary") != "Origin" ||
			(h.Get("Access-Control-Allow-Credentials") == "true") != c.allowed ||
			(h.Get("Access-Control-Max-Age") != "") != (w.Code == http.StatusNoContent) {
			t.Errorf("%s of %q: %d, %v", c.method, c.origin, w.Code, h)
		}
	}
}
