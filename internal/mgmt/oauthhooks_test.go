package mgmt_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/org"
)

const oauthConfig = `"authType":"client_secret_post","clientId":"0oa1","tokenUrl":"https://as.example.com/token","scope":"hooks.call"`

func oauthHook(name, config string) string {
	return strings.Replace(registration(name, config), `"channel":{"type":"HTTP"`, `"channel":{"type":"OAUTH"`, 1)
}

func oauthAnswer(name, config string) string {
	return strings.Replace(hookAnswer("ACTIVE", name, config, activeLinks()), `"channel":{"type":"HTTP"`, `"channel":{"type":"OAUTH"`, 1)
}

// The shapes are those of Okta's reference, whose answers have authScheme null and
// no secret.
func TestOAuthHooks(t *testing.T) {
	w := newWorld(t)
	hooks := "/api/v1/inlineHooks"
	id := w.create(oauthHook("secret", `{"uri":"https://example.com/","headers":[{"key":"X-b","value":"1"},{"key":"x-A","value":"2"}],"method":"POST","authScheme":null,`+
		oauthConfig+`,"clientSecret":"hush"}`))
	want := oauthAnswer("secret", `{"uri":"https://example.com/","headers":[{"key":"X-b","value":"1"},{"key":"x-A","value":"2"}],"method":"POST","authScheme":null,
		"clientId":"0oa1","tokenUrl":"https://as.example.com/token","authType":"client_secret_post","scope":"hooks.call"}`)
	w.is(w.send("GET", hooks+"/"+id, ""), 200, want)

	// What was read is written back, as a console does, and the secret stays.
	read := w.ok("GET", hooks+"/"+id, "").body
	w.is(w.send("PUT", hooks+"/"+id, read), 200, want)
	if o := w.stored(id).Channel.OAuth; o == nil || o.ClientSecret.Reveal() != "hush" {
		t.Error("the secret is lost")
	}

	k := w.hookKey("key")
	id = w.create(oauthHook("signing", `{"uri":"https://example.com/","authType":"private_key_jwt","clientId":"0oa1","tokenUrl":"https://as.example.com/token","scope":null,"hookKeyId":"`+k.ID+`"}`))
	want = strings.ReplaceAll(oauthAnswer("signing", `{"uri":"https://example.com/","headers":[],"method":"POST","authScheme":null,
		"clientId":"0oa1","tokenUrl":"https://as.example.com/token","authType":"private_key_jwt","scope":null,"hookKeyId":"`+k.ID+`"}`), k.ID, "HKY…")
	w.is(keyMasked(w.send("GET", hooks+"/"+id, "")), 200, want)
	w.is(keyMasked(w.send("GET", "/api/v1/hook-keys/"+k.ID, "")), 200, hookKeyAnswer("key", true, ""))
	w.refused(w.send("DELETE", "/api/v1/hook-keys/"+k.ID, ""), 400, "E0000001",
		"The hook key is used by: signing. Give these inline hooks another key first.")

	// From one type to the other and back.
	w.is(w.send("PUT", hooks+"/"+id, registration("signing", bareConfig)), 200, hookAnswer("ACTIVE", "signing", bareAnswer, activeLinks()))
	w.is(w.send("PUT", hooks+"/"+id, oauthHook("signing", `{"uri":"https://example.com/",`+oauthConfig+`,"clientSecret":"x"}`)), 200,
		oauthAnswer("signing", `{"uri":"https://example.com/","headers":[],"method":"POST","authScheme":null,
			"clientId":"0oa1","tokenUrl":"https://as.example.com/token","authType":"client_secret_post","scope":"hooks.call"}`))
	w.ok("DELETE", "/api/v1/hook-keys/"+k.ID, "")

	w.refused(w.send("PUT", hooks+"/"+id, oauthHook("signing", `{"uri":"https://example.com/","authScheme":{"type":"HEADER","key":"a","value":"b"},"scope":17}`)), 400, "E0000001",
		"channel.config.scope: must be a string, not a number")
	w.refused(w.send("PUT", hooks+"/"+id, oauthHook("signing", `{"uri":"https://example.com/","authScheme":{"type":"HEADER","key":"a","value":"b"},`+oauthConfig+`}`)), 400, "E0000001",
		"channel.config.authScheme: must be null: the access token takes its place")
}

