package extension_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// Values that stand in the place of every value of an update.
const (
	canaryText   = "canary-5d1c7e"
	canaryNumber = json.Number("730518846")
)

// answers are those of the fixtures that fit into a corpus.
func answers(f *testing.F) (all []*http.Response, bodies [][]byte) {
	f.Helper()
	cases, err := hooktest.Cases()
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		if c.Response == nil || len(c.Response) > 8<<10 {
			continue
		}
		resp, err := c.HTTPResponse()
		if err != nil {
			f.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			f.Fatal(err)
		}
		all, bodies = append(all, resp), append(bodies, body)
	}
	return all, bodies
}

// planted is a body with canaries in the place of the values of its updates; as
// it is, if it is no answer.
func planted(body []byte) []byte {
	v, err := hook.Parse(body, hook.DefaultLimits)
	o, ok := v.(*hook.Object)
	if err != nil || !ok {
		return body
	}
	commands, _ := o.Get("commands")
	list, _ := commands.([]any)
	for _, c := range list {
		command, _ := c.(*hook.Object)
		value, _ := command.Get("value")
		values, ok := value.(*hook.Object)
		if !ok || command.Text("type") == hook.CommandAction {
			continue
		}
		members := make([]hook.Member, 0, values.Len())
		for name, v := range values.All() {
			members = append(members, hook.Member{Name: name, Value: canary(v)})
		}
		command.Set("value", hook.NewObject(members...))
	}
	return []byte(o.String())
}

func canary(v any) any {
	switch v := v.(type) {
	case string:
		return canaryText
	case json.Number:
		return canaryNumber
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = canary(v[i])
		}
		return list
	}
	return v
}

// FuzzAnswer: whatever a service sends, it is judged, fails closed, keeps to the
// schema, and its record holds nothing that it must not.
func FuzzAnswer(f *testing.F) {
	responses, bodies := answers(f)
	for i, resp := range responses {
		for kind := range requestTypes {
			f.Add(bodies[i], resp.StatusCode, resp.Header.Get("Content-Type"), byte(kind))
		}
	}
	for i, body := range []string{
		`{"error":{"errorSummary":"hook-secret","errorCauses":[{"errorSummary":"hook-secret","location":"hook-secret"}]},"debugContext":{"hook-secret":["hook-secret"]}}`,
		`{"commands":[{"type":"com.okta.user.profile.update","value":{"hook-secret":"x","ssn":"y"}},{"type":"hook-secret"}],"command":{},"errorCauses":[]}`,
		`{"commands":[{"type":"com.okta.user.profile.update","value":{"ssn":"x","nickName":"y"},"error":{}},{"type":"com.okta.action.update","value":{"action":"ALLOW"}}]}`,
		"\xef\xbb\xbf{\"debugContext\":{\"\\u0000\":1e400},",
	} {
		f.Add([]byte(body), 200, "hook-secret/x", byte(i))
	}
	schema := fixtureSchema(f)
	f.Fuzz(func(t *testing.T, body []byte, status int, contentType string, kind byte) {
		body = planted(body)
		in := extension.Registration{RequestType: requestTypes[int(kind)%3], Form: fixtureForm, Schema: schema}
		header := http.Header{"Content-Type": {contentType}}
		j := extension.Judge(in, extension.Reply{Answered: true, Status: status, Header: header, Body: body, Secrets: []string{"hook-secret"}})
		checkJudgement(t, j, status)
		before := fixtureStored()
		result, ok := j.Apply(before)
		checkJudgement(t, j, status)
		checkStored(t, schema, before, result, ok, j)
	})
}

func fixtureStored() profile.Profile {
	return profile.Profile{}.Set("firstName", "Mireille").Set("lastName", "Okonkwo").Set("badge", json.Number("4107")).
		Set("login", "m.okonkwo@example.org").Set("email", "m.okonkwo@example.org")
}

func checkJudgement(t *testing.T, j *extension.Judgement, status int) {
	t.Helper()
	switch c := j.Call; {
	case j.Allowed() && (status/100 != 2 || len(j.Messages) > 0 || c.Outcome != org.Success):
		t.Errorf("allowed with status %d, messages %v, outcome %s", status, j.Messages, c.Outcome)
	case !j.Allowed() && (len(j.Messages) == 0 || len(j.Updates) > 0):
		t.Errorf("%s with messages %v, %d updates", j.Decision, j.Messages, len(j.Updates))
	case c.Decision != j.Decision || len(c.Messages) != len(j.Messages):
		t.Errorf("record departs: %+v", c)
	}
	for _, m := range j.Messages {
		if m.Text == "" || utf8.RuneCountInString(m.Text) > 1024 || m.Field != "" && !slices.Contains(fixtureForm, m.Field) {
			t.Errorf("message %+v", m)
		}
	}
	checkBodies(t, j.Call)
	checkExplanation(t, j.Call)
	checkLog(t, j.Call)
}

func checkBodies(t *testing.T, c org.HookCall) {
	t.Helper()
	if !c.Answer.Readable {
		checkExcerpt(t, c.Answer.Body)
	} else if !json.Valid([]byte(c.Answer.Body)) {
		t.Errorf("recorded as readable: %q", c.Answer.Body)
	}
	if len(c.DebugContext) > 16<<10 || c.DebugContext != "" && !json.Valid([]byte(c.DebugContext)) {
		t.Errorf("debugContext of %d bytes: %.100s", len(c.DebugContext), c.DebugContext)
	}
}

