package storetest

import (
	"context"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// badTexts are what PostgreSQL refuses in text and SQLite keeps.
func badTexts() map[string]string {
	return map[string]string{
		"NUL":             "a\x00b",
		"not UTF-8":       "a\xffb",
		"half a rune":     "caf\xc3",
		"a surrogate":     "a\xed\xa0\x80b",
		"an overlong NUL": "a\xc0\x80b",
	}
}

func textCases() []testCase {
	return []testCase{
		{"text that is not is refused wherever it is data", func(s *suite) {
			for name, bad := range badTexts() {
				withValue := func(value any) *org.User {
					u := person(s, "00u1", "ada", "")
					u.Profile = u.Profile.Set("note", value)
					return u
				}
				for where, write := range map[string]work{
					"a login":             createUser(person(s, "00u1", bad, "")),
					"an attribute":        createUser(withValue(bad)),
					"an element":          createUser(withValue([]any{"a", bad})),
					"a nested value":      createUser(withValue(hook.NewObject(hook.Member{Name: "a", Value: bad}))),
					"a name":              createUser(&org.User{ID: "00u1", Profile: withValue("").Profile.Set(bad, "x")}),
					"a group":             createGroup(&org.Group{ID: "00g1", Name: bad}),
					"a hook":              createHook(hookOf("cal1", bad)),
					"a header":            createHook(withHeader(bad)),
					"a client id":         createHook(withClientID(bad)),
					"an event hook":       createEventHook(&org.EventHook{ID: "who1", Name: bad}),
					"a filter":            createEventHook(&org.EventHook{ID: "who1", Filters: []org.EventFilter{{Expression: bad}}}),
					"a hook key":          createHookKey(keyOf("HKY1", bad, moment)),
					"a policy":            createPolicy(&org.Policy{ID: "rst1", Source: "reg1", Name: bad}),
					"a label":             createPolicy(&org.Policy{ID: "rst1", Source: "reg1", Rule: org.Rule{Attributes: []org.FormAttribute{{Label: bad}}}}),
					"a setting":           put("a", bad),
					"the key of one":      put(bad, "a"),
					"the words of a step": swap(&org.Interaction{ID: "int1", Messages: []org.Message{{Text: bad}}}),
					"a search":            func(ctx context.Context, tx *org.Tx) error { _, err := tx.Groups.ByName(ctx, bad); return err },
				} {
					err := s.tryUpdate(write)
					if !fault.Is(err, fault.Invalid) {
						s.Errorf("%s in %s gave %v", name, where, err)
					}
				}
			}
			s.view(func(ctx context.Context, tx *org.Tx) error {
				all, err := Everybody(ctx, tx)
				equal(s, "users", len(all), 0)
				return err
			})
		}},
		{"what only looks like it is kept", func(s *suite) {
			u := person(s, "00u1", "ada", "")
			u.Profile = u.Profile.Set("note", `\u0000 \\u0000 \ufffd \xff`+"\ufffd\u2028\t\n")
			s.update(createUser(u))
			s.has(u)
			s.update(put("a", `\u0000`))
			s.setting("a", `\u0000`)
			s.update(swap(&org.Interaction{ID: "int1", Hash: "h1", Messages: []org.Message{{Text: `\u0000 ` + "\ufffd<&>"}}}))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				i, err := tx.Interactions.ByHash(ctx, "h1")
				if err == nil {
					equal(s, "words", i.Messages, []org.Message{{Text: `\u0000 ` + "\ufffd<&>"}})
				}
				return err
			})
		}},
		{"a record is never lost for the text in it", func(s *suite) {
			// A browser may call itself anything, and a hook may answer anything.
			for name, bad := range badTexts() {
				s.update(func(ctx context.Context, tx *org.Tx) error {
					if err := tx.Events.Append(ctx, org.Event{UUID: name, Client: org.Client{UserAgent: bad}}); err != nil {
						return err
					}
					return tx.Calls.Append(ctx, &org.HookCall{ID: "hkc" + name, LoginKey: bad, Request: bad, Answer: org.Answer{Body: bad}, Detail: bad})
				})
				s.view(func(ctx context.Context, tx *org.Tx) error {
					c, err := tx.Calls.Get(ctx, "hkc"+name)
					if err == nil && (c.Answer.Body == "" || c.Request == "") {
						s.Errorf("%s: the bodies are lost", name)
					}
					return err
				})
				s.update(func(ctx context.Context, tx *org.Tx) error {
					_, err := tx.Calls.Erase(ctx, "", bad)
					return err
				})
				s.view(func(ctx context.Context, tx *org.Tx) error {
					c, err := tx.Calls.Get(ctx, "hkc"+name)
					if err == nil && c.Request != "" {
						s.Errorf("%s: the person cannot be erased", name)
					}
					return err
				})
			}
		}},
		{"a profile is found by the key that was made of it", func(s *suite) {
			u := person(s, "00u1", "  Ｅｖｅ@Example.com", "")
			s.update(createUser(u))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				got, err := tx.Users.ByLogin(ctx, profile.FoldLogin(u.Login()))
				if err == nil {
					equal(s, "login as typed", got.Login(), u.Login())
				}
				return err
			})
		}},
	}
}
