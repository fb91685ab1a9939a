package hooktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

func cases(t *testing.T) []Case {
	t.Helper()
	all, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func one(t *testing.T, name string) Case {
	t.Helper()
	all := cases(t)
	i := slices.IndexFunc(all, func(c Case) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no case %s", name)
	}
	return all[i]
}

// The rows of self-service registration are 1 to 96 and 57b; some have more
// than one case.
func TestRowsAreCovered(t *testing.T) {
	t.Parallel()
	want := map[string]int{"57b": 2}
	for n := 1; n <= 96; n++ {
		want[strconv.Itoa(n)] = 1
	}
	want["21"], want["75"], want["91"], want["94"] = 2, 3, 2, 2
	want["seed"] = 4

	got := map[string]int{}
	var names []string
	for _, c := range cases(t) {
		number, _, numbered := strings.Cut(c.Row, " ")
		if !numbered {
			number = "seed"
		}
		got[number]++
		names = append(names, c.Name)
	}
	if !maps.Equal(got, want) {
		t.Errorf("cases by row: got %v, want %v", got, want)
	}
	if !slices.IsSorted(names) {
		t.Error("the cases are not sorted by name")
	}
}

func TestReadmeListsEveryCase(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../testdata/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases(t) {
		number, _, numbered := strings.Cut(c.Row, " ")
		if !numbered {
			number = "–"
		}
		if line := fmt.Sprintf("\n| %s | `%s` | ", number, c.Name); bytes.Count(readme, []byte(line)) != 1 {
			t.Errorf("README has not one line %q", line)
		}
	}
	for _, w := range warnings() {
		if !bytes.Contains(readme, []byte("\n| `"+w+"` | ")) {
			t.Errorf("README does not explain %s", w)
		}
	}
}

func TestRequestsAreTheBytesOnTheWire(t *testing.T) {
	t.Parallel()
	var first []byte
	for _, c := range cases(t) {
		if strings.HasPrefix(c.Name, "seed-") {
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, c.Request); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(compact.Bytes(), c.Request) {
			t.Errorf("%s: the request has blanks", c.Name)
		}
		if first == nil {
			first = c.Request
		}
		if !bytes.Equal(first, c.Request) {
			t.Errorf("%s: the request is not that of the other cases", c.Name)
		}
	}
}

// A text above the form is either one of usher's own or in the answer, and one
// at a field is always in the answer.
func TestMessagesHaveAnOrigin(t *testing.T) {
	t.Parallel()
	own := []string{
		"Registration cannot be completed at this time.",
		"Registration denied.",
		"There was an error creating your account. Please try registering again.",
	}
	for _, c := range cases(t) {
		for _, m := range c.Outcome.Messages {
			quoted := strconv.Quote(m.Text)
			if (m.Field != nil || !slices.Contains(own, m.Text)) && !bytes.Contains(c.Response, []byte(quoted)) {
				t.Errorf("%s: nobody says %s", c.Name, quoted)
			}
		}
	}
}

func TestHTTPResponse(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t) {
		if c.Transport() != ThenNext || c.Name == "body-endless" {
			continue
		}
		r, err := c.HTTPResponse()
		if err != nil {
			t.Error(err)
			continue
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if r.ContentLength != int64(len(body)) {
			t.Errorf("%s: Content-Length %d, %d bytes", c.Name, r.ContentLength, len(body))
		}
	}
}

func TestSizesAtTheLimit(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int64{"body-262143": 262_143, "body-262144": 262_144} {
		r, err := one(t, name).HTTPResponse()
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Commands []json.RawMessage }
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &answer); err != nil || int64(len(body)) != size || len(answer.Commands) != 1 {
			t.Errorf("%s: %d bytes, %d commands, %v", name, len(body), len(answer.Commands), err)
		}
	}
	for name, n := range map[string]int{"commands-1000": 1000, "commands-1001": 1001} {
		r, err := one(t, name).HTTPResponse()
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Commands []json.RawMessage }
		if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || len(answer.Commands) != n {
			t.Errorf("%s: %d commands, %v", name, len(answer.Commands), err)
		}
	}
}

