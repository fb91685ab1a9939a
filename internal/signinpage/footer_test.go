package signinpage_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/org"
)

// What the organization says of itself is on every page, as text.
func TestCompanyIsOnThePages(t *testing.T) {
	t.Parallel()
	company := &org.Company{
		Name: orgName, Website: "https://www.example.com/?a=1&b=2", SupportURL: "https://help.example.com", SupportPhone: "+1 <555>",
	}
	s := newStage(t, func(set *setting) {
		set.config.Org = "configured"
		set.config.Company = func(context.Context) (*org.Company, error) { return company, nil }
	})
	for _, path := range []string{"/", "/signup", "/nowhere"} {
		page := s.browser().get(path)
		for _, want := range []string{
			`<a href="https://www.example.com/?a=1&amp;b=2">About Ac&lt;me&gt; &amp; &#34;Sons&#34;</a>`,
			`<a href="https://help.example.com">Help</a>`, `<span>Support: &#43;1 &lt;555&gt;</span>`,
		} {
			if !strings.Contains(page.body, want) {
				t.Errorf("%s lacks %s:\n%s", path, want, page.body)
			}
		}
		if strings.Contains(page.body, "configured") {
			t.Errorf("%s has the name of the configuration", path)
		}
	}
	for name, c := range map[string]*org.Company{
		"hidden":         {Name: orgName, Website: "https://www.example.com", HideFooter: true},
		"nothing to say": {Name: orgName, City: "Lagos"},
	} {
		company = c
		if page := s.browser().get("/"); strings.Contains(page.body, "<footer") {
			t.Errorf("%s: there is a footer:\n%s", name, page.body)
		}
	}
}

// A page that says what is wrong is drawn also when nobody knows the name.
func TestCompanyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newStage(t, func(set *setting) {
		set.config.Org = orgName
		set.config.Company = func(context.Context) (*org.Company, error) { return nil, errors.New("the database is away") }
	})
	page := s.browser().get("/")
	if page.StatusCode != http.StatusInternalServerError || !strings.Contains(page.body, "Something went wrong") || strings.Contains(page.body, "database") {
		t.Errorf("page is %d\n%s", page.StatusCode, page.body)
	}
}
