package browser

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/usher-id/usher/test/run"
)

// everyKind is an org whose form has each kind of field.
const everyKind = `
org: {name: Example}
seed:
  attributes:
    - {name: taxNumber, title: Tax number, sensitive: true, minLength: 5, description: As on your last letter.}
    - {name: newsletter, title: Newsletter, type: boolean}
    - {name: member, title: Are you a member?, type: boolean}
    - {name: floor, title: Floor, type: integer, minimum: "0", maximum: "20"}
    - {name: plan, title: Plan, enum: [basic, pro], enumTitles: [Basic, Professional]}
    - {name: tags, title: Tags, type: array, items: string, enum: [red, green]}
    - {name: lines, title: Lines, type: array, items: string}
  groups: [Customers]
  enrollment:
    targetGroup: Customers
    attributes:
      - {name: firstName, label: First name, required: true}
      - {name: lastName, label: Last name, required: true}
      - {name: email, label: Email, required: true}
      - {name: taxNumber, label: Tax number}
      - {name: newsletter, label: Newsletter}
      - {name: member, label: Are you a member?, required: true}
      - {name: floor, label: Floor}
      - {name: plan, label: Plan}
      - {name: tags, label: Tags}
      - {name: lines, label: Lines}
`

// Every kind of field, in the narrowest window: refused with messages and with
// the input kept, then stored and shown.
func TestEveryKindOfField(t *testing.T) {
	t.Parallel()
	server := run.Dev(t, run.Options{Config: everyKind})
	p := open(t).tab(t, server)
	p.do(chromedp.EmulateViewport(320, 700))
	p.open("/signup")
	p.wants("Fields are required unless marked optional.")
	p.audit()

	p.fill("firstName", "Ada", "email", "ada@example.com", "floor", "99", "lines", "one\ntwo", "taxNumber", "DE-47110815")
	p.do(chromedp.Click(chromedp.CSS("[name=tags][value=green]")), chromedp.SendKeys(chromedp.CSS("[name=plan]"), "Prof"))
	p.submit()
	for name, want := range map[string]string{
		"lastName": "This field cannot be left blank", "floor": "Enter 20 or less.",
	} {
		if got := p.at(name); !slices.Equal(got, []string{want}) {
			t.Errorf("at %s: %q, want %q", name, got, want)
		}
	}
	if got := p.focus(); got != "lastName" {
		t.Errorf("the focus is on %s, want the first field with a message", got)
	}
	for name, want := range map[string]string{"floor": "99", "plan": "pro", "lines": "one\ntwo", "password": ""} {
		if got := p.value(name); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
	if !get(p, chromedp.Evaluate[bool](`document.querySelector("[name=tags][value=green]").checked`)) {
		t.Error("the tick is lost")
	}
	p.audit()

	p.fill("lastName", "Lovelace", "floor", "7", "password", goodPassword)
	p.do(chromedp.Click(chromedp.CSS("[name=member][value=true]")))
	p.submit()
	p.wants("Hello, Ada", "Are you a member?\nYes", "Newsletter\nNo", "Floor\n7", "Plan\nProfessional", "Tags\ngreen", "Lines\none\ntwo", "Tax number\n••••", "Customers")
	p.audit()

	if status := p.leads(chromedp.Navigate(server.URL + "/nothing")); status != 404 {
		t.Errorf("an unknown page: status %d", status)
	}
	p.audit()
}
