package profile

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

// TestApplyTypes is the full product of attribute types, kinds of JSON and
// mutability.
func TestApplyTypes(t *testing.T) {
	t.Parallel()
	// What is stored, by type and kind of JSON; what is not there is refused, "-" unsets.
	stored := map[Type]map[string]string{
		String:  {`"a"`: `"a"`, `""`: "-", `null`: "-"},
		Boolean: {`true`: `true`, `false`: `false`, `null`: "-"},
		Number:  {`12`: `12`, `12.0`: `12.0`, `1.5`: `1.5`, `9007199254740993`: `9007199254740993`, `null`: "-"},
		Integer: {`12`: `12`, `12.0`: `12`, `null`: "-"},
		Array:   {`["a"]`: `["a"]`, `[]`: `[]`, `null`: "-"},
	}
	values := []string{`"a"`, `""`, `"12"`, `true`, `false`, `12`, `12.0`, `1.5`, `9007199254740993`, `1e400`, `["a"]`, `[]`, `[1]`, `[null]`, `{"a":1}`, `null`}
	stored[String][`"12"`] = `"12"`
	for typ, good := range stored {
		for _, mutability := range []string{ReadWrite, ReadOnly, Immutable, WriteOnly} {
			for _, sensitive := range []bool{false, true} {
				a := Attribute{Name: "x", Title: "X", Type: typ, Mutability: mutability, Sensitive: sensitive}
				if typ == Array {
					a.Items = &Items{Type: String}
				}
				s := schemaWith(t, a)
				for _, text := range values {
					if got, want := applied(t, s, text), good[text]; mutability == ReadOnly && got != AttributeForbidden {
						t.Errorf("%s, read-only, %s: %s", typ, text, got)
					} else if mutability != ReadOnly && got != cmp.Or(want, AttributeInvalid) {
						t.Errorf("%s, %s, %s: %s, want %s", typ, mutability, text, got, want)
					}
				}
			}
		}
	}
}

// applied tells what becomes of x when it is updated to a JSON value: its text,
// "-" when it is unset, or the code of the error.
func applied(t *testing.T, s *Schema, text string) string {
	t.Helper()
	v, _ := object(t, `{"v":`+text+`}`).Get("v")
	before := person(t).Set("x", "before")
	p, err := s.Apply(before, []Update{{"x", v}})
	if err != nil {
		if err.Attribute != "x" || encoded(t, p) != encoded(t, before) {
			t.Errorf("%s: %v, and the profile is %s", text, err, encoded(t, p))
		}
		return err.Code
	}
	got, ok := p.Get("x")
	if !ok {
		return "-"
	}
	return strings.TrimSuffix(strings.TrimPrefix(encoded(t, Profile{}.Set("x", got)), `{"x":`), "}")
}

