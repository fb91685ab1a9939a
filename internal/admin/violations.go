package admin

import (
	"context"
	"slices"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// UserViolations is what the profile of one user breaks of the schema. It holds
// no value.
type UserViolations struct {
	UserID string
	Broken []profile.Violation
}

const (
	// profilesAtOnce is how many users are read in one transaction.
	profilesAtOnce = 500
	// maxLooked bounds the work of one page.
	maxLooked = 50_000
)

// Violations gives up to limit users of the type of a schema whose profiles break
// it, by id, from the one behind after on: rules may have become stricter since
// the values were entered. Next is the cursor of the next page, "" for none. A page
// may be short, or empty, and have a next one. What a sensitive value breaks, which
// tells of the value, is for super administrators.
func (s *Service) Violations(ctx context.Context, by By, schemaID, after string, limit int) (found []UserViolations, next string, err error) {
	schema, err := s.Schema(ctx, schemaID)
	if err != nil {
		return nil, "", err
	}
	withheld := func(v profile.Violation) bool { return !almighty(by) && schema.Schema.Sensitive(v.Attribute) }
	found = []UserViolations{}
	for looked := 0; ; looked += profilesAtOnce {
		page, err := s.profiles(ctx, schema.Type, after)
		if err != nil {
			return nil, "", err
		}
		for _, u := range page {
			if len(found) == limit {
				return found, after, nil
			}
			after = u.UserID
			if broken := slices.DeleteFunc(schema.Schema.Check(u.Profile), withheld); len(broken) > 0 {
				found = append(found, UserViolations{u.UserID, broken})
			}
		}
		switch {
		case len(page) < profilesAtOnce:
			return found, "", nil
		case looked+profilesAtOnce >= maxLooked:
			return found, after, nil
		}
	}
}

// countViolators counts the users whose values break a rule that the change makes
// stricter.
func (s *Service) countViolators(ctx context.Context, c *schemaChange) (n int, err error) {
	var tightened []string
	for _, change := range c.changes {
		if change.Tightens() {
			tightened = append(tightened, change.Name())
		}
	}
	if len(tightened) == 0 {
		return 0, nil
	}
	isBroken := func(v profile.Violation) bool { return slices.Contains(tightened, v.Attribute) }
	for after := ""; ; {
		page, err := s.profiles(ctx, c.Type, after)
		if err != nil {
			return 0, err
		}
		for _, u := range page {
			after = u.UserID
			if slices.ContainsFunc(c.Schema.Check(u.Profile), isBroken) {
				n++
			}
		}
		if len(page) < profilesAtOnce {
			return n, nil
		}
	}
}

// profiles reads some users of a type, in a transaction of their own, so that none
// is open for long.
func (s *Service) profiles(ctx context.Context, t *org.UserType, after string) ([]org.UserProfile, error) {
	return edit.View(ctx, &s.Editor, t.SchemaID(), schemaResource, func(ctx context.Context, tx *org.Tx) ([]org.UserProfile, error) {
		return tx.Schemas.Profiles(ctx, t.Key(), after, profilesAtOnce)
	})
}
