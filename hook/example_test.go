package hook_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/usher-id/usher/hook"
)

// A service that lets in people of one domain only. It is mounted like any
// http.Handler.
func ExampleRegistration() {
	decide := func(_ context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
		if !strings.HasSuffix(r.Attribute("email"), "@example.com") {
			return hook.DenyField("email", "Only example.com emails can register."), nil
		}
		return hook.Set("userType", "Member"), nil
	}
	mux := http.NewServeMux()
	mux.Handle("/registrationHook", hook.Registration(decide, hook.Secret("authorization", "Basic YWRtaW46c3VwZXJzZWNyZXQ=")))

	server := httptest.NewServer(mux)
	defer server.Close()
	request, _ := http.NewRequest(http.MethodPost, server.URL+"/registrationHook", strings.NewReader(`{
		"eventType": "com.okta.user.pre-registration",
		"requestType": "self.service.registration",
		"data": {"userProfile": {"email": "rosario.jones@example.com"}}
	}`))
	request.Header.Set("authorization", "Basic YWRtaW46c3VwZXJzZWNyZXQ=")
	response, err := server.Client().Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	fmt.Println(response.StatusCode, string(body))
	// Output: 200 {"commands":[{"type":"com.okta.user.profile.update","value":{"userType":"Member"}}]}
}

// A service that is told of events. Before the first one it is asked whether it
// wants them.
func ExampleVerification() {
	events := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent) // first write the events down, then work
	})
	mux := http.NewServeMux()
	mux.Handle("/events", hook.Verification(events, hook.Secret("authorization", "Basic YWRtaW46c3VwZXJzZWNyZXQ=")))

	server := httptest.NewServer(mux)
	defer server.Close()
	request, _ := http.NewRequest(http.MethodGet, server.URL+"/events", nil)
	request.Header.Set("authorization", "Basic YWRtaW46c3VwZXJzZWNyZXQ=")
	request.Header.Set(hook.HeaderChallenge, "kpoWhNsfJwyfVCVmYvfhpbkPdyKTLzbw")
	response, err := server.Client().Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	fmt.Println(response.StatusCode, string(body))
	// Output: 200 {"verification":"kpoWhNsfJwyfVCVmYvfhpbkPdyKTLzbw"}
}

// Order and the text of numbers stay as they were.
func ExampleParse() {
	v, err := hook.Parse([]byte(`{"b": 9007199254740993, "a": 12.0}`), hook.DefaultLimits)
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, value := range v.(*hook.Object).All() {
		fmt.Println(name, value)
	}
	// Output:
	// b 9007199254740993
	// a 12.0
}

// What is wrong in a JSON text is told by its place, without any of the text.
func ExampleSyntaxError() {
	_, err := hook.Parse([]byte("{\n  \"registration\": \"DENY\",\n}"), hook.DefaultLimits)
	fmt.Println(err)
	// Output: line 3, column 1: a member name in double quotes was expected here
}
