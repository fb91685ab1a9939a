package app

import (
	"cmp"
	"context"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
)

// IDTokenInput is what a client says of the ID tokens of an app: who issues them,
// and one claim more; without a name there is none.
type IDTokenInput struct {
	IssuerMode string // "" for as it is
	Claim      org.IDTokenClaim
}

// SetIDToken changes the ID tokens of an app. It is a call of Okta's own console,
// which Terraform's provider makes after each create.
func (s *Service) SetIDToken(ctx context.Context, by By, appID string, in IDTokenInput) error {
	var found edit.Problems
	c := in.Claim
	if in.IssuerMode != "" {
		found.OneOf("issuerMode", in.IssuerMode, issuerModes()...)
	}
	found.Add("name", edit.TextProblem(c.Name, edit.MaxName))
	found.Add("value", edit.TextProblem(c.Value, maxClaim))
	if c.ValueType != "" {
		found.OneOf("valueType", c.ValueType, "EXPRESSION", "GROUPS")
	}
	if c.GroupFilterType != "" {
		found.OneOf("groupFilterType", c.GroupFilterType, "STARTS_WITH", "EQUALS", "CONTAINS", "REGEX")
	}
	if err := found.Fault("idToken"); err != nil {
		return err
	}
	_, err := s.change(ctx, by, appID, eventlog.AppUpdated, func(_ context.Context, _ *org.Tx, a *org.App) ([]org.Target, error) {
		a.Settings.IDToken = c
		a.Settings.OAuth.IssuerMode = cmp.Or(in.IssuerMode, a.Settings.OAuth.IssuerMode)
		return nil, nil
	})
	return err
}

func issuerModes() []string { return []string{"ORG_URL", "CUSTOM_URL", "DYNAMIC"} }
