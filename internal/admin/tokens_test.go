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
		got, _, err := o.Authenticate(o.Context(), text)
		if err != nil || got.ID != token.ID || got.Name != "terraform" {
			o.Errorf("token is %+v (%v)", got, err)
		}
		for _, wrong := range []string{"", text + " ", strings.ToLower(text), token.Hash, token.ID} {
			_, _, err := o.Authenticate(o.Context(), wrong)
			refused(o.T, err, fault.BadToken)
		}
		o.wantEvents("system.api_token.create " + token.ID)

		for name, problem := range map[string]string{
			"": "The field cannot be left blank", strings.Repeat("x", 256): "must have at most 255 characters",
		} {
			_, _, err := o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: name})
			refused(o.T, err, fault.Invalid, "name: "+problem)
		}
		_, _, err = o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: "x", Life: -time.Second})
		refused(o.T, err, fault.Invalid, "expires: must not be negative")
	})
}

func TestTokenEnds(t *testing.T) {
	onEngines(t, func(o *office) {
		now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
		o.Now = func() time.Time { return now }
		text, token, err := o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: "for an hour", Life: time.Hour})
		if err != nil || !token.Expires.Equal(now.Add(time.Hour)) {
			o.Fatalf("token is %+v (%v)", token, err)
		}
		now = token.Expires.Add(-time.Microsecond)
		if _, _, err := o.Authenticate(o.Context(), text); err != nil {
			o.Error(err)
		}
		now = token.Expires
		_, _, err = o.Authenticate(o.Context(), text)
		refused(o.T, err, fault.BadToken)
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
			if _, _, err := o.Authenticate(o.Context(), text); err != nil {
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
		if got, _, err := full.Authenticate(o.Context(), text); err != nil || got.ID != token.ID {
			o.Errorf("token is %+v (%v): what can be read can be used", got, err)
		}
		gone := admin.Service{Editor: edit.Editor{Store: away{o.Store}, Now: o.Now}}
		if got, _, err := gone.Authenticate(o.Context(), text); got != nil || !errors.Is(err, errAway) {
			o.Errorf("token is %+v (%v): nobody is let in unseen", got, err)
		}
	})
}
