package hookcall_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/hookcall"
)

func TestCheckHeaders(t *testing.T) {
	t.Parallel()
	type header = hookcall.Header
	const secret = "s3cr3t\x00value"
	reserved := []string{
		"Accept", "accept-encoding", "CONTENT-TYPE", "Content-Encoding", "Content-Length", "Host", "Connection", "Keep-Alive",
		"Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect", "Proxy-Authorization", "proxy-x", "Cookie", "Forwarded",
		"X-Forwarded-For", "Via", "x-usher-hop", "X-Okta-Request-Id", "X-Okta-Verification-Challenge", "traceparent", "tracestate",
	}
	tests := []struct {
		name  string
		auth  *header
		extra []header
		want  string // the properties that are named
	}{
		{"none", nil, nil, ""},
		{"seed", &header{"authorization", "Basic dXNlcjpwYXNz"}, []header{{"X-Team", "a b\tc~"}, {"user-agent", "mine"}}, ""},
		{"any token", &header{"!#$%&'*+-.^_`|~09azAZ", ""}, nil, ""},
		{"authorization may be a further header", &header{"x-key", "a"}, []header{{"Authorization", "b"}}, ""},
		{"longest", &header{strings.Repeat("a", 64), strings.Repeat("b", 4096)}, nil, ""},
		{"name too long", nil, []header{{strings.Repeat("a", 65), ""}}, "headers[0].key"},
		{"value too long", nil, []header{{"a", strings.Repeat("b", 4097)}}, "headers[0].value"},
		{"no name", &header{"", "a"}, []header{{"", "a"}}, "authScheme.key headers[0].key"},
		{"space in the name", nil, []header{{"Field 1", "a"}}, "headers[0].key"},
		{"colon in the name", nil, []header{{"a:", "a"}}, "headers[0].key"},
		{"not ASCII in the name", nil, []header{{"ä", "a"}, {"\xff", "a"}}, "headers[0].key headers[1].key"},
		{"line break in the value", &header{"a", "b\r\nX-A: b"}, nil, "authScheme.value"},
		{"NUL and delete in the value", &header{"a", secret}, []header{{"b", "\x7f"}}, "authScheme.value headers[0].value"},
		{"not ASCII in the value", nil, []header{{"a", "ä"}, {"b", "\xe4"}}, "headers[0].value headers[1].value"},
		{"the secret header twice", &header{"Auth_Secret", "a"}, []header{{"x", "a"}, {"auth_secret", "b"}}, "headers[1].key"},
		{"twice in another case", nil, []header{{"x-a", "a"}, {"y", "a"}, {"X-A", "a"}}, "headers[2].key"},
		{"both wrong", nil, []header{{"a b", "\n"}}, "headers[0].key headers[0].value"},
	}
	for _, name := range reserved {
		tests = append(tests, []struct {
			name  string
			auth  *header
			extra []header
			want  string
		}{
			{"reserved " + name, nil, []header{{"x", "a"}, {name, "a"}}, "headers[1].key"},
			{"reserved as the secret header: " + name, &header{name, "a"}, nil, "authScheme.key"},
		}...)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := hookcall.CheckHeaders(tt.auth, tt.extra)
			var named []string
			if f := fault.As(err); f != nil {
				if f.Kind != fault.Invalid {
					t.Errorf("kind %v", f.Kind)
				}
				for _, c := range f.Causes {
					named = append(named, c.Field)
				}
				if strings.Contains(f.Error(), "s3cr3t") {
					t.Errorf("%q quotes a value", f.Error())
				}
			} else if err != nil {
				t.Fatalf("%v is no fault", err)
			}
			if got := strings.Join(named, " "); got != tt.want {
				t.Errorf("named %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzHeaderRule: a header that is accepted goes over the wire as one line that
// says the same, and takes the place of none of ours.
func FuzzHeaderRule(f *testing.F) {
	f.Add("auth_secret", "Basic dXNlcjpwYXNz")
	f.Add("X-A\r\nHost", "a")
	f.Add("Content-Length", "0")
	f.Add("ſ", "K")
	f.Fuzz(func(t *testing.T, name, value string) {
		if hookcall.CheckHeaders(&hookcall.Header{Name: name, Value: value}, nil) != nil {
			return
		}
		var wire strings.Builder
		if err := (http.Header{name: {value}}).Write(&wire); err != nil {
			t.Fatal(err)
		}
		if want := name + ": " + strings.Trim(value, " \t") + "\r\n"; wire.String() != want {
			t.Fatalf("wrote %q, want %q", wire.String(), want)
		}
		switch http.CanonicalHeaderKey(name) {
		case "Accept", "Content-Type", "Content-Length", "Host", "Transfer-Encoding", "Connection", "Trailer", "X-Okta-Request-Id":
			t.Fatalf("%q was accepted", name)
		}
		if hookcall.CheckHeaders(&hookcall.Header{Name: name}, []hookcall.Header{{Name: strings.ToUpper(name)}}) == nil {
			t.Fatalf("%q was accepted twice", name)
		}
	})
}
