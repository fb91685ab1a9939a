package mgmt_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// baseProperties are those of a recorded schema (Terraform's provider,
// TestAccResourceOktaUserSchema_enum_string), of which only what differs is
// written here: name, title, what is special, SELF.
var baseProperties = []struct{ name, title, special, self string }{
	{"login", "Username", `"required":true,…,"minLength":5,"maxLength":100,`, "READ_ONLY"},
	{"firstName", "First name", `"required":true,…,"minLength":1,"maxLength":50,`, "READ_WRITE"},
	{"lastName", "Last name", `"required":true,…,"minLength":1,"maxLength":50,`, "READ_WRITE"},
	{"middleName", "Middle name", "…,", "READ_ONLY"},
	{"honorificPrefix", "Honorific prefix", "…,", "READ_ONLY"},
	{"honorificSuffix", "Honorific suffix", "…,", "READ_ONLY"},
	{"email", "Primary email", `"required":true,"format":"email",…,`, "READ_WRITE"},
	{"title", "Title", "…,", "READ_ONLY"},
	{"displayName", "Display name", "…,", "READ_ONLY"},
	{"nickName", "Nickname", "…,", "READ_ONLY"},
	{"profileUrl", "Profile Url", `"format":"uri",…,`, "READ_ONLY"},
	{"secondEmail", "Secondary email", `"format":"email",…,`, "READ_WRITE"},
	{"mobilePhone", "Mobile phone", `…,"maxLength":100,`, "READ_WRITE"},
	{"primaryPhone", "Primary phone", `…,"maxLength":100,`, "HIDE"},
	{"streetAddress", "Street address", "…,", "HIDE"},
	{"city", "City", "…,", "HIDE"},
	{"state", "State", "…,", "HIDE"},
	{"zipCode", "Zip code", "…,", "HIDE"},
	{"countryCode", "Country code", `"format":"country-code",…,`, "HIDE"},
	{"postalAddress", "Postal Address", "…,", "HIDE"},
	{"preferredLanguage", "Preferred language", `"format":"language-code",…,`, "READ_ONLY"},
	{"locale", "Locale", `"format":"locale",…,`, "READ_ONLY"},
	{"timezone", "Time zone", `"format":"timezone",…,`, "READ_ONLY"},
	{"userType", "User type", "…,", "READ_ONLY"},
	{"employeeNumber", "Employee number", "…,", "READ_ONLY"},
	{"costCenter", "Cost center", "…,", "READ_ONLY"},
	{"organization", "Organization", "…,", "READ_ONLY"},
	{"division", "Division", "…,", "READ_ONLY"},
	{"department", "Department", "…,", "READ_ONLY"},
	{"managerId", "ManagerId", "…,", "READ_ONLY"},
	{"manager", "Manager", "…,", "READ_ONLY"},
}

// schemaAnswer is a whole recorded answer with other custom properties.
func schemaAnswer(custom string) string {
	var base []string
	for _, p := range baseProperties {
		special := strings.Replace(p.special, "…", `"mutability":"READ_WRITE","scope":"NONE"`, 1)
		base = append(base, `"`+p.name+`":{"title":"`+p.title+`","type":"string",`+special+
			`"permissions":[{"principal":"SELF","action":"`+p.self+`"}],"master":{"type":"PROFILE_MASTER"}}`)
	}
	return `{"id":"https://id.example.com/meta/schemas/user/default","$schema":"http://json-schema.org/draft-04/schema#","name":"user","title":"User",
		"description":"Okta user profile template with default permission settings","lastUpdated":"…Z","created":"…Z",
		"definitions":{"custom":` + custom + `,"base":{"id":"#base","type":"object","properties":{` + strings.Join(base, ",") + `},
			"required":["login","firstName","lastName","email"]}},
		"type":"object","properties":{"profile":{"allOf":[{"$ref":"#/definitions/custom"},{"$ref":"#/definitions/base"}]}},
		"_links":{"self":{"rel":"self","href":"https://id.example.com/api/v1/meta/schemas/user/osc…","method":"GET"},
			"type":{"rel":"type","href":"https://id.example.com/api/v1/meta/types/user/oty…","method":"GET"}}}`
}

const (
	schemaPath = "/api/v1/meta/schemas/user/default"
	noCustom   = `{"id":"#custom","type":"object","properties":{}}`
)

// custom is the part of a schema with these properties.
func custom(properties string) string {
	return `{"id":"#custom","type":"object","properties":{` + properties + `},"required":[]}`
}

