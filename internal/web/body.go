package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"unicode"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/fault"
)

// MaxBody is the size of a body of the API, in bytes, above which it is refused.
const MaxBody = 1 << 20

// bodyLimits bound the work that a body can cause. The largest that clients
// send is a user schema.
func bodyLimits() hook.Limits { return hook.Limits{Depth: 64, Values: 100_000} }

// ReadJSON reads a body, which must be there, into v. It refuses what parsers
// read in different ways (names that occur twice, in whatever case, since
// encoding/json does not tell cases apart; text that is not UTF-8) and
// NUL, which no database stores; the fault says at which line and column. A
// value of the wrong type is a fault at its property. Properties that v does
// not have are left out, as Okta does.
func ReadJSON(r *http.Request, v any) error {
	text, err := readBody(r)
	if err != nil {
		return err
	}
	value, err := hook.Parse(text, bodyLimits())
	if err != nil {
		return malformed(err.Error())
	}
	if flaw := findFlaw(text, value, nil); flaw != nil {
		return malformed(flaw.Error())
	}
	if err := json.Unmarshal(text, v); err != nil {
		return mistyped(err)
	}
	return nil
}

func malformed(what string) *fault.Error {
	return fault.New(fault.Malformed, Summary(fault.Malformed), fault.Cause{Text: what})
}

func readBody(r *http.Request) ([]byte, error) {
	if err := checkType(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, MaxBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, fault.New(fault.TooLarge, Summary(fault.TooLarge),
			fault.Cause{Text: fmt.Sprintf("the body is larger than %d bytes", over.Limit)})
	case err != nil:
		return nil, malformed("the body ended too early").With(err)
	case len(text) == 0:
		return nil, malformed("the body is empty where a JSON object was expected")
	}
	return text, nil
}

// checkType refuses what says that it is no JSON. Clients that say nothing
// mean it, and Okta's own put options behind the type, as in
// "application/json; okta-response=omitCredentials".
func checkType(contentType string) error {
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	if mediaType == "" || strings.HasSuffix(mediaType, "/json") || strings.HasSuffix(mediaType, "+json") {
		return nil
	}
	return malformed("the Content-Type must be application/json")
}

// findFlaw gives the first name that occurs twice, or the first NUL, or nil.
func findFlaw(text []byte, v any, path []any) *hook.SyntaxError {
	switch v := v.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			return hook.ErrorAt(text, hook.Locate(text, path...), "the text holds a NUL character")
		}
	case []any:
		for i, element := range v {
			if flaw := findFlaw(text, element, append(path, i)); flaw != nil {
				return flaw
			}
		}
	case *hook.Object:
		if name, ok := v.Duplicate(); ok {
			return hook.ErrorAt(text, hook.LocateDuplicate(text, name, path...), fmt.Sprintf("the name %.100q occurs twice", name))
		}
		if first, second, ok := twins(v); ok {
			return hook.ErrorAt(text, hook.Locate(text, append(path, second)...),
				fmt.Sprintf("the names %.100q and %.100q differ by case alone", first, second))
		}
		for name, value := range v.All() {
			at := append(path, name)
			if strings.ContainsRune(name, 0) {
				return hook.ErrorAt(text, hook.Locate(text, at...), "the name of this value holds a NUL character")
			}
			if flaw := findFlaw(text, value, at); flaw != nil {
				return flaw
			}
		}
	}
	return nil
}

// twins gives the first two names of an object that encoding/json would take for
// one: it folds them by [strings.EqualFold].
func twins(o *hook.Object) (first, second string, ok bool) {
	seen := make(map[string]string, o.Len())
	for name := range o.All() {
		folded := foldName(name)
		if first, ok := seen[folded]; ok {
			return first, name, true
		}
		seen[folded] = name
	}
	return "", "", false
}

// foldName is the same for names that are equal under simple case folding.
func foldName(name string) string {
	return strings.Map(func(r rune) rune {
		// The least of the runes that fold together, as K, k and the Kelvin sign.
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}

// mistyped is a value that does not fit its property.
func mistyped(err error) *fault.Error {
	var limit *hook.SyntaxError // of an object that reads itself, whose limits are narrower
	if errors.As(err, &limit) {
		return malformed("an object in the body has " + limit.Problem)
	}
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return malformed("a value is not of the type that its property has").With(err)
	}
	got, _, _ := strings.Cut(wrong.Value, " ") // of a number the text stands behind
	text := fmt.Sprintf("must be %s, not %s", typeName(wrong.Type), article(got))
	if wrong.Field == "" {
		return malformed("the body " + text)
	}
	return fault.Field(wrong.Field, wrong.Field, text)
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "an integer"
}

func article(kind string) string {
	switch kind {
	case "bool":
		return "a boolean"
	case "array", "object":
		return "an " + kind
	}
	return "a " + kind
}
