package profile

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

func TestDisclose(t *testing.T) {
	t.Parallel()
	s, err := fixtureSchema(t).With(base("city", func(a *Attribute) { a.Sensitive = true }), base("email", func(a *Attribute) { a.Permission = Hide }))
	if err != nil {
		t.Fatal(err)
	}
	p := profileOf(t, `{"badge":4107,"email":"a@b.c","login":"a@b.c","lastName":"B","firstName":"A","ssn":"123","SSN":"123","city":"Paris","vip":false,
		"password":"hunter2","Password":"hunter2","credentials":"hunter2","status":"ACTIVE","newsletter":"yes","tags":[],"test":"","title":null,"costCentre":"R"}`)
	for name, c := range map[string]struct {
		order []string
		want  string
	}{
		"nothing more":   {nil, `{"firstName":"A","lastName":"B","login":"a@b.c","email":"a@b.c"}`},
		"form order":     {[]string{"vip", "email", "badge", "firstName"}, `{"firstName":"A","lastName":"B","login":"a@b.c","email":"a@b.c","vip":false,"badge":4107}`},
		"only on form":   {[]string{"newsletter"}, `{"firstName":"A","lastName":"B","login":"a@b.c","email":"a@b.c","newsletter":"yes"}`},
		"left empty":     {[]string{"tags", "test", "title", "department"}, `{"firstName":"A","lastName":"B","login":"a@b.c","email":"a@b.c"}`},
		"named secrets":  {[]string{"ssn", "SSN", "city", "password", "Password", "credentials", "status"}, `{"firstName":"A","lastName":"B","login":"a@b.c","email":"a@b.c"}`},
		"named twice":    {[]string{"badge", "badge"}, `{"firstName":"A","lastName":"B","login":"a@b.c","email":"a@b.c","badge":4107}`},
		"not even there": {[]string{"nope"}, `{"firstName":"A","lastName":"B","login":"a@b.c","email":"a@b.c"}`},
	} {
		if got := s.Disclose(p, c.order).Object().String(); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
	if got := s.Disclose(Profile{}, []string{"badge"}).Object().String(); got != "{}" {
		t.Errorf("of nothing: %s", got)
	}
}

func TestDiscloseUser(t *testing.T) {
	t.Parallel()
	p := profileOf(t, `{"login":"a@b.c","email":"a@b.c","locale":"fr_FR","lastName":"B","timezone":"Europe/Paris","firstName":"A","ssn":"1","badge":1}`)
	got := fixtureSchema(t).DiscloseUser(p).Object().String()
	if want := `{"firstName":"A","lastName":"B","timeZone":"Europe/Paris","login":"a@b.c","locale":"fr_FR"}`; got != want {
		t.Errorf("DiscloseUser = %s\nwant           %s", got, want)
	}
	got = fixtureSchema(t).DiscloseUser(p.Delete("locale").Delete("timezone")).Object().String()
	if want := `{"firstName":"A","lastName":"B","login":"a@b.c"}`; got != want {
		t.Errorf("without locale and timezone = %s", got)
	}
}

func TestDiscloseAll(t *testing.T) {
	t.Parallel()
	s, err := fixtureSchema(t).With(Attribute{Name: "pin", Title: "PIN", Type: String, Mutability: WriteOnly})
	if err != nil {
		t.Fatal(err)
	}
	p := profileOf(t, `{"vip":true,"badge":1,"login":"a@b.c","ssn":"1","city":"Paris","primaryPhone":"1","newsletter":"yes","password":"x","pin":"1","title":"Dr"}`)
	if got, want := s.DiscloseAll(p).Object().String(), `{"login":"a@b.c","title":"Dr","badge":1,"vip":true}`; got != want {
		t.Errorf("DiscloseAll = %s\nwant          %s", got, want)
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	s := fixtureSchema(t)
	for text, want := range map[string]string{
		`{"ssn":"1","badge":2,"SSN":"3","password":"4","Credentials":{"password":{"value":"5"}},"recovery_question":6}`: `{"ssn":"[sensitive]","badge":2,"SSN":"[sensitive]","password":"[sensitive]","Credentials":"[sensitive]","recovery_question":"[sensitive]"}`,
		`{"ssn":null,"id":"1","status":"ACTIVE"}`:                         `{"ssn":null,"id":"1","status":"ACTIVE"}`,
		`{"ssn":"1","ssn":"2"," ssn ":"3"}`:                               `{"ssn":"[sensitive]","ssn":"[sensitive]"," ssn ":"[sensitive]"}`,
		`{"commands":[{"type":"x","value":{"a":[[{"ssn":1}]],"b":[1]}}]}`: `{"commands":[{"type":"x","value":{"a":[[{"ssn":"[sensitive]"}]],"b":[1]}}]}`,
	} {
		o := object(t, text)
		if got := s.Redact(o).String(); got != want {
			t.Errorf("Redact(%s)\n= %s\nwant %s", text, got, want)
		}
		if o.String() != strings.ReplaceAll(text, "\n", "") {
			t.Errorf("Redact changed what it was given: %s", o)
		}
	}
	if s.Redact(nil) != nil {
		t.Error("of nothing comes something")
	}
}

func TestDisclosedIsACopy(t *testing.T) {
	t.Parallel()
	p := person(t)
	d := fixtureSchema(t).Disclose(p.Set("tags", []any{"a"}), []string{"tags"})
	before := d.Object().String()
	o := d.Object()
	o.Set("ssn", "1")
	tags, _ := o.Get("tags")
	tags.([]any)[0] = "x"
	if got := d.Object().String(); got != before {
		t.Errorf("whoever got the object changed it to %s", got)
	}
	if got := (Disclosed{}).Object(); got == nil || got.Len() != 0 {
		t.Errorf("the zero value holds %v", got)
	}
}

// TestPersonalDataShowsItselfAsRedacted tries every way in which a value gets
// into a text by accident.
func TestPersonalDataShowsItselfAsRedacted(t *testing.T) {
	t.Parallel()
	const canary = "c4n4ry"
	hexed := fmt.Sprintf("%x", canary)
	p := person(t).Set("ssn", canary).Set("firstName", canary)
	d := fixtureSchema(t).Disclose(p, nil)
	for name, v := range map[string]any{
		"Profile": p, "*Profile": &p, "Disclosed": d, "*Disclosed": &d,
		"in a struct": struct {
			P Profile
			D Disclosed
		}{p, d},
		"in a slice": []any{p, d}, "in a map": map[string]any{"p": p, "d": d},
	} {
		shown := map[string]string{}
		for _, verb := range "vTtbcdoOqxXUeEfFgGsp" {
			for _, flag := range []string{"", "+", "#", "-20", "010"} {
				if format := "%" + flag + string(verb); verb != 'T' && verb != 'p' {
					shown[format] = fmt.Sprintf(format, v)
				}
			}
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown["json"] = string(text)
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		shown["slog"] = log.String()
		shown["error"] = fmt.Errorf("x: %v", v).Error()
		if markup, err := xml.Marshal(v); err == nil {
			shown["xml"] = string(markup)
		}
		for how, text := range shown {
			if strings.Contains(text, canary) || strings.Contains(strings.ToLower(text), hexed) || strings.Contains(text, "99 52") {
				t.Errorf("%s by %s: %s", name, how, text)
			}
			if !strings.Contains(text, "[redacted]") {
				t.Errorf("%s by %s: %s does not say that something is hidden", name, how, text)
			}
		}
	}
}

// TestOnlyDiscloseMakesDisclosed reads the package: the type is worth what its
// makers are.
func TestOnlyDiscloseMakesDisclosed(t *testing.T) {
	t.Parallel()
	makers := map[string]bool{}
	files := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			where := "a variable"
			if f, ok := declaration.(*ast.FuncDecl); ok {
				where = f.Name.Name
			}
			ast.Inspect(declaration, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if ok && id.Name == "Disclosed" {
					makers[where+" in "+files.Position(id.Pos()).Filename] = true
				}
				return true
			})
		}
	}
	for _, allowed := range []string{
		"Disclose in disclose.go", "DiscloseUser in disclose.go", "DiscloseAll in disclose.go",
		"Object in disclose.go",     // its receiver
		"a variable in disclose.go", // the type itself
	} {
		if !makers[allowed] {
			t.Errorf("%s is gone: does this test still see anything?", allowed)
		}
		delete(makers, allowed)
	}
	if len(makers) > 0 {
		t.Errorf("Disclosed is named where it could be made: %v", makers)
	}
}
