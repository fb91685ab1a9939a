package sdk

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okta/okta-sdk-golang/v6/okta"

	"github.com/usher-id/usher/test/run"
)

func TestMain(m *testing.M) { run.Main(m) }

const (
	hookType = "com.okta.user.pre-registration"
	secret   = "Bearer k3y-of-the-sdk-test"
)

func client(t *testing.T, server *run.Server, token string) *okta.APIClient {
	t.Helper()
	c, err := okta.NewConfiguration(
		okta.WithOrgUrl(server.URL), okta.WithToken(token), okta.WithCache(false), okta.WithRequestTimeout(60),
	)
	if err != nil {
		t.Fatal(err)
	}
	c.Host = strings.TrimPrefix(server.URL, "http://")
	return okta.NewAPIClient(c)
}

// channel is what the client sends of a hook's channel. Its type has no config,
// which travels among the further properties.
func channel(uri, key, value string) *okta.InlineHookChannelCreate {
	c := okta.NewInlineHookChannelCreate()
	c.SetType("HTTP")
	c.SetVersion("1.0.0")
	c.AdditionalProperties = map[string]any{"config": map[string]any{
		"uri": uri, "method": "POST",
		"headers":    []any{map[string]any{"key": "X-Tenant", "value": "eu"}},
		"authScheme": map[string]any{"type": "HEADER", "key": key, "value": value},
	}}
	return c
}

func create(name, uri string) okta.InlineHookCreate {
	in := okta.NewInlineHookCreate()
	in.SetName(name)
	in.SetType(hookType)
	in.SetVersion("1.0.0")
	in.Channel = channel(uri, "authorization", secret)
	return *in
}

// One hook's life.
func TestInlineHook(t *testing.T) {
	t.Parallel()
	service := run.NewService(t)
	server := run.Dev(t, run.Options{Hook: service.URL})
	hooks := client(t, server, server.Token).InlineHookAPI
	ctx := t.Context()

	made, _, err := hooks.CreateInlineHook(ctx).InlineHookCreate(create("By the SDK", service.URL)).Execute()
	must(t, err)
	id := made.GetId()
	if made.GetStatus() != "ACTIVE" || made.GetType() != hookType || !strings.HasPrefix(id, "cal") || made.Created == nil {
		t.Errorf("created: %+v", made)
	}
	config(t, made.Channel, service.URL)

	list, _, err := hooks.ListInlineHooks(ctx).Type_(hookType).Execute()
	must(t, err)
	if !slices.ContainsFunc(list, func(h okta.InlineHook) bool { return h.GetId() == id }) || len(list) != 2 {
		t.Errorf("listed by type: %d hooks, want that of usher dev and %s", len(list), id)
	}
	if list, _, err = hooks.ListInlineHooks(ctx).Type_("com.okta.saml.tokens.transform").Execute(); err != nil || len(list) != 0 {
		t.Errorf("listed by another type: %d hooks, %v", len(list), err)
	}

	got, _, err := hooks.GetInlineHook(ctx, id).Execute()
	must(t, err)
	if got.GetName() != "By the SDK" || got.Links == nil {
		t.Errorf("read: %+v", got)
	}
	config(t, got.Channel, service.URL)

	replaced, _, err := hooks.ReplaceInlineHook(ctx, id).InlineHook(okta.InlineHookReplace{
		Name: new("Replaced"), Version: new("1.0.0"), Channel: channel(service.URL+"?v=2", "authorization", secret),
	}).Execute()
	must(t, err)
	config(t, replaced.Channel, service.URL+"?v=2")
	updated, _, err := hooks.UpdateInlineHook(ctx, id).InlineHook(okta.InlineHookReplace{
		Name: new("Updated"), Version: new("1.0.0"), Channel: channel(service.URL, "authorization", secret),
	}).Execute()
	must(t, err)
	if replaced.GetName() != "Replaced" || updated.GetName() != "Updated" || updated.GetStatus() != "ACTIVE" {
		t.Errorf("replaced: %+v; updated: %+v", replaced, updated)
	}

	preview(t, hooks, id, service)

	retire(t, hooks, id)
	server.Stop(t)
}

