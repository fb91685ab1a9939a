package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/web"
)

type errorBody struct {
	Code    string  `json:"errorCode"`
	Summary string  `json:"errorSummary"`
	Link    string  `json:"errorLink"`
	ID      string  `json:"errorId"`
	Causes  []cause `json:"errorCauses"`
}

type cause struct {
	Summary string `json:"errorSummary"`
}

func writeError(t *testing.T, err error) (*httptest.ResponseRecorder, errorBody) {
	t.Helper()
	w := httptest.NewRecorder()
	web.WriteError(w, httptest.NewRequest(http.MethodGet, "/api/v1/x", nil), err)
	var body errorBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return w, body
}

// declaredKinds are the names of the kinds in package fault, in their order, read
// from its text so that a new kind cannot be forgotten here.
func declaredKinds(t *testing.T) []string {
	t.Helper()
	dir := filepath.Join("..", "fault")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			block, ok := d.(*ast.GenDecl)
			if !ok || block.Tok != token.CONST {
				continue
			}
			if kind, ok := block.Specs[0].(*ast.ValueSpec).Type.(*ast.Ident); !ok || kind.Name != "Kind" {
				continue
			}
			for _, spec := range block.Specs {
				names = append(names, spec.(*ast.ValueSpec).Names[0].Name)
			}
		}
	}
	return names
}

// kinds are the answers to the kinds, in the order of their declaration.
var kinds = []struct {
	name   string
	kind   fault.Kind
	status int
	code   string
}{
	{"Invalid", fault.Invalid, 400, "E0000001"},
	{"Malformed", fault.Malformed, 400, "E0000003"},
	{"Unauthenticated", fault.Unauthenticated, 401, "E0000004"},
	{"NoSession", fault.NoSession, 403, "E0000005"},
	{"BadToken", fault.BadToken, 401, "E0000011"},
	{"Forbidden", fault.Forbidden, 403, "E0000006"},
	{"NotFound", fault.NotFound, 404, "E0000007"},
	{"Denied", fault.Denied, 400, "E0000135"},
	{"HookFailed", fault.HookFailed, 502, "E0000134"},
	{"TooLarge", fault.TooLarge, 413, "E0000003"},
	{"MethodNotAllowed", fault.MethodNotAllowed, 405, "E0000022"},
	{"MissingParameter", fault.MissingParameter, 400, "E0000028"},
	{"BadPage", fault.BadPage, 400, "E0000054"},
	{"BadFilter", fault.BadFilter, 400, "E0000053"},
	{"BadSearch", fault.BadSearch, 400, "E0000031"},
	{"WrongStatus", fault.WrongStatus, 403, "E0000038"},
	{"AlreadyActive", fault.AlreadyActive, 403, "E0000016"},
	{"WeakPassword", fault.WeakPassword, 403, "E0000080"},
	{"NotProven", fault.NotProven, 403, "E0000014"},
	{"TooManyGroups", fault.TooManyGroups, 400, "E0000093"},
	{"NoPassword", fault.NoPassword, 400, "E0000124"},
	{"NotActivated", fault.NotActivated, 400, "E0000125"},
	{"TypeInUse", fault.TypeInUse, 403, "E0000142"},
	{"FixedPriority", fault.FixedPriority, 403, "E0000077"},
	{"StillActive", fault.StillActive, 403, "E0000056"},
	{"AlreadyAssigned", fault.AlreadyAssigned, 409, "E0000090"},
	{"Changed", fault.Changed, 412, "E0000001"},
	{"RateLimited", fault.RateLimited, 429, "E0000047"},
	{"Busy", fault.Busy, 503, "E0000181"},
}

