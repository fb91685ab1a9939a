package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/usher-id/usher/internal/mgmt"
	"github.com/usher-id/usher/internal/origin"
	"github.com/usher-id/usher/internal/signinpage"
	"github.com/usher-id/usher/internal/web"
)

// routes is what the server answers to:
//
//	/, /signin, /signup, /signout, /assets   signinpage
//	/api/v1, /.well-known/okta-organization  mgmt
//	/livez, /readyz                          here
func (s *Server) routes() (http.Handler, error) {
	site, err := web.NewSite(s.config.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("publicUrl: %w", err)
	}
	origins := &origin.Service{Editor: s.Admin.Editor}
	pages, err := signinpage.New(signinpage.Config{
		Org: s.config.Org.Name, Company: s.Admin.Company, Site: site,
		Enroll: s.enroll, Interaction: s.visits, SignIn: s.signin, Frames: origins.Frames,
		SignUpLimit: limiter(s.config.Limits.SignUpPerMinute),
		SignInLimit: limiter(s.config.Limits.SignInPerMinute),
	})
	if err != nil {
		return nil, err
	}
	api := &mgmt.API{
		Admin: s.Admin, Directory: s.directory, Apps: s.apps, Origins: origins, Site: site, OrgID: s.orgID,
		KeepLog:      s.config.Retention.SystemLog,
		Limit:        limiter(s.config.Limits.APIPerMinute),
		PreviewLimit: limiter(s.config.Limits.PreviewPerMinute),
	}
	mux := http.NewServeMux()
	pages.Register(mux)
	served := api.Register(mux)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { probe(w, nil) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { probe(w, s.Ready(r.Context())) })
	front := &web.Front{Next: site.Harden(served), Log: s.options.Log, Proxies: proxies(s.config), Draw: pages.DrawError}
	return limited(front, handlerLimit), nil
}

// limited ends the work on a request, since a database that hangs must not hold
// it for ever. What has to outlive its reader, as a call of a hook, is not bound
// by it and has a limit of its own.
func limited(next http.Handler, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// rateLimiter is what the edges ask of a limiter. It is nil where there is none.
type rateLimiter interface {
	Admit(w http.ResponseWriter, key string) error
}

// limiter counts by key, or not at all for 0.
func limiter(perMinute int) rateLimiter {
	if perMinute == 0 {
		return nil
	}
	each := web.Rate{Events: perMinute, Per: time.Minute}
	return web.NewLimiter(each, web.Rate{Events: 10 * perMinute, Per: time.Minute}, web.DefaultKeys, time.Now)
}

// probe answers a load balancer.
func probe(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "not ready")
		return
	}
	fmt.Fprintln(w, "ok")
}
