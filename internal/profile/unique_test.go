package profile

import (
	"testing"
)

func TestUniqueValues(t *testing.T) {
	t.Parallel()
	s := schemaWith(t,
		Attribute{Name: "badge", Title: "B", Type: String, Unique: true},
		Attribute{Name: "size", Title: "S", Type: Number, Unique: true},
		Attribute{Name: "plan", Title: "P", Type: String},
	)
	key := func(text string) string {
		t.Helper()
		values := s.UniqueValues(profileOf(t, text))
		if len(values) != 1 {
			t.Fatalf("%s has %v", text, values)
		}
		return values[0].Attribute + " " + values[0].Key
	}
	for _, same := range [][2]string{
		{`{"badge":"A-1","plan":"x"}`, `{"badge":" a-1 ","plan":"y"}`}, {`{"badge":"Straße"}`, `{"badge":"STRASSE"}`},
		{`{"size":1}`, `{"size":1.0}`}, {`{"size":100}`, `{"size":1e2}`},
	} {
		if a, b := key(same[0]), key(same[1]); a != b {
			t.Errorf("%s and %s pass for two", same[0], same[1])
		}
	}
	for _, differ := range [][2]string{
		{`{"badge":"A-1"}`, `{"badge":"A-2"}`}, {`{"badge":"1"}`, `{"size":1}`}, {`{"size":0.1}`, `{"size":0.10000000000000001}`},
	} {
		if a, b := key(differ[0]), key(differ[1]); a == b {
			t.Errorf("%s and %s pass for one", differ[0], differ[1])
		}
	}
	for _, none := range []string{`{}`, `{"badge":""}`, `{"badge":"  "}`, `{"badge":null}`, `{"plan":"x"}`, `{"badge":true}`} {
		if values := s.UniqueValues(profileOf(t, none)); values != nil {
			t.Errorf("%s has %v", none, values)
		}
	}
	if !s.HasUnique() || !s.Unique("badge") || s.Unique("plan") || s.Unique("nothing") || schemaWith(t).HasUnique() {
		t.Error("which attributes are unique is told wrong")
	}
}
