package sqlstore

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
)

func TestUserQueryRefuses(t *testing.T) {
	for name, q := range map[string]org.UserQuery{
		"an unknown order":         {OrderBy: "shoeSize"},
		"the order of types":       {OrderBy: org.ByType},
		"a position of no type":    {OrderBy: org.ByLastName, After: &org.UserPosition{ID: "00u1"}},
		"a position of a time":     {OrderBy: org.ByLastName, After: &org.UserPosition{Value: time.Unix(1, 0), ID: "00u1"}},
		"an unknown column":        {OrderBy: org.ByID, Where: []org.UserCondition{{Column: "1 = 1 --", Operator: filter.Equal, Values: []any{"x"}}}},
		"a number":                 {OrderBy: org.ByID, Where: []org.UserCondition{{Column: org.ByID, Operator: filter.Equal, Values: []any{1}}}},
		"a text for a time":        {OrderBy: org.ByID, Where: []org.UserCondition{{Column: org.ByCreated, Operator: filter.Less, Values: []any{"2026"}}}},
		"the beginning of a time":  {OrderBy: org.ByID, Where: []org.UserCondition{{Column: org.ByCreated, Operator: filter.StartsWith, Values: []any{time.Unix(1, 0)}}}},
		"a bound of two values":    {OrderBy: org.ByID, Where: []org.UserCondition{{Column: org.ByID, Operator: filter.Less, Values: []any{"a", "b"}}}},
		"a beginning of no value":  {OrderBy: org.ByID, Where: []org.UserCondition{{Column: org.ByID, Operator: filter.StartsWith}}},
		"what no index answers":    {OrderBy: org.ByID, Where: []org.UserCondition{{Column: org.ByID, Operator: filter.Contains, Values: []any{"a"}}}},
		"what nothing is asked of": {OrderBy: org.ByID, Where: []org.UserCondition{{Column: org.ByID}}},
	} {
		if query, _, err := userQuery(q); !errors.Is(err, errUserQuery) {
			t.Errorf("%s: %s, %v", name, query, err)
		}
	}
}

// Values that would be SQL are arguments.
func TestUserQueryHasNoValueInItsText(t *testing.T) {
	const evil = "x') OR 1 = 1 --"
	query, args, err := userQuery(org.UserQuery{
		OrderBy: org.ByLastName, Batch: 3, After: &org.UserPosition{Value: evil, ID: evil},
		Where: []org.UserCondition{
			{Column: org.ByLogin, Operator: filter.StartsWith, Values: []any{evil}},
			{Column: org.ByStatus, Operator: filter.NotEqual, Values: []any{evil, evil}},
		},
	})
	if err != nil || strings.Contains(query, "1 = 1") || len(args) != 6 {
		t.Errorf("%s, %v, %v", query, args, err)
	}
}

func TestSuccessor(t *testing.T) {
	for prefix, want := range map[string]string{
		"": "", "a": "b", "ab": "ac", "\uD7FF": "\uE000", "a\U0010FFFF": "b", "\U0010FFFF\U0010FFFF": "",
	} {
		if got := successor(prefix); got != want {
			t.Errorf("%q: %q, want %q", prefix, got, want)
		}
	}
}
