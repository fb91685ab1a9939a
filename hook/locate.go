package hook

import "slices"

// Locate is the byte offset at which the value of a path begins in a JSON text
// that [Parse] has accepted; path elements are member names (string) and array
// indexes (int), none for the whole text. Of a name that occurs twice the last
// is meant, as in [Object.Get]. It is 0 for what is not there.
func Locate(text []byte, path ...any) int {
	return locate(text, search{path: path})
}

// LocateDuplicate is the byte offset at which a name stands for the second time
// in the object at the path, of a text that [Parse] has accepted. It is 0 when
// the name does not occur twice there.
func LocateDuplicate(text []byte, name string, path ...any) int {
	return locate(text, search{path: path, duplicate: &name})
}

func locate(text []byte, s search) int {
	unlimited := Limits{Depth: len(text), Values: len(text)}
	p := parser{text: text, limits: unlimited, search: &s}
	if _, err := p.value(0); err != nil {
		return 0
	}
	return s.at
}

// search is what Locate and LocateDuplicate look for while a text is parsed.
type search struct {
	path      []any
	duplicate *string // nil: the value at the path
	here      []any   // path of the value that is being parsed
	at        int     // offset of what was found, or 0
}

// arrive notes that a value begins. Each time that a part of the path is entered
// again, under a name that occurs twice, what was found there before is void.
func (s *search) arrive(at int) {
	if s == nil || len(s.here) > len(s.path) || !slices.Equal(s.here, s.path[:len(s.here)]) {
		return
	}
	s.at = 0
	if s.duplicate == nil && len(s.here) == len(s.path) {
		s.at = at
	}
}

// name notes that a member of an object begins.
func (s *search) name(o *Object, name string, at int) {
	if s != nil && s.duplicate != nil && *s.duplicate == name && s.at == 0 &&
		slices.Equal(s.here, s.path) && o.Has(name) {
		s.at = at
	}
}
