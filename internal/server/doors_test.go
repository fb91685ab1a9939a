package server

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
)

// doors is an org into which values come by the sign-up form, by the API and by
// the command of a hook.
type doors struct {
	*running
	t       *testing.T
	by      admin.By
	token   string
	command atomic.Value // what the hook sets, as JSON
	made    int
}

func openDoors(t *testing.T) *doors {
	t.Helper()
	d := &doors{t: t, by: admin.By{RequestID: "req1", Actor: eventlog.System()}}
	d.command.Store(`{}`)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"commands":[{"type":"com.okta.user.profile.update","value":%s}]}`, d.command.Load())
	}))
	t.Cleanup(service.Close)
	d.running = start(t, signUpBy(service.URL)+"limits: {signUpPerMinute: 0, apiPerMinute: 0}\n")
	var err error
	if d.token, _, err = d.Admin.CreateToken(t.Context(), d.by, admin.TokenInput{Name: "doors"}); err != nil {
		t.Fatal(err)
	}
	return d
}

// define makes an attribute, and the form that asks for it.
func (d *doors) define(name, keywords string) {
	d.t.Helper()
	custom := &hook.Object{}
	if err := custom.UnmarshalJSON([]byte(`{"` + name + `":` + keywords + `}`)); err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.Admin.EditSchema(d.t.Context(), d.by, admin.DefaultType, nil, custom); err != nil {
		d.t.Fatal(err)
	}
	p, err := d.Admin.DefaultPolicy(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	p.Rule.Attributes = []org.FormAttribute{{Name: "firstName"}, {Name: "lastName"}, {Name: "email"}, {Name: name}}
	if _, err := d.Admin.PutRule(d.t.Context(), d.by, p.ID, p.Rule); err != nil {
		d.t.Fatal(err)
	}
}

// email is one that nobody has.
func (d *doors) email() string {
	d.made++
	return fmt.Sprintf("person%d@example.com", d.made)
}

// signUp sends the form with further fields, and gives its status and page.
func (d *doors) signUp(fields url.Values) (int, string) {
	d.t.Helper()
	browser := client(d.t, &http.Transport{})
	do(d.t, browser, get(d.t, d.PublicURL()+"/signup"))
	form := url.Values{"firstName": {"Ada"}, "lastName": {"Lovelace"}, "email": {d.email()}, "password": {"correct horse 4107"}}
	maps.Copy(form, fields)
	a := do(d.t, browser, post(d.t, d.PublicURL()+"/signup", form))
	return a.StatusCode, a.body
}

// create makes a user by the API, and gives the status and the causes.
func (d *doors) create(name, value string) (int, string) {
	d.t.Helper()
	email := d.email()
	body := `{"profile":{"firstName":"Ada","lastName":"Lovelace","email":"` + email + `","login":"` + email + `","` + name + `":` + value + `}}`
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.PublicURL()+"/api/v1/users?activate=false", strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "SSWS "+d.token)
	r.Header.Set("Content-Type", "application/json")
	a := do(d.t, client(d.t, &http.Transport{}), r)
	return a.StatusCode, a.body
}

// last is what the newest user has of an attribute, as JSON, "" for nothing.
func (d *doors) last(name string) string {
	d.t.Helper()
	for _, u := range users(d.t, d.Store) {
		if u.Login() != fmt.Sprintf("person%d@example.com", d.made) {
			continue
		}
		value, _ := u.Profile.Get(name)
		if value == nil {
			return ""
		}
		text, err := json.Marshal(value)
		if err != nil {
			d.t.Fatal(err)
		}
		return string(text)
	}
	return "nobody"
}

// Whatever door a value comes in by, the same rules hold, and the same is stored.
// A good value of a form is text, so it stands beside its JSON; bad ones may be
// texts that only a form can send, or JSON that no form can.
func TestValuesAreCheckedAtEveryDoor(t *testing.T) {
	d := openDoors(t)
	type value struct {
		form []string // nil where no form can say it
		json string   // "" where no JSON can
	}
	for name, c := range map[string]struct {
		keywords string
		good     value
		bad      []value
	}{
		"text": {`{"title":"T","type":"string","minLength":2,"maxLength":3}`, value{[]string{"abc"}, `"abc"`},
			[]value{{[]string{"a"}, `"a"`}, {[]string{"abcd"}, `"abcd"`}, {nil, `17`}, {nil, `["abc"]`}, {[]string{"a\x01c"}, `"a\u0001c"`}}},
		"pattern": {`{"title":"T","type":"string","pattern":"[A-Z]+|0"}`, value{[]string{"AB"}, `"AB"`}, []value{{[]string{"Ab"}, `"Ab"`}, {[]string{"A0"}, `"A0"`}}},
		"choice": {`{"title":"T","type":"string","enum":["S","M"],"oneOf":[{"const":"S","title":"Small"},{"const":"M","title":"Medium"}]}`,
			value{[]string{"M"}, `"M"`}, []value{{[]string{"Medium"}, `"Medium"`}, {[]string{"m"}, `"m"`}}},
		"mail":     {`{"title":"T","type":"string","format":"email"}`, value{[]string{"a@b.example"}, `"a@b.example"`}, []value{{[]string{"a@b"}, `"a@b"`}}},
		"address":  {`{"title":"T","type":"string","format":"uri"}`, value{[]string{"https://a.example/"}, `"https://a.example/"`}, []value{{[]string{"javascript:alert(1)"}, `"javascript:alert(1)"`}}},
		"country":  {`{"title":"T","type":"string","format":"country-code"}`, value{[]string{"FR"}, `"FR"`}, []value{{[]string{"UK"}, `"UK"`}}},
		"instant":  {`{"title":"T","type":"string","format":"date-time"}`, value{[]string{"2026-03-09T08:14:05Z"}, `"2026-03-09T08:14:05Z"`}, []value{{[]string{"2026-03-09"}, `"2026-03-09"`}}},
		"flag":     {`{"title":"T","type":"boolean"}`, value{[]string{"false", "true"}, `true`}, []value{{[]string{"maybe"}, `"true"`}, {nil, `1`}}},
		"whole":    {`{"title":"T","type":"integer","minimum":-5,"maximum":2147483647}`, value{[]string{"12"}, `12`}, []value{{[]string{"-6"}, `-6`}, {[]string{"1.5"}, `1.5`}, {[]string{"2147483648"}, `2147483648`}, {[]string{"twelve"}, `"12"`}}},
		"exact":    {`{"title":"T","type":"number","maximum":9007199254740993}`, value{[]string{"9007199254740993"}, `9007199254740993`}, []value{{[]string{"9007199254740994"}, `9007199254740994`}, {[]string{"1e400"}, `1e400`}, {nil, `"1"`}}},
		"someOf":   {`{"title":"T","type":"array","items":{"type":"integer","enum":[1,2]}}`, value{[]string{"1", "2"}, `[1,2]`}, []value{{[]string{"1", "3"}, `[1,3]`}, {nil, `1`}, {nil, `["1"]`}}},
		"texts":    {`{"title":"T","type":"array","items":{"type":"string"}}`, value{[]string{"a\r\nb"}, `["a","b"]`}, []value{{nil, `[1]`}, {nil, `"a"`}, {[]string{"a\x01"}, `["a\u0001"]`}}},
		"sensible": {`{"title":"T","type":"string","sensitive":true,"maxLength":4}`, value{[]string{"1234"}, `"1234"`}, []value{{[]string{"12345"}, `"12345"`}}},
		"single":   {`{"title":"T","type":"string","unique":true}`, value{[]string{"one"}, `"one"`}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d.t = t
			d.define(name, c.keywords)
			for _, bad := range c.bad {
				d.refuses(name, bad.form, bad.json)
			}
			d.takes(name, c.good.form, c.good.json, name == "single")
			if name == "single" { // taken by now, however it is written
				d.refuses(name, []string{" ONE "}, `"One"`)
			}
		})
	}
}

// refuses expects that a value comes in by no door.
func (d *doors) refuses(name string, form []string, value string) {
	d.t.Helper()
	d.command.Store(`{}`)
	if form != nil {
		if status, page := d.signUp(url.Values{name: form}); status != http.StatusUnprocessableEntity || d.last(name) != "nobody" {
			d.t.Errorf("the form with %q: %d, and the user has %s\n%s", form, status, d.last(name), page)
		}
	}
	if status, body := d.create(name, value); status != http.StatusBadRequest || !strings.Contains(body, `"errorSummary":"`+name+": ") || d.last(name) != "nobody" {
		d.t.Errorf("the API with %s: %d %s", value, status, body)
	}
	d.command.Store(`{"` + name + `":` + value + `}`)
	if status, _ := d.signUp(nil); status == http.StatusSeeOther || d.last(name) != "nobody" {
		d.t.Errorf("the command with %s: %d, and the user has %s", value, status, d.last(name))
	}
	if c := calls(d.t, d.Store)[0]; c.Reason != "ATTRIBUTE_INVALID" {
		d.t.Errorf("the command with %s: the call ended as %s", value, c.Reason)
	}
	d.command.Store(`{}`)
}