// retire deletes a hook the only way that there is: deactivated first.
func retire(t *testing.T, hooks okta.InlineHookAPI, id string) {
	t.Helper()
	if _, err := hooks.DeleteInlineHook(t.Context(), id).Execute(); err == nil {
		t.Error("an active hook is deleted")
	}
	off, _, err := hooks.DeactivateInlineHook(t.Context(), id).Execute()
	must(t, err)
	on, _, err := hooks.ActivateInlineHook(t.Context(), id).Execute()
	must(t, err)
	if off.GetStatus() != "INACTIVE" || on.GetStatus() != "ACTIVE" {
		t.Errorf("deactivated it is %s, activated %s", off.GetStatus(), on.GetStatus())
	}
	_, _, err = hooks.DeactivateInlineHook(t.Context(), id).Execute()
	must(t, err)
	_, err = hooks.DeleteInlineHook(t.Context(), id).Execute()
	must(t, err)
	if _, _, err := hooks.GetInlineHook(t.Context(), id).Execute(); model(t, err).GetErrorCode() != "E0000007" {
		t.Errorf("a deleted hook: %v", err)
	}
}

// config checks what comes back of a channel: all of it but the secret.
func config(t *testing.T, c *okta.InlineHookChannel, uri string) {
	t.Helper()
	text, err := json.Marshal(c.AdditionalProperties["config"])
	must(t, err)
	var got struct {
		URI        string
		Method     string
		Headers    []struct{ Key, Value string }
		AuthScheme map[string]string
	}
	must(t, json.Unmarshal(text, &got))
	if got.URI != uri || got.Method != "POST" || len(got.Headers) != 1 || got.Headers[0].Key != "X-Tenant" ||
		got.AuthScheme["type"] != "HEADER" || got.AuthScheme["key"] != "authorization" {
		t.Errorf("the channel comes back as %s", text)
	}
	if _, ok := got.AuthScheme["value"]; ok || strings.Contains(string(text), secret) {
		t.Errorf("the secret comes back: %s", text)
	}
}

// preview executes the hook. The client's six types of answers overlap, so that
// it reports an error for every answer; the body is there nevertheless.
func preview(t *testing.T, hooks okta.InlineHookAPI, id string, service *run.Service) {
	t.Helper()
	const answer = `{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]}`
	service.Answer(run.Answer{Status: http.StatusOK, Body: answer})
	before := len(service.Calls())
	request := okta.RegistrationInlineHookRequest{
		EventType: new(hookType), RequestType: new("self.service.registration"), Source: new("reg1"),
		AdditionalProperties: map[string]any{"data": map[string]any{"userProfile": map[string]any{"email": "eve@other.org"}, "action": "ALLOW"}},
	}
	_, response, _ := hooks.ExecuteInlineHook(t.Context(), id).
		PayloadData(okta.ExecuteInlineHookRequest{RegistrationInlineHookRequest: &request}).Execute()
	if response == nil || response.StatusCode != http.StatusOK {
		t.Fatalf("preview: %+v", response)
	}
	body, err := io.ReadAll(response.Body)
	must(t, err)
	if !sameJSON(t, string(body), answer) {
		t.Errorf("preview: the body is %s, want %s", body, answer)
	}
	calls := service.Calls()[before:]
	if len(calls) != 1 || !strings.Contains(calls[0].Body, `"eve@other.org"`) || calls[0].Header.Get("Authorization") != secret ||
		calls[0].Header.Get("X-Tenant") != "eu" {
		t.Errorf("preview: the service got %+v", calls)
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var texts [2]string
	for i, text := range []string{a, b} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return false
		}
		canonical, err := json.Marshal(v)
		must(t, err)
		texts[i] = string(canonical)
	}
	return texts[0] == texts[1]
}

