package scenario

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/usher-id/usher/test/run"
)

// stage is one running usher with everything around it, on which the cases of a
// scenario are played one after the other.
type stage struct {
	*script
	server  *run.Server
	service *run.Service
	names   map[string]string

	visitor  *run.Visitor
	replies  []run.Reply // to the last request
	calls    int         // that were there at the last line "calls"
	events   map[string]int
	recorded []recorded // every answer, for the sweep
}

// recorded is an answer and who got it.
type recorded struct {
	request string
	reply   run.Reply
}

func newStage(t testing.TB, sc *script, server *run.Server, service *run.Service) *stage {
	t.Helper()
	s := &stage{script: sc, server: server, service: service, names: map[string]string{}}
	for name, text := range sc.names {
		s.names[name] = text
	}
	s.names["hook"] = service.URL
	s.names["nowhere"] = run.Nowhere(t)
	s.names["url"] = server.URL
	return s
}

// play plays one case and stops at the first line that does not hold.
func (s *stage) play(t *testing.T, c *scene) {
	t.Helper()
	s.visitor, s.replies = run.NewVisitor(t, s.server.URL), nil
	s.service.Answer(run.Allow())
	s.calls = len(s.service.Calls())
	s.events = s.server.Events(t)
	for _, step := range c.steps {
		if err := s.step(t, step); err != nil {
			t.Fatalf("cases:%d: %s: %v\n%s", step.line, step.verb, err, s.last())
		}
	}
}

// last shows the last answers, for a case that fails.
func (s *stage) last() string {
	var b strings.Builder
	for _, r := range s.replies {
		fmt.Fprintf(&b, "%d %v\n%s\n", r.Status, r.Header, r.Body)
	}
	return b.String()
}

func (s *stage) step(t testing.TB, st *step) error {
	args := make([]string, len(st.args))
	for i, a := range st.args {
		text, err := expand(a, s.names)
		if err != nil {
			return err
		}
		args[i] = text
	}
	switch st.verb {
	case "hook":
		return s.answers(st.hooks)
	case "another":
		s.visitor = run.NewVisitor(t, s.server.URL)
		return nil
	case "get", "post", "twice", "foreign":
		return s.browse(t, st, args)
	case "api", "stranger":
		return s.ask(t, st, args)
	case "calls", "sent", "unsent", "told", "events":
		return s.since(t, st.verb, args[0])
	case "keep":
		return s.keep(args[0], args[1])
	}
	for _, r := range s.replies {
		if err := expect(r, st.verb, args); err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) answers(lines []string) error {
	var list []run.Answer
	for _, line := range lines {
		text, err := expand(line, s.names)
		if err != nil {
			return err
		}
		a, err := answer(text)
		if err != nil {
			return err
		}
		list = append(list, a)
	}
	s.service.Answer(list...)
	return nil
}

func (s *stage) browse(t testing.TB, st *step, args []string) error {
	if st.verb == "get" {
		r, err := s.visitor.Get(t.Context(), args[0])
		return s.record("GET "+args[0], err, r)
	}
	var fields []field
	if len(args) > 1 {
		form, ok := s.forms[args[1]]
		if !ok {
			return fmt.Errorf("no form %s", args[1])
		}
		fields = form
	}
	form := url.Values{}
	for i, f := range append(slices.Clone(fields), st.fields...) {
		text, err := expand(f.text, s.names)
		if err != nil {
			return err
		}
		if i < len(fields) || !given(st.fields[:i-len(fields)], f.name) {
			form.Del(f.name) // the case's own field replaces that of the form
		}
		form.Add(f.name, text)
	}
	switch st.verb {
	case "foreign":
		r, err := s.visitor.PostFrom(t.Context(), "https://elsewhere.example", args[0], form)
		return s.record("POST "+args[0], err, r)
	case "twice":
		return s.post(t.Context(), args[0], form, 2)
	}
	return s.post(t.Context(), args[0], form, 1)
}

func given(fields []field, name string) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.name == name })
}

// post sends a form some times at once.
func (s *stage) post(ctx context.Context, path string, form url.Values, times int) error {
	replies, errs := make([]run.Reply, times), make([]error, times)
	var posts sync.WaitGroup
	for i := range times {
		posts.Go(func() { replies[i], errs[i] = s.visitor.Post(ctx, path, form) })
	}
	posts.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return s.record("POST "+path, nil, replies...)
}

func (s *stage) ask(t testing.TB, st *step, args []string) error {
	body, err := expand(strings.Join(st.body, "\n"), s.names)
	if err != nil {
		return err
	}
	token := s.server.Token
	if st.verb == "stranger" {
		token = ""
	}
	r, err := run.NewAPI(t, s.server.URL, token).Do(t.Context(), args[0], args[1], body)
	return s.record(args[0]+" "+args[1], err, r)
}

func (s *stage) record(request string, err error, replies ...run.Reply) error {
	s.replies = replies
	for _, r := range replies {
		s.recorded = append(s.recorded, recorded{request, r})
	}
	return err
}

// since checks what has happened outside since the last such line.
func (s *stage) since(t testing.TB, verb, want string) error {
	calls := s.service.Calls()
	switch verb {
	case "events":
		return s.checkEvents(t, want)
	case "told":
		return s.told(t, want)
	case "calls":
		got := len(calls) - s.calls
		s.calls = len(calls)
		if strconv.Itoa(got) != want {
			return fmt.Errorf("the hook was called %d times, want %s", got, want)
		}
		return nil
	}
	if len(calls) == 0 {
		return fmt.Errorf("the hook was never called")
	}
	body := calls[len(calls)-1].Body
	if strings.Contains(body, want) != (verb == "sent") {
		return fmt.Errorf("%q, in what the hook got: %s", want, body)
	}
	return nil
}

// told looks at the newest event of a hook.
func (s *stage) told(t testing.TB, want string) error {
	query := url.Values{"filter": {`eventType sw "inline_hook"`}, "sortOrder": {"DESCENDING"}, "limit": {"1"}}
	r, err := run.NewAPI(t, s.server.URL, s.server.Token).Do(t.Context(), http.MethodGet, "/api/v1/logs?"+query.Encode(), "")
	if err != nil {
		return err
	}
	s.recorded = append(s.recorded, recorded{"GET /api/v1/logs", r})
	if !strings.Contains(r.Body, want) {
		return fmt.Errorf("%q is not in %s", want, r.Body)
	}
	return nil
}

func (s *stage) checkEvents(t testing.TB, want string) error {
	now := s.server.Events(t)
	var got []string
	for name, n := range now {
		if n -= s.events[name]; n != 0 {
			got = append(got, fmt.Sprintf("%s=%d", name, n))
		}
	}
	s.events = now
	wanted := strings.Fields(want)
	if want == "none" {
		wanted = nil
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		return fmt.Errorf("%v, want %v", got, wanted)
	}
	return nil
}

// keep gives a name to a text of the last JSON body.
func (s *stage) keep(name, path string) error {
	var value any
	if err := json.Unmarshal([]byte(s.replies[0].Body), &value); err != nil {
		return err
	}
	for key := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(v) {
				return fmt.Errorf("%s: no element %s", path, key)
			}
			value = v[i]
		default:
			value = nil
		}
	}
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("%s is no text", path)
	}
	s.names[name] = text
	return nil
}
