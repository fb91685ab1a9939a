package storetest

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
)

// Run tests a store. open gives one with a new, migrated database and closes it
// after the test.
//
// What is written here is written twice: a first try that is rolled back, and a
// second one, as the contract allows a store to do.
func Run(t *testing.T, open func(t testing.TB) org.Store) {
	for _, group := range []struct {
		name  string
		cases []testCase
	}{
		{"Transactions", transactionCases()},
		{"Races", raceCases()},
		{"Text", textCases()},
		{"Users", userCases()},
		{"UserList", userListCases()},
		{"Logins", loginCases()},
		{"UserTokens", userTokenCases()},
		{"Mails", mailCases()},
		{"Groups", groupCases()},
		{"Members", memberCases()},
		{"Grants", grantCases()},
		{"UserTypes", userTypeCases()},
		{"Schemas", schemaCases()},
		{"UniqueValues", uniqueValueCases()},
		{"Policies", policyCases()},
		{"PasswordPolicies", passwordPolicyCases()},
		{"TrustedOrigins", trustedOriginCases()},
		{"Apps", appCases()},
		{"Assignments", assignmentCases()},
		{"SigningKeys", signingKeyCases()},
		{"Hooks", hookCases()},
		{"HookKeys", hookKeyCases()},
		{"OAuthHooks", oauthHookCases()},
		{"EventHooks", eventHookCases()},
		{"Events", eventCases()},
		{"Calls", callCases()},
		{"Tokens", tokenCases()},
		{"Sessions", sessionCases()},
		{"Interactions", interactionCases()},
		{"Settings", settingCases()},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.test(&suite{T: t, store: open(t)})
				})
			}
		})
	}
}

type testCase struct {
	name string
	test func(*suite)
}

// suite is one test with its store.
type suite struct {
	*testing.T
	store org.Store
}

// work is what a transaction does.
type work = func(context.Context, *org.Tx) error

var errLost = errors.New("storetest: this try is lost")

// tryUpdate writes twice, as the database might ask for, and gives the error.
func (s *suite) tryUpdate(write work) error {
	s.Helper()
	ctx := s.Context()
	err := s.store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := write(ctx, tx); err != nil {
			return err
		}
		return errLost
	})
	if !errors.Is(err, errLost) {
		return err
	}
	return s.store.Update(ctx, write)
}

func (s *suite) update(write work) {
	s.Helper()
	if err := s.tryUpdate(write); err != nil {
		s.Fatalf("update: %v", err)
	}
}

func (s *suite) view(read work) {
	s.Helper()
	if err := s.store.View(s.Context(), read); err != nil {
		s.Fatalf("view: %v", err)
	}
}

// refused expects that an update fails with an error.
func (s *suite) refused(want error, write work) {
	s.Helper()
	if err := s.tryUpdate(write); !errors.Is(err, want) {
		s.Errorf("update gave %v, want %v", err, want)
	}
}

// missing expects that reading finds nothing.
func (s *suite) missing(what string, read work) {
	s.Helper()
	if err := s.store.View(s.Context(), read); !errors.Is(err, org.ErrNotFound) {
		s.Errorf("%s: got %v, want %v", what, err, org.ErrNotFound)
	}
}

func equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\n got %+v\nwant %+v", what, got, want)
	}
}

// race runs n at once and gives their errors.
func race(n int, run func(i int) error) []error {
	var (
		start = make(chan struct{})
		errs  = make([]error, n)
		wait  sync.WaitGroup
	)
	for i := range n {
		wait.Go(func() {
			<-start
			errs[i] = run(i)
		})
	}
	close(start)
	wait.Wait()
	return errs
}

// count counts the errors that are one.
func count(errs []error, target error) int {
	n := 0
	for _, err := range errs {
		if errors.Is(err, target) {
			n++
		}
	}
	return n
}

// moment is a time with nanoseconds, of which no store keeps more than the
// microseconds; stored is what comes back.
func moment(seconds int) time.Time {
	return time.Date(2026, 2, 3, 4, 5, seconds, 123456789, time.FixedZone("", 3600))
}

func stored(seconds int) time.Time {
	return time.Date(2026, 2, 3, 3, 5, seconds, 123456000, time.UTC)
}
