package storetest

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/org"
)

func createOrigin(o *org.TrustedOrigin) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.TrustedOrigins.Create(ctx, o) }
}

func updateOrigin(o *org.TrustedOrigin) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.TrustedOrigins.Update(ctx, o) }
}

func deleteOrigin(id string) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.TrustedOrigins.Delete(ctx, id) }
}

func originOf(id, name, origin string) *org.TrustedOrigin {
	return &org.TrustedOrigin{ID: id, Name: name, Origin: origin, Status: org.StatusActive}
}

func trustedOriginCases() []testCase {
	full := func(at func(int) time.Time) *org.TrustedOrigin {
		return &org.TrustedOrigin{
			ID: "tos1", Name: "shop <&>", Origin: "https://shop.example", Status: org.StatusInactive,
			Scopes:  []org.OriginScope{{Type: org.ScopeFrame, Apps: []string{org.AppDashboard}}, {Type: org.ScopeCORS}},
			Created: at(1), CreatedBy: "00u1", LastUpdated: at(2), UpdatedBy: "00u2",
		}
	}
	get := func(s *suite) (o *org.TrustedOrigin) {
		s.view(func(ctx context.Context, tx *org.Tx) (err error) {
			o, err = tx.TrustedOrigins.Get(ctx, "tos1")
			return err
		})
		return o
	}
	list := func(s *suite) (ids []string) {
		s.view(func(ctx context.Context, tx *org.Tx) error {
			all, err := tx.TrustedOrigins.List(ctx)
			if all == nil {
				s.Error("the list is nil")
			}
			ids = []string{}
			for _, o := range all {
				ids = append(ids, o.ID)
			}
			return err
		})
		return ids
	}
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.update(createOrigin(full(moment)))
			equal(s, "origin", get(s), full(stored))
		}},
		{"none is not found", func(s *suite) {
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.TrustedOrigins.Get(ctx, "tos1")
				return err
			})
			s.refused(org.ErrNotFound, updateOrigin(originOf("tos1", "a", "https://a")))
			s.refused(org.ErrNotFound, deleteOrigin("tos1"))
		}},
		{"names and origins are taken once", func(s *suite) {
			s.update(createOrigin(originOf("tos1", "a", "https://a")))
			s.refused(org.ErrNameTaken, createOrigin(originOf("tos2", "a", "https://b")))
			s.refused(org.ErrNameTaken, createOrigin(originOf("tos2", "b", "https://a")))
			s.update(createOrigin(originOf("tos2", "A", "https://b")))
			s.refused(org.ErrNameTaken, updateOrigin(originOf("tos2", "a", "https://b")))
			s.refused(org.ErrNameTaken, updateOrigin(originOf("tos2", "A", "https://a")))
		}},
		{"update and delete are seen at once", func(s *suite) {
			s.update(createOrigin(originOf("tos1", "a", "https://a")))
			equal(s, "before", get(s).Name, "a") // into the cache
			s.update(updateOrigin(full(moment)))
			equal(s, "origin", get(s), full(stored))
			s.update(deleteOrigin("tos1"))
			equal(s, "after", list(s), []string{})
		}},
		{"list goes by id", func(s *suite) {
			for _, id := range []string{"tosb", "tosC", "tosa"} {
				s.update(createOrigin(originOf(id, id, "https://"+id)))
			}
			equal(s, "ids", list(s), []string{"tosC", "tosa", "tosb"})
		}},
		{"what is handed out is the caller's own", func(s *suite) {
			s.update(createOrigin(full(moment)))
			for range 2 {
				o := get(s)
				equal(s, "origin", o, full(stored))
				o.Name, o.Scopes[0].Type, o.Scopes[0].Apps[0] = "changed", "changed", "changed"
			}
		}},
	}
}
