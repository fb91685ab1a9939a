package hook_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

const secret = "Basic YWRtaW46c3VwZXJzZWNyZXQ="

const registration = `{"eventId":"q3Vd0hT2Qk6Zp1xJ8mYbWg","eventType":"com.okta.user.pre-registration",` +
	`"requestType":"self.service.registration","data":{"userProfile":{"email":"canary@example.org"},"action":"ALLOW"}}`

func allow(context.Context, *hook.RegistrationRequest) (hook.Answer, error) { return hook.Allow(), nil }

func post(h http.Handler, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/registrationHook", strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header[header[i]] = append(r.Header[header[i]], header[i+1]) // as net/http's server keeps them
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestRegistrationStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		decide     func(context.Context, *hook.RegistrationRequest) (hook.Answer, error)
		status     int
	}{
		{"good", registration, allow, 200},
		{"white space around", "\r\n" + registration + "\n", allow, 200},
		{"as large as is read", registration + strings.Repeat(" ", 1000-len(registration)), allow, 200},
		{"one byte too large", registration + strings.Repeat(" ", 1001-len(registration)), allow, 413},
		{"empty", "", allow, 400},
		{"cut", registration[:100], allow, 400},
		{"two values", registration + registration, allow, 400},
		{"not UTF-8", strings.Replace(registration, "canary", "can\xe9ry", 1), allow, 400},
		{"too deep", strings.Replace(registration, `"canary@example.org"`, strings.Repeat("[", 100)+strings.Repeat("]", 100), 1), allow, 400},
		{"an array", "[" + registration + "]", allow, 400},
		{"profile is an array", strings.Replace(registration, `{"email":"canary@example.org"}`, `["a"]`, 1), allow, 400},
		{"profile is null", strings.Replace(registration, `{"email":"canary@example.org"}`, `null`, 1), allow, 200},
		{"another hook type", strings.Replace(registration, hook.TypeRegistration, hook.TypeToken, 1), allow, 400},
		{"no hook type", "{}", allow, 400},
		{"error", registration, func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
			return hook.Allow(), errors.New("canary database is away")
		}, 500},
		{"panic", registration, func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
			panic("canary")
		}, 500},
		{"panic without a value", registration, func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
			panic(nil)
		}, 500},
		{"answer that is not JSON", registration, func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
			return hook.Set("canary", make(chan int)), nil
		}, 500},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := post(hook.Registration(test.decide, hook.MaxRequest(1000)), test.body)
			if w.Code != test.status {
				t.Fatalf("status %d, want %d: %s", w.Code, test.status, w.Body)
			}
			if want := http.StatusText(test.status) + "\n"; test.status != 200 && w.Body.String() != want {
				t.Errorf("body %q, want %q and no more", w.Body, want)
			}
			if test.status == 200 && (w.Body.String() != "{}" || w.Header().Get("Content-Type") != "application/json") {
				t.Errorf("body %q as %s, want {} as application/json", w.Body, w.Header().Get("Content-Type"))
			}
		})
	}
}

func TestRegistrationSecret(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		asked  string
		header []string
		status int
	}{
		{"as it was stored", "authorization", []string{"Authorization", secret}, 200},
		{"asked for in capitals", "AUTHORIZATION", []string{"Authorization", secret}, 200},
		{"another name", "auth_secret", []string{"Auth_secret", secret}, 200},
		{"missing", "authorization", nil, 401},
		{"empty", "authorization", []string{"Authorization", ""}, 401},
		{"wrong", "authorization", []string{"Authorization", "Basic x"}, 401},
		{"a part of it", "authorization", []string{"Authorization", secret[:10]}, 401},
		{"longer", "authorization", []string{"Authorization", secret + "="}, 401},
		{"in other case", "authorization", []string{"Authorization", strings.ToLower(secret)}, 401},
		{"in another header", "authorization", []string{"Auth_secret", secret}, 401},
		{"second of two", "authorization", []string{"Authorization", "x", "Authorization", secret}, 401},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			called := false
			h := hook.Registration(func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
				called = true
				return hook.Allow(), nil
			}, hook.Secret(test.asked, secret))
			w := post(h, registration, test.header...)
			if w.Code != test.status || called != (test.status == 200) {
				t.Errorf("status %d, decision asked for: %v, want %d", w.Code, called, test.status)
			}
			if strings.Contains(w.Body.String(), secret[:10]) {
				t.Errorf("the answer tells the secret: %s", w.Body)
			}
		})
	}
}

func TestRegistrationReadsNothingWithoutTheSecret(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/", unreadable{t})
	w := httptest.NewRecorder()
	hook.Registration(allow, hook.Secret("authorization", secret)).ServeHTTP(w, r)
	if w.Code != 401 {
		t.Errorf("status %d, want 401", w.Code)
	}
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body is read before the secret is checked")
	return 0, io.EOF
}

// An environment variable that is not set must not open the service.
func TestSecretMustNotBeEmpty(t *testing.T) {
	t.Parallel()
	for _, args := range [][2]string{{"", secret}, {"authorization", ""}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Secret(%q, %q) is accepted", args[0], args[1])
				}
			}()
			hook.Secret(args[0], args[1])
		}()
	}
}

