package profile

import (
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/fault"
)

// every holds each keyword once, in the order in which it is written.
const every = `{"title":"Plan","description":"What they pay for","type":"string","required":true,"format":"ref-id",` +
	`"unique":"UNIQUE_VALIDATED","mutability":"IMMUTABLE","scope":"SELF","minLength":1,"maxLength":9,"pattern":"[a-z]+",` +
	`"enum":["free","paid"],"oneOf":[{"const":"free","title":"Free"},{"const":"paid","title":"Paid"}],"default":"free",` +
	`"externalName":"plan","externalNamespace":"urn:x","permissions":[{"principal":"SELF","action":"HIDE"}],` +
	`"master":{"type":"OVERRIDE","priority":[{"type":"APP","value":"0oa1"}]}}`

func TestSchemaText(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"every keyword": `{"custom":{"plan":` + every + `}}`,
		"numbers":       `{"custom":{"n":{"title":"N","type":"number","mutability":"READ_WRITE","scope":"NONE","minimum":-0.50,"maximum":9007199254740993,"permissions":[{"principal":"SELF","action":"READ_ONLY"}]}}}`,
		"an array":      `{"custom":{"l":{"title":"L","type":"array","mutability":"READ_WRITE","scope":"NONE","items":{"type":"integer","enum":[1,2],"oneOf":[{"const":1,"title":"One"},{"const":2,"title":"Two"}]},"permissions":[{"principal":"SELF","action":"READ_ONLY"}],"sensitive":true}}}`,
		"order":         `{"custom":{"z":{"title":"Z","type":"boolean","mutability":"READ_WRITE","scope":"NONE","permissions":[{"principal":"SELF","action":"READ_ONLY"}]},"a":{"title":"A","type":"boolean","mutability":"READ_WRITE","scope":"NONE","permissions":[{"principal":"SELF","action":"READ_ONLY"}]}}}`,
		"base":          `{"base":{"login":{"pattern":".+"},"firstName":{"required":null},"email":{"permissions":[{"principal":"SELF","action":"READ_ONLY"}]},"city":{"sensitive":true}}}`,
		"nothing":       `{}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := DecodeSchema(text)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.Encode(); err != nil || got != text {
				t.Errorf("Encode = %v\n%s\nwant\n%s", err, got, text)
			}
		})
	}
}

func TestDecodeSchemaRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `[]`, `{"custom":[]}`, `{"other":{}}`, `{"custom":{"a":1}}`, `{"custom":{"city":{"sensitive":true}}}`,
		`{"base":{"a":{"title":"A","type":"string"}}}`, `{"custom":{"a":{"title":"A"}}}`, `{"custom":{"a":{"title":"A","type":"string","x":1}}}`,
	} {
		s, err := DecodeSchema(text)
		if err == nil {
			t.Errorf("DecodeSchema(%s) = %v", text, s)
		}
		if fault.As(err) != nil {
			t.Errorf("DecodeSchema(%s): what is wrong in the store would be shown to somebody: %v", text, err)
		}
	}
}

func TestParseAttribute(t *testing.T) {
	t.Parallel()
	for keywords, want := range map[string]string{
		// What clients send, and how an org answers it.
		`{"title":"P","type":"string"}`:                                         `{"title":"P","type":"string",D}`,
		`{"title":"P","type":"string","required":false,"unique":"NOT_UNIQUE"}`:  `{"title":"P","type":"string",D}`,
		`{"title":"P","type":"string","unique":true}`:                           `{"title":"P","type":"string","unique":"UNIQUE_VALIDATED",D}`,
		`{"title":"P","type":"string","unique":false}`:                          `{"title":"P","type":"string",D}`,
		`{"title":"P","type":"string","permissions":[],"enum":null}`:            `{"title":"P","type":"string",D}`,
		`{"title":"P","type":"string","sensitive":false,"items":null}`:          `{"title":"P","type":"string",D}`,
		`{"title":"P","type":"string","master":null,"minLength":null}`:          `{"title":"P","type":"string",D}`,
		`{"title":"P","type":"string","mutability":null,"oneOf":null}`:          `{"title":"P","type":"string",D}`,
		`{"title":"P","type":"string","unique":null,"minimum":null,"scope":""}`: `{"title":"P","type":"string",D}`,
		`{"title":"P","type":"array","items":{"type":"string","enum":null}}`:    `{"title":"P","type":"array","mutability":"READ_WRITE","scope":"NONE","items":{"type":"string"},"permissions":[{"principal":"SELF","action":"READ_ONLY"}]}`,
	} {
		a, err := ParseAttribute("plan", object(t, keywords))
		if err != nil {
			t.Errorf("%s: %v", keywords, err)
			continue
		}
		want = strings.Replace(want, ",D}", `,"mutability":"READ_WRITE","scope":"NONE","permissions":[{"principal":"SELF","action":"READ_ONLY"}]}`, 1)
		if got := a.Keywords().String(); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", keywords, got, want)
		}
	}
	a, err := ParseAttribute("login", object(t, `{"pattern":".+"}`))
	if err != nil || a.Title != "Username" || a.Pattern != ".+" || !a.Required {
		t.Errorf("a base property does not begin with what Okta delivers: %+v, %v", a, err)
	}
}

func TestParseAttributeRefuses(t *testing.T) {
	t.Parallel()
	for _, keywords := range []string{
		`{"sensitve":true}`, `{"title":1}`, `{"type":{}}`, `{"required":"true"}`, `{"sensitive":"true"}`, `{"minLength":"1"}`, `{"minLength":1.5}`, `{"maxLength":2147483648}`,
		`{"minimum":"1"}`, `{"enum":"a"}`, `{"oneOf":{}}`, `{"oneOf":["a"]}`, `{"items":"string"}`, `{"items":{"enum":1}}`, `{"items":{"oneOf":1}}`,
		`{"unique":"UNIQUE"}`, `{"permissions":{}}`, `{"permissions":[{"principal":"ADMIN","action":"HIDE"}]}`, `{"permissions":["HIDE"]}`,
		`{"permissions":[{"principal":"SELF"}]}`, `{"master":"OKTA"}`, `{"master":{}}`, `{"master":{"type":"OVERRIDE","priority":1}}`,
	} {
		_, err := ParseAttribute("plan", object(t, keywords))
		keyword, _, _ := strings.Cut(strings.TrimPrefix(keywords, `{"`), `"`)
		if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Causes[0].Field != "plan."+keyword {
			t.Errorf("ParseAttribute(%s): %v does not name %s", keywords, err, keyword)
		}
	}
}

// Whatever is posted, a schema comes of it that can be kept, or a fault.
func FuzzEdit(f *testing.F) {
	f.Add(`{"login":{"pattern":"[a-z]+"},"firstName":{"required":false}}`, `{"plan":`+every+`,"badge":null}`)
	f.Add(`{"city":{"sensitive":true}}`, `{"badge":{"minimum":1,"maximum":null,"unique":true,"default":3}}`)
	f.Add(`{"x":1}`, `{"login":{},"Badge":{"title":"B","type":"array","items":{"type":"integer","enum":[1],"oneOf":[{"const":1}]}}}`)
	f.Fuzz(func(t *testing.T, base, custom string) {
		b, c := &hook.Object{}, &hook.Object{}
		if b.UnmarshalJSON([]byte(base)) != nil || c.UnmarshalJSON([]byte(custom)) != nil {
			return
		}
		s := schemaWith(t, Attribute{Name: "badge", Title: "B", Type: Integer})
		edited, err := s.Edit(b, c)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		text, err := edited.Encode()
		if err != nil {
			t.Fatal(err)
		}
		kept, err := DecodeSchema(text)
		if err != nil || len(edited.Changes(kept)) > 0 {
			t.Fatalf("%s is read as another schema: %v, %v", text, edited.Changes(kept), err)
		}
		for _, change := range s.Changes(edited) {
			_, _, _ = change.Name(), change.Tightens(), change.Sensitive()
		}
	})
}

func FuzzSchemaText(f *testing.F) {
	f.Add(`{"custom":{"plan":` + every + `}}`)
	f.Add(`{"base":{"login":{"pattern":"[a-z]+"},"firstName":{"required":null}}}`)
	f.Add(`{"custom":{"n":{"title":"N","type":"number","minimum":-0.5,"default":1e2}}}`)
	f.Add(`{"custom":{"l":{"title":"L","type":"array","items":{"type":"integer","enum":[1]},"default":[1]}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := DecodeSchema(text)
		if err != nil {
			return
		}
		first, err := s.Encode()
		if err != nil {
			t.Fatalf("a schema that was read cannot be written: %v", err)
		}
		again, err := DecodeSchema(first)
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if second, err := again.Encode(); err != nil || second != first {
			t.Fatalf("written twice: %v\n%s\n%s", err, first, second)
		}
		s.Check(Profile{}.Set("plan", "x").Set("n", "x"))
	})
}
