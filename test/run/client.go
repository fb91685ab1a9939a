package run

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// Reply is an answer of usher, read to its end.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Location is where a redirect leads.
func (r Reply) Location() string { return r.Header.Get("Location") }

// Visitor is a browser without a screen: it keeps cookies and sends what
// browsers send with a form. It does not follow redirects by itself, so that a
// test sees them.
type Visitor struct {
	base   string
	client *http.Client
}

// NewVisitor opens a browser that knows nothing yet.
func NewVisitor(t testing.TB, base string) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &Visitor{base: base, client: &http.Client{
		Transport: transport, Jar: jar, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Get opens a page.
func (v *Visitor) Get(ctx context.Context, path string) (Reply, error) {
	return v.do(ctx, http.MethodGet, path, nil, "same-origin", "")
}

// Post sends a form from a page of the same site.
func (v *Visitor) Post(ctx context.Context, path string, form url.Values) (Reply, error) {
	return v.do(ctx, http.MethodPost, path, form, "same-origin", v.base)
}

// PostFrom sends a form as a page of another site makes a browser send it.
func (v *Visitor) PostFrom(ctx context.Context, origin, path string, form url.Values) (Reply, error) {
	return v.do(ctx, http.MethodPost, path, form, "cross-site", origin)
}

func (v *Visitor) do(ctx context.Context, method, path string, form url.Values, site, origin string) (Reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return Reply{}, err
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) usher-test")
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	r.Header.Set("Sec-Fetch-Site", site)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	if method == http.MethodPost {
		r.Header.Set("Origin", origin)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return send(v.client, r)
}

// API is a client with an SSWS token.
type API struct {
	base, token string
	client      *http.Client
}

// NewAPI makes a client. Without a token it sends none.
func NewAPI(t testing.TB, base, token string) *API {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &API{base: base, token: token, client: &http.Client{Transport: transport, Timeout: patience}}
}

// Do sends a request; with a body it is one of JSON, whether or not it is well
// formed.
func (a *API) Do(ctx context.Context, method, path, body string) (Reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, a.base+path, strings.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	r.Header.Set("Accept", "application/json")
	if a.token != "" {
		r.Header.Set("Authorization", "SSWS "+a.token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return send(a.client, r)
}

func send(client *http.Client, r *http.Request) (Reply, error) {
	resp, err := client.Do(r)
	if err != nil {
		return Reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, err
}
