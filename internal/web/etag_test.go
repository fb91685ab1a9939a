package web_test

import (
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/usher-id/usher/internal/web"
)

func TestExpected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		headers []string
		want    []string
	}{
		{nil, nil},
		{[]string{`"a.1"`}, []string{"a.1"}},
		{[]string{`"a.1", "b.2"`, `*`}, []string{"a.1", "b.2", "*"}},
		{[]string{`W/"a.1"`, `a.1`, `"a.1`, `a.1"`, `"`, `"*"`}, []string{"", "", "", "", "", ""}},
		{[]string{`a.1, "b.2"`}, []string{"", "b.2"}},
		{[]string{``}, []string{""}},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "PUT", "/", nil)
		r.Header["If-Match"] = c.headers
		if got := web.Expected(r); !slices.Equal(got, c.want) {
			t.Errorf("%q gives %q, want %q", c.headers, got, c.want)
		}
	}
	w := httptest.NewRecorder()
	web.Tag(w, "a.1")
	if got := w.Header().Get("ETag"); got != `"a.1"` {
		t.Errorf("ETag is %s", got)
	}
}