func TestEndlessAnswerGoesOn(t *testing.T) {
	t.Parallel()
	r, err := one(t, "body-endless").HTTPResponse()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.CopyN(io.Discard, r.Body, 1<<20); err != nil {
		t.Errorf("it ended after %d bytes: %v", n, err)
	}
}

func TestStepsOfAnAttempt(t *testing.T) {
	t.Parallel()
	c := one(t, "status-500-then-200")
	for attempt, want := range map[int]string{1: "HTTP/1.1 500 ", 2: "HTTP/1.1 200 "} {
		if steps := c.Steps(attempt); len(steps) != 1 || !strings.HasPrefix(steps[0].Chunk, want) {
			t.Errorf("attempt %d: %+v", attempt, steps)
		}
	}
	if steps := c.Steps(3); len(steps) != 0 {
		t.Errorf("a third attempt is answered: %+v", steps)
	}
	if r, err := c.HTTPResponse(); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("the last answer: %v, %v", r, err)
	}
	refused := one(t, "connect-refused")
	if refused.Transport() != ThenRefuse || len(refused.Steps(1)) != 0 {
		t.Errorf("connect-refused: %q, %v", refused.Transport(), refused.Steps(1))
	}
	if _, err := refused.HTTPResponse(); err == nil {
		t.Error("connect-refused has an answer")
	}
}

// good is a case that loads; the tests below spoil it.
func good() map[string]string {
	return map[string]string{
		"request.json":  `{"data":{}}`,
		"response.http": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
		"outcome.json": `{"row":"3 sample","source":"a page","outcome":"allow","profile":{"badge":1},"messages":[],"attempts":1,` +
			`"log":[{"eventType":"inline_hook.response.processed","result":"SUCCESS","reason":null}],"warnings":[]}`,
	}
}

func loadSample(files map[string]string) error {
	fsys := fstest.MapFS{}
	for file, text := range files {
		fsys["registration/sample/"+file] = &fstest.MapFile{Data: []byte(text)}
	}
	_, err := load(fsys, "registration")
	return err
}

