package profile

// Change is what became of one attribute between two schemas. Before or After is
// nil where there was or is none.
type Change struct{ Before, After *Attribute }

// Changes gives the attributes that differ between the schema and a later one,
// in the order of this one, new ones last.
func (s *Schema) Changes(later *Schema) []Change {
	var changes []Change
	for i := range s.list {
		before := s.list[i].clone()
		if after, ok := later.Attribute(before.Name); !ok {
			changes = append(changes, Change{Before: &before})
		} else if len(changedKeywords(before, after)) > 0 {
			changes = append(changes, Change{&before, &after})
		}
	}
	for i := range later.list {
		if after := later.list[i].clone(); s.rule(after.Name) == nil {
			changes = append(changes, Change{After: &after})
		}
	}
	return changes
}

// Name of the attribute.
func (c Change) Name() string {
	if c.After != nil {
		return c.After.Name
	}
	return c.Before.Name
}

// Hides tells whether values become sensitive that were not.
func (c Change) Hides() bool { return c.sensitive(c.After) && !c.sensitive(c.Before) }

// Sensitive tells whether the change is of an attribute whose values are sensitive
// before or after it.
func (c Change) Sensitive() bool { return c.sensitive(c.Before) || c.sensitive(c.After) }

// Tightens tells whether users may have values, or none, that were allowed before
// and are not any more.
func (c Change) Tightens() bool {
	if c.After == nil {
		return false
	}
	if c.Before == nil { // nobody has a value of it
		return c.After.Required
	}
	for _, keyword := range changedKeywords(*c.Before, *c.After) {
		switch keyword {
		case keyRequired, keyFormat, keyItems, keyMinLength, keyMaxLength, keyMinimum, keyMaximum, keyPattern, keyEnum:
			return true
		}
	}
	return false
}

func (c Change) sensitive(a *Attribute) bool { return a != nil && a.Sensitive }