// contractWord is what an excerpt may show of a text.
var contractWord = regexp.MustCompile(`com\.okta\.[A-Za-z.]+|\b(commands|type|value|[eE]rror|errorSummary|errorCauses|reason|location|locationType|domain|` +
	`debugContext|registration|action|ALLOW|DENY|null|true|false|html|head|body|title|DOCTYPE|doctype)\b`)

// punctuation is the printable part of ASCII without letters and digits.
var punctuation = &unicode.RangeTable{R16: []unicode.Range16{{Lo: ' ', Hi: '/', Stride: 1}, {Lo: ':', Hi: '@', Stride: 1}, {Lo: '[', Hi: '`', Stride: 1}, {Lo: '{', Hi: '~', Stride: 1}}}

func checkExcerpt(t *testing.T, excerpt string) {
	t.Helper()
	rest := contractWord.ReplaceAllString(excerpt, "")
	if strings.ContainsFunc(rest, func(r rune) bool { return !strings.ContainsRune("…·\n", r) && !unicode.In(r, punctuation) }) {
		t.Fatalf("the excerpt shows more than punctuation: %q", excerpt)
	}
	if utf8.RuneCountInString(excerpt) > 420 {
		t.Errorf("an excerpt of %d characters", utf8.RuneCountInString(excerpt))
	}
}

// checkExplanation: short, printable, complete, without a value.
func checkExplanation(t *testing.T, c org.HookCall) {
	t.Helper()
	if len(c.Findings) > 32 {
		t.Errorf("%d findings", len(c.Findings))
	}
	for i, f := range c.Findings {
		if f.Severity == "" || f.Code == "" || f.Read == "" || f.Happens == "" {
			t.Errorf("finding %d has gaps: %+v", i, f)
		}
		if (f.Severity == org.SeverityError) != (i == 0 && c.Decision == org.DecisionFailed) {
			t.Errorf("%s, and finding %d is of severity %s", c.Decision, i, f.Severity)
		}
		text := strings.Join([]string{f.Path, f.Read, f.Happens, f.Repair, f.Suggestion}, " ")
		if len(text) > 2000 || !printable(text) || leaks(text) {
			t.Errorf("finding %d: %q", i, text)
		}
	}
}

// checkLog: what the System Log gets. The reason of an error object is the hook's
// own text.
func checkLog(t *testing.T, c org.HookCall) {
	t.Helper()
	if n := utf8.RuneCountInString(c.Reason); n > 255 || !printable(c.Reason) {
		t.Errorf("a reason of %d characters: %q", n, c.Reason)
	}
	if !printable(c.Detail) || c.Decision != org.DecisionError && leaks(c.Detail) || strings.Contains(c.Detail, "hook-secret") {
		t.Errorf("detail %q", c.Detail)
	}
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

func leaks(s string) bool {
	return strings.Contains(s, canaryText) || strings.Contains(s, string(canaryNumber)) || strings.Contains(s, "hook-secret")
}

func checkStored(t *testing.T, schema *profile.Schema, before, result profile.Profile, ok bool, j *extension.Judgement) {
	t.Helper()
	if ok != j.Allowed() {
		t.Errorf("applied %v, decision %s", ok, j.Decision)
	}
	was, _ := before.Encode()
	is, err := result.Encode()
	if err != nil || !ok && is != was {
		t.Errorf("%v: refused, and %s became %s", err, was, is)
	}
	if problems := schema.Check(result); len(problems) > 0 {
		t.Errorf("stored against the schema: %+v", problems)
	}
	if _, ok := result.Get("password"); ok {
		t.Error("a password was set")
	}
	if result.Text("ssn") == canaryText {
		record, err := json.Marshal(j.Call)
		if err != nil || strings.Contains(string(record), canaryText) {
			t.Errorf("%v: a sensitive value is in the record: %s", err, record)
		}
	}
}

// FuzzCommandFold: what commands set does not depend on how often they are
// applied.
func FuzzCommandFold(f *testing.F) {
	_, bodies := answers(f)
	for _, body := range bodies {
		f.Add(body)
	}
	schema := fixtureSchema(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, requestType := range requestTypes {
			in := extension.Registration{RequestType: requestType, Schema: schema}
			j := extension.Judge(in, extension.Reply{Answered: true, Status: 200, Body: body})
			once, ok := j.Apply(fixtureStored())
			if !ok {
				continue
			}
			twice, ok := j.Apply(once)
			if !ok || !sameProfile(t, once, twice) {
				t.Errorf("twice is not once (%v)", ok)
			}
			// One update a command is the same as all in one.
			all := hook.NewObject()
			for _, u := range j.Updates {
				all.Set(u.Attribute, u.Value)
			}
			folded := extension.Judge(in, extension.Reply{Answered: true, Status: 200, Body: []byte(
				`{"commands":[{"type":"` + hook.UpdateCommand(requestType) + `","value":` + all.String() + `}]}`)})
			if result, ok := folded.Apply(fixtureStored()); !ok || !sameProfile(t, once, result) {
				t.Errorf("one command is not many (%v)", ok)
			}
		}
	})
}

// sameProfile compares without the order of attributes.
func sameProfile(t *testing.T, a, b profile.Profile) bool {
	t.Helper()
	for name, v := range a.All() {
		w, ok := b.Get(name)
		x, err := hook.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		y, err := hook.Encode(w)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || string(x) != string(y) {
			return false
		}
	}
	return a.Len() == b.Len()
}
