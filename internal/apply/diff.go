package apply

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// differences gives where what is there is not as it is wanted, as
// channel.config.uri, sorted. Only what is wanted is looked at; a property that is
// wanted to be null may be missing. Lists are equal or not, element by element.
func differences(want, have any) []string {
	var found []string
	compare("", want, have, &found)
	return found
}

func compare(at string, want, have any, found *[]string) {
	wanted, ok := want.(Object)
	has, both := have.(Object)
	if ok && both {
		for _, name := range slices.Sorted(maps.Keys(wanted)) {
			below := name
			if at != "" {
				below = at + "." + name
			}
			compare(below, wanted[name], has[name], found)
		}
		return
	}
	if !equal(want, have) {
		*found = append(*found, at)
	}
}

// equal compares, of the elements of a list, what is wanted of each.
func equal(want, have any) bool {
	wanted, ok := want.([]any)
	has, both := have.([]any)
	if ok && both {
		return slices.EqualFunc(wanted, has, func(w, h any) bool { return len(differences(w, h)) == 0 })
	}
	if w, isNumber := want.(json.Number); isNumber {
		h, _ := have.(json.Number)
		return sameNumber(w, h)
	}
	return reflect.DeepEqual(want, have)
}

func sameNumber(a, b json.Number) bool {
	x, err := a.Float64()
	y, other := b.Float64()
	return a == b || err == nil && other == nil && x == y
}

// overlay gives base with what over names.
func overlay(base, over Object) Object {
	out := maps.Clone(base)
	if out == nil {
		out = Object{}
	}
	for name, value := range over {
		inner, ok := value.(Object)
		had, both := out[name].(Object)
		if ok && both {
			value = overlay(had, inner)
		}
		out[name] = value
	}
	return out
}

// without gives a copy that lacks some properties.
func without(o Object, names ...string) Object {
	out := maps.Clone(o)
	for _, name := range names {
		delete(out, name)
	}
	return out
}

// at gives a value below an object, or nil.
func at(o Object, path ...string) any {
	var v any = o
	for _, name := range path {
		in, _ := v.(Object)
		v = in[name]
	}
	return v
}

func text(o Object, path ...string) string {
	s, _ := at(o, path...).(string)
	return s
}
