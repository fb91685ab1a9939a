package signin

import (
	"cmp"
	"context"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// Account is what people see of their own account. It holds no value that the
// schema calls sensitive, nor one that is hidden from the person.
type Account struct {
	Login   string
	Name    string // to greet by: the first name, or the display name, or the login
	Entries []Entry
	Groups  []string // names, in their order
}

// Entry is one attribute that has a value.
type Entry struct {
	Attribute profile.Attribute
	Value     any  // as in [profile.Profile]; nil when masked
	Masked    bool // there is one, and it is sensitive
}

// Account gives what a person sees of the own account, in the order of the
// schema.
func (s *Service) Account(ctx context.Context, u *org.User) (*Account, error) {
	var schema *profile.Schema
	var groups []*org.Group
	err := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if schema, err = tx.Schemas.Of(ctx, u.TypeID); err != nil {
			return err
		}
		groups, err = tx.Members.Groups(ctx, u.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	visible := schema.DiscloseAll(u.Profile).Object()
	a := &Account{
		Login:   u.Login(),
		Name:    cmp.Or(visible.Text(profile.FirstName), visible.Text("displayName"), u.Login()),
		Entries: entries(schema, visible, u.Profile),
	}
	for _, g := range groups {
		a.Groups = append(a.Groups, g.Name)
	}
	return a, nil
}

// entries says of a sensitive value that it is there: people who entered it
// would think it lost.
func entries(schema *profile.Schema, visible *hook.Object, p profile.Profile) []Entry {
	var list []Entry
	for _, a := range schema.Attributes() {
		if value, ok := visible.Get(a.Name); ok {
			list = append(list, Entry{Attribute: a, Value: value})
		} else if value, _ := p.Get(a.Name); value != nil && maskable(a) {
			list = append(list, Entry{Attribute: a, Masked: true})
		}
	}
	return list
}

func maskable(a profile.Attribute) bool {
	return a.Sensitive && a.Permission != profile.Hide && a.Mutability != profile.WriteOnly
}
