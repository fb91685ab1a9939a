package admin_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

func (o *office) company() *org.Company {
	o.Helper()
	c, err := o.Company(o.Context())
	if err != nil {
		o.Fatal(err)
	}
	return c
}

func text(s string) *string { return &s }

func TestCompany(t *testing.T) {
	onEngines(t, func(o *office) {
		o.OrgName = "Configured"
		if c := o.company(); c.Name != "Configured" || !c.Created.Equal(o.policy().Created) || !c.LastUpdated.Equal(c.Created) {
			o.Errorf("company is %+v", c)
		}
		// Whoever changes something else leaves the name to the configuration.
		if _, err := o.UpdateCompany(o.Context(), o.by, admin.CompanyInput{City: text("Lagos")}); err != nil {
			o.Fatal(err)
		}
		o.OrgName = "Configured anew"
		if c := o.company(); c.Name != "Configured anew" || c.City != "Lagos" {
			o.Errorf("company is %+v", c)
		}
		c, err := o.ReplaceCompany(o.Context(), o.by, admin.CompanyInput{Name: text("Okonkwo"), SupportURL: text("https://help.example.com")})
		if err != nil {
			o.Fatal(err)
		}
		if stored := o.company(); !reflect.DeepEqual(c, stored) || c.Name != "Okonkwo" || c.City != "" || c.SupportURL != "https://help.example.com" {
			o.Errorf("company is %+v, stored %+v", c, stored)
		}
		for range 2 {
			if c, err = o.ShowFooter(o.Context(), o.by, false); err != nil || !c.HideFooter {
				o.Errorf("company is %+v (%v)", c, err)
			}
		}
		if _, err := o.UpdateCompany(o.Context(), o.by, admin.CompanyInput{Name: text("Okonkwo")}); err != nil {
			o.Error(err)
		}
		orgID, err := o.SetUp(o.Context(), o.by)
		if err != nil {
			o.Fatal(err)
		}
		o.wantEvents("usher.org.update "+orgID, "usher.org.update "+orgID, "usher.org.update "+orgID)
	})
}

func TestCompanyRules(t *testing.T) {
	onEngines(t, func(o *office) {
		before := o.company()
		for name, c := range map[string]struct {
			in    admin.CompanyInput
			cause string
		}{
			"no name":        {admin.CompanyInput{Name: text("")}, "companyName: The field cannot be left blank"},
			"long name":      {admin.CompanyInput{Name: text(strings.Repeat("x", 256))}, "companyName: must have at most 255 characters"},
			"a script":       {admin.CompanyInput{Website: text("javascript:alert(1)")}, "website: must be an http or https URL"},
			"no scheme":      {admin.CompanyInput{SupportURL: text("help.example.com")}, "endUserSupportHelpURL: must be an http or https URL"},
			"no host":        {admin.CompanyInput{SupportURL: text("https:///help")}, "endUserSupportHelpURL: must be an http or https URL"},
			"a long address": {admin.CompanyInput{Website: text("https://x/" + strings.Repeat("x", 1024))}, "website: must have at most 1024 characters"},
			"a long city":    {admin.CompanyInput{City: text(strings.Repeat("x", 256))}, "city: must have at most 255 characters"},
			"a bell":         {admin.CompanyInput{Phone: text("\a")}, "phoneNumber: must not have control characters"},
		} {
			o.Run(name, func(t *testing.T) {
				if c.in.Name == nil {
					c.in.Name = text("Okonkwo")
				}
				_, err := o.UpdateCompany(t.Context(), o.by, c.in)
				refused(t, err, fault.Invalid, c.cause)
			})
		}
		if !reflect.DeepEqual(o.company(), before) {
			o.Errorf("company is %+v", o.company())
		}
		o.wantEvents()
	})
}
