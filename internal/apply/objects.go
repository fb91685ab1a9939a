package apply

import (
	"context"
	"fmt"
	"net/http"
	"slices"
)

func (p *Plan) hooks(ctx context.Context, wanted []Object) error {
	const path = "/api/v1/inlineHooks"
	have, err := p.client.list(ctx, path)
	if err != nil {
		return fmt.Errorf("inline hooks: %w", err)
	}
	for _, h := range have {
		p.ids[hook][text(h, "name")] = text(h, "id")
	}
	for _, want := range wanted {
		name, status := text(want, "name"), text(want, "status")
		i := slices.IndexFunc(have, func(h Object) bool { return text(h, "name") == name })
		body := hookBody(want, newHook())
		if i >= 0 {
			body = hookBody(want, have[i])
		}
		if i < 0 {
			p.ids[hook][name] = ""
			p.add(Create, hook, name, nil, func(ctx context.Context) error {
				return p.put(ctx, hook, name, http.MethodPost, path, body, body)
			})
			p.status(hook, name, status, active, path+"/")
			continue
		}
		run := func(ctx context.Context) error {
			return p.put(ctx, hook, name, http.MethodPut, path+"/"+p.ids[hook][name], body, body)
		}
		if readable := readable(body); len(differences(readable, have[i])) == 0 && len(differences(body, have[i])) > 0 {
			p.add(Rewrite, hook, name, nil, run)
		} else {
			p.compare(hook, name, readable, have[i], run)
		}
		p.status(hook, name, status, text(have[i], "status"), path+"/")
	}
	return nil
}

// newHook is what a hook has that the file does not say.
func newHook() Object {
	return Object{
		"version": "1.0.0",
		"channel": Object{"type": "HTTP", "version": "1.0.0", "config": Object{"method": http.MethodPost}},
	}
}

// hookBody is a hook of the file as the API takes it, whole: what the file does
// not say of it is as in base. A secret that is empty is none: a file can leave it
// to the environment whether there is one.
func hookBody(want, base Object) Object {
	kept := Object{"version": base["version"], "channel": base["channel"]}
	body := overlay(kept, without(want, "status"))
	config, _ := at(body, "channel", "config").(Object)
	if auth, isObject := config["authScheme"].(Object); isObject {
		if value, has := auth["value"]; has && value == "" {
			config["authScheme"] = nil
		}
	}
	if config["clientSecret"] == "" {
		delete(config, "clientSecret")
	}
	return body
}

func (p *Plan) policies(ctx context.Context, wanted []Object) error {
	if len(wanted) == 0 {
		return nil
	}
	const path = "/api/v1/policies"
	have, err := p.client.list(ctx, path+"?type=PROFILE_ENROLLMENT")
	if err != nil {
		return fmt.Errorf("policies: %w", err)
	}
	for _, o := range have {
		p.ids[policy][text(o, "name")] = text(o, "id")
	}
	for _, want := range wanted {
		name := text(want, "name")
		body := overlay(Object{"type": "PROFILE_ENROLLMENT"}, without(want, "status", "rule", "apps"))
		i := slices.IndexFunc(have, func(o Object) bool { return text(o, "name") == name })
		before := active
		if i < 0 {
			p.ids[policy][name] = ""
			p.add(Create, policy, name, nil, func(ctx context.Context) error {
				return p.put(ctx, policy, name, http.MethodPost, path, body, body)
			})
		} else {
			before = text(have[i], "status")
			p.compare(policy, name, body, have[i], func(ctx context.Context) error {
				return p.put(ctx, policy, name, http.MethodPut, path+"/"+p.ids[policy][name], body, body)
			})
		}
		if rule, ok := want["rule"].(Object); ok {
			if err := p.rule(ctx, name, rule); err != nil {
				return fmt.Errorf("policy %s: %w", name, err)
			}
		}
		p.status(policy, name, text(want, "status"), before, path+"/")
		if err := p.mappings(name, want["apps"]); err != nil {
			return fmt.Errorf("policy %s: %w", name, err)
		}
	}
	return nil
}

// rule plans the one rule of a policy.
func (p *Plan) rule(ctx context.Context, name string, want Object) error {
	if err := p.eachName(want, func(kind, name string) (string, error) { return name, p.known(kind, name) }); err != nil {
		return err
	}
	put := func(ctx context.Context) error {
		rules, err := p.client.list(ctx, "/api/v1/policies/"+p.ids[policy][name]+"/rules")
		if err != nil {
			return err
		}
		if len(rules) != 1 {
			return fmt.Errorf("it has %d rules, not the one of an enrollment policy", len(rules))
		}
		enrollment := p.resolved(want)
		body := Object{
			"type": "PROFILE_ENROLLMENT", "name": rules[0]["name"],
			"actions": Object{"profileEnrollment": overlay(at(rules[0], "actions", "profileEnrollment").(Object), enrollment)},
		}
		answer, err := p.client.send(ctx, http.MethodPut, "/api/v1/policies/"+p.ids[policy][name]+"/rules/"+text(rules[0], "id"), body)
		if err != nil {
			return err
		}
		got, _ := at(answer, "actions", "profileEnrollment").(Object)
		return taken(enrollment, got)
	}
	if p.ids[policy][name] == "" {
		p.add(Change, "rule of policy", name, differences(want, Object{}), put)
		return nil
	}
	rules, err := p.client.list(ctx, "/api/v1/policies/"+p.ids[policy][name]+"/rules")
	if err != nil {
		return err
	}
	have := Object{}
	if len(rules) > 0 {
		have, _ = at(rules[0], "actions", "profileEnrollment").(Object)
	}
	p.compare("rule of policy", name, p.resolved(want), have, put)
	return nil
}

// resolved is a rule with ids in place of names.
func (p *Plan) resolved(rule Object) Object {
	out := overlay(nil, rule)
	_ = p.eachName(out, func(kind, name string) (string, error) { return p.id(kind, name), nil })
	return out
}

// eachName replaces the names of hooks and groups in a rule.
func (p *Plan) eachName(rule Object, replace func(kind, name string) (string, error)) error {
	hooks, _ := rule["preRegistrationInlineHooks"].([]any) // Parse has seen to it
	replaced := make([]any, len(hooks))
	for i, h := range hooks {
		o, _ := h.(Object)
		id, err := replace(hook, text(o, "inlineHookId"))
		if err != nil {
			return err
		}
		replaced[i] = overlay(o, Object{"inlineHookId": id})
	}
	if hooks != nil {
		rule["preRegistrationInlineHooks"] = replaced
	}
	groups, _ := rule["targetGroupIds"].([]any)
	targets := make([]any, len(groups))
	for i, g := range groups {
		name, _ := g.(string)
		id, err := replace(group, name)
		if err != nil {
			return err
		}
		targets[i] = id
	}
	if groups != nil {
		rule["targetGroupIds"] = targets
	}
	return nil
}

// mappings plans which apps have a policy, by their labels.
func (p *Plan) mappings(name string, labels any) error {
	list, _ := labels.([]any)
	for _, l := range list {
		label, _ := l.(string)
		if err := p.known(app, label); err != nil {
			return err
		}
		if id := p.ids[policy][name]; id != "" && id == p.enrollment[label] {
			p.add(Keep, "policy of app", label, nil, nil)
			continue
		}
		p.add(Change, "policy of app", label, []string{name}, func(ctx context.Context) error {
			_, err := p.client.send(ctx, http.MethodPut, appsPath+"/"+p.id(app, label)+"/policies/"+p.ids[policy][name], nil)
			return err
		})
	}
	return nil
}