func TestApply(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		updates string // an object, each member of which is one
		want    string // the members that are added or differ
		err     UpdateError
	}{
		"in order":            {`{"costCentre":"a","costCentre":"b"}`, `"costCentre":"b"`, UpdateError{}},
		"set, then unset":     {`{"costCentre":"a","costCentre":null}`, ``, UpdateError{}},
		"unset, then set":     {`{"lastName":null,"lastName":"Smith"}`, ``, UpdateError{}},
		"too long, then good": {`{"costCentre":"12345678901","costCentre":"b"}`, `"costCentre":"b"`, UpdateError{}},
		"sensitive":           {`{"ssn":"123"}`, `"ssn":"123"`, UpdateError{}},
		"nothing":             {`{}`, ``, UpdateError{}},
		"not in the schema":   {`{"badge":1,"nope":2}`, ``, UpdateError{AttributeUnknown, "nope", "nope is not in the user schema", 1}},
		"another case":        {`{"Badge":1}`, ``, UpdateError{AttributeUnknown, "Badge", "Badge is not in the user schema", 0}},
		"only on the form":    {`{"newsletter":"no"}`, ``, UpdateError{AttributeUnknown, "newsletter", "newsletter is not in the user schema", 0}},
		"no name at all":      {`{"a\nb":1}`, ``, UpdateError{AttributeUnknown, "a\nb", `a\nb is not in the user schema`, 0}},
		"password":            {`{"password":"x"}`, ``, UpdateError{AttributeForbidden, "password", "password cannot be set by an update", 0}},
		"Password":            {`{"badge":1,"Password":null}`, ``, UpdateError{AttributeForbidden, "Password", "Password cannot be set by an update", 1}},
		"credentials":         {`{"credentials":{"password":{"value":"x"}}}`, ``, UpdateError{AttributeForbidden, "credentials", "credentials cannot be set by an update", 0}},
		"recovery_question":   {`{"recovery_question":"x"}`, ``, UpdateError{AttributeForbidden, "recovery_question", "recovery_question cannot be set by an update", 0}},
		"id":                  {`{"id":"x"}`, ``, UpdateError{AttributeForbidden, "id", "id cannot be set by an update", 0}},
		"status":              {`{"status":"x"}`, ``, UpdateError{AttributeForbidden, "status", "status cannot be set by an update", 0}},
		"read-only":           {`{"hireId":null}`, ``, UpdateError{AttributeForbidden, "hireId", "hireId is read-only in the user schema", 0}},
		"wrong type first":    {`{"badge":"12","badge":12}`, ``, UpdateError{AttributeInvalid, "badge", "badge has a JSON string where an integer (signed, 32 bits) is wanted", 0}},
		"text for an integer": {`{"test":"a","badge":""}`, ``, UpdateError{AttributeInvalid, "badge", "badge has a JSON string where an integer (signed, 32 bits) is wanted", 1}},
		"too big":             {`{"badge":9007199254740993}`, ``, UpdateError{AttributeInvalid, "badge", "badge has a JSON number that an integer (signed, 32 bits) cannot hold", 0}},
		"beyond a double":     {`{"bignum":1e400}`, ``, UpdateError{AttributeInvalid, "bignum", "bignum has a JSON number that a number cannot hold", 0}},
		"no array":            {`{"tags":"a"}`, ``, UpdateError{AttributeInvalid, "tags", "tags has a JSON string where an array is wanted", 0}},
		"element":             {`{"tags":["a",{}]}`, ``, UpdateError{AttributeInvalid, "tags", "tags[1] has a JSON object where a string is wanted", 0}},
		"too long":            {`{"costCentre":"b","test":"x","costCentre":"12345678901"}`, ``, UpdateError{AttributeInvalid, "costCentre", "costCentre: Use at most 10 characters.", 2}},
		"NUL":                 {`{"costCentre":"a\u0000"}`, ``, UpdateError{AttributeInvalid, "costCentre", "costCentre: Remove the characters that are not allowed.", 0}},
		"required":            {`{"lastName":null}`, ``, UpdateError{AttributeInvalid, "lastName", "lastName: This field cannot be left blank", 0}},
		"required, empty":     {`{"lastName":""}`, ``, UpdateError{AttributeInvalid, "lastName", "lastName: This field cannot be left blank", 0}},
		"login":               {`{"login":"x y"}`, ``, UpdateError{AttributeInvalid, "login", "login: Use at least 5 characters.", 0}},
		"first of two":        {`{"costCentre":"12345678901","login":"x y"}`, ``, UpdateError{AttributeInvalid, "costCentre", "costCentre: Use at most 10 characters.", 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := person(t).Set("newsletter", "yes")
			var updates []Update
			for attribute, value := range object(t, c.updates).All() {
				updates = append(updates, Update{attribute, value})
			}
			p, err := fixtureSchema(t).Apply(before, updates)
			if c.err.Code != "" {
				if err == nil || *err != c.err {
					t.Errorf("error %+v\nwant  %+v", err, c.err)
				}
				if encoded(t, p) != encoded(t, before) {
					t.Errorf("half applied: %s", encoded(t, p))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSuffix(encoded(t, before), "}")
			if c.want != "" {
				want += "," + c.want
			}
			got := encoded(t, p)
			if name == "unset, then set" { // at the end now
				want = `{"firstName":"Rosario","login":"rosario.jones@example.com","email":"rosario.jones@example.com","newsletter":"yes","lastName":"Smith"`
			}
			if got != want+"}" {
				t.Errorf("Apply = %s\nwant    %s}", got, want)
			}
		})
	}
}

func TestApplyLeavesTheProfileAsItWas(t *testing.T) {
	t.Parallel()
	before := person(t)
	text := encoded(t, before)
	if _, err := fixtureSchema(t).Apply(before, []Update{{"badge", nil}, {"lastName", "Smith"}, {"test", "x"}}); err != nil {
		t.Fatal(err)
	}
	if got := encoded(t, before); got != text {
		t.Errorf("it is %s now", got)
	}
}

func TestApplySaysNothingOfWhatItDidNotTouch(t *testing.T) {
	t.Parallel()
	// A person from before lastName was required may still be given a badge.
	old := profileOf(t, `{"login":"a@b.c"}`)
	s := fixtureSchema(t)
	p, err := s.Apply(old, []Update{{"vip", true}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Check(p) == nil {
		t.Error("Check is content, so this shows nothing")
	}
}

func TestApplyToNothing(t *testing.T) {
	t.Parallel()
	p, err := fixtureSchema(t).Apply(Profile{}, []Update{{"vip", true}})
	if err != nil || encoded(t, p) != `{"vip":true}` {
		t.Errorf("Apply = %s, %v", encoded(t, p), err)
	}
}

func TestUpdateErrorNeverRepeatsTheValue(t *testing.T) {
	t.Parallel()
	const canary = "c4n4ry"
	s := fixtureSchema(t)
	for _, name := range []string{"badge", "vip", "bignum", "tags", "costCentre", "password", "hireId", "nope", "login"} {
		_, err := s.Apply(person(t), []Update{{name, canary + "\x00 is too long"}})
		if err == nil || strings.Contains(err.Error(), canary) || !strings.HasPrefix(err.Error(), err.Code) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzApply(f *testing.F) {
	for _, seed := range []string{
		`{"badge":12.0,"tags":["a"],"vip":true,"bignum":1e3}`, `{"password":"x"}`, `{"nope":1}`, `{"lastName":null}`, `{"ssn":"1","ssn":null}`,
		`{"credentials":{"password":{"value":"x"}}}`, `{"badge":1e400}`, `{"tags":[[]]}`, `{"costCentre":"\u0000"}`,
	} {
		f.Add(seed)
	}
	s := fixtureSchema(f)
	f.Fuzz(func(t *testing.T, text string) {
		o := profileText(text)
		if o == nil {
			return
		}
		var updates []Update
		for name, value := range o.All() {
			updates = append(updates, Update{name, value})
		}
		before := person(t)
		p, err := s.Apply(before, updates)
		if err != nil {
			if encoded(t, p) != encoded(t, before) {
				t.Fatalf("%v, but half applied: %s", err, encoded(t, p))
			}
			if err.Index < 0 || err.Index >= len(updates) || updates[err.Index].Attribute != err.Attribute {
				t.Fatalf("%+v points at another update", err)
			}
			return
		}
		checkApplied(t, s, p)
		again, err := s.Apply(p, updates)
		if err != nil {
			t.Fatalf("a second time: %v", err)
		}
		if one, two := members(t, p), members(t, again); !slices.Equal(one, two) {
			t.Fatalf("a second time gives something else:\n%s\n%s", one, two)
		}
	})
}

// checkApplied is what holds after any update that was accepted.
func checkApplied(t *testing.T, s *Schema, p Profile) {
	t.Helper()
	for name := range p.All() {
		if _, ok := s.Attribute(name); !ok || name == "password" || name == "hireId" {
			t.Fatalf("%s was set", name)
		}
	}
	if found := s.Check(p); found != nil {
		t.Fatalf("applied, but %v", found)
	}
	if stored := encoded(t, s.Storable(p)); stored != encoded(t, p) {
		t.Fatalf("what was applied is stored otherwise:\n%s\n%s", stored, encoded(t, p))
	}
}
