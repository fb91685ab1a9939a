package sqlstore

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqldb"
)

func TestColumns(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6789, time.FixedZone("", -3600))
	for name, c := range map[string]struct{ in, want any }{
		"text":            {"a<ß", "a<ß"},
		"time":            {at, at.UnixMicro()},
		"never":           {time.Time{}, int64(0)},
		"before 1970":     {time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC), int64(-315619200000000)},
		"document":        {document{map[string]string{"a": "<&>\u2028"}}, `{"a":"<&>\u2028"}`},
		"nothing":         {document{[]string(nil)}, "null"},
		"JSON":            {jsonText(`{"b":1,"a":1.0}`), `{"b":1,"a":1.0}`},
		"not that escape": {jsonText(`"\\u0000\\\\ufffd"`), `"\\u0000\\\\ufffd"`},
		"evidence":        {evidence("a\x00b\xff\xfec"), "a\uFFFDb\uFFFDc"},
		"record":          {record{[]string{"a\x00", "\xff"}}, `["a\u0000","\ufffd"]`},
		"number":          {7, 7},
	} {
		got, err := column(c.in)
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
	for name, in := range map[string]any{
		"NUL":                  "a\x00",
		"bad UTF-8":            "\xff",
		"NUL in JSON":          jsonText(`{"a":"\\\u0000"}`),
		"bad UTF-8 in JSON":    jsonText("\"\xff\""),
		"NUL in a value":       document{"a\x00"},
		"bad UTF-8 in a value": document{[]string{"\xff"}},
		"NUL in a key":         document{map[string]int{"\x00": 1}},
	} {
		if got, err := column(in); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := column(document{make(chan int)}); err == nil || fault.As(err) != nil {
		t.Errorf("what has no JSON: %v", err)
	}
}

func TestColumnsOfWrongTypes(t *testing.T) {
	var when time.Time
	if err := at(&when).Scan("2026-01-01"); err == nil {
		t.Error("text is a time")
	}
	var list []string
	for _, src := range []any{nil, []byte("[]"), "{}", "secret"} {
		if err := from(&list).Scan(src); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: %v", src, err)
		}
	}
}

// TestStoredDocuments pins the JSON in the database: a field of package org that
// is renamed needs a migration.
func TestStoredDocuments(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "usher.db"))
	second := time.Unix(1, 0)
	err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Policies.Create(ctx, &org.Policy{Rule: org.Rule{
			ID: "rul1", Attributes: []org.FormAttribute{{Name: "email", Label: "E-mail", Required: true}}, Created: second,
		}}); err != nil {
			return err
		}
		if err := tx.Hooks.Create(ctx, &org.InlineHook{ID: "cal1", Channel: org.Channel{Headers: []org.Header{{Key: "k", Value: "v"}}}}); err != nil {
			return err
		}
		if err := tx.Events.Append(ctx, org.Event{Severity: "INFO", Targets: []org.Target{{ID: "t"}}, Debug: map[string]string{"k": "v"}}); err != nil {
			return err
		}
		if err := tx.Interactions.Swap(ctx, &org.Interaction{Messages: []org.Message{{Field: "f", Text: "t"}}}); err != nil {
			return err
		}
		return tx.Calls.Append(ctx, &org.HookCall{
			Request: "{}", Duration: time.Second, Attempts: []org.Attempt{{Started: second}}, Answer: org.Answer{Body: "b"},
			Findings: []org.Finding{{Code: "c"}}, Messages: []org.Message{{Text: "t"}},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{
		"rule FROM policies": `{"ID":"rul1","Name":"","Access":"","UnknownUserAction":"","EmailVerification":false,"HookID":"",` +
			`"Triggers":{"NewUser":false,"ExistingUser":false},"Attributes":[{"Name":"email","Label":"E-mail","Required":true}],` +
			`"ProgressiveProfilingAction":"","TargetGroupID":"","AllowedIdentifiers":null,"EnrollAuthenticatorTypes":null,"UISchemaID":"",` +
			`"Created":"1970-01-01T00:00:01Z","LastUpdated":"0001-01-01T00:00:00Z"}`,
		"record FROM events": `{"Severity":"INFO","Display":"","Actor":{"ID":"","Type":"","AlternateID":"","DisplayName":""},` +
			`"Client":{"IP":"","UserAgent":""},"Outcome":{"Result":"","Reason":""},` +
			`"Targets":[{"ID":"t","Type":"","AlternateID":"","DisplayName":""}],"Transaction":"","Debug":{"k":"v"}}`,
		"messages FROM interactions": `[{"Field":"f","Text":"t"}]`,
		"record FROM hook_calls": `{"HookName":"","HookVersion":0,"HookURL":"","PolicyID":"","EventID":"","RequestID":"","EventType":"",` +
			`"RequestType":"","Duration":1000000000,"Attempts":[{"Started":"1970-01-01T00:00:01Z","Duration":0,"Status":0,"Failure":"","Detail":"","Address":""}],` +
			`"Answer":{"Status":0,"ContentType":"","Size":0,"Body":"","Readable":false},"Event":"","Outcome":"","Decision":""}`,
		"content FROM hook_calls": `{"Request":"{}","Answer":"b","DebugContext":"","Messages":[{"Field":"","Text":"t"}],"Reason":"","Detail":"",` +
			`"Findings":[{"Severity":"","Code":"c","Path":"","Read":"","Happens":"","Repair":"","Suggestion":""}]}`,
	} {
		var got string
		if err := s.engine.Pool(sqldb.View).QueryRowContext(t.Context(), "SELECT "+column).Scan(&got); err != nil || got != want {
			t.Errorf("%s\n got %s, %v\nwant %s", column, got, err, want)
		}
	}
	var sealed string
	if err := s.engine.Pool(sqldb.View).QueryRowContext(t.Context(), "SELECT headers FROM hooks").Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	if got, err := s.keys.Open(secretbox.Where{Table: "hooks", Row: "cal1", Column: columnHeaders}, sealed); err != nil || string(got) != `[{"Key":"k","Value":"v"}]` {
		t.Errorf("headers of a hook: %s, %v", got, err)
	}
}
