package apply

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
)

const appsPath = "/api/v1/apps"

// apps looks at the apps of the org only where the file names some.
func (p *Plan) apps(ctx context.Context, f *File) error {
	wanted := f.Apps
	if len(wanted) == 0 && !f.names("apps", f.Policies) {
		return nil
	}
	var several []string // labels that more than one app has
	have, err := p.client.list(ctx, appsPath+"?limit=200")
	if err != nil {
		return fmt.Errorf("apps: %w", err)
	}
	for _, a := range have {
		if _, twice := p.ids[app][text(a, "label")]; twice {
			several = append(several, text(a, "label"))
		}
		p.ids[app][text(a, "label")] = text(a, "id")
		p.enrollment[text(a, "label")] = path.Base(text(a, "_links", "profileEnrollment", "href"))
	}
	for _, want := range wanted {
		name := text(want, "label")
		if slices.Contains(several, name) {
			return fmt.Errorf("app %s: several apps of the org have this label, and the file does not say which", name)
		}
		body := without(want, "status", "groups")
		i := slices.IndexFunc(have, func(a Object) bool { return text(a, "label") == name })
		before, assigned := active, []string(nil)
		if i < 0 {
			p.ids[app][name] = ""
			p.add(Create, app, name, nil, func(ctx context.Context) error { return p.put(ctx, app, name, http.MethodPost, appsPath, body, body) })
		} else {
			before = text(have[i], "status")
			p.app(name, body, have[i])
			if assigned, err = p.assigned(ctx, p.ids[app][name]); err != nil {
				return fmt.Errorf("app %s: %w", name, err)
			}
		}
		if err := p.assign(name, want["groups"], assigned); err != nil {
			return fmt.Errorf("app %s: %w", name, err)
		}
		p.status(app, name, text(want, "status"), before, appsPath+"/")
	}
	return nil
}

// app plans an app that is there. A PUT replaces it whole, so that what it is
// goes with what it is to be.
func (p *Plan) app(name string, body, have Object) {
	run := func(ctx context.Context) error {
		return p.put(ctx, app, name, http.MethodPut, appsPath+"/"+p.ids[app][name], overlay(without(have, "_links"), body), body)
	}
	if wanted := readable(body); len(differences(wanted, have)) == 0 && len(differences(body, have)) > 0 {
		p.add(Rewrite, app, name, nil, run)
	} else {
		p.compare(app, name, wanted, have, run)
	}
}

// assigned are the ids of the groups of an app.
func (p *Plan) assigned(ctx context.Context, id string) ([]string, error) {
	list, err := p.client.list(ctx, appsPath+"/"+id+"/groups?limit=200")
	ids := make([]string, len(list))
	for i, g := range list {
		ids[i] = text(g, "id")
	}
	return ids, err
}

// assign plans the groups of an app that are not assigned yet, by their names.
func (p *Plan) assign(label string, groups any, assigned []string) error {
	list, _ := groups.([]any)
	for _, g := range list {
		name, _ := g.(string)
		if err := p.known(group, name); err != nil {
			return err
		}
		if slices.Contains(assigned, p.id(group, name)) {
			continue
		}
		p.add(Change, "groups of app", label, []string{name}, func(ctx context.Context) error {
			_, err := p.client.send(ctx, http.MethodPut, appsPath+"/"+p.ids[app][label]+"/groups/"+p.id(group, name), Object{})
			return err
		})
	}
	return nil
}