func TestRegistrationMethod(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete} {
		w := httptest.NewRecorder()
		hook.Registration(allow).ServeHTTP(w, httptest.NewRequest(method, "/", strings.NewReader(registration)))
		if w.Code != 405 || w.Header().Get("Allow") != "POST" {
			t.Errorf("%s: status %d, Allow %q, want 405, POST", method, w.Code, w.Header().Get("Allow"))
		}
	}
}

func TestRegistrationBodyThatBreaks(t *testing.T) {
	t.Parallel()
	body := io.MultiReader(strings.NewReader(registration[:50]), broken{})
	w := httptest.NewRecorder()
	hook.Registration(allow).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", body))
	if w.Code != 400 {
		t.Errorf("status %d, want 400", w.Code)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// http.ErrAbortHandler is a service's way to drop the connection; it stays one.
func TestRegistrationAborts(t *testing.T) {
	t.Parallel()
	defer func() {
		if v := recover(); v != http.ErrAbortHandler { //nolint:errorlint // the very value
			t.Errorf("got %v, want http.ErrAbortHandler", v)
		}
	}()
	post(hook.Registration(func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
		panic(http.ErrAbortHandler)
	}), registration)
}

// Neither net/http's log nor slog's default gets a word of a panic, whose value
// may hold a profile, and the connection stays.
func TestRegistrationPanicInAServer(t *testing.T) { // not parallel: it watches the default loggers
	var standard, errorLog bytes.Buffer
	defer log.SetOutput(log.Writer())
	log.SetOutput(&standard) // slog's default handler writes there, too
	s := httptest.NewUnstartedServer(hook.Registration(func(_ context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
		panic(r.Attribute("email"))
	}))
	s.Config.ErrorLog = log.New(&errorLog, "", 0)
	s.Start()
	defer s.Close()
	for range 2 {
		res, err := s.Client().Post(s.URL, "application/json", strings.NewReader(registration))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != 500 || strings.Contains(string(body), "canary") {
			t.Errorf("status %d, body %q, %v", res.StatusCode, body, err)
		}
		_ = res.Body.Close()
	}
	s.Close()
	if standard.Len()+errorLog.Len() > 0 {
		t.Errorf("logged: %s%s", &standard, &errorLog)
	}
}

func TestRegistrationLog(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		header     []string
		decide     func(context.Context, *hook.RegistrationRequest) (hook.Answer, error)
		want       []string
	}{
		{"secret", registration, []string{"Authorization", "canary"}, allow, []string{"WARN", "secret", "header=authorization"}},
		{"syntax", `{"email":"canary"`, nil, allow, []string{"WARN", "line 1, column 18"}},
		{"shape", `{"data":["canary"]}`, nil, allow, []string{"WARN", "shape"}},
		{"type", `{"eventType":"com.okta.other","data":{"userProfile":{"a":"canary"}}}`, nil, allow, []string{"WARN", "com.okta.other"}},
		{"too large", registration + strings.Repeat(" ", 1000), nil, allow, []string{"WARN", "too large"}},
		{"error", registration, nil, func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
			return hook.Allow(), errors.New("database is away")
		}, []string{"ERROR", "database is away", "q3Vd0hT2Qk6Zp1xJ8mYbWg"}},
		{"panic", registration, nil, func(_ context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
			panic(r.Attribute("email"))
		}, []string{"ERROR", "panicked", "type=string", "handler_test.go"}},
		{"answer", registration, nil, func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
			return hook.Set("a", "canary\xff"), nil
		}, []string{"ERROR", "encoded", "not valid UTF-8"}},
		{"nothing to say", registration, nil, allow, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			opts := []hook.Option{hook.Log(slog.New(slog.NewTextHandler(&out, nil))), hook.MaxRequest(1000)}
			if test.header != nil {
				opts = append(opts, hook.Secret("authorization", secret))
			}
			post(hook.Registration(test.decide, opts...), test.body, test.header...)
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the log lacks %q: %s", want, &out)
				}
			}
			if test.want == nil && out.Len() > 0 || strings.Contains(out.String(), "canary") || strings.Contains(out.String(), secret) {
				t.Errorf("the log says too much: %s", &out)
			}
		})
	}
}

func TestRegistrationPassesTheContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	var got any
	h := hook.Registration(func(ctx context.Context, _ *hook.RegistrationRequest) (hook.Answer, error) {
		got = ctx.Value(key{})
		return hook.Allow(), nil
	})
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(registration))
	h.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithValue(r.Context(), key{}, "there")))
	if got != "there" {
		t.Errorf("the decision got the value %v", got)
	}
}

func TestSecretEqual(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		got, want string
		equal     bool
	}{{secret, secret, true}, {"", "", true}, {secret, "", false}, {"", secret, false}, {secret + " ", secret, false}, {"é", "e\u0301", false}} {
		if hook.SecretEqual(test.got, test.want) != test.equal {
			t.Errorf("SecretEqual(%q, %q) = %v", test.got, test.want, !test.equal)
		}
	}
}
