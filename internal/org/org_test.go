package org_test

import (
	"testing"

	"github.com/usher-id/usher/internal/org"
)

func TestAddressHasNoQuery(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"https://user:pw@hook.example.com/a?key=1#f": "https://hook.example.com/a",
		"https://hook.example.com/a?":                "https://hook.example.com/a",
		"http://hook:3000":                           "http://hook:3000",
		"::not a url":                                "",
	} {
		if got := (&org.InlineHook{Channel: org.Channel{URI: uri}}).Address(); got != want {
			t.Errorf("%s became %q, want %q", uri, got, want)
		}
	}
}
