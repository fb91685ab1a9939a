package web_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/web"
)

type thing struct {
	Name    string `json:"name"`
	Active  *bool  `json:"active"`
	Count   int    `json:"count"`
	Ratio   float64
	Tags    []string          `json:"tags"`
	Labels  map[string]string `json:"labels"`
	Channel *struct {
		Config struct {
			URI     string `json:"uri"`
			Headers []struct {
				Key string `json:"key"`
			} `json:"headers"`
		} `json:"config"`
	} `json:"channel"`
	Any json.RawMessage `json:"any"`
	On  word            `json:"on"`
	Set *hook.Object    `json:"set"`
}

// word reads itself, as types of the contract do.
type word struct{}

func (word) UnmarshalJSON(text []byte) error {
	if string(text) != `"yes"` {
		return errors.New("this text is internal")
	}
	return nil
}

func readThing(body, contentType string) error {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return web.ReadJSON(r, &thing{})
}

func TestReadJSON(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(
		`{"name":"é\n","count":2,"tags":["a"],"channel":{"config":{"uri":"u","headers":[{"key":"a"},{"key":"a"}]}},"unknown":{"name":1},"on":"yes"}`))
	var got thing
	if err := web.ReadJSON(r, &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "é\n" || got.Count != 2 || got.Active != nil || !reflect.DeepEqual(got.Tags, []string{"a"}) ||
		got.Channel.Config.URI != "u" || len(got.Channel.Config.Headers) != 2 {
		t.Errorf("read %+v", got)
	}
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	for contentType, ok := range map[string]bool{
		"": true, "application/json": true, "application/json; charset=utf-8": true, "APPLICATION/JSON ;x": true,
		"application/json; okta-response=omitCredentials,omitCredentialsLinks": true,
		"text/json": true, "application/scim+json": true,
		"application/x-www-form-urlencoded": false, "text/plain": false, "multipart/form-data; boundary=x": false, "json": false,
	} {
		if err := readThing(`{}`, contentType); (err == nil) != ok || err != nil && !fault.Is(err, fault.Malformed) {
			t.Errorf("%q: %v", contentType, err)
		}
	}
}

func TestBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                                "the body is empty where a JSON object was expected",
		" \n":                             "line 2, column 1: the text ends where a value was expected",
		"{\"name\":\n 'x'}":               "line 2, column 2: not the beginning of a JSON value",
		`{"name":"a"} x`:                  "line 1, column 14: there is more after the end of the JSON value",
		"{\"name\":\"\xff\"}":             "line 1, column 10: invalid UTF-8",
		`{"name":"a","count":1,"name":2}`: `line 1, column 23: the name "name" occurs twice`,
		"{\"channel\":{\"config\":\n{\"uri\":\"a\",\"uri\":\"b\"}}}": `line 2, column 12: the name "uri" occurs twice`,
		`{"tags":[{"k":1},{"k":1,"k":1}]}`:                           `line 1, column 25: the name "k" occurs twice`,
		`{"unknown":{"a":1,"\u0061":1}}`:                             `line 1, column 19: the name "a" occurs twice`,
		`{"name":"a","Name":"b"}`:                                    `line 1, column 20: the names "name" and "Name" differ by case alone`,
		`{"tags":[{"\u212a":1,"k":1}]}`:                              "line 1, column 26: the names \"\u212a\" and \"k\" differ by case alone",
		`{"name":"a\u0000"}`:                                         "line 1, column 9: the text holds a NUL character",
		`{"tags":["a",["\u0000"]]}`:                                  "line 1, column 15: the text holds a NUL character",
		`{"a\u0000":1}`:                                              "line 1, column 12: the name of this value holds a NUL character",
		"\"x\"":                                                      "the body must be an object, not a string",
		"[]":                                                         "the body must be an object, not an array",
		`{"on":1}`:                                                   "a value is not of the type that its property has",
		`{"set":{"a":[` + strings.Repeat("1,", 10_000) + `1]}}`: "an object in the body has more than 10000 values",
		strings.Repeat("[", 65) + strings.Repeat("]", 65):       "line 1, column 65: nested deeper than 64",
	} {
		err := readThing(body, "application/json")
		f := fault.As(err)
		if f == nil || f.Kind != fault.Malformed || f.Summary != "The request body was not well-formed." ||
			len(f.Causes) != 1 || f.Causes[0] != (fault.Cause{Text: want}) {
			t.Errorf("%.60s:\n%v, want\n%s", body, err, want)
		}
	}
}

func TestWrongTypesNameTheProperty(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"name":1}`:                       "name: must be a string, not a number",
		`{"name":{}}`:                      "name: must be a string, not an object",
		`{"active":"yes"}`:                 "active: must be a boolean, not a string",
		`{"count":1.5}`:                    "count: must be an integer, not a number",
		`{"count":true}`:                   "count: must be an integer, not a boolean",
		`{"Ratio":"1"}`:                    "Ratio: must be a number, not a string",
		`{"tags":"a"}`:                     "tags: must be an array, not a string",
		`{"labels":[]}`:                    "labels: must be an object, not an array",
		`{"channel":[]}`:                   "channel: must be an object, not an array",
		`{"channel":{"config":{"uri":7}}}`: "channel.config.uri: must be a string, not a number",
		`{"channel":{"config":{"headers":[{"key":true}]}}}`: "channel.config.headers.key: must be a string, not a boolean",
	} {
		err := readThing(body, "")
		f := fault.As(err)
		if f == nil || f.Kind != fault.Invalid || len(f.Causes) != 1 {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if got := f.Causes[0].Field + ": " + f.Causes[0].Text; got != want || f.Summary != "Api validation failed: "+f.Causes[0].Field {
			t.Errorf("%s: %q (summary %q), want %q", body, got, f.Summary, want)
		}
	}
}

func TestLargeBodies(t *testing.T) {
	t.Parallel()
	fits := `{"name":"` + strings.Repeat("x", web.MaxBody-len(`{"name":""}`)) + `"}`
	if err := readThing(fits, ""); err != nil {
		t.Errorf("a body of %d bytes: %v", len(fits), err)
	}
	if err := readThing(fits+" ", ""); !fault.Is(err, fault.TooLarge) {
		t.Errorf("a body of %d bytes: %v", len(fits)+1, err)
	}
	if err := readThing("["+strings.Repeat("1,", 100_001)+"1]", ""); !fault.Is(err, fault.Malformed) {
		t.Errorf("a body of 100,002 values: %v", err)
	}
}

func TestBodyThatEndsTooEarly(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(`{"na`), brokenReader{}))
	if err := web.ReadJSON(r, &thing{}); !fault.Is(err, fault.Malformed) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
