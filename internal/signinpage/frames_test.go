package signinpage_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Only the origins that are trusted with it have a page in a frame; the pages of
// somebody who is signed in are a trust of their own.
func TestFrames(t *testing.T) {
	t.Parallel()
	b := newStage(t, func(s *setting) {
		s.config.Frames = func(_ context.Context, signedIn bool) ([]string, error) {
			if signedIn {
				return []string{"https://portal.example"}, nil
			}
			return []string{"https://shop.example", "https://portal.example"}, nil
		}
	}).browser()
	expect := func(path, want string) {
		t.Helper()
		_, got, _ := strings.Cut(b.get(path).Header.Get("Content-Security-Policy"), "frame-ancestors ")
		if got != want {
			t.Errorf("%s: frame-ancestors %q, want %q", path, got, want)
		}
	}
	for _, path := range []string{"/", "/signup", "/nowhere"} {
		expect(path, "https://shop.example https://portal.example")
	}
	b.get("/signup")
	b.post("/signup", url.Values{"email": {"zoe@example.com"}, "firstName": {"Zoe"}, "lastName": {"Low"}, "password": {goodPassword}})
	expect("/", "https://portal.example")
}

// When nobody can say who may, nobody may.
func TestFramesOfNobody(t *testing.T) {
	t.Parallel()
	b := newStage(t, func(s *setting) {
		s.config.Frames = func(context.Context, bool) ([]string, error) { return nil, errors.New("the database is away") }
	}).browser()
	a := b.get("/")
	if a.StatusCode != http.StatusInternalServerError || strings.Contains(a.Header.Get("Content-Security-Policy"), "https://") {
		t.Errorf("%d, %q", a.StatusCode, a.Header.Get("Content-Security-Policy"))
	}
}