func TestEveryKindHasItsAnswer(t *testing.T) {
	t.Parallel()
	declared := declaredKinds(t)
	if len(declared) != len(kinds) {
		t.Fatalf("package fault has the kinds %v; this table has %d", declared, len(kinds))
	}
	for i, k := range kinds {
		if declared[i] != k.name || k.kind != fault.Kind(i+1) {
			t.Errorf("kind %d is %s, the table has %s", i+1, declared[i], k.name)
		}
		w, body := writeError(t, fault.New(k.kind, ""))
		checkShape(t, k.name, w, body)
		if w.Code != k.status || body.Code != k.code {
			t.Errorf("%s: %d %s, want %d %s", k.name, w.Code, body.Code, k.status, k.code)
		}
		if body.Summary == "" || body.Summary != web.Summary(k.kind) {
			t.Errorf("%s: summary %q, Summary gives %q", k.name, body.Summary, web.Summary(k.kind))
		}
		if retry := w.Header().Get("Retry-After"); (retry != "") != (k.status == 429 || k.status == 503) {
			t.Errorf("%s: Retry-After is %q", k.name, retry)
		}
	}
}

// checkShape checks what every error answer has.
func checkShape(t *testing.T, name string, w *httptest.ResponseRecorder, body errorBody) {
	t.Helper()
	if body.Causes == nil {
		t.Errorf("%s: errorCauses is null, and must be a list", name)
	}
	if body.Link != body.Code {
		t.Errorf("%s: errorLink is %q", name, body.Link)
	}
	if !strings.HasPrefix(body.ID, "oae") || len(body.ID) != 25 {
		t.Errorf("%s: errorId is %q", name, body.ID)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("%s: Content-Type %q", name, got)
	}
}

func TestUnknownKindIsInternal(t *testing.T) {
	t.Parallel()
	for _, kind := range []fault.Kind{-1, 0, fault.Kind(len(kinds) + 1)} {
		w, body := writeError(t, fault.New(kind, "words", fault.Cause{Text: "of nobody"}))
		if w.Code != 500 || body.Code != "E0000009" || body.Summary != "Internal Server Error" || len(body.Causes) != 0 {
			t.Errorf("kind %d: %d %+v", kind, w.Code, body)
		}
	}
}

func TestCausesNameTheProperty(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("mgmt: create: %w", fault.New(fault.Invalid, "Api validation failed: name",
		fault.Cause{Field: "name", Text: "The field cannot be left blank"}, fault.Cause{Text: "<b> & more"}))
	w, body := writeError(t, err)
	if body.Summary != "Api validation failed: name" {
		t.Errorf("summary is %q", body.Summary)
	}
	want := []cause{{"name: The field cannot be left blank"}, {"<b> & more"}}
	if len(body.Causes) != 2 || body.Causes[0] != want[0] || body.Causes[1] != want[1] {
		t.Errorf("causes are %v, want %v", body.Causes, want)
	}
	if !strings.Contains(w.Body.String(), `"<b> & more"`) {
		t.Errorf("the body is escaped for HTML: %s", w.Body)
	}
}

func TestInternalErrorsShowNothing(t *testing.T) {
	t.Parallel()
	w, body := writeError(t, errors.New("sqlstore: disk /var/lib/usher is on fire"))
	if w.Code != 500 || body.Code != "E0000009" || body.Summary != "Internal Server Error" {
		t.Errorf("answer is %d %+v", w.Code, body)
	}
	if strings.Contains(w.Body.String(), "fire") {
		t.Errorf("the error is shown: %s", w.Body)
	}
}

func TestTimeThatRanOutIsBusy(t *testing.T) {
	t.Parallel()
	for _, err := range []error{context.DeadlineExceeded, context.Canceled} {
		w, body := writeError(t, fmt.Errorf("sqlstore: %w", err))
		if w.Code != 503 || body.Code != "E0000181" || w.Header().Get("Retry-After") != "2" {
			t.Errorf("%v: %d %+v, Retry-After %q", err, w.Code, body, w.Header().Get("Retry-After"))
		}
	}
}

func TestRetryAfterThatIsSetStays(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	w.Header().Set("Retry-After", "7")
	web.WriteError(w, httptest.NewRequest(http.MethodGet, "/", nil), fault.New(fault.RateLimited, ""))
	if got := w.Header().Values("Retry-After"); len(got) != 1 || got[0] != "7" {
		t.Errorf("Retry-After is %v", got)
	}
}
