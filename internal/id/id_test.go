package id_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/id"
)

func TestShapes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func() string
		form string
	}{
		"a thing":        {func() string { return id.New(id.User) }, `^00u[0-9A-Za-z]{17}$`},
		"a request":      {id.Request, `^req[0-9A-Za-z]{21}$`},
		"an event":       {id.Event, `^[0-9A-Za-z_-]{22}$`},
		"a UUID":         {id.UUID, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`},
		"a handle":       {id.Handle, `^[0-9A-Za-z_-]{43}$`},
		"an error":       {id.Error, `^oae[0-9A-Za-z]{22}$`},
		"an API token":   {id.APIToken, `^00[0-9A-Za-z]{40}$`},
		"a grant":        {id.Grant, `^[A-Z2-7]{24}$`},
		"nothing random": {func() string { return id.Text(0) + "x" }, `^x$`},
	} {
		form := regexp.MustCompile(c.form)
		seen := map[string]bool{}
		for range 200 {
			got := c.make()
			if !form.MatchString(got) {
				t.Fatalf("%s: %q is not of the form %s", name, got, c.form)
			}
			if seen[got] && got != "x" {
				t.Fatalf("%s: %q came twice", name, got)
			}
			seen[got] = true
		}
	}
}

// TestEveryCharacterIsAsLikely: with the remainder of a byte by 62, the first
// eight characters would come a quarter more often.
func TestEveryCharacterIsAsLikely(t *testing.T) {
	t.Parallel()
	const n = 620_000
	text := id.Text(n)
	for _, c := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
		// The standard deviation is 99; a seventh of a million runs goes beyond
		// six of it.
		if got := strings.Count(text, string(c)); got < n/62-600 || got > n/62+600 {
			t.Errorf("%q came %d times of %d", c, got, n)
		}
	}
}
