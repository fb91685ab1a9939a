package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
)

const (
	// settingCompany is the setting that holds the company, as JSON.
	settingCompany = "org.company"
	companyObject  = "org" // in the summary of a validation error
	maxURL         = 1024
)

// CompanyInput is what a client says of the organization, nil for what it leaves
// out.
type CompanyInput struct {
	Name, Website, SupportURL, SupportPhone                     *string
	Phone, Address1, Address2, City, State, Country, PostalCode *string
}

// Company gives what the organization says of itself. Until somebody says its
// name it has that of the configuration.
func (s *Service) Company(ctx context.Context) (c *org.Company, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		c, err = s.company(ctx, tx)
		return err
	})
	return c, err
}

func (s *Service) company(ctx context.Context, tx *org.Tx) (*org.Company, error) {
	p, err := tx.Policies.Default(ctx) // is as old as the org
	if err != nil {
		return nil, err
	}
	c := &org.Company{LastUpdated: p.Created}
	text, err := tx.Settings.Get(ctx, settingCompany)
	switch {
	case errors.Is(err, org.ErrNotFound):
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal([]byte(text), c); err != nil {
			return nil, fmt.Errorf("admin: the setting %s: %w", settingCompany, err)
		}
	}
	c.Name, c.Created = cmp.Or(c.Name, s.OrgName), p.Created
	return c, nil
}

// ReplaceCompany changes all that a client can say of the organization: what it
// leaves out is nothing from then on.
func (s *Service) ReplaceCompany(ctx context.Context, by By, in CompanyInput) (*org.Company, error) {
	return s.changeCompany(ctx, by, func(c *org.Company) {
		for _, p := range in.properties(c) {
			*p.to = ""
			if p.from != nil {
				*p.to = *p.from
			}
		}
	})
}

// UpdateCompany changes what a client says of the organization.
func (s *Service) UpdateCompany(ctx context.Context, by By, in CompanyInput) (*org.Company, error) {
	return s.changeCompany(ctx, by, func(c *org.Company) {
		for _, p := range in.properties(c) {
			if p.from != nil {
				*p.to = *p.from
			}
		}
	})
}

// ShowFooter says whether the pages have the line with website and support.
func (s *Service) ShowFooter(ctx context.Context, by By, show bool) (*org.Company, error) {
	return s.changeCompany(ctx, by, func(c *org.Company) { c.HideFooter = !show })
}

func (s *Service) changeCompany(ctx context.Context, by By, set func(*org.Company)) (c *org.Company, err error) {
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if c, err = s.company(ctx, tx); err != nil {
			return err
		}
		if err := edit.Expected(ctx, c.Revision()); err != nil {
			return err
		}
		old := *c
		set(c)
		if err := checkCompany(c); err != nil {
			return err
		}
		if *c == old {
			return edit.ErrUnchanged
		}
		c.LastUpdated = s.Advance(old.LastUpdated)
		if err := s.putCompany(ctx, tx, *c); err != nil {
			return err
		}
		orgID, err := tx.Settings.Get(ctx, settingOrgID)
		if err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.OrgUpdated, by, eventlog.OrgTarget(orgID, c)))
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// putCompany keeps what does not follow from elsewhere.
func (s *Service) putCompany(ctx context.Context, tx *org.Tx, c org.Company) error {
	if c.Name == s.OrgName {
		c.Name = ""
	}
	c.Created = time.Time{}
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("admin: %w", err)
	}
	return tx.Settings.Put(ctx, settingCompany, string(text))
}

// companyProperty is a property by its name in the API.
type companyProperty struct {
	name string
	from *string
	to   *string
}

func (in CompanyInput) properties(c *org.Company) []companyProperty {
	return []companyProperty{
		{"companyName", in.Name, &c.Name},
		{"website", in.Website, &c.Website},
		{"endUserSupportHelpURL", in.SupportURL, &c.SupportURL},
		{"supportPhoneNumber", in.SupportPhone, &c.SupportPhone},
		{"phoneNumber", in.Phone, &c.Phone},
		{"address1", in.Address1, &c.Address1},
		{"address2", in.Address2, &c.Address2},
		{"city", in.City, &c.City},
		{"state", in.State, &c.State},
		{"country", in.Country, &c.Country},
		{"postalCode", in.PostalCode, &c.PostalCode},
	}
}

func checkCompany(c *org.Company) error {
	var found edit.Problems
	for _, p := range (CompanyInput{}).properties(c) {
		switch p.to {
		case &c.Name:
			found.Add(p.name, edit.NameProblem(*p.to))
		case &c.Website, &c.SupportURL:
			found.Add(p.name, linkProblem(*p.to))
		default:
			found.Add(p.name, edit.TextProblem(*p.to, edit.MaxName))
		}
	}
	return found.Fault(companyObject)
}

// linkProblem says why a page cannot link to an address, or "".
func linkProblem(text string) string {
	if problem := edit.TextProblem(text, maxURL); problem != "" || text == "" {
		return problem
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "must be an http or https URL"
	}
	return ""
}
