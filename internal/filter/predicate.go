package filter

// Predicate makes of an expression a test of Ts, out of the tests that leaf makes
// of its comparisons.
func Predicate[T any](e Expression, leaf func(*Comparison) func(T) bool) func(T) bool {
	switch e := e.(type) {
	case And:
		tests := predicates(e, leaf)
		return func(v T) bool {
			for _, test := range tests {
				if !test(v) {
					return false
				}
			}
			return true
		}
	case Or:
		tests := predicates(e, leaf)
		return func(v T) bool {
			for _, test := range tests {
				if test(v) {
					return true
				}
			}
			return false
		}
	case *Not:
		test := Predicate(e.Expression, leaf)
		return func(v T) bool { return !test(v) }
	}
	return leaf(e.(*Comparison))
}

func predicates[T any](list []Expression, leaf func(*Comparison) func(T) bool) []func(T) bool {
	tests := make([]func(T) bool, len(list))
	for i, e := range list {
		tests[i] = Predicate(e, leaf)
	}
	return tests
}