// Errors come in the shape that the client reads.
func TestErrors(t *testing.T) {
	t.Parallel()
	service := run.NewService(t)
	server := run.Dev(t, run.Options{Hook: service.URL})
	hooks := client(t, server, server.Token).InlineHookAPI
	ctx := t.Context()

	_, _, err := hooks.GetInlineHook(ctx, "cal0000000000000000x").Execute()
	if m := model(t, err); m.GetErrorCode() != "E0000007" || !strings.Contains(m.GetErrorSummary(), "cal0000000000000000x") || m.GetErrorId() == "" {
		t.Errorf("an unknown hook: %+v", m)
	}
	_, r, err := hooks.CreateInlineHook(ctx).InlineHookCreate(okta.InlineHookCreate{}).Execute()
	m := model(t, err)
	if r.StatusCode != http.StatusBadRequest || m.GetErrorCode() != "E0000001" || len(m.GetErrorCauses()) < 2 {
		t.Errorf("an empty hook: %d, %+v", r.StatusCode, m)
	}
	// The client has no model for 401.
	_, r, err = client(t, server, "00TwrongTokenOfTheTest").InlineHookAPI.ListInlineHooks(ctx).Execute()
	if err == nil || r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong token: %+v, %v", r, err)
	}
	server.Stop(t)
}

// The System Log, page by page, as the client follows the links.
func TestLogs(t *testing.T) {
	t.Parallel()
	service := run.NewService(t)
	server := run.Dev(t, run.Options{Hook: service.URL})
	c := client(t, server, server.Token)
	began := time.Now()
	const made = 5
	for i := range made {
		_, _, err := c.InlineHookAPI.CreateInlineHook(t.Context()).
			InlineHookCreate(create("Hook "+string(rune('A'+i)), service.URL)).Execute()
		must(t, err)
	}
	// Without an end a client that follows every link would read for ever.
	events, response, err := c.SystemLogAPI.ListLogEvents(t.Context()).
		Since(began.Add(-time.Hour).UTC().Format(time.RFC3339)).Until(time.Now().Add(time.Hour).UTC().Format(time.RFC3339)).
		Filter(`eventType eq "inline_hook.created" and outcome.result eq "SUCCESS"`).Limit(2).Execute()
	must(t, err)
	pages := 1
	for response.HasNextPage() {
		var page []okta.LogEvent
		response, err = response.Next(&page)
		must(t, err)
		events = append(events, page...)
		if pages++; pages > 10 {
			t.Fatal("the pages do not end")
		}
	}
	// The hook of usher dev is one more.
	if len(events) != made+1 || pages < 3 {
		t.Errorf("%d events on %d pages, want %d on 3 or 4", len(events), pages, made+1)
	}
	seen := map[string]bool{}
	for _, e := range events {
		if seen[e.GetUuid()] || e.GetEventType() != "inline_hook.created" || e.GetVersion() != "0" || e.Published == nil ||
			len(e.Target) != 1 || !strings.HasPrefix(e.Target[0].GetId(), "cal") {
			t.Errorf("event: %+v", e)
		}
		seen[e.GetUuid()] = true
	}
	server.Stop(t)
}

// model gives the error as the client read it.
func model(t *testing.T, err error) *okta.Error {
	t.Helper()
	var failed *okta.GenericOpenAPIError
	if !errors.As(err, &failed) {
		t.Fatalf("no error of the API: %v", err)
	}
	m, ok := failed.Model().(okta.Error)
	if !ok {
		t.Fatalf("the client could not read the error: %T\n%s", failed.Model(), failed.Body())
	}
	return &m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var failed *okta.GenericOpenAPIError
	if errors.As(err, &failed) {
		t.Fatalf("%v\n%s", err, failed.Body())
	}
	t.Fatal(err)
}
