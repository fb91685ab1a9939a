package hooktest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/usher-id/usher/hook/testdata"
)

// Case is one fixture.
type Case struct {
	Name     string // of its folder
	Row      string // number and name in the table of cases; a seed case has no number
	Request  []byte // the body that usher posts
	Response []byte // the raw answer to every attempt; nil when there is a Script
	Script   []Step // how the service answers; nil when there is a Response
	Token    *Token // the access token that goes with the call; nil for none
	Outcome  Outcome
}

// Token is how the hook of a case gets its access tokens, from the settings of
// its channel OAUTH to what the service sees.
type Token struct {
	AuthType     string `json:"authType"` // client_secret_post or private_key_jwt
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"` // of client_secret_post
	Scope        string `json:"scope"`
	// EarlierSeconds is how long before the call the hook was called once already;
	// 0: never.
	EarlierSeconds int      `json:"earlierSeconds"`
	Requests       []string `json:"requests"` // what the token endpoint gets; "…" stands for an assertion
	Script         []Step   `json:"script"`   // how it answers, each attempt being a request
	Bearer         []string `json:"bearer"`   // what the service gets, by its requests
}

// Earlier is EarlierSeconds as a duration.
func (t Token) Earlier() time.Duration { return time.Duration(t.EarlierSeconds) * time.Second }

// Step is one step of a scripted answer.
type Step struct {
	Attempt int    `json:"attempt"` // the attempt it belongs to, from 1; 0: every attempt
	DelayMs int    `json:"delayMs"` // wait before each sending of Chunk
	Chunk   string `json:"chunk"`   // sent as it is
	Repeat  int    `json:"repeat"`  // how often Chunk is sent; -1: without end
	Then    Then   `json:"then"`
}

// Delay is DelayMs as a duration.
func (s Step) Delay() time.Duration { return time.Duration(s.DelayMs) * time.Millisecond }

// Then is what a step ends with.
type Then string

// What a service does after a chunk. ThenNext goes on to the next step, and
// after the last one keeps the connection for another request.
const (
	ThenNext  Then = ""
	ThenClose Then = "close"
	ThenHang  Then = "hang"
	ThenReset Then = "reset"
)

// What is wrong on the way to the service, which then has nothing to say. Such
// a step is the only one of its script.
const (
	ThenRefuse         Then = "refuse"          // nobody listens
	ThenTLSExpired     Then = "tls-expired"     // the certificate is too old
	ThenTLSWrongHost   Then = "tls-wrong-host"  // the certificate is of another host
	ThenAddressPrivate Then = "address-private" // the name resolves to a private address
)

func (t Then) transport() bool {
	switch t {
	case ThenRefuse, ThenTLSExpired, ThenTLSWrongHost, ThenAddressPrivate:
		return true
	}
	return false
}

// Outcome is what must come of a call.
type Outcome struct {
	Row      string                     `json:"row"`
	Source   string                     `json:"source"`   // where the rule comes from
	Decision string                     `json:"outcome"`  // Allow or Deny
	Profile  map[string]json.RawMessage `json:"profile"`  // all that is stored; nil when nothing is
	Messages []Message                  `json:"messages"` // what the person reads, in order
	Attempts int                        `json:"attempts"` // how often the service is called
	Log      []LogEvent                 `json:"log"`      // what the System Log gets
	Warnings []string                   `json:"warnings"` // codes of what the answer got away with
}

// The decisions of an [Outcome].
const (
	Allow = "allow"
	Deny  = "deny"
)

// Message is a text that the person reads.
type Message struct {
	Field *string `json:"field"` // the attribute whose field has it; nil: above the form
	Text  string  `json:"text"`
}

// LogEvent is the part of a System Log event that a case fixes.
type LogEvent struct {
	EventType string  `json:"eventType"`
	Result    string  `json:"result"` // SUCCESS or FAILURE
	Reason    *string `json:"reason"`
}

// Transport is what is wrong on the way to the service, ThenNext when nothing
// is.
func (c Case) Transport() Then {
	if len(c.Script) == 1 && c.Script[0].Then.transport() {
		return c.Script[0].Then
	}
	return ThenNext
}

// Steps is how the service answers an attempt, counted from 1. It is empty for
// an attempt that the case does not expect.
func (c Case) Steps(attempt int) []Step {
	if c.Response != nil {
		return []Step{{Chunk: string(c.Response), Repeat: 1}}
	}
	var steps []Step
	for _, s := range c.Script {
		if (s.Attempt == 0 || s.Attempt == attempt) && !s.Then.transport() {
			steps = append(steps, s)
		}
	}
	return steps
}

