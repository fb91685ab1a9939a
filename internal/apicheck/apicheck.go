// Package apicheck holds requests and answers of the management API to its
// OpenAPI document, in tests.
//
//	client ──► Wrap ──► handler
//	            │ the path and method have an entry
//	            │ a body that was taken fits its schema
//	            │ status, type and body of the answer fit theirs
//	            ▼
//	        report(problem)
package apicheck

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/usher-id/usher/internal/apidoc"
)

// Document is an OpenAPI document whose schemas can be asked.
type Document struct {
	root     map[string]any
	mu       sync.Mutex // of the compiler, which is not made for two at once
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

// address is where the schemas think that the document is.
const address = "https://usher.invalid/openapi.json"

// New reads the document of package apidoc.
func New() (*Document, error) {
	text, err := apidoc.Document("https://usher.invalid")
	if err != nil {
		return nil, err
	}
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("apicheck: %w", err)
	}
	d := &Document{root: root.(map[string]any), compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	if err := d.compiler.AddResource(address, root); err != nil {
		return nil, fmt.Errorf("apicheck: %w", err)
	}
	return d, nil
}

// Operations are all entries, as "GET /api/v1/users/{id}", sorted.
func (d *Document) Operations() []string {
	var all []string
	for path, item := range object(d.root["paths"]) {
		for _, method := range []string{"get", "post", "put", "delete"} {
			if _, ok := object(item)[method]; ok {
				all = append(all, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(all)
	return all
}

// HasBody tells whether an operation takes a body. Names of parameters do not
// count.
func (d *Document) HasBody(operation string) bool {
	method, path, _ := strings.Cut(operation, " ")
	at, ok := d.operation(method, path)
	return ok && d.at(at+"/requestBody") != nil
}

// Schemas compiles every schema of the document, and gives the first error.
func (d *Document) Schemas() error {
	for _, name := range slices.Sorted(maps.Keys(object(object(d.root["components"])["schemas"]))) {
		if _, err := d.schema("#/components/schemas/" + name); err != nil {
			return err
		}
	}
	for _, operation := range d.Operations() {
		method, path, _ := strings.Cut(operation, " ")
		at := "#/paths/" + escape(path) + "/" + strings.ToLower(method)
		if pointer, ok := d.body(at + "/requestBody"); ok {
			if _, err := d.schema(pointer); err != nil {
				return err
			}
		}
		for status := range object(d.at(at + "/responses")) {
			if pointer, ok := d.body(at + "/responses/" + status); ok {
				if _, err := d.schema(pointer); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Wrap serves what next serves, and reports what does not fit the document.
func (d *Document) Wrap(next http.Handler, report func(problem string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A preflight (CORS) is the browser's and no call of the API.
		if !strings.HasPrefix(r.URL.Path, "/api/v1/") || r.Method == http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		d.Check(r, sent, answer.Code, answer.Header(), answer.Body.Bytes(), func(problem string) {
			report(r.Method + " " + r.URL.Path + ": " + strconv.Itoa(answer.Code) + ": " + problem)
		})
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// Check holds one request and its answer to the document. A path or a method
// that there is not must have been refused as such.
func (d *Document) Check(r *http.Request, sent []byte, status int, header http.Header, answer []byte, report func(problem string)) {
	at, ok := d.operation(r.Method, r.URL.Path)
	if !ok {
		if status < http.StatusBadRequest {
			report("it has no entry in the document")
		}
		return
	}
	if pointer, ok := d.body(at + "/requestBody"); ok && status < http.StatusMultipleChoices && len(sent) > 0 {
		d.validate(pointer, sent, "the request", report)
	}
	response := at + "/responses/" + strconv.Itoa(status)
	if d.at(response) == nil {
		if response = at + "/responses/default"; d.at(response) == nil || status < http.StatusBadRequest {
			report("the document has no such status")
			return
		}
	}
	pointer, hasBody := d.body(response)
	switch {
	case !hasBody && len(answer) > 0:
		report("the document knows of no body")
	case hasBody && header.Get("Content-Type") != "application/json":
		report("Content-Type is " + header.Get("Content-Type"))
	case hasBody:
		d.validate(pointer, answer, "the answer", report)
	}
}

func (d *Document) validate(pointer string, text []byte, what string, report func(string)) {
	schema, err := d.schema(pointer)
	if err != nil {
		report(err.Error())
		return
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		report(what + " is no JSON: " + err.Error())
		return
	}
	if err := schema.Validate(value); err != nil {
		report(what + " does not fit " + pointer + ": " + err.Error() + "\n" + string(text))
	}
}

// operation finds the entry of a request: that with the most fixed segments of
// those that fit.
func (d *Document) operation(method, path string) (pointer string, ok bool) {
	best := -1
	segments := strings.Split(path, "/")
	for template, item := range object(d.root["paths"]) {
		if _, has := object(item)[strings.ToLower(method)]; !has {
			continue
		}
		if fixed := fits(strings.Split(template, "/"), segments); fixed > best {
			best, pointer = fixed, "#/paths/"+escape(template)+"/"+strings.ToLower(method)
		}
	}
	return pointer, best >= 0
}

// fits counts the fixed segments of a template that a path fits, or gives -1.
func fits(template, path []string) int {
	if len(template) != len(path) {
		return -1
	}
	fixed := 0
	for i, t := range template {
		switch {
		case t == path[i]:
			fixed++
		case !strings.HasPrefix(t, "{") || path[i] == "":
			return -1
		}
	}
	return fixed
}

// body gives where the schema of a request or an answer stands, which may be a
// reference to a component.
func (d *Document) body(at string) (pointer string, ok bool) {
	value := object(d.at(at))
	if ref, isRef := value["$ref"].(string); isRef {
		return d.body(ref)
	}
	if _, has := object(object(value["content"])["application/json"])["schema"]; !has {
		return "", false
	}
	return at + "/content/application~1json/schema", true
}

func (d *Document) schema(pointer string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.compiled[pointer]; ok {
		return s, nil
	}
	s, err := d.compiler.Compile(address + pointer)
	if err != nil {
		return nil, fmt.Errorf("apicheck: %w", err)
	}
	d.compiled[pointer] = s
	return s, nil
}

// at gives the value that a pointer into the document names, or nil.
func (d *Document) at(pointer string) any {
	var value any = d.root
	for _, segment := range strings.Split(strings.TrimPrefix(pointer, "#/"), "/") {
		value = object(value)[strings.NewReplacer("~1", "/", "~0", "~", "%7B", "{", "%7D", "}").Replace(segment)]
	}
	return value
}

// escape makes of a path a segment of a pointer in a URL.
func escape(path string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(path)
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

// Extensions are the names of the properties, anywhere in the document, that are
// marked as usher's own.
func (d *Document) Extensions() []string {
	found := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for name, property := range object(v["properties"]) {
				if object(property)["x-usher-extension"] == true {
					found[name] = true
				}
			}
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(d.root)
	return slices.Sorted(maps.Keys(found))
}

// SameShape tells how an answer differs in its keys and JSON types from a
// recorded one: each difference a line, sorted. A recorded value "…" is anything;
// names in more are allowed beside the recorded ones (extensions). Of lists the
// first elements are compared.
func SameShape(recorded, answer []byte, more []string) ([]string, error) {
	var want, got any
	for text, v := range map[*[]byte]*any{&recorded: &want, &answer: &got} {
		if err := json.Unmarshal(*text, v); err != nil {
			return nil, fmt.Errorf("apicheck: %w in %s", err, *text)
		}
	}
	var found []string
	compare("", want, got, more, &found)
	slices.Sort(found)
	return found, nil
}

func compare(at string, want, got any, more []string, found *[]string) {
	if want == "…" {
		return
	}
	if kind(want) != kind(got) {
		*found = append(*found, fmt.Sprintf("%s is %s, recorded is %s", at, kind(got), kind(want)))
		return
	}
	switch want := want.(type) {
	case []any:
		if got := got.([]any); len(want) > 0 && len(got) > 0 {
			compare(at+"[0]", want[0], got[0], more, found)
		}
	case map[string]any:
		got := got.(map[string]any)
		for name, value := range want {
			if has, ok := got[name]; ok {
				compare(at+"."+name, value, has, more, found)
			} else if name != "…" {
				*found = append(*found, at+"."+name+" is missing")
			}
		}
		for name := range got {
			if _, ok := want[name]; !ok && want["…"] == nil && !slices.Contains(more, name) {
				*found = append(*found, at+"."+name+" is not recorded")
			}
		}
	}
}

func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	}
	return "an object"
}
