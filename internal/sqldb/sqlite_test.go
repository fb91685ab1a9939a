package sqldb

import "testing"

func TestSQLiteURLs(t *testing.T) {
	for in, want := range map[string]string{
		"/var/lib/usher.db": "file:///var/lib/usher.db?a=b",
		"C:/usher/a b.db":   "file:///C:/usher/a%20b.db?a=b",
		"/a?b#c%d&e":        "file:///a%3Fb%23c%25d&e?a=b",
	} {
		if got := sqliteURL(in, map[string][]string{"a": {"b"}}); got != want {
			t.Errorf("%s gives %s, want %s", in, got, want)
		}
	}
}
