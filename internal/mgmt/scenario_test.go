package mgmt_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/mgmt"
	"github.com/usher-id/usher/internal/org"
)

// A scenario is a text of cases that follow each other in one new org, on both
// databases. A case begins with "== what it shows", and has requests:
//
//	as ROLE             whose token the requests of this case have from here on:
//	                    a role, "nobody" (no token), or "stranger" (a bad one);
//	                    every case begins as SUPER_ADMIN
//	GET PATH            also POST, PUT, DELETE; the rest of the line, or lines "|"
//	                    behind it, are the body; $names are replaced
//	STATUS [CODE]       of the answer, with the code of an error
//	cause TEXT          one of its causes
//	is PATH JSON        a value of the answer, as in is profile.name "Staff" or
//	                    is [0].id "$id"; "absent" for none
//	count N             of the elements of a list
//	has TEXT, lacks TEXT
//	header NAME TEXT    a header begins so
//	keep NAME PATH      gives a value of the answer a name
//	events TYPE=N …     all events since the last such line, or "none"
//
// Names that are there: $hook, the address of a service that allows everything;
// $echo, one that answers the verification of event hooks;
// $refused, one that cannot be called; $org, the id of the org. Each request and
// answer is held to the OpenAPI document as well.
type scenario struct {
	*world
	names  map[string]string
	tokens map[string]string
	last   answer
	seen   int // events that a line was about
	covers func(route string, status int)
}

// Every call of the API works, says what is not there, and refuses what it
// cannot read: the scenarios must show it of each.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	shown := map[string]map[int]bool{}
	t.Run("play", func(t *testing.T) {
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			covers := func(route string, status int) {
				if shown[route] == nil {
					shown[route] = map[int]bool{}
				}
				shown[route][status/100*100] = true
				if status == http.StatusNotFound {
					shown[route][status] = true
				}
			}
			// One after the other: they share what is shown.
			onEnginesInTurn(t, strings.TrimSuffix(filepath.Base(file), ".txt"), func(w *world) { w.play(string(text), covers) })
		}
	})
	doc, err := document()
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range new(mgmt.API).Patterns() {
		for status, needed := range map[int]bool{
			http.StatusOK:         !slices.Contains(neverAllowed, route),
			http.StatusNotFound:   strings.Contains(route, "{") && !slices.Contains(neverMissing, route),
			http.StatusBadRequest: doc.HasBody(route),
		} {
			if needed && !shown[route][status] {
				t.Errorf("no scenario shows %s answering %d", route, status)
			}
		}
		if changes(route) && !shown[route][told] {
			t.Errorf("no scenario shows that the System Log tells of %s", route)
		}
	}
}

// neverMissing are calls with an id in the path that answer alike whether or not
// there is such a thing.
var neverMissing = []string{}

// neverAllowed are calls that are there to be refused in Okta's words.
var neverAllowed = []string{
	"POST /api/v1/policies/{id}/clone",
}

func (w *world) play(text string, covers func(string, int)) {
	service := newService(w.T, nil)
	echo := newService(w.T, hook.Verification(http.NotFoundHandler()).ServeHTTP)
	s := &scenario{world: w, names: map[string]string{"hook": service.URL, "echo": echo.URL, "refused": "https://192.0.2.1/hook", "org": w.orgID}, tokens: map[string]string{}, covers: covers}
	s.seen = len(s.log())
	var title string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for i+1 < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i+1]), "|") {
			i++
			line += " " + strings.TrimSpace(lines[i])[1:]
		}
		verb, rest, _ := strings.Cut(line, " ")
		if verb == "==" {
			title = rest
			verb, rest = "as", "SUPER_ADMIN"
		}
		if err := s.step(verb, s.expand(strings.TrimSpace(rest))); err != nil {
			s.Fatalf("%s: line %d: %s\n%v\nlast answer: %d %s", title, i+1, line, err, s.last.status, s.last.body)
		}
	}
}

func (s *scenario) step(verb, rest string) error {
	first, more, _ := strings.Cut(rest, " ")
	if status, err := strconv.Atoi(verb); err == nil {
		return s.status(status, rest)
	}
	switch verb {
	case "GET", "POST", "PUT", "DELETE":
		before, route := len(s.log()), s.route(verb, first)
		s.last = s.send(verb, first, strings.TrimSpace(more))
		s.covers(route, s.last.status)
		return s.audit(route, s.log()[before:])
	case "as":
		return s.as(rest)
	case "keep":
		value, err := find(s.last.body, more)
		s.names[first] = fmt.Sprint(value)
		if value == nil && err == nil {
			err = fmt.Errorf("%s is not there", more)
		}
		return err
	case "events":
		return s.events(rest)
	}
	return s.expect(verb, rest, first, more)
}