func TestSchemaAsRecorded(t *testing.T) {
	w := newWorld(t)
	w.is(w.send("GET", schemaPath, ""), 200, schemaAnswer(noCustom))
	var links struct {
		Links struct{ Self, Type struct{ Href string } } `json:"_links"`
	}
	if err := json.Unmarshal([]byte(w.ok("GET", schemaPath, "").body), &links); err != nil {
		t.Fatal(err)
	}
	for _, href := range []string{links.Links.Self.Href, links.Links.Type.Href} {
		w.ok("GET", strings.TrimPrefix(href, base), "")
	}
	last := regexp.MustCompile(`.{17}$`)
	if last.FindString(links.Links.Self.Href) != last.FindString(links.Links.Type.Href) {
		t.Errorf("the schema %s does not end as its type %s", links.Links.Self.Href, links.Links.Type.Href)
	}
}

// The requests of Terraform's provider, as recorded or built by it: after each
// POST it reads the schema and compares the property deeply with the answer.
func TestTerraformSchemaProperties(t *testing.T) {
	const master, self = `"master":{"type":"OKTA"}`, `"permissions":[{"action":"READ_ONLY","principal":"SELF"}]`
	const selfAnswer, rest = `"permissions":[{"principal":"SELF","action":"READ_ONLY"}]`, `"mutability":"READ_WRITE","scope":"SELF"`
	for name, c := range map[string]struct {
		index         string
		steps, answer []string // of a property, from its creation on
	}{
		"enum of strings": {"testAcc_838101691", []string{
			`"description":"testing","enum":["one","two"],"master":{"type":"OKTA"},"oneOf":[{"const":"one","title":"string One"},{"const":"two","title":"string Two"}],` + self + `,"required":false,"scope":"SELF","title":"terraform acceptance test","type":"string"`,
			`"description":"testing","enum":["","ONE"],"master":{"type":"OKTA"},"oneOf":[{"const":"","title":"(none)"},{"const":"ONE","title":"STRING ONE"}],` + self + `,"required":false,"scope":"SELF","title":"terraform acceptance test","type":"string"`,
		}, []string{
			`"title":"terraform acceptance test","description":"testing","type":"string",` + rest + `,"enum":["one","two"],"oneOf":[{"const":"one","title":"string One"},{"const":"two","title":"string Two"}],` + selfAnswer + `,` + master,
			`"title":"terraform acceptance test","description":"testing","type":"string",` + rest + `,"enum":["","ONE"],"oneOf":[{"const":"","title":"(none)"},{"const":"ONE","title":"STRING ONE"}],` + selfAnswer + `,` + master,
		}},
		"array of numbers": {"testAcc_2354342541", []string{
			`"description":"testing","items":{"enum":[0.01,0.02],"oneOf":[{"const":0.01,"title":"number point oh one"},{"const":0.02,"title":"number point oh two"}],"type":"number"},"master":{"type":"OKTA"},` + self + `,"required":false,"scope":"SELF","title":"terraform acceptance test","type":"array"`,
			`"description":"testing","items":{"enum":[0.011],"oneOf":[{"const":0.011,"title":"number point oh one one"}],"type":"number"},"master":{"type":"OKTA"},` + self + `,"required":false,"scope":"SELF","title":"terraform acceptance test","type":"array"`,
		}, []string{
			`"title":"terraform acceptance test","description":"testing","type":"array",` + rest + `,"items":{"type":"number","enum":[0.01,0.02],"oneOf":[{"const":0.01,"title":"number point oh one"},{"const":0.02,"title":"number point oh two"}]},` + selfAnswer + `,` + master,
			`"title":"terraform acceptance test","description":"testing","type":"array",` + rest + `,"items":{"type":"number","enum":[0.011],"oneOf":[{"const":0.011,"title":"number point oh one one"}]},` + selfAnswer + `,` + master,
		}},
		"unique": {"employeeId", []string{
			`"description":"Unique identifier for employees","maxLength":11,"minLength":5,` + self + `,"required":false,"scope":"SELF","title":"Employee ID","type":"string","unique":"UNIQUE_VALIDATED"`,
		}, []string{
			`"title":"Employee ID","description":"Unique identifier for employees","type":"string","unique":"UNIQUE_VALIDATED",` + rest + `,"minLength":5,"maxLength":11,` + selfAnswer,
		}},
		"overridden": {"testAcc_1", []string{
			`"master":{"priority":[{"type":"APP","value":"0oa1"}],"type":"OVERRIDE"},"permissions":[{"action":"HIDE","principal":"SELF"}],"required":true,"scope":"SELF","title":"t","type":"boolean","externalName":"e","externalNamespace":"n"`,
		}, []string{
			`"title":"t","type":"boolean","required":true,` + rest + `,"externalName":"e","externalNamespace":"n","permissions":[{"principal":"SELF","action":"HIDE"}],"master":{"type":"OVERRIDE","priority":[{"type":"APP","value":"0oa1"}]}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for i, step := range c.steps {
				answered := w.ok("POST", schemaPath, `{"definitions":{"custom":{"id":"#custom","properties":{"`+c.index+`":{`+step+`}},"type":"object"}}}`)
				want := schemaAnswer(custom(`"` + c.index + `":{` + c.answer[i] + `}`))
				if strings.Contains(c.answer[i], `"required":true`) {
					want = strings.Replace(want, `"required":[]`, `"required":["`+c.index+`"]`, 1)
				}
				w.is(answered, 200, want)
				w.is(w.send("GET", schemaPath, ""), 200, want)
				// Who reads the schema and writes it back changes nothing.
				w.is(w.send("POST", schemaPath, answered.body), 200, want)
				if again := w.ok("GET", schemaPath, "").body; again != answered.body {
					t.Errorf("after a POST of what was read it is\n%s\nnot\n%s", again, answered.body)
				}
			}
			w.is(w.send("POST", schemaPath, `{"definitions":{"custom":{"id":"#custom","properties":{"`+c.index+`":null},"type":"object"}}}`), 200, schemaAnswer(noCustom))
			w.is(w.send("GET", schemaPath, ""), 200, schemaAnswer(noCustom))
		})
	}
}

// okta_user_base_schema_property: there is no call when it is destroyed, and
// "pattern":null is sent of a login without one.
func TestTerraformBaseSchemaProperties(t *testing.T) {
	w := newWorld(t)
	property := func(index string) any {
		var s struct {
			Definitions struct {
				Base struct{ Properties map[string]any } `json:"base"`
			} `json:"definitions"`
		}
		if err := json.Unmarshal([]byte(w.ok("GET", schemaPath, "").body), &s); err != nil {
			t.Fatal(err)
		}
		return s.Definitions.Base.Properties[index]
	}
	for _, step := range []struct{ index, sent, want string }{
		{"firstName", `"master":{"type":"PROFILE_MASTER"},"permissions":[{"action":"READ_ONLY","principal":"SELF"}],"required":false,"title":"First name","type":"string"`,
			`{"title":"First name","type":"string","mutability":"READ_WRITE","scope":"NONE","minLength":1,"maxLength":50,"permissions":[{"principal":"SELF","action":"READ_ONLY"}],"master":{"type":"PROFILE_MASTER"}}`},
		{"firstName", `"permissions":[{"action":"READ_WRITE","principal":"SELF"}],"required":true,"title":"First name","type":"string"`,
			`{"title":"First name","type":"string","required":true,"mutability":"READ_WRITE","scope":"NONE","minLength":1,"maxLength":50,"permissions":[{"principal":"SELF","action":"READ_WRITE"}],"master":{"type":"PROFILE_MASTER"}}`},
		{"login", `"master":{"type":"PROFILE_MASTER"},"pattern":".+","permissions":[{"action":"READ_ONLY","principal":"SELF"}],"required":true,"title":"Username","type":"string"`,
			`{"title":"Username","type":"string","required":true,"mutability":"READ_WRITE","scope":"NONE","minLength":5,"maxLength":100,"pattern":".+","permissions":[{"principal":"SELF","action":"READ_ONLY"}],"master":{"type":"PROFILE_MASTER"}}`},
		{"login", `"master":{"type":"PROFILE_MASTER"},"pattern":null,"permissions":[{"action":"READ_ONLY","principal":"SELF"}],"required":true,"title":"Username","type":"string"`,
			`{"title":"Username","type":"string","required":true,"mutability":"READ_WRITE","scope":"NONE","minLength":5,"maxLength":100,"permissions":[{"principal":"SELF","action":"READ_ONLY"}],"master":{"type":"PROFILE_MASTER"}}`},
	} {
		answered := w.ok("POST", schemaPath, `{"definitions":{"base":{"id":"#base","properties":{"`+step.index+`":{`+step.sent+`}},"type":"object"}}}`)
		if read := w.ok("GET", schemaPath, ""); read.body != answered.body {
			t.Errorf("%s: POST answers\n%s\nand GET\n%s", step.index, answered.body, read.body)
		}
		var want any
		if err := json.Unmarshal([]byte(step.want), &want); err != nil {
			t.Fatal(err)
		}
		if got := property(step.index); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v\nwant %v", step.index, got, want)
		}
	}
	w.is(w.send("GET", schemaPath, ""), 200, schemaAnswer(noCustom))
}

func TestUserTypesAsRecorded(t *testing.T) {
	w := newWorld(t)
	const links = `"_links":{"schema":{"rel":"schema","href":"https://id.example.com/api/v1/meta/schemas/user/osc…","method":"GET"},
		"self":{"rel":"self","href":"https://id.example.com/api/v1/meta/types/user/oty…","method":"GET"}}`
	const standard = `{"id":"oty…","displayName":"User","name":"user","description":"Okta user profile template with default permission settings",
		"createdBy":"unknown","lastUpdatedBy":"unknown","created":"…Z","lastUpdated":"…Z","default":true,` + links + `}`
	w.is(w.send("GET", "/api/v1/meta/types/user", ""), 200, "["+standard+"]")
	w.is(w.send("GET", "/api/v1/meta/types/user/default", ""), 200, standard)

	answer := func(text string) string {
		return `{"id":"oty…","displayName":"` + text + `","name":"testAcc_2502672097","description":"` + text + `",
			"createdBy":"00T…","lastUpdatedBy":"00T…","created":"…Z","lastUpdated":"…Z","default":false,` + links + `}`
	}
	const text = "Terraform Acceptance Test User Type"
	created := w.send("POST", "/api/v1/meta/types/user", `{"description":"`+text+`","displayName":"`+text+`","name":"testAcc_2502672097"}`)
	w.is(created, 200, answer(text))
	id := regexp.MustCompile(`oty[0-9A-Za-z]{17}`).FindString(created.body)
	path := "/api/v1/meta/types/user/" + id
	w.is(w.send("POST", path, `{"description":"Updated","displayName":"Updated","name":"testAcc_2502672097"}`), 200, answer("Updated"))
	w.is(w.send("GET", path, ""), 200, answer("Updated"))
	if a := w.send("DELETE", path, ""); a.status != 204 || a.body != "" {
		t.Errorf("answer is %d %s", a.status, a.body)
	}
}

// userType makes a user type and gives its id.
func (w *world) userType(name string) string {
	w.Helper()
	var created struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(w.ok("POST", "/api/v1/meta/types/user", `{"name":"`+name+`","displayName":"`+name+`"}`).body), &created); err != nil {
		w.Fatal(err)
	}
	return created.ID
}

// What is written where no schema has it would be lost without a word.
func TestMisspeltSchema(t *testing.T) {
	w := newWorld(t)
	const property = `{"badge":{"title":"Badge","type":"integer"}}`
	for body, want := range map[string]string{
		`{"definition":{"custom":{"properties":` + property + `}}}`:   `schema: It has no member "definition".`,
		`{"Definitions":{"custom":{"properties":` + property + `}}}`:  `schema: It has no member "Definitions".`,
		`{"definitions":{"customs":{"properties":` + property + `}}}`: `definitions: It has no member "customs".`,
		`{"definitions":{"custom":{"property":` + property + `}}}`:    `definitions.custom: It has no member "property".`,
		`{"definitions":{"base":{"city":{"permissions":null}}}}`:      `definitions.base: It has no member "city".`,
		`{"definitions":{"custom":{"é":1}}}`:                          `definitions.custom: It has no member "\u00e9".`,
	} {
		w.refused(w.send("POST", schemaPath, body), 400, "E0000001", want)
	}
	w.is(w.send("GET", schemaPath, ""), 200, schemaAnswer(noCustom))
}

// Parts of a body have narrower limits than the whole, and say so themselves.
func TestLimitsOfProfilesAndSchemas(t *testing.T) {
	w := newWorld(t)
	values := strings.TrimSuffix(strings.Repeat("1,", 20_000), ",")
	w.refused(w.send("POST", schemaPath, `{"definitions":{"custom":{"properties":{"n":{"title":"N","type":"number","enum":[`+values+`]}}}}}`),
		400, "E0000003", "an object in the body has more than 10000 values")
	w.refused(w.send("POST", "/api/v1/users", `{"profile":{"login":"a@example.com","n":[`+values+`]}}`),
		400, "E0000001", "profile: has more than 10000 values")
}

func TestSchemaIfMatch(t *testing.T) {
	w := newWorld(t)
	seen := w.ok("GET", schemaPath, "").header.Get("ETag")
	const change = `{"definitions":{"custom":{"properties":{"badge":{"title":"Badge","type":"integer"}}}}}`
	w.ifMatch("POST", schemaPath, seen, change, 200)
	w.ifMatch("POST", schemaPath, seen, change, 412)
	// Another schema, and the type itself, are other things.
	id := w.userType("contractor")
	path := "/api/v1/meta/schemas/user/osc" + strings.TrimPrefix(id, "oty")
	seen = w.ok("GET", path, "").header.Get("ETag")
	w.ok("POST", schemaPath, strings.Replace(change, "Badge", "Number", 1))
	w.ok("POST", "/api/v1/meta/types/user/"+id, `{"description":"d"}`)
	w.ifMatch("POST", path, seen, change, 200)
}

// Schemas of two types have nothing in common but the base.
func TestSchemaOfAnotherType(t *testing.T) {
	w := newWorld(t)
	id := w.userType("contractor")
	path := "/api/v1/meta/schemas/user/osc" + strings.TrimPrefix(id, "oty")
	w.ok("POST", schemaPath, `{"definitions":{"custom":{"properties":{"badge":{"title":"Badge","type":"integer"}}}}}`)
	w.ok("POST", path, `{"definitions":{"custom":{"properties":{"agency":{"title":"Agency","type":"string"}}},"base":{"properties":{"lastName":{"required":false}}}}}`)
	const part = `"mutability":"READ_WRITE","scope":"NONE","permissions":[{"principal":"SELF","action":"READ_ONLY"}]}`
	w.is(w.send("GET", schemaPath, ""), 200, schemaAnswer(custom(`"badge":{"title":"Badge","type":"integer",`+part)))

	want := schemaAnswer(custom(`"agency":{"title":"Agency","type":"string",` + part))
	for _, change := range [][2]string{
		{"/meta/schemas/user/default", "/meta/schemas/user/osc…"},
		{`"name":"user","title":"User"`, `"name":"contractor","title":"contractor"`},
		{"Okta user profile template with default permission settings", ""},
		{`"title":"Last name","type":"string","required":true,`, `"title":"Last name","type":"string",`},
		{`"firstName","lastName","email"]`, `"firstName","email"]`},
	} {
		want = strings.Replace(want, change[0], change[1], 1)
	}
	w.is(w.send("GET", path, ""), 200, want)
	w.ok("DELETE", "/api/v1/meta/types/user/"+id, "")
	w.refused(w.send("GET", path, ""), 404, "E0000007")
}

// Users of a type are checked by its schema, and by no other.
func TestUsersOfAnotherType(t *testing.T) {
	w := newWorld(t)
	id := w.userType("agency")
	path := "/api/v1/meta/schemas/user/osc" + strings.TrimPrefix(id, "oty")
	w.ok("POST", schemaPath, `{"definitions":{"custom":{"properties":{"badge":{"title":"Badge","type":"integer","unique":true}}}}}`)
	w.ok("POST", path, `{"definitions":{"custom":{"properties":{"agency":{"title":"Agency","type":"string","required":true},"badge":{"title":"Badge","type":"integer","unique":true}}}}}`)
	create := func(login, values, typeID string) answer {
		return w.send("POST", "/api/v1/users?activate=false",
			`{"profile":{"firstName":"A","lastName":"B","email":"`+login+`","login":"`+login+`"`+values+`}`+typeID+`}`)
	}
	ofType := `,"type":{"id":"` + id + `"}`
	w.refused(create("one@example.com", "", ofType), 400, "E0000001", "agency: The field cannot be left blank")
	w.refused(create("one@example.com", `,"agency":"X"`, ""), 400, "E0000001", "Property name 'agency' is not defined in profile")
	if a := create("one@example.com", `,"agency":"X","badge":7`, ofType); a.status != 200 {
		t.Errorf("answer is %d %s", a.status, a.body)
	}
	// Values that must be unique are of one namespace.
	w.refused(create("two@example.com", `,"badge":7`, ""), 400, "E0000001", "badge: An object with this field already exists in the current organization")
	w.refused(w.send("DELETE", "/api/v1/meta/types/user/"+id, ""), 403, "E0000142", "There are users of this type.")

	// An attribute that is removed of one type stays of the other.
	w.ok("POST", schemaPath, `{"definitions":{"custom":{"properties":{"badge":null}}}}`)
	if a := w.ok("GET", "/api/v1/users/one@example.com", ""); !strings.Contains(a.body, `"badge":7`) {
		t.Errorf("the user is %s", a.body)
	}
	w.ok("POST", path, `{"definitions":{"custom":{"properties":{"badge":null}}}}`)
	if a := w.ok("GET", "/api/v1/users/one@example.com", ""); strings.Contains(a.body, "badge") {
		t.Errorf("the user is %s", a.body)
	}
}
