package signin

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/profile"
)

// TestEntriesShowWhatThePersonMaySee: the order is the schema's, sensitive values
// are told of without being held, hidden ones are not even told of.
func TestEntriesShowWhatThePersonMaySee(t *testing.T) {
	t.Parallel()
	schema, err := profile.NewSchema(
		profile.Attribute{Name: "seats", Title: "Seats", Type: profile.Integer},
		profile.Attribute{Name: "badge", Title: "Badge", Type: profile.String, Sensitive: true},
		profile.Attribute{Name: "ssn", Title: "SSN", Type: profile.String, Sensitive: true, Permission: profile.Hide},
		profile.Attribute{Name: "pin", Title: "PIN", Type: profile.String, Sensitive: true, Mutability: profile.WriteOnly},
		profile.Attribute{Name: "score", Title: "Score", Type: profile.Integer, Permission: profile.Hide},
		profile.Attribute{Name: "note", Title: "Note", Type: profile.String, Sensitive: true},
	)
	if err != nil {
		t.Fatal(err)
	}
	p := profile.New(hook.NewObject(
		hook.Member{Name: "badge", Value: "B-77"}, hook.Member{Name: "ssn", Value: "1"}, hook.Member{Name: "pin", Value: "2"},
		hook.Member{Name: "score", Value: json.Number("7")}, hook.Member{Name: "seats", Value: json.Number("3")},
		hook.Member{Name: "login", Value: "ana@example.com"}, hook.Member{Name: "note", Value: nil},
	))
	type row struct {
		name   string
		value  any
		masked bool
	}
	want := []row{{"login", "ana@example.com", false}, {"seats", json.Number("3"), false}, {"badge", nil, true}}
	var got []row
	for _, e := range entries(schema, schema.DiscloseAll(p).Object(), p) {
		got = append(got, row{e.Attribute.Name, e.Value, e.Masked})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// No page lets people change their profile, so one of READ_WRITE is shown as one
// of READ_ONLY is.
func TestPermissionsToReadAndWriteAreShownAlike(t *testing.T) {
	t.Parallel()
	schema, err := profile.NewSchema(
		profile.Attribute{Name: "seats", Title: "Seats", Type: profile.Integer, Permission: profile.ReadOnly},
		profile.Attribute{Name: "badge", Title: "Badge", Type: profile.String, Permission: profile.ReadWrite},
	)
	if err != nil {
		t.Fatal(err)
	}
	p := profile.New(hook.NewObject(hook.Member{Name: "seats", Value: json.Number("3")}, hook.Member{Name: "badge", Value: "B-77"}))
	got := entries(schema, schema.DiscloseAll(p).Object(), p)
	if len(got) != 2 || got[0].Value != json.Number("3") || got[1].Value != "B-77" {
		t.Errorf("the page shows %v", got)
	}
}