// expect looks at the last answer.
func (s *scenario) expect(verb, rest, first, more string) error {
	switch verb {
	case "cause":
		return s.cause(rest)
	case "is":
		return s.is(first, more)
	case "count":
		var list []json.RawMessage
		err := json.Unmarshal([]byte(s.last.body), &list)
		if err == nil && strconv.Itoa(len(list)) != rest {
			err = fmt.Errorf("%d, want %s", len(list), rest)
		}
		return err
	case "has", "lacks":
		if strings.Contains(s.last.body, rest) != (verb == "has") {
			return errors.New("it does not hold")
		}
		return nil
	case "header":
		values := s.last.header.Values(first)
		if !slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, more) }) {
			return fmt.Errorf("%q", values)
		}
		return nil
	}
	return fmt.Errorf("no verb: %s", verb)
}

func (s *scenario) status(status int, code string) error {
	var e struct {
		Code string `json:"errorCode"`
	}
	if code != "" {
		if err := json.Unmarshal([]byte(s.last.body), &e); err != nil {
			return err
		}
	}
	if s.last.status != status || e.Code != code {
		return fmt.Errorf("status %d %s", s.last.status, e.Code)
	}
	return nil
}

func (s *scenario) cause(want string) error {
	var e struct {
		Causes []struct {
			Summary string `json:"errorSummary"`
		} `json:"errorCauses"`
	}
	if err := json.Unmarshal([]byte(s.last.body), &e); err != nil {
		return err
	}
	for _, c := range e.Causes {
		if c.Summary == want {
			return nil
		}
	}
	return fmt.Errorf("causes are %v", e.Causes)
}

func (s *scenario) is(path, want string) error {
	got, err := find(s.last.body, path)
	if err != nil || want == "absent" && got == nil {
		return err
	}
	var wanted any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		return err
	}
	if !reflect.DeepEqual(got, wanted) {
		return fmt.Errorf("it is %v", got)
	}
	return nil
}

// find gives the value at a path as a.b[0].c, or nil.
func find(body, path string) (any, error) {
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		return nil, err
	}
	for _, name := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		switch in := v.(type) {
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(in) {
				return nil, err
			}
			v = in[i]
		case map[string]any:
			v = in[name]
		default:
			return nil, nil
		}
	}
	return v, nil
}

func (s *scenario) as(role string) error {
	switch role {
	case "nobody", "stranger":
		s.token = map[string]string{"stranger": "nobody's"}[role]
		return nil
	}
	if s.tokens[role] == "" {
		text, _, err := s.admin.CreateToken(s.Context(), admin.By{RequestID: "reqrole", Actor: eventlog.System()}, admin.TokenInput{Name: role, Role: role})
		if err != nil {
			return err
		}
		s.tokens[role] = text
		s.seen++
	}
	s.token = s.tokens[role]
	return nil
}

func (s *scenario) expand(text string) string {
	return regexp.MustCompile(`\$[A-Za-z][A-Za-z0-9]*`).ReplaceAllStringFunc(text, func(name string) string {
		if value, ok := s.names[name[1:]]; ok {
			return value
		}
		return name // as in "$schema"
	})
}

// log gives all events.
func (s *scenario) log() (all []org.Event) {
	s.Helper()
	err := s.admin.Store.View(s.Context(), func(ctx context.Context, tx *org.Tx) error {
		all = nil
		return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
			all = append(all, e)
			return true
		})
	})
	if err != nil {
		s.Fatal(err)
	}
	return all
}

func (s *scenario) events(want string) error {
	all := s.log()
	counts := map[string]int{}
	for _, e := range all[s.seen:] {
		counts[e.Type]++
	}
	s.seen = len(all)
	var got []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		got = append(got, name+"="+strconv.Itoa(counts[name]))
	}
	wanted := strings.Fields(want)
	slices.Sort(wanted)
	if want == "none" {
		wanted = nil
	}
	if !slices.Equal(got, wanted) {
		return fmt.Errorf("events are %v", got)
	}
	return nil
}

// route gives the pattern of a request.
func (s *scenario) route(method, target string) string {
	r, err := http.NewRequestWithContext(s.Context(), method, s.server.URL+target, nil)
	if err != nil {
		s.Fatal(err)
	}
	return s.api.PatternOf(r)
}