// takes expects that a value comes in by each door and is stored alike; one that
// must be unique only by the first, since it is taken then.
func (d *doors) takes(name string, form []string, value string, once bool) {
	d.t.Helper()
	if status, page := d.signUp(url.Values{name: form}); status != http.StatusSeeOther || d.last(name) != value {
		d.t.Errorf("the form with %q: %d, stored is %s, want %s\n%s", form, status, d.last(name), value, page)
	}
	if once {
		return
	}
	if status, body := d.create(name, value); status != http.StatusOK || d.last(name) != value {
		d.t.Errorf("the API with %s: %d %s, stored is %s", value, status, body, d.last(name))
	}
	d.command.Store(`{"` + name + `":` + value + `}`)
	if status, page := d.signUp(nil); status != http.StatusSeeOther || d.last(name) != value {
		d.t.Errorf("the command with %s: %d, stored is %s\n%s", value, status, d.last(name), page)
	}
}

// A rule that comes later is no reason to lock people out, or to lose their
// values; they are told of, without the values.
func TestUsersWhomANewRuleForbids(t *testing.T) {
	d := openDoors(t)
	d.define("plate", `{"title":"Plate","type":"string"}`)
	d.takes("plate", []string{"hush-4107"}, `"hush-4107"`, true)
	email := fmt.Sprintf("person%d@example.com", d.made)

	answer := d.api(http.MethodPost, "/api/v1/meta/schemas/user/default",
		`{"definitions":{"custom":{"properties":{"plate":{"maxLength":3},"team":{"title":"Team","type":"string","required":true}}}}}`)
	if !strings.Contains(answer, `"usherViolators":1,`) {
		t.Errorf("the change is answered by %s", answer)
	}
	if answer := d.api(http.MethodGet, "/api/v1/meta/schemas/user/default", ""); strings.Contains(answer, "usherViolators") {
		t.Error("a GET tells of the change")
	}
	d.tells("hush")

	a := d.signIn(email)
	if a.StatusCode != http.StatusSeeOther {
		t.Errorf("the sign-in is answered by %d %s", a.StatusCode, a.body)
	}
	// Another change of the person is no time to mend it, and the value stays.
	d.api(http.MethodPost, "/api/v1/users/"+email, `{"profile":{"nickName":"Countess"}}`)
	if d.last("plate") != `"hush-4107"` || d.last("nickName") != `"Countess"` {
		t.Errorf("stored are %s and %s", d.last("plate"), d.last("nickName"))
	}
}

