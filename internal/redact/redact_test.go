package redact_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/redact"
)

type secret struct{ redact.Text }

func TestTextGivesWhatItHides(t *testing.T) {
	t.Parallel()
	if got := redact.New("x").Reveal(); got != "x" {
		t.Errorf("revealed %q", got)
	}
	if !(redact.Text{}).Empty() || !redact.New("").Empty() || redact.New("x").Empty() {
		t.Error("Empty is wrong")
	}
}

func TestHiddenNeverShowsTheValue(t *testing.T) {
	t.Parallel()
	const canary = "s3cr3t"
	s := secret{redact.New(canary)}
	type holder struct {
		S secret
		s secret
	}

	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T %v"} {
		fmt.Fprintf(&out, verb+"\n", s, s)
		fmt.Fprintf(&out, verb+"\n", &s, &s)
		fmt.Fprintf(&out, verb+"\n", holder{s, s}, holder{s, s})
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "s", s, "h", holder{s, s})
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "s", s, "h", holder{s, s})
	for _, v := range []any{s, &s, holder{s, s}, []secret{s}, map[string]secret{"k": s}} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	text, err := xml.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)

	if strings.Contains(out.String(), canary) || strings.Contains(out.String(), fmt.Sprintf("%x", canary)) {
		t.Errorf("the value is shown:\n%s", out.String())
	}
	if !strings.Contains(out.String(), redact.Shown) {
		t.Errorf("nothing says that something is hidden:\n%s", out.String())
	}
}
