package web_test

import (
	"net/url"
	"testing"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/web"
)

func TestPageSize(t *testing.T) {
	t.Parallel()
	for limit, want := range map[string]int{
		"": 20, "1": 1, "200": 200, "201": 200, "1000000": 200, "0": 0, "-1": 0, "x": 0, "1.5": 0, "99999999999999999999": 0,
	} {
		n, err := web.PageSize(url.Values{"limit": {limit}}, 20, 200)
		if n != want || (err == nil) != (want > 0) || err != nil && !fault.Is(err, fault.BadPage) {
			t.Errorf("%q: %d, %v", limit, n, err)
		}
	}
}
