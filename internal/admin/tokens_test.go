package admin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

func TestTokens(t *testing.T) {
	onEngines(t, func(o *office) {
		text, token, err := o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: "terraform"})
		if err != nil {
			o.Fatal(err)
		}
		if len(text) != 42 || !strings.HasPrefix(text, "00") || strings.Contains(fmt.Sprintf("%+v", token), text) {
			o.Errorf("the text is %q, the token %+v", text, token)
		}
		got, err := o.Authenticate(o.Context(), text)
		if err != nil || got.Token.ID != token.ID || got.Role != org.RoleSuperAdmin || got.Owner != nil || got.Actor().ID != token.ID {
			o.Errorf("bearer is %+v (%v)", got, err)
		}
		for _, wrong := range []string{"", text + " ", strings.ToLower(text), token.Hash, token.ID} {
			_, err := o.Authenticate(o.Context(), wrong)
			refused(o.T, err, fault.BadToken)
		}
		o.wantEvents("system.api_token.create " + token.ID)

		for name, problem := range map[string]string{
			"": "The field cannot be left blank", strings.Repeat("x", 256): "must have at most 255 characters",
		} {
			_, _, err := o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: name})
			refused(o.T, err, fault.Invalid, "name: "+problem)
		}
		_, _, err = o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: "x", Role: "ROOT", Expires: token.Created.Add(-time.Hour)})
		refused(o.T, err, fault.Invalid, "expires: must be in the future",
			"role: must be SUPER_ADMIN, ORG_ADMIN, HELP_DESK_ADMIN or READ_ONLY_ADMIN")
	})
}

func TestTokenEnds(t *testing.T) {
	onEngines(t, func(o *office) {
		start := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
		const day = 24 * time.Hour
		for name, c := range map[string]struct {
			expires time.Time
			used    time.Duration // after the start; 0 is never
			ends    time.Duration
		}{
			"by its date":               {start.Add(time.Hour), 0, time.Hour},
			"unused":                    {time.Time{}, 0, 30 * day},
			"30 days after its use":     {time.Time{}, 20 * day, 50 * day},
			"by its date, however used": {start.Add(31 * day), 29 * day, 31 * day},
		} {
			now := start
			o.Now = func() time.Time { return now }
			text, token, err := o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: name, Expires: c.expires})
			if err != nil {
				o.Fatal(err)
			}
			if c.used > 0 {
				now = start.Add(c.used)
				if _, err := o.Authenticate(o.Context(), text); err != nil {
					o.Error(name, err)
				}
			}
			if token, err = o.Token(o.Context(), o.by, token.ID); err != nil || !token.Ends().Equal(start.Add(c.ends)) {
				o.Errorf("%s: ends %v (%v)", name, token.Ends(), err)
			}
			now = start.Add(c.ends)
			_, err = o.Authenticate(o.Context(), text)
			refused(o.T, err, fault.BadToken)
			now = now.Add(-time.Microsecond)
			if _, err := o.Authenticate(o.Context(), text); err != nil {
				o.Error(name, err)
			}
		}
	})
}

// lastUsed reads the time of use of the one token.
func (o *office) lastUsed() time.Time {
	o.Helper()
	var at time.Time
	err := o.Store.View(o.Context(), func(ctx context.Context, tx *org.Tx) error {
		list, err := tx.Tokens.List(ctx, "")
		if err == nil {
			at = list[0].LastUsed
		}
		return err
	})
	if err != nil {
		o.Fatal(err)
	}
	return at
}

// counted is a store that counts the notes.
type counted struct {
	org.Store
	notes *int
}

func (s counted) UpdateSoon(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	*s.notes++
	return s.Store.UpdateSoon(ctx, write)
}

func TestTokenUseIsNotedToTheMinute(t *testing.T) {
	onEngines(t, func(o *office) {
		noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
		now := noon.Add(10 * time.Second)
		o.Now = func() time.Time { return now }
		text, _, err := o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: "token"})
		if err != nil {
			o.Fatal(err)
		}
		if at := o.lastUsed(); !at.IsZero() {
			o.Errorf("a new token was last used at %v", at)
		}
		var notes int
		o.Store = counted{o.Store, &notes}
		for _, step := range []struct {
			now, want time.Time
			notes     int
		}{
			{noon.Add(20 * time.Second), noon, 1}, {noon.Add(59 * time.Second), noon, 1}, {noon.Add(61 * time.Second), noon.Add(time.Minute), 2},
		} {
			now = step.now
			if _, err := o.Authenticate(o.Context(), text); err != nil {
				o.Fatal(err)
			}
			if at := o.lastUsed(); !at.Equal(step.want) || notes != step.notes {
				o.Errorf("used at %v, noted %v by %d notes, want %v by %d", step.now, at, notes, step.want, step.notes)
			}
		}
	})
}

// readOnly is a database that is full.
type readOnly struct{ org.Store }

func (readOnly) UpdateSoon(context.Context, func(context.Context, *org.Tx) error) error {
	return fault.New(fault.Busy, "The disk is full.")
}

// away is a database that does not answer.
type away struct{ org.Store }

var errAway = errors.New("the database is away")

func (away) View(context.Context, func(context.Context, *org.Tx) error) error { return errAway }

func TestTokensAndAFailingDatabase(t *testing.T) {
	onEngines(t, func(o *office) {
		text, token, err := o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: "token"})
		if err != nil {
			o.Fatal(err)
		}
		full := admin.Service{Editor: edit.Editor{Store: readOnly{o.Store}, Now: o.Now}}
		if got, err := full.Authenticate(o.Context(), text); err != nil || got.Token.ID != token.ID {
			o.Errorf("bearer is %+v (%v): what can be read can be used", got, err)
		}
		gone := admin.Service{Editor: edit.Editor{Store: away{o.Store}, Now: o.Now}}
		if got, err := gone.Authenticate(o.Context(), text); got != nil || !errors.Is(err, errAway) {
			o.Errorf("bearer is %+v (%v): nobody is let in unseen", got, err)
		}
	})
}
