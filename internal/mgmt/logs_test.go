package mgmt_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
)

// calls are the records of hook calls.
func (w *world) calls() (list []*org.HookCall) {
	w.Helper()
	err := w.admin.Store.View(w.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
		list, err = tx.Calls.Recent(ctx, "", true, 10)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return list
}

// page asks for a page of the System Log and gives its events, as type and name
// of the first target, and the path of the next page.
func (w *world) page(path string) (events []string, next string) {
	w.Helper()
	a := w.ok("GET", path, "")
	var list []struct {
		Type    string `json:"eventType"`
		Version any    `json:"version"`
		Target  []struct {
			DisplayName string `json:"displayName"`
		} `json:"target"`
		Transaction struct {
			ID string `json:"id"`
		} `json:"transaction"`
		Actor struct {
			DisplayName string `json:"displayName"`
		} `json:"actor"`
	}
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || list == nil {
		w.Fatalf("%s: %s: %v", path, a.body, err)
	}
	for _, e := range list {
		if e.Version != "0" || !strings.HasPrefix(e.Transaction.ID, "req") || e.Actor.DisplayName != "test" {
			w.Errorf("event is %+v", e)
		}
		events = append(events, e.Type+" "+e.Target[0].DisplayName)
	}
	links := a.header.Values("Link")
	self := "<" + base + path + `>; rel="self"`
	if len(links) == 0 || links[0] != self {
		w.Errorf("links are %q, want first %q", links, self)
	}
	if len(links) > 1 {
		if strings.Contains(links[1], ", <") || !strings.HasSuffix(links[1], `>; rel="next"`) {
			w.Errorf("links are %q", links)
		}
		next = strings.TrimSuffix(strings.TrimPrefix(links[1], "<"+base), `>; rel="next"`)
	}
	return events, next
}

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "/api/v1/logs?" + v.Encode()
}

func TestLogs(t *testing.T) {
	onEngines(t, func(w *world) {
		var created []string
		ids := map[string]string{}
		for i := range 5 {
			name := fmt.Sprint("hook ", i)
			ids[name] = w.create(registration(name, bareConfig))
			created = append(created, "inline_hook.created "+name)
		}
		w.ok("POST", "/api/v1/inlineHooks/"+ids["hook 3"]+"/lifecycle/deactivate", "")

		// Each event once, over the links, of a query that has an end.
		until := time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
		var got []string
		pages := 0
		for path := query("filter", `eventType eq "inline_hook.created"`, "limit", "2", "until", until); path != ""; pages++ {
			var events []string
			events, path = w.page(path)
			got = append(got, events...)
		}
		if !slices.Equal(got, created) || pages != 3 {
			w.Errorf("%d pages gave %v, want %v", pages, got, created)
		}

		for filter, want := range map[string][]string{
			`target.id eq "` + ids["hook 3"] + `"`:                                 {created[3], "inline_hook.deactivated hook 3"},
			`eventType sw "inline_hook.d" or target.id eq "` + ids["hook 0"] + `"`: {created[0], "inline_hook.deactivated hook 3"},
			`eventType sw "inline_hook" and outcome.result eq "FAILURE"`:           nil,
		} {
			if got, _ := w.page(query("filter", filter)); !slices.Equal(got, want) {
				w.Errorf("%s gives %v, want %v", filter, got, want)
			}
		}

		// Somebody who polls always has a next page, and finds there what is new.
		const hooksOnly = `eventType sw "inline_hook"`
		events, next := w.page(query("filter", hooksOnly))
		if len(events) != 6 || next == "" {
			w.Fatalf("events are %v, the next page %q", events, next)
		}
		if events, next = w.page(next); len(events) != 0 || next == "" {
			w.Errorf("events are %v, the next page %q", events, next)
		}
		w.ok("DELETE", "/api/v1/inlineHooks/"+ids["hook 3"], "")
		if events, _ = w.page(next); !slices.Equal(events, []string{"inline_hook.deleted hook 3"}) {
			w.Errorf("events are %v", events)
		}
	})
}

// Every change is told of, with the request that made it and by whom.
func TestChangesAreLogged(t *testing.T) {
	w := newWorld(t)
	id := w.create(registration("hook", bareConfig))
	path := "/api/v1/inlineHooks/" + id
	for _, c := range []struct{ method, path, body, event string }{
		{"PUT", path, registration("one", bareConfig), "inline_hook.updated"},
		{"POST", path, registration("two", bareConfig), "inline_hook.updated"},
		{"POST", path + "/lifecycle/deactivate", "", "inline_hook.deactivated"},
		{"POST", path + "/lifecycle/activate", "", "inline_hook.activated"},
		{"POST", path + "/lifecycle/deactivate", "", "inline_hook.deactivated"},
		{"DELETE", path, "", "inline_hook.deleted"},
	} {
		requestID := w.ok(c.method, c.path, c.body).header.Get("X-Okta-Request-Id")
		events, _ := w.page(query("filter", `transaction.id eq "`+requestID+`"`)) // looks at the actor too
		if len(events) != 1 || !strings.HasPrefix(events[0], c.event+" ") {
			t.Errorf("%s %s: events are %v, want %s", c.method, c.path, events, c.event)
		}
	}
}

func TestLogErrors(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string]struct{ code, cause string }{
		query("limit", "1001"):               {"E0000001", "limit: must be less than or equal to 1000."},
		query("filter", `eventType eqq "x"`): {"E0000053", ""},
		query("filter", `nothing eq "x"`):    {"E0000053", ""},
		query("until", "tomorrow"):           {"E0000001", "until: must be a valid date-time or empty."},
		query("after", "made-up"):            {"E0000001", "after: must be taken from the link to the next page."},
		"/api/v1/logs?filter=%zz":            {"E0000001", "the query of the URL is not well-formed"},
		"/api/v1/logs?filter=a;b":            {"E0000001", "the query of the URL is not well-formed"},
	} {
		a := w.send("GET", path, "")
		if a.status != 400 || !strings.Contains(a.body, `"errorCode":"`+want.code+`"`) || !strings.Contains(a.body, want.cause) {
			t.Errorf("%s: %d %s, want 400 %s %s", path, a.status, a.body, want.code, want.cause)
		}
	}
	if a := w.send("GET", "/api/v1/logs?unknown=1&limit=0", ""); a.status != 200 || a.body != "[]" {
		t.Errorf("answer is %d %s", a.status, a.body)
	}
}