// HTTPResponse is the answer to the last attempt, without its delays; the body
// of an endless one never ends. It is an error when that attempt gets none.
func (c Case) HTTPResponse() (*http.Response, error) {
	r, err := http.ReadResponse(bufio.NewReader(c.answer(c.Outcome.Attempts)), &http.Request{Method: http.MethodPost})
	if err != nil {
		return nil, fmt.Errorf("the answer of case %s: %w", c.Name, err)
	}
	return r, nil
}

// answer reads what the service sends in an attempt.
func (c Case) answer(attempt int) io.Reader {
	var parts []io.Reader
	for _, s := range c.Steps(attempt) {
		if s.Repeat < 0 {
			return io.MultiReader(append(parts, &endless{text: s.Chunk})...)
		}
		parts = append(parts, strings.NewReader(strings.Repeat(s.Chunk, s.Repeat)))
	}
	return io.MultiReader(parts...)
}

// endless reads the same text over and over.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

// Cases reads the cases of the registration hook, sorted by name. The error
// names the file that is not as the README of hook/testdata describes it.
func Cases() ([]Case, error) {
	return load(testdata.FS, "registration")
}

func load(fsys fs.FS, folder string) ([]Case, error) {
	entries, err := fs.ReadDir(fsys, folder) // sorted by name
	if err != nil {
		return nil, err
	}
	cases := make([]Case, 0, len(entries))
	for _, e := range entries {
		sub, err := fs.Sub(fsys, folder+"/"+e.Name())
		if err != nil {
			return nil, err
		}
		c, err := read(sub, e.Name())
		if err != nil {
			return nil, fmt.Errorf("case %s/%s: %w", folder, e.Name(), err)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func read(fsys fs.FS, name string) (Case, error) {
	c := Case{Name: name}
	files := map[string]func([]byte) error{
		"request.json":  func(b []byte) error { c.Request = b; return checkRequest(b) },
		"response.http": func(b []byte) error { c.Response = b; return checkResponse(b) },
		"script.json": func(b []byte) error {
			if err := decode(b, &c.Script); err != nil {
				return err
			}
			return checkScript(c.Script)
		},
		"token.json": func(b []byte) error {
			c.Token = new(Token)
			if err := decode(b, c.Token); err != nil {
				return err
			}
			return c.Token.check()
		},
		"outcome.json": func(b []byte) error {
			if err := decode(b, &c.Outcome); err != nil {
				return err
			}
			return c.Outcome.check(name)
		},
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return Case{}, err
	}
	for _, e := range entries {
		accept, ok := files[e.Name()]
		if !ok {
			return Case{}, fmt.Errorf("%s: no such file belongs to a case", e.Name())
		}
		b, err := fs.ReadFile(fsys, e.Name())
		if err == nil {
			err = accept(b)
		}
		if err != nil {
			return Case{}, fmt.Errorf("%s: %w", e.Name(), err)
		}
	}
	if c.Request == nil || c.Outcome.Row == "" || (c.Response == nil) == (c.Script == nil) {
		return Case{}, errors.New("request.json, outcome.json and one of response.http and script.json are needed")
	}
	c.Row = c.Outcome.Row
	return c, nil
}

func decode(b []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is more after the JSON value")
	}
	return nil
}

func checkRequest(b []byte) error {
	if !json.Valid(b) || b[0] != '{' || b[len(b)-1] != '}' {
		return errors.New("not one JSON object from the first byte to the last")
	}
	return nil
}

// checkResponse reads the header strictly: what looks right in an editor but
// has bare line feeds would be another answer on the wire.
func checkResponse(raw []byte) error {
	head, body, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok || bytes.Count(head, []byte("\n")) != bytes.Count(head, []byte("\r\n")) {
		return errors.New("the header lines do not end with CRLF and an empty line")
	}
	r, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
	if err != nil {
		return err
	}
	length := r.Header.Get("Content-Length")
	if length == "" && r.StatusCode == http.StatusNoContent {
		length = "0"
	}
	if length != strconv.Itoa(len(body)) {
		return fmt.Errorf("Content-Length is %q, the body has %d bytes", length, len(body))
	}
	return nil
}

func checkScript(steps []Step) error {
	if len(steps) == 0 {
		return errors.New("a script needs a step")
	}
	for i := range steps {
		s := &steps[i]
		if s.Repeat == 0 {
			s.Repeat = 1
		}
		if s.Then.transport() {
			if len(steps) > 1 || *s != (Step{Repeat: 1, Then: s.Then}) {
				return fmt.Errorf("step %d: %s stands alone", i+1, s.Then)
			}
			return nil
		}
		if err := s.check(); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

func (t *Token) check() error {
	switch {
	case t.AuthType != "client_secret_post" && t.AuthType != "private_key_jwt":
		return fmt.Errorf("authType %q does not exist", t.AuthType)
	case (t.ClientSecret == "") == (t.AuthType == "client_secret_post"):
		return errors.New("a client secret belongs to client_secret_post, and only there")
	case t.ClientID == "" || len(t.Requests) == 0 || t.EarlierSeconds < 0:
		return errors.New("a client and a request are needed, and no negative number")
	}
	return checkScript(t.Script)
}

func (s Step) check() error {
	switch {
	case !slices.Contains([]Then{ThenNext, ThenClose, ThenHang, ThenReset}, s.Then):
		return fmt.Errorf("%q is nothing that a step can end with", s.Then)
	case s.Attempt < 0 || s.DelayMs < 0 || s.Repeat < -1:
		return errors.New("a number is negative")
	case s.Chunk == "" && s.Then == ThenNext:
		return errors.New("it does nothing")
	case s.Chunk == "" && s.Repeat != 1:
		return errors.New("it repeats nothing")
	}
	return nil
}

// The shape of a row: number and name, or the name of a seed case.
var row = regexp.MustCompile(`^(?:[1-9][0-9]*b? )?([a-z0-9-]+)$`)

func (o Outcome) check(name string) error {
	m := row.FindStringSubmatch(o.Row)
	switch {
	case m == nil || m[1] != name:
		return fmt.Errorf("row %q is not a number and %q", o.Row, name)
	case (m[0] == m[1]) != strings.HasPrefix(name, "seed-"):
		return fmt.Errorf("row %q: exactly the seed cases have no number", o.Row)
	case o.Source == "":
		return errors.New("the source is missing")
	case o.Messages == nil || o.Log == nil || o.Warnings == nil:
		return errors.New("messages, log and warnings may be empty but not missing")
	case o.Attempts < 1 || o.Attempts > 2:
		return fmt.Errorf("%d attempts: a call has one or two", o.Attempts)
	}
	for _, w := range o.Warnings {
		if !slices.Contains(warnings(), w) {
			return fmt.Errorf("warning %q does not exist", w)
		}
	}
	if err := o.checkDecision(); err != nil {
		return err
	}
	return o.checkLog()
}

func (o Outcome) checkDecision() error {
	switch {
	case o.Decision == Allow && (o.Profile == nil || len(o.Messages) > 0):
		return errors.New("allow stores a profile and says nothing")
	case o.Decision == Deny && (o.Profile != nil || len(o.Messages) == 0):
		return errors.New("deny stores nothing and says why")
	case o.Decision != Allow && o.Decision != Deny:
		return fmt.Errorf("outcome %q is neither allow nor deny", o.Decision)
	}
	for _, m := range o.Messages {
		if m.Text == "" || m.Field != nil && *m.Field == "" {
			return errors.New("a message without text, or with an empty field")
		}
	}
	return nil
}

func (o Outcome) checkLog() error {
	if len(o.Log) == 0 {
		return errors.New("a call leaves an event in the log")
	}
	for _, e := range o.Log {
		failure := e.Result == "FAILURE"
		switch {
		case !failure && e.Result != "SUCCESS":
			return fmt.Errorf("result %q is neither SUCCESS nor FAILURE", e.Result)
		case !failure && e.Reason != nil:
			return errors.New("a success has no reason")
		case e.EventType == "inline_hook.executed":
			if !failure || e.Reason == nil {
				return errors.New("inline_hook.executed is a failure with a reason")
			}
		case e.EventType != "inline_hook.response.processed":
			return fmt.Errorf("event type %q is not one of a call", e.EventType)
		case failure && o.Decision == Allow:
			return errors.New("an answer that fails does not allow")
		}
	}
	return nil
}

func warnings() []string {
	return []string{
		"ACTIONS_CONTRADICT", "ACTION_KEY", "BODY_IGNORED", "BYTE_ORDER_MARK", "COMMANDS_IGNORED",
		"COMMANDS_NOT_ARRAY", "CONTENT_TYPE", "DEBUG_CONTEXT_NOT_OBJECT", "DUPLICATE_MEMBER",
		"EMPTY_UPDATE", "ERROR_KEY_CASE", "UPDATES_DROPPED",
	}
}
