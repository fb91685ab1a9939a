package eventlog

// WithBudget is the query with another limit of the events that a page looks at.
func (q Query) WithBudget(events int) Query {
	q.budget = events
	return q
}
