package directory

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// newUser is what Okta calls a user who is made, in the summary of an error.
const newUser = "newUser"

// maxGroups is how many groups a user can be made in (Okta's Users API).
const maxGroups = 20

// Creation is how a user is made.
type Creation struct {
	Activate       bool
	ChangePassword bool // at the next sign-in
	Provider       bool // look at the provider that was given
}

// CreateUser makes a user. One who is activated without a password is mailed a
// token to choose one.
func (s *Service) CreateUser(ctx context.Context, by By, in UserInput, how Creation) (*Person, error) {
	switch {
	case how.ChangePassword && !how.Activate:
		return nil, fault.New(fault.NotActivated, "")
	case how.ChangePassword && in.Credentials.password().forms() == 0:
		return nil, fault.New(fault.NoPassword, "")
	case len(in.GroupIDs) > maxGroups:
		return nil, fault.New(fault.TooManyGroups, "", fault.Cause{Text: "The number of group targets is too large"})
	}
	m := making{service: s, by: by, in: in, how: how}
	// Everything that can be refused is refused before the password is hashed.
	if err := s.Store.View(ctx, m.draft); err != nil {
		return nil, err
	}
	var err error
	if m.secrets, err = s.ready(ctx, in.Credentials, m.user, m.settings, false); err != nil {
		return nil, weakness(err)
	}
	err = s.Change(ctx, m.write)
	if err != nil {
		return nil, lost(err)
	}
	return m.person, nil
}

func taken(name string) error { return fault.Field(name, name, edit.Taken) }

// lost makes words of what somebody else took since the draft.
func lost(err error) error {
	var value *org.ValueTakenError
	switch {
	case errors.Is(err, org.ErrLoginTaken):
		return taken(profile.Login)
	case errors.As(err, &value):
		return taken(value.Attribute)
	}
	return err
}

// making is a user who is being made.
type making struct {
	service *Service
	by      By
	in      UserInput
	how     Creation
	secrets secrets

	user     *org.User
	settings org.PasswordSettings
	groups   []*org.Group
	person   *Person
}

// draft makes the user as far as the input says, or says what is wrong with it.
func (m *making) draft(ctx context.Context, tx *org.Tx) (err error) {
	if m.in.Profile == nil {
		return fault.Field(newUser, "profile", edit.Blank)
	}
	m.user = &org.User{ID: id.New(id.User), Account: org.Account{Provider: m.provider()}}
	if m.in.TypeID != nil {
		if m.user.TypeID, err = typeKey(ctx, tx, *m.in.TypeID); err != nil {
			return err
		}
	}
	schema, err := tx.Schemas.Of(ctx, m.user.TypeID)
	if err != nil {
		return err
	}
	var violations []profile.Violation
	m.user.Profile, violations = schema.Write(profile.Profile{}, m.in.Profile, profile.Writer{Sensitive: almighty(m.by), All: true})
	var found edit.Problems
	if err := wrongProfile(&found, violations); err != nil {
		return err
	}
	if m.settings, err = org.PasswordSettingsForNew(ctx, tx, m.in.GroupIDs...); err != nil {
		return err
	}
	wrong, err := m.service.check(m.in.Credentials, m.user, m.settings)
	if err != nil {
		return err
	}
	found = append(found, wrong...)
	m.checkProvider(&found)
	if err := m.findGroups(ctx, tx, &found); err != nil {
		return err
	}
	if err := refusal(found, newUser); err != nil {
		return err
	}
	return free(ctx, tx, m.user, nil)
}

// typeKey gives what users of a type have as their TypeID.
func typeKey(ctx context.Context, tx *org.Tx, typeID string) (string, error) {
	t, err := tx.UserTypes.Get(ctx, typeID)
	if errors.Is(err, org.ErrNotFound) {
		return "", fault.Field("type", "type.id", "there is no user type "+typeID)
	}
	if err != nil {
		return "", err
	}
	return t.Key(), nil
}

// provider is who checks the credentials, of those who said so.
func (m *making) provider() org.Provider {
	if !m.how.Provider || m.in.Credentials == nil || m.in.Credentials.Provider == nil {
		return org.Provider{}
	}
	p := *m.in.Credentials.Provider
	p.Name = cmp.Or(p.Name, p.Type)
	if p.Type == org.ProviderOkta {
		return org.Provider{}
	}
	return p
}

