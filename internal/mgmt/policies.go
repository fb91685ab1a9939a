package mgmt

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// policyKind is one type of policy. In Okta's API the types share their paths,
// and mean different things by them: what serves a call is looked up by the type
// that the call names, or by the type of the policy.
//
//	GET  /policies?type=T ─┐
//	POST /policies {type} ─┼─► policyKinds ─► list, create
//	…    /policies/{id}/… ─┘       └────────► calls, of the kind that has the id
type policyKind struct {
	name string // as clients write it
	// has tells whether a policy is of the kind.
	has    func(ctx context.Context, id string) (bool, error)
	list   func(ctx context.Context, expandRules bool) ([]policyEntry, error)
	create web.Handler // nil where clients make none
	// calls are by the patterns of routes. One that is missing is answered as a
	// method that the path does not take.
	calls map[string]web.Handler
}

// policyEntry is a policy in a list, with what it is looked for and sorted by.
type policyEntry struct {
	id, name, status string
	json             any
}

const (
	policyResource = "Policy" // in the summary of a missing one
	// maxPolicies is how many policies of a type there can be.
	maxPolicies = 500
)

// policyKinds are all types of policy.
func (a *API) policyKinds() []policyKind {
	return []policyKind{
		a.enrollmentPolicies(),
		a.passwordPolicies(),
		a.accessPolicies(),
	}
}

// listPolicies gives the policies of a type, by priority or by name.
func (a *API) listPolicies(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	if values.Get("type") == "" {
		return fault.New(fault.MissingParameter, "", fault.Cause{Field: "type", Text: a.typeProblem()})
	}
	kind, err := a.policyKind(values.Get("type"))
	if err != nil {
		return err
	}
	all, err := kind.list(r.Context(), expandsRules(values))
	if err != nil {
		return err
	}
	if all, err = a.policiesOf(r.Context(), values.Get("resourceId"), all); err != nil {
		return err
	}
	page, next, err := policyPage(all, values)
	if err != nil {
		return err
	}
	a.Site.Link(w, r, next)
	list := make([]any, len(page))
	for i, p := range page {
		list[i] = p.json
	}
	return web.WriteJSON(w, http.StatusOK, list)
}

// policiesOf leaves the policies that an app has. "" leaves all.
func (a *API) policiesOf(ctx context.Context, appID string, all []policyEntry) ([]policyEntry, error) {
	if appID == "" {
		return all, nil
	}
	instance, err := a.Apps.App(ctx, appID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p policyEntry) bool {
		return p.id != instance.EnrollmentPolicy && p.id != instance.AccessPolicy
	}), nil
}

func expandsRules(values url.Values) bool { return values.Get("expand") == "rules" }

// policyPage is the part of all policies that a query asks for, and the cursor
// of the next page. Without a limit there is one page: an org has few.
func policyPage(all []policyEntry, values url.Values) (page []policyEntry, next string, err error) {
	status, prefix, after := values.Get("status"), values.Get("q"), values.Get("after")
	page = slices.DeleteFunc(all, func(p policyEntry) bool {
		return status != "" && p.status != status || !hasPrefixFold(p.name, prefix)
	})
	if values.Get("sortBy") == "name" {
		slices.SortStableFunc(page, func(p, q policyEntry) int { return cmp.Compare(strings.ToLower(p.name), strings.ToLower(q.name)) })
	}
	if after != "" {
		i := slices.IndexFunc(page, func(p policyEntry) bool { return p.id == after })
		if i < 0 {
			return nil, "", fault.New(fault.BadPage, "", fault.Cause{Field: "after", Text: "must be taken from the link to the next page"})
		}
		page = page[i+1:]
	}
	limit, err := rest.PageLimit(values, maxPolicies, maxPolicies)
	if err != nil {
		return nil, "", err
	}
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].id
	}
	return page, next, nil
}

func hasPrefixFold(s, prefix string) bool {
	return strings.HasPrefix(strings.ToLower(s), strings.ToLower(prefix))
}

// policyKind finds a type by its name.
func (a *API) policyKind(name string) (policyKind, error) {
	for _, kind := range a.policyKinds() {
		if kind.name == name {
			return kind, nil
		}
	}
	return policyKind{}, fault.Field("type", "type", a.typeProblem())
}

func (a *API) typeProblem() string {
	var names []string
	for _, kind := range a.policyKinds() {
		names = append(names, kind.name)
	}
	return "must be one of " + strings.Join(names, ", ")
}

// createPolicy makes a policy of the type that its body names.
func (a *API) createPolicy(w http.ResponseWriter, r *http.Request) error {
	var body json.RawMessage
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	var typed struct {
		Type string `json:"type"`
	}
	r.Body = io.NopCloser(bytes.NewReader(body)) // is read once more, by the kind
	if err := web.ReadJSON(r, &typed); err != nil {
		return err
	}
	kind, err := a.policyKind(typed.Type)
	if err != nil {
		return err
	}
	if kind.create == nil {
		return fault.New(fault.MethodNotAllowed, "")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return kind.create(w, r)
}

// ofPolicy serves a call of one policy, as its kind does.
func (a *API) ofPolicy(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	for _, kind := range a.policyKinds() {
		has, err := kind.has(r.Context(), id)
		if err != nil {
			return err
		}
		if !has {
			continue
		}
		if serve := kind.calls[r.Pattern]; serve != nil {
			return serve(w, r)
		}
		return fault.New(fault.MethodNotAllowed, "")
	}
	return fault.Missing(id, policyResource)
}
