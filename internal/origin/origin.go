package origin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

const (
	object   = "trustedOrigin" // in the summary of a validation error
	resource = "TrustedOrigin" // in that of a missing one
	// maxOrigins bounds the header that lists those which may frame the pages.
	maxOrigins = 100
	maxScopes  = 3
)

// Service makes the changes and answers the doors.
type Service struct{ edit.Editor }

// By is who makes a change, from where.
type By = edit.By

// Input is what a client says of a trusted origin.
type Input struct {
	Name   string
	Origin string // an address, of which the scheme, the host and the port are kept
	Scopes []org.OriginScope
}

// Origin gives one trusted origin.
func (s *Service) Origin(ctx context.Context, originID string) (*org.TrustedOrigin, error) {
	return edit.View(ctx, &s.Editor, originID, resource, func(ctx context.Context, tx *org.Tx) (*org.TrustedOrigin, error) {
		return tx.TrustedOrigins.Get(ctx, originID)
	})
}

// Create makes a trusted origin, which is active at once.
func (s *Service) Create(ctx context.Context, by By, in Input) (o *org.TrustedOrigin, err error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		now := s.Time()
		o = &org.TrustedOrigin{
			ID: id.New(id.TrustedOrigin), Name: in.Name, Origin: in.Origin, Scopes: in.Scopes, Status: org.StatusActive,
			Created: now, CreatedBy: by.Actor.ID, LastUpdated: now, UpdatedBy: by.Actor.ID,
		}
		if err := checkFree(ctx, tx, o); err != nil {
			return err
		}
		if err := tx.TrustedOrigins.Create(ctx, o); err != nil {
			return edit.MadeMeanwhile(err)
		}
		return tx.Events.Append(ctx, s.Event(eventlog.OriginCreated, by, eventlog.OriginTarget(o)))
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// Replace changes name, address and scopes of a trusted origin. Its status stays.
func (s *Service) Replace(ctx context.Context, by By, originID string, in Input) (*org.TrustedOrigin, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return s.change(ctx, by, originID, eventlog.OriginUpdated, func(o *org.TrustedOrigin) {
		o.Name, o.Origin, o.Scopes = in.Name, in.Origin, in.Scopes
	})
}

// Activate makes a trusted origin active; one that is already stays as it is.
func (s *Service) Activate(ctx context.Context, by By, originID string) (*org.TrustedOrigin, error) {
	return s.change(ctx, by, originID, eventlog.OriginActivated, func(o *org.TrustedOrigin) { o.Status = org.StatusActive })
}

// Deactivate makes a trusted origin inactive: it may do nothing.
func (s *Service) Deactivate(ctx context.Context, by By, originID string) (*org.TrustedOrigin, error) {
	return s.change(ctx, by, originID, eventlog.OriginDeactivated, func(o *org.TrustedOrigin) { o.Status = org.StatusInactive })
}

// change changes an origin that exists. A change that changes nothing is neither
// written nor told of.
func (s *Service) change(ctx context.Context, by By, originID string, t eventlog.Type, set func(*org.TrustedOrigin)) (o *org.TrustedOrigin, err error) {
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if o, err = tx.TrustedOrigins.Get(ctx, originID); err != nil {
			return err
		}
		if err := edit.Expected(ctx, o.Revision()); err != nil {
			return err
		}
		old := *o
		set(o)
		if reflect.DeepEqual(*o, old) {
			return edit.ErrUnchanged
		}
		o.LastUpdated, o.UpdatedBy = s.Advance(old.LastUpdated), by.Actor.ID
		if err := checkFree(ctx, tx, o); err != nil {
			return err
		}
		if err := tx.TrustedOrigins.Update(ctx, o); err != nil {
			return edit.MadeMeanwhile(err)
		}
		return tx.Events.Append(ctx, s.Event(t, by, eventlog.OriginTarget(o)))
	})
	if err != nil {
		return nil, edit.Missing(err, originID, resource)
	}
	return o, nil
}

// Delete removes a trusted origin, also one that is active.
func (s *Service) Delete(ctx context.Context, by By, originID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		o, err := tx.TrustedOrigins.Get(ctx, originID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, o.Revision()); err != nil {
			return err
		}
		if err := tx.TrustedOrigins.Delete(ctx, originID); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.OriginDeleted, by, eventlog.OriginTarget(o)))
	})
	return edit.Missing(err, originID, resource)
}

// checkFree looks for others of the same name or address.
func checkFree(ctx context.Context, tx *org.Tx, o *org.TrustedOrigin) error {
	all, err := tx.TrustedOrigins.List(ctx)
	if err != nil {
		return err
	}
	var found edit.Problems
	others := 0
	for _, other := range all {
		if other.ID == o.ID {
			continue
		}
		others++
		found.AddUnless(other.Name != o.Name, "name", edit.Taken)
		found.AddUnless(other.Origin != o.Origin, "origin", edit.Taken)
	}
	found.AddUnless(others < maxOrigins, "", fmt.Sprintf("An organization can have %d trusted origins.", maxOrigins))
	return found.Fault(object)
}

// check says what is wrong with an input, and brings it into its one form.
func (in *Input) check() error {
	var found edit.Problems
	found.Add("name", edit.NameProblem(in.Name))
	var problem string
	in.Origin, problem = normal(in.Origin)
	found.Add("origin", problem)
	found.AddUnless(len(in.Scopes) > 0, "scopes", edit.Blank)
	found.AddUnless(len(in.Scopes) <= maxScopes, "scopes", fmt.Sprintf("must have at most %d scopes", maxScopes))
	seen := map[string]bool{}
	for i, scope := range in.Scopes {
		at := fmt.Sprintf("scopes[%d].", i)
		found.OneOf(at+"type", scope.Type, org.ScopeCORS, org.ScopeRedirect, org.ScopeFrame)
		found.AddUnless(!seen[scope.Type], at+"type", "occurs twice")
		seen[scope.Type] = true
		found.AddUnless(len(scope.Apps) == 0 || scope.Type == org.ScopeFrame, at+"allowedOktaApps", "is for "+org.ScopeFrame+" alone")
		for j, app := range scope.Apps {
			found.OneOf(fmt.Sprintf("%sallowedOktaApps[%d]", at, j), app, org.AppDashboard)
		}
	}
	return found.Fault(object)
}

// normal gives the origin of an address as browsers write it (RFC 6454 § 6.2), or
// what is wrong with the address.
func normal(address string) (origin, problem string) {
	const form = "must be http:// or https:// and a host, as in https://shop.example.com"
	if address == "" {
		return "", edit.Blank
	}
	if problem := edit.TextProblem(address, edit.MaxName); problem != "" {
		return "", problem
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return "", form
	}
	host, err := hostOf(u.Hostname())
	if err != nil {
		return "", form
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	port := u.Port()
	if number, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || number == 0) {
		return "", form
	}
	if port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host += ":" + strings.TrimLeft(port, "0")
	}
	return u.Scheme + "://" + host, ""
}

// errHost is a host that no browser has.
var errHost = errors.New("origin: no host")

// hostOf gives a name in lower case and ASCII, or an address in its shortest form.
func hostOf(host string) (string, error) {
	if ip := net.ParseIP(host); ip != nil {
		return ip.String(), nil
	}
	// A pattern would not be one here.
	name, err := idna.Lookup.ToASCII(host)
	if err != nil || strings.ContainsAny(name, "*: ") {
		return "", errHost
	}
	return name, nil
}
