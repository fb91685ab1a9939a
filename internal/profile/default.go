package profile

// WithDefaults gives a profile with the default of each attribute that it has no
// value of.
func (s *Schema) WithDefaults(p Profile) Profile {
	return s.withDefaults(p, func(string) bool { return true })
}

func (s *Schema) withDefaults(p Profile, of func(name string) bool) Profile {
	for i := range s.list {
		r := &s.list[i]
		if value, _ := p.Get(r.Name); r.Default != nil && r.isAbsent(value) && of(r.Name) {
			p = p.Set(r.Name, r.stored(r.Default))
		}
	}
	return p
}
