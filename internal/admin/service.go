package admin

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// URLChecker says which addresses hooks may have, and writes them in one form.
// safedial.Policy is the one.
type URLChecker interface {
	ParseURL(raw string) (*url.URL, error)
}

// Sender sends a request to a hook and judges the answer. Its error tells that
// the request is none. extension.Runner is the one.
type Sender interface {
	Try(ctx context.Context, h *org.InlineHook, schema *profile.Schema, request []byte, requestID string) (*extension.Judgement, error)
}

// Service makes the changes. All fields are required.
type Service struct {
	Store  org.Store
	URLs   URLChecker
	Sender Sender // of the Preview
	Now    func() time.Time
}

// By is who makes a change, from where.
type By = eventlog.Origin

// now is the time of a change, in whole microseconds, which both databases keep.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// event makes the event of a change that was made.
func (s *Service) event(t eventlog.Type, by By, targets ...org.Target) org.Event {
	return eventlog.New(t, s.now(), by, org.Outcome{Result: org.Success}, targets...)
}

// errUnchanged ends a change that has nothing to write.
var errUnchanged = errors.New("admin: nothing to change")

// maxTries is how often a change is made anew that somebody else's came before.
const maxTries = 8

// change makes a change. One that ends with errUnchanged has gone well. One that
// ends with org.ErrConflict has read what is not so any more, and is made anew of
// what is so now; that the last of two writers wins is what clients of Okta's API
// expect.
func (s *Service) change(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	var err error
	for range maxTries {
		err = s.Store.Update(ctx, write)
		switch {
		case errors.Is(err, errUnchanged):
			return nil
		case !errors.Is(err, org.ErrConflict):
			return err
		}
	}
	return fault.New(fault.Busy, "This is being changed by others. Please try again in a moment.").With(err)
}

// missing turns the store's ErrNotFound into the fault of a resource.
func missing(err error, id, resource string) error {
	if errors.Is(err, org.ErrNotFound) {
		return fault.Missing(id, resource)
	}
	return err
}

// Okta's words for a value that is not there and for a name that is taken.
const (
	blank = "The field cannot be left blank"
	taken = "An object with this field already exists in the current organization"
)

// maxName is the length of the name of a hook, a group or a token in Okta's API.
const maxName = 255

// nameProblem says what is wrong with the name of a thing, or "". Names are shown
// in terminals and logs, where control characters could pass for something else.
func nameProblem(name string) string {
	switch {
	case strings.TrimSpace(name) == "":
		return blank
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Sprintf("must have at most %d characters", maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "must not have control characters"
	}
	return ""
}

// checkName is nameProblem as the fault of an object that has nothing but a name.
func checkName(name string) error {
	if problem := nameProblem(name); problem != "" {
		return fault.Field("name", "name", problem)
	}
	return nil
}