// The form asks for what has become required, and for what is no attribute any
// more: that is shown, sent and not stored.
func TestFormAfterTheSchema(t *testing.T) {
	d := openDoors(t)
	d.define("plate", `{"title":"Plate","type":"string"}`)
	d.takes("plate", []string{"hush-4107"}, `"hush-4107"`, true)
	d.api(http.MethodPost, "/api/v1/meta/schemas/user/default", `{"definitions":{"custom":{"properties":{"plate":null,"team":{"title":"Team","type":"string","required":true}}}}}`)
	if d.last("plate") != "" {
		t.Errorf("after the removal stored is %s", d.last("plate"))
	}
	if page := do(t, client(t, &http.Transport{}), get(t, d.PublicURL()+"/signup")).body; !strings.Contains(page, `name="plate"`) || !strings.Contains(page, `name="team"`) {
		t.Errorf("the form is %s", page)
	}
	if status, _ := d.signUp(url.Values{"plate": {"AB-1"}}); status != http.StatusUnprocessableEntity { // the team is missing
		t.Errorf("the form without a team is answered by %d", status)
	}
	if status, page := d.signUp(url.Values{"plate": {"AB-1"}, "team": {"red"}}); status != http.StatusSeeOther || d.last("plate") != "" || d.last("team") != `"red"` {
		t.Errorf("the form is answered by %d, stored are %s and %s\n%s", status, d.last("plate"), d.last("team"), page)
	}
	if c := calls(t, d.Store); len(c) != 2 || !strings.Contains(c[0].Request, `"plate":"AB-1"`) {
		t.Errorf("the hook was asked %d times, last %s", len(c), c[0].Request)
	}
}

// tells expects that the one user who breaks the schema is told of in the list and
// in the System Log, without a text.
func (d *doors) tells(secret string) {
	d.t.Helper()
	list := d.api(http.MethodGet, "/api/v1/meta/schemas/user/default/violations", "")
	var found []struct {
		UserID     string
		Violations []struct{ Attribute, Rule, Summary string }
	}
	if err := json.Unmarshal([]byte(list), &found); err != nil || len(found) != 1 || len(found[0].Violations) != 2 ||
		found[0].Violations[0].Rule != "LENGTH" || found[0].Violations[1].Rule != "BLANK" || strings.Contains(list, secret) {
		d.t.Errorf("the list is %s (%v)", list, err)
	}
	var told bool
	for _, e := range events(d.t, d.Store) {
		told = told || e.Debug["usher.violators"] == "1" && e.Debug["usher.properties"] == "plate,team"
	}
	if !told {
		d.t.Error("the System Log does not tell how many there are")
	}
}

// signIn sends the form of the start page.
func (d *doors) signIn(email string) answer {
	d.t.Helper()
	browser := client(d.t, &http.Transport{})
	do(d.t, browser, get(d.t, d.PublicURL()+"/"))
	return do(d.t, browser, post(d.t, d.PublicURL()+"/signin", url.Values{"username": {email}, "password": {"correct horse 4107"}}))
}

// api makes a call that succeeds.
func (d *doors) api(method, path, body string) string {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.PublicURL()+path, io.NopCloser(strings.NewReader(body)))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "SSWS "+d.token)
	r.Header.Set("Content-Type", "application/json")
	a := do(d.t, client(d.t, &http.Transport{}), r)
	if a.StatusCode != http.StatusOK {
		d.t.Fatalf("%s %s: %d %s", method, path, a.StatusCode, a.body)
	}
	return a.body
}
