package origin

import (
	"context"

	"github.com/usher-id/usher/internal/org"
)

// Trusts tells whether pages of an origin, as a browser sends it, may read what the
// API answers (CORS).
func (s *Service) Trusts(ctx context.Context, origin string) (trusted bool, err error) {
	err = s.each(ctx, org.ScopeCORS, func(o *org.TrustedOrigin, _ *org.OriginScope) { trusted = trusted || o.Origin == origin })
	return trusted, err
}

// Frames gives the origins that may have the pages in a frame, and of pages of
// somebody who is signed in those that may have these, too.
func (s *Service) Frames(ctx context.Context, signedIn bool) (origins []string, err error) {
	err = s.each(ctx, org.ScopeFrame, func(o *org.TrustedOrigin, scope *org.OriginScope) {
		if !signedIn || len(scope.Apps) > 0 { // there is one app to name
			origins = append(origins, o.Origin)
		}
	})
	return origins, err
}

func (s *Service) each(ctx context.Context, scopeType string, visit func(*org.TrustedOrigin, *org.OriginScope)) error {
	var all []*org.TrustedOrigin
	err := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		all, err = tx.TrustedOrigins.List(ctx)
		return err
	})
	for _, o := range all {
		if scope := o.Scope(scopeType); scope != nil {
			visit(o, scope)
		}
	}
	return err
}