// A Preview fetches a token and sends it, and neither it nor the secret comes out
// anywhere, whatever the service and the token endpoint send back.
func TestOAuthPreview(t *testing.T) {
	w := newWorld(t)
	const secret, token = "canary-client+secret/1", "canary.access-token"
	s := newService(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"debugContext":{"seen":%q,"secret":%q}}`, r.Header.Get("Authorization"), secret)
	})
	refusing := false
	endpoint := newService(t, func(w http.ResponseWriter, r *http.Request) {
		if refusing {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error":"invalid_scope","error_description":%q}`, secret)
			return
		}
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":3600}`, token)
	})
	hook := oauthHook("hook", `{"uri":"`+s.URL+`","headers":[{"key":"x-two","value":"2"}],"authType":"client_secret_post","clientId":"0oa1",
		"tokenUrl":"`+endpoint.URL+`/token","scope":"hooks.call","clientSecret":"`+secret+`"}`)
	first := w.ok("POST", "/api/v1/inlineHooks", hook)
	id := w.create(strings.Replace(hook, `"name":"hook"`, `"name":"another"`, 1))
	execute := "/api/v1/inlineHooks/" + id + "/execute"
	all := []answer{first}
	w.previewed(execute, s)
	w.previewed(execute, s) // with the token of the first
	if n := endpoint.requests(); n != 1 {
		t.Fatalf("%d tokens were fetched", n)
	}
	const form = "grant_type=client_credentials&scope=hooks.call&client_id=0oa1&client_secret=canary-client%2Bsecret%2F1"
	if h := endpoint.heads[0]; endpoint.bodies[0] != form || h.Get("Content-Type") != "application/x-www-form-urlencoded" || h.Get("x-two") != "" {
		t.Errorf("the endpoint got %s, %v", endpoint.bodies[0], h)
	}

	// A hook that was changed has another token.
	refusing = true
	all = append(all, w.ok("PUT", "/api/v1/inlineHooks/"+id, strings.Replace(hook, `"name":"hook"`, `"name":"renamed"`, 1)))
	a := w.send("POST", execute, signUp)
	w.refused(a, 400, "E0000001", "OAUTH_TOKEN_FAILURE: no access token: the token endpoint answered 400 Bad Request (invalid_scope)")
	all = append(all, a, w.ok("GET", "/api/v1/inlineHooks", ""), w.ok("GET", "/api/v1/logs", ""))
	if s.requests() != 2 {
		t.Errorf("the service was called %d times", s.requests())
	}
	var text strings.Builder
	for _, a := range all {
		fmt.Fprintln(&text, a.header, a.body)
	}
	text.WriteString(w.log.String())
	text.WriteString(w.recordsOfThree(id))
	for _, canary := range []string{secret, token, "canary-client", "canary.access"} {
		if at := strings.Index(text.String(), canary); at >= 0 {
			t.Errorf("%q came out: …%s", canary, text.String()[max(0, at-200):at+len(canary)])
		}
	}
}

// previewed makes a Preview that must reach the service as it was sent.
func (w *world) previewed(execute string, s *service) {
	w.Helper()
	a := w.send("POST", execute, signUp)
	if a.status != 200 || s.bodies[len(s.bodies)-1] != signUp || s.heads[len(s.heads)-1].Get("x-two") != "2" {
		w.Errorf("answer is %d %s", a.status, a.body)
	}
}

// recordsOfThree gives the records of three calls, of which the first and the last
// fetched a token. The Preview itself shows what the service said, as it said it;
// its record does not.
func (w *world) recordsOfThree(hookID string) string {
	w.Helper()
	records := w.records(hookID)
	if len(records) != 3 || records[0].Attempts[0].Token == nil || records[1].Attempts[0].Token != nil || records[2].Attempts[0].Token == nil {
		w.Errorf("the records are %+v", records)
	}
	stored, err := json.Marshal(records)
	if err != nil || !strings.Contains(string(stored), "[sensitive]") {
		w.Errorf("the records are %s (%v)", stored, err)
	}
	return string(stored)
}

// records gives those of the calls of a hook, the newest first.
func (w *world) records(hookID string) (calls []*org.HookCall) {
	w.Helper()
	err := w.admin.Store.View(w.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
		calls, err = tx.Calls.Recent(ctx, hookID, true, 10)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return calls
}
