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

// Whoever changes something else leaves the name to the configuration.
func TestCompanyHasTheConfiguredName(t *testing.T) {
	onEngines(t, func(o *office) {
		o.OrgName = "Configured"
		if c := o.company(); c.Name != "Configured" || !c.Created.Equal(o.policy().Created) || !c.LastUpdated.Equal(c.Created) {
			o.Errorf("company is %+v", c)
		}
		if _, err := o.UpdateCompany(o.Context(), o.by, admin.CompanyInput{City: text("Lagos")}); err != nil {
			o.Fatal(err)
		}
		o.OrgName = "Configured anew"
		if c := o.company(); c.Name != "Configured anew" || c.City != "Lagos" {
			o.Errorf("company is %+v", c)
		}
	})
}

func TestCompany(t *testing.T) {
	onEngines(t, func(o *office) {
		if _, err := o.UpdateCompany(o.Context(), o.by, admin.CompanyInput{Name: text("Okonkwo & Sons"), City: text("Lagos")}); err != nil {
			o.Fatal(err)
		}
		want := org.Company{Name: "Okonkwo", SupportURL: "https://help.example.com", HideFooter: true}
		for range 2 { // the second time nothing is told
			if _, err := o.ReplaceCompany(o.Context(), o.by, admin.CompanyInput{Name: text("Okonkwo"), SupportURL: text(want.SupportURL)}); err != nil {
				o.Fatal(err)
			}
			if _, err := o.ShowFooter(o.Context(), o.by, false); err != nil {
				o.Fatal(err)
			}
		}
		got := o.company()
		if !got.LastUpdated.After(got.Created) {
			o.Errorf("company is %+v", got)
		}
		want.Created, want.LastUpdated = got.Created, got.LastUpdated
		if *got != want {
			o.Errorf("company is\n%+v, want\n%+v", *got, want)
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