func (m *making) checkProvider(found *edit.Problems) {
	if m.user.Account.Provider == (org.Provider{}) {
		return
	}
	// People of a directory server come by its agent.
	found.OneOf("provider.type", m.user.Account.Provider.Type, org.ProviderOkta, org.ProviderFederation, org.ProviderSocial, org.ProviderImport)
	found.Add("provider.name", edit.NameProblem(m.user.Account.Provider.Name))
}

func (m *making) findGroups(ctx context.Context, tx *org.Tx, found *edit.Problems) error {
	m.groups = nil
	for _, groupID := range m.in.GroupIDs {
		g, err := tx.Groups.Get(ctx, groupID)
		switch {
		case errors.Is(err, org.ErrNotFound):
			found.Add("groupIds", "there is no group "+groupID)
		case err != nil:
			return err
		case !g.BuiltIn && !slices.ContainsFunc(m.groups, func(other *org.Group) bool { return other.ID == g.ID }):
			m.groups = append(m.groups, g)
		}
	}
	return nil
}

// free says whether login and address of a user are anybody else's, which are of
// one namespace, or another value that must be unique. before is the user as it is stored, or nil.
func free(ctx context.Context, tx *org.Tx, u, before *org.User) error {
	own := map[string]bool{"": true}
	if before != nil {
		own[profile.FoldLogin(before.Login())], own[profile.FoldLogin(before.Email())] = true, true
	}
	for _, name := range []string{profile.Login, profile.Email} {
		value := u.Profile.Text(name)
		if own[profile.FoldLogin(value)] {
			continue
		}
		is, err := tx.Users.Taken(ctx, value)
		if err != nil {
			return err
		}
		if is {
			return taken(name)
		}
	}
	names, err := tx.Schemas.Taken(ctx, u.TypeID, u.Profile, u.ID)
	if err == nil && len(names) > 0 {
		err = taken(names[0])
	}
	return err
}

// write stores the user, and everything that tells of it.
func (m *making) write(ctx context.Context, tx *org.Tx) error {
	if err := m.draft(ctx, tx); err != nil { // things may have changed since the first time
		return err
	}
	s, u := m.service, m.user
	now := s.Time()
	u.Status, u.Created, u.LastUpdated = org.StatusStaged, now, now
	if _, err := m.secrets.apply(u, now); err != nil {
		return err
	}
	events := []org.Event{s.Event(eventlog.UserCreated, m.by, eventlog.UserTarget(u))}
	if m.how.Activate {
		status, err := u.After(org.CallActivate)
		if err != nil {
			return err
		}
		if m.how.ChangePassword {
			status = org.StatusPasswordExpired
		}
		u.Status, u.Activated, u.StatusChanged = status, now, now
		events = append(events, s.Event(eventlog.UserActivated, m.by, eventlog.UserTarget(u)))
	}
	if err := tx.Users.Create(ctx, u); err != nil {
		return err
	}
	if u.Status == org.StatusProvisioned {
		if _, err := s.sendToken(ctx, tx, u, org.PurposeActivate, true); err != nil {
			return err
		}
	}
	joined, err := m.join(ctx, tx)
	if err != nil {
		return err
	}
	if err := tx.Events.Append(ctx, append(events, joined...)...); err != nil {
		return err
	}
	m.person, err = see(ctx, tx, m.by, u)
	return err
}

// join puts the user into the groups, and into the one that everybody is in, of
// which nothing is told.
func (m *making) join(ctx context.Context, tx *org.Tx) (events []org.Event, err error) {
	everyone, err := tx.Groups.ByName(ctx, org.Everyone)
	if err != nil {
		return nil, err
	}
	for _, g := range append(slices.Clone(m.groups), everyone) {
		if err := tx.Members.Add(ctx, g.ID, m.user.ID, m.user.Created); err != nil {
			return nil, err
		}
		if g != everyone {
			events = append(events, m.service.Event(eventlog.GroupMemberAdded, m.by, eventlog.UserTarget(m.user), eventlog.GroupTarget(g)))
		}
	}
	return events, nil
}
