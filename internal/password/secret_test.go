package password

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const (
	canary     = "correct horse 7Qx"
	canaryHash = "$2a$04$......................bcryptHashOfNobodyInParticular."
)

// TestRedaction writes a secret and a hash down in every way that happens by
// accident, alone and inside other values.
func TestRedaction(t *testing.T) {
	t.Parallel()
	secret, hash := NewSecret(canary), newHash(canaryHash)
	type exported struct {
		S Secret
		H Hash
		P *Secret
	}
	type hidden struct {
		s Secret
		h Hash
		p *Secret
	}
	values := map[string]struct {
		value any
		shown bool // whether [redacted] stands in its place; fmt cannot ask hidden fields for it
	}{
		"secret":         {secret, true},
		"hash":           {hash, true},
		"pointer":        {&secret, true},
		"slice":          {[]Secret{secret}, true},
		"map":            {map[string]Hash{"h": hash}, true},
		"exported field": {exported{secret, hash, &secret}, true},
		"hidden field":   {hidden{secret, hash, &secret}, false},
		"zero":           {Secret{}, true},
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, text := range written(t, v.value) {
				for _, leak := range []string{"correct", "7Qx", "$2a$", "HashOfNobody"} {
					if strings.Contains(text, leak) || strings.Contains(strings.ToLower(text), hex.EncodeToString([]byte(leak))) {
						t.Errorf("%s shows %q: %s", how, leak, text)
					}
				}
				if v.shown && !strings.Contains(text, "[redacted]") {
					t.Errorf("%s does not say [redacted]: %s", how, text)
				}
			}
		})
	}
}

func written(t *testing.T, v any) map[string]string {
	t.Helper()
	out := map[string]string{"error": fmt.Errorf("refused %v", v).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", v)
	out["slog text"] = log.String()
	log.Reset()
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", slog.Any("v", v))
	out["slog json"] = log.String()
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out["json"] = string(encoded)
	return out
}

func TestRedactionWrittenExactly(t *testing.T) {
	t.Parallel()
	secret := NewSecret(canary)
	for name, got := range map[string]string{
		"String":   secret.String(),
		"GoString": secret.GoString(),
		"Format":   fmt.Sprintf("%#v", secret),
		"LogValue": secret.LogValue().String(),
		"key":      mustMarshal(t, json.Marshal, map[Secret]int{secret: 1}),
		"json":     mustMarshal(t, json.Marshal, secret),
		"xml":      mustMarshal(t, xml.Marshal, secret),
	} {
		want := map[string]string{
			"key": `{"[redacted]":1}`, "json": `"[redacted]"`, "xml": "<Secret>[redacted]</Secret>",
		}[name]
		if want == "" {
			want = "[redacted]"
		}
		if got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
}

func mustMarshal(t *testing.T, marshal func(any) ([]byte, error), v any) string {
	t.Helper()
	out, err := marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestSecretKeepsItsText(t *testing.T) {
	t.Parallel()
	for text, empty := range map[string]bool{"": true, " ": false, canary: false, " ẞ\x00\xff ": false} {
		if s := NewSecret(text); s.Reveal() != text || s.Empty() != empty {
			t.Errorf("NewSecret(%q): Reveal %q, Empty %v", text, s.Reveal(), s.Empty())
		}
	}
	if s := (Secret{}); s.Reveal() != "" || !s.Empty() {
		t.Error("the zero Secret is not empty")
	}
}

func TestSecretIsNotReadFromJSON(t *testing.T) {
	t.Parallel()
	var body struct{ Password Secret }
	if err := json.Unmarshal([]byte(`{"password":"typed"}`), &body); err == nil {
		t.Error("a Secret was decoded; it would be empty, and nobody would notice")
	}
}
