// Package hook is the wire contract of hooks, and the kit for people
// who write hook services.
//
// It imports the standard library alone, so a hook service that uses it has no
// other dependency. The same types are what usher itself sends and reads:
//
//	usher                                            your service
//	─────                                            ────────────
//	RegistrationRequest ──── HTTPS POST, JSON ────►  Registration(decide)
//	                                                   │ checks the secret,
//	                                                   │ decodes, calls decide
//	Response ◄── 200 {"commands":…,"error":…} ───────  Answer: Allow, Deny,
//	                                                   DenyField, Set
//
// A whole service:
//
//	http.Handle("POST /registrationHook", hook.Registration(
//		func(ctx context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
//			if !strings.HasSuffix(r.Attribute("email"), "@example.com") {
//				return hook.DenyField("email", "Only example.com emails can register."), nil
//			}
//			return hook.Allow(), nil
//		},
//		hook.Secret("authorization", "Basic YWRtaW46c3VwZXJzZWNyZXQ="),
//	))
//
// A service of an event hook shows once that it wants the events; [Verification]
// does that for it.
//
// Package hooktest tests such a handler, or a service of any language by its URL.
package hook