func TestLoadRefusesWhatIsNotACase(t *testing.T) {
	t.Parallel()
	if err := loadSample(good()); err != nil {
		t.Fatalf("the unspoilt case: %v", err)
	}
	for _, tt := range []struct{ what, file, old, new, want string }{
		{"unknown file", "notes.txt", "", "x", "no such file"},
		{"request with a line end", "request.json", "}}", "}}\n", "from the first byte to the last"},
		{"request cut off", "request.json", "}}", "}", "not one JSON object"},
		{"bare line feeds", "response.http", "OK\r\n", "OK\n", "CRLF"},
		{"no empty line", "response.http", "\r\n\r\n", "\r\n", "CRLF"},
		{"wrong length", "response.http", "Length: 2", "Length: 3", "has 2 bytes"},
		{"no length", "response.http", "Content-Length: 2", "X: 2", "has 2 bytes"},
		{"no status", "response.http", "HTTP/1.1 200 OK", "200 OK", "malformed HTTP"},
		{"unknown key", "outcome.json", `"row"`, `"rwo":"","row"`, "unknown field"},
		{"trailing data", "outcome.json", `[]}`, `[]}{}`, "more after"},
		{"row of another case", "outcome.json", "3 sample", "3 other", "is not a number and"},
		{"row without number", "outcome.json", "3 sample", "sample", "no number"},
		{"no source", "outcome.json", "a page", "", "source"},
		{"no warnings", "outcome.json", `,"warnings":[]`, "", "not missing"},
		{"no attempt", "outcome.json", `"attempts":1`, `"attempts":0`, "one or two"},
		{"unknown warning", "outcome.json", `"warnings":[]`, `"warnings":["ODD"]`, "ODD"},
		{"third decision", "outcome.json", `"allow"`, `"perhaps"`, "neither"},
		{"allow with a message", "outcome.json", `"messages":[]`, `"messages":[{"field":null,"text":"x"}]`, "says nothing"},
		{"allow without profile", "outcome.json", `{"badge":1}`, "null", "stores a profile"},
		{"deny with a profile", "outcome.json", `"allow"`, `"deny"`, "stores nothing"},
		{
			"deny with an empty message", "outcome.json", `"allow","profile":{"badge":1},"messages":[]`,
			`"deny","profile":null,"messages":[{"field":null,"text":""}]`, "without text",
		},
		{"no event", "outcome.json", `{"eventType":"inline_hook.response.processed","result":"SUCCESS","reason":null}`, "", "leaves an event"},
		{"unknown event", "outcome.json", "response.processed", "response.lost", "not one of a call"},
		{"unknown result", "outcome.json", "SUCCESS", "ALLOW", "neither SUCCESS"},
		{"success with a reason", "outcome.json", `"reason":null`, `"reason":"x"`, "no reason"},
		{"executed with success", "outcome.json", "response.processed", "executed", "failure with a reason"},
		{"allow after a failure", "outcome.json", "SUCCESS", "FAILURE", "does not allow"},
	} {
		files := good()
		files[tt.file] = strings.Replace(files[tt.file], tt.old, tt.new, 1)
		if err := loadSample(files); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "sample: "+tt.file) {
			t.Errorf("%s: got %v, want %q", tt.what, err, tt.want)
		}
	}
	files := good()
	const token = `{"authType":"client_secret_post","clientId":"a","clientSecret":"b","requests":["x"],"script":[{"chunk":"x"}]}`
	for _, tt := range []struct{ old, new, want string }{
		{"", "", ""},
		{"client_secret_post", "none", "does not exist"},
		{"client_secret_post", "private_key_jwt", "belongs to client_secret_post"},
		{`"clientSecret":"b",`, "", "belongs to client_secret_post"},
		{`"clientId":"a",`, "", "are needed"},
		{`["x"]`, "[]", "are needed"},
		{`["x"]`, `["x"],"earlierSeconds":-1`, "no negative"},
		{`"chunk":"x"`, "", "it does nothing"},
		{`[{"chunk":"x"}]`, `[]`, "needs a step"},
		{`"script"`, `"steps"`, "unknown field"},
	} {
		files["token.json"] = strings.Replace(token, tt.old, tt.new, 1)
		if err := loadSample(files); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("token.json, %s for %s: got %v, want %q", tt.new, tt.old, err, tt.want)
		}
	}
	for file := range good() {
		files := good()
		delete(files, file)
		if err := loadSample(files); err == nil || !strings.Contains(err.Error(), "are needed") {
			t.Errorf("without %s: %v", file, err)
		}
	}
}

func TestLoadChecksScripts(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		`[{"chunk":"x"}]`:                   "",
		`[{"then":"hang"}]`:                 "",
		`[{"then":"refuse"}]`:               "",
		`[{"chunk":"x","repeat":-1}]`:       "",
		`[]`:                                "needs a step",
		`[{}]`:                              "step 1: it does nothing",
		`[{"chunk":"x"},{"then":"sleep"}]`:  `step 2: "sleep"`,
		`[{"chunk":"x","repeat":-2}]`:       "negative",
		`[{"chunk":"x","delayMs":-1}]`:      "negative",
		`[{"chunk":"x","attempt":-1}]`:      "negative",
		`[{"then":"hang","repeat":2}]`:      "repeats nothing",
		`[{"chunk":"x","delay":1}]`:         "unknown field",
		`[{"then":"refuse","chunk":"x"}]`:   "stands alone",
		`[{"chunk":"x"},{"then":"refuse"}]`: "step 2: refuse stands alone",
	} {
		files := good()
		delete(files, "response.http")
		files["script.json"] = script
		err := loadSample(files)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", script, err, want)
		}
	}
	files := good()
	files["script.json"] = `[{"chunk":"x"}]`
	if err := loadSample(files); err == nil || !strings.Contains(err.Error(), "one of response.http and script.json") {
		t.Errorf("both answers: %v", err)
	}
}
