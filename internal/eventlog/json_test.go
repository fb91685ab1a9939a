package eventlog_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
)

func logJSON(t *testing.T, events ...org.Event) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(eventlog.LogEvents(events)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The shape of Okta's LogEvent, key by key and null by null.
func TestLogEventJSON(t *testing.T) {
	t.Parallel()
	system := eventlog.New(eventlog.GroupCreated, noon.In(time.FixedZone("", 3600)), eventlog.Origin{Actor: eventlog.System()}, org.Outcome{Result: org.Success},
		eventlog.GroupTarget(&org.Group{ID: "00gall", Name: "Everyone"}))
	system.UUID = "5d3f3a52-5a0b-4a39-8b7e-0b8a4a4f3c11"
	want, err := os.ReadFile(filepath.Join("testdata", "logevents.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got := logJSON(t, processed(), system); got != string(want) {
		t.Errorf("JSON is\n%s, want\n%s", got, want)
	}
}

func TestNoEventsAreAList(t *testing.T) {
	t.Parallel()
	if got := logJSON(t); got != "[]\n" {
		t.Errorf("JSON is %s", got)
	}
}

func TestLogEventsAreWithinOktasLimits(t *testing.T) {
	t.Parallel()
	e := processed()
	e.Outcome.Reason = strings.Repeat("é", 255) + "x"
	e.Client.IP = "2001:db8::7"
	got := logJSON(t, e)
	if strings.Contains(got, "éx") || !strings.Contains(got, `"`+strings.Repeat("é", 255)+`"`) {
		t.Error("the reason is not cut to 255 characters")
	}
	if !strings.Contains(got, `"version": "V6"`) {
		t.Errorf("the address has no version 6: %s", got)
	}
}
