package web

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/fault"
)

// Site is where people and clients reach the server: the public base URL that
// the operator configured. Links, cookies and the checks of origins follow from
// it and not from headers, which a proxy or a client may set (CVE-2025-64101 in
// zitadel: a reset link with the attacker's host).
type Site struct {
	base   string // scheme://host[:port]
	secure bool
	origin *http.CrossOriginProtection
}

// NewSite makes a site of an absolute http or https URL that has no path:
// Terraform's provider cuts paths of the API off the front of links.
func NewSite(base string) (*Site, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("web: base URL: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("web: the base URL must be http:// or https:// and a host")
	}
	if u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("web: the base URL must end with the host or its port")
	}
	// As browsers write an origin, which is compared with it.
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	} else {
		host = strings.TrimSuffix(host, ":80")
	}
	s := &Site{base: u.Scheme + "://" + host, secure: u.Scheme == "https", origin: http.NewCrossOriginProtection()}
	if err := s.origin.AddTrustedOrigin(s.base); err != nil {
		return nil, fmt.Errorf("web: base URL: %w", err)
	}
	return s, nil
}

// URL is the absolute URL of a path that begins with a slash.
func (s *Site) URL(path string) string { return s.base + path }

// Subdomain is the first label of the host, and the whole of a host that is an
// address. Clients of Okta's call an organization by it.
func (s *Site) Subdomain() string {
	u, err := url.Parse(s.base)
	if err != nil {
		return ""
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return u.Hostname()
	}
	label, _, _ := strings.Cut(u.Hostname(), ".")
	return label
}

// Cookie is one of the cookies that the pages set.
type Cookie string

// The cookies.
const (
	SessionCookie Cookie = "session" // who is signed in
	VisitCookie   Cookie = "tx"      // the visit of somebody who is signing up
)

// name has the prefix that browsers only take over TLS, for one host and all of
// its paths. Plain http has other names, so that no cookie of a trial works in
// production.
func (s *Site) name(c Cookie) string {
	if s.secure {
		return "__Host-usher_" + string(c)
	}
	return "usher_dev_" + string(c)
}

// SetCookie gives the browser a cookie. With a life of zero it ends with the
// browser.
func (s *Site) SetCookie(w http.ResponseWriter, c Cookie, value string, life time.Duration) {
	s.setCookie(w, c, value, int(life/time.Second))
}

// ClearCookie takes a cookie away.
func (s *Site) ClearCookie(w http.ResponseWriter, c Cookie) { s.setCookie(w, c, "", -1) }

func (s *Site) setCookie(w http.ResponseWriter, c Cookie, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: s.name(c), Value: value, MaxAge: maxAge, Path: "/",
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// CookieValue gives the value of a cookie, or "".
func (s *Site) CookieValue(r *http.Request, c Cookie) string {
	cookie, err := r.Cookie(s.name(c))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// Harden sets the headers that every answer has, the static ones included.
// Whatever may be cached says so itself.
func (s *Site) Harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // with no-referrer browsers post forms with Origin: null
		h.Set("Cache-Control", "no-cache, no-store")
		if s.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// PageHeaders sets the content security policy of a page of our own, and gives
// the nonce that its scripts and styles must have. Nobody has the page in a frame
// but the origins that are named.
func PageHeaders(w http.ResponseWriter, frames ...string) (nonce string) {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	nonce = base64.RawStdEncoding.EncodeToString(b[:])
	w.Header().Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'",
		"script-src 'nonce-" + nonce + "' 'strict-dynamic'",
		"style-src 'self' 'nonce-" + nonce + "'",
		"img-src 'self' data:",
		"connect-src 'self'",
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors " + cmp.Or(strings.Join(frames, " "), "'none'"),
	}, "; "))
	return nonce
}

// SameOrigin refuses requests that change something and that another site may
// have made the browser send. It is for routes that a cookie opens: there a
// request with neither Sec-Fetch-Site nor Origin is refused too, which the
// standard library lets pass as no browser's.
func (s *Site) SameOrigin(next http.Handler, draw ErrorWriter) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.checkOrigin(r); err != nil {
			draw(w, r, fault.New(fault.Forbidden, "The request did not come from a page of this site.").With(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Site) checkOrigin(r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
		return errors.New("web: neither Sec-Fetch-Site nor Origin")
	}
	return s.origin.Check(r)
}
