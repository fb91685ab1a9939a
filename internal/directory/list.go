package directory

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/org"
)

// UserList asks for users: for those that an expression means, for those whose
// names begin so, or for all. Only who is asked for by an expression may be
// deactivated (Users API reference, "List all users").
type UserList struct {
	Q      string // what first name, last name or address begins with; has no pages
	Filter string // an expression of few properties, in which case matters
	Search string // an expression of all properties
	// SortBy is a property with an index, or "" for any order. Q has none.
	SortBy    string
	SortOrder string // asc, desc, or "" for the first of them
	Limit     int
	After     string // Next of the page before, or "" for the first page
}

// UserPage is some of the users. People is never nil.
type UserPage struct {
	People []*Person
	Next   string // "" when these are the last
}

// searchTime is how long a page of users may be looked for.
const searchTime = 5 * time.Second

// Users gives a page of a list. Who is there all the time is in exactly one page,
// whatever changes meanwhile, unless pages follow a value that is changed.
//
// Whoever may not see an attribute learns nothing of its values by searching,
// either: there is no such attribute, then.
func (s *Service) Users(ctx context.Context, by By, l UserList) (page *UserPage, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) error {
		q, err := l.read(ctx, tx, by)
		if err != nil {
			return err
		}
		g := &gathering{userQuery: q, limit: l.Limit, now: s.Now, until: s.Now().Add(s.searchTime())}
		if err := g.gather(ctx, tx); err != nil {
			return err
		}
		if g.late && len(g.users) < l.Limit {
			return q.tookTooLong(s.searchTime())
		}
		page = &UserPage{People: make([]*Person, len(g.users)), Next: g.next()}
		for i, u := range g.users {
			if page.People[i], err = see(ctx, tx, by, u); err != nil {
				return err
			}
		}
		return nil
	})
	return page, err
}

func (s *Service) searchTime() time.Duration {
	if s.SearchTime == 0 {
		return searchTime
	}
	return s.SearchTime
}

// gathering makes one page of a query: scan after scan, until the page is full
// and one more user is known to follow.
type gathering struct {
	*userQuery
	limit int
	now   func() time.Time
	until time.Time

	users []*org.User
	last  cursor // of the last user
	more  bool   // there is another one
	late  bool   // the time was over; perhaps there is another one
}

func (g *gathering) gather(ctx context.Context, tx *org.Tx) error {
	for i := g.from.scan; i < len(g.scans) && !g.more && !g.late; i++ {
		q := g.scans[i].query()
		q.Batch = g.limit + 1 - len(g.users)
		if i == g.from.scan {
			q.After = g.from.after
		}
		err := tx.Users.Scan(ctx, q, func(u *org.User, at org.UserPosition) bool {
			if g.now().After(g.until) {
				g.late = true
				return false
			}
			if !g.given(i, u) && (g.test == nil || g.test(u)) {
				if g.more = len(g.users) == g.limit; g.more {
					return false
				}
				g.users = append(g.users, u)
				g.last = cursor{scan: i, after: &at}
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// given tells whether a user of a scan was one of an earlier scan, too.
func (g *gathering) given(scan int, u *org.User) bool {
	for _, earlier := range g.scans[:scan] {
		if earlier.holds(u) {
			return true
		}
	}
	return false
}

// next is the cursor of the next page, or "".
func (g *gathering) next() string {
	if !g.paged || !g.more && !g.late {
		return ""
	}
	return g.last.text(g.label)
}
