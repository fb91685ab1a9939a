package profile

import (
	"slices"
	"testing"

	"github.com/usher-id/usher/hook"
)

// profileText gives the object of a JSON text, or nil.
func profileText(text string) *hook.Object {
	v, err := hook.Parse([]byte(text), hook.DefaultLimits)
	if err != nil {
		return nil
	}
	o, _ := v.(*hook.Object)
	return o
}

// members gives a profile without its order.
func members(t testing.TB, p Profile) []string {
	t.Helper()
	var list []string
	for name, value := range p.All() {
		list = append(list, encoded(t, Profile{}.Set(name, value)))
	}
	slices.Sort(list)
	return list
}

func TestProfileText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `{"b":1.50,"a":{"z":[null,true],"y":"<&>"}}`} {
		p, err := Decode(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := encoded(t, p); got != text {
			t.Errorf("%s came back as %s", text, got)
		}
	}
	if got := encoded(t, Profile{}); got != "{}" {
		t.Errorf("the zero value is %s", got)
	}
	for _, text := range []string{``, `[]`, `null`, `{"a":`} {
		if p, err := Decode(text); err == nil {
			t.Errorf("Decode(%q) = %s", text, encoded(t, p))
		}
	}
	if _, err := (Profile{}).Set("a", "\xff").Encode(); err == nil {
		t.Error("invalid UTF-8 was encoded")
	}
}

func TestProfileIsAValue(t *testing.T) {
	t.Parallel()
	o := object(t, `{"a":1,"b":"x"}`)
	p := New(o)
	o.Set("a", "changed outside")
	set, deleted := p.Set("b", "y"), p.Delete("a")
	if got := encoded(t, p); got != `{"a":1,"b":"x"}` || p.Len() != 2 || p.Text("b") != "x" {
		t.Errorf("it is %s now", got)
	}
	if got := encoded(t, set); got != `{"a":1,"b":"y"}` {
		t.Errorf("Set gave %s", got)
	}
	if got := encoded(t, deleted); got != `{"b":"x"}` {
		t.Errorf("Delete gave %s", got)
	}
	if p := (Profile{}).Delete("a"); p.Len() != 0 {
		t.Error("deleting from nothing gave something")
	}
}
