package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/org"
)

func appendEvents(events ...org.Event) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Events.Append(ctx, events...) }
}

// scan gives the UUIDs of a range.
func (s *suite) scan(r org.EventRange) []string {
	s.Helper()
	uuids := []string{}
	s.view(func(ctx context.Context, tx *org.Tx) error {
		return tx.Events.Scan(ctx, r, func(e org.Event) bool {
			uuids = append(uuids, e.UUID)
			return true
		})
	})
	return uuids
}

func eventCases() []testCase {
	return []testCase{
		{"what is written is read", func(s *suite) {
			full := org.Event{
				UUID: "u1", Published: moment(1), Type: "user.lifecycle.create", Severity: "INFO", Display: "Create <user>",
				Actor:       org.Actor{ID: "00u1", Type: "User", AlternateID: "ada", DisplayName: "Ada"},
				Client:      org.Client{IP: "192.0.2.1", UserAgent: "ua"},
				Outcome:     org.Outcome{Result: org.Failure, Reason: "R"},
				Targets:     []org.Target{{ID: "cal1", Type: "InlineHook", AlternateID: "a", DisplayName: "d"}, {ID: "2"}},
				Transaction: "req1", TokenID: "00T1", Debug: map[string]string{"requestUri": "/"},
			}
			bare := org.Event{UUID: "u2"}
			s.update(appendEvents(full, bare))
			var got []org.Event
			s.view(func(ctx context.Context, tx *org.Tx) error {
				return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
					got = append(got, e)
					return true
				})
			})
			if len(got) != 2 || got[0].Sequence <= 0 || got[1].Sequence <= got[0].Sequence {
				s.Fatalf("events %+v", got)
			}
			full.Published, full.Sequence, bare.Sequence = stored(1), got[0].Sequence, got[1].Sequence
			equal(s, "events", got, []org.Event{full, bare}) // no targets are nil
		}},
		{"ranges", func(s *suite) {
			s.update(func(ctx context.Context, tx *org.Tx) error {
				for i := range 5 {
					e := org.Event{UUID: fmt.Sprint(i), Published: moment(i), Type: []string{"even", "odd"}[i%2]}
					if err := tx.Events.Append(ctx, e); err != nil {
						return err
					}
				}
				return nil
			})
			var sequences []int64
			s.view(func(ctx context.Context, tx *org.Tx) error {
				return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
					sequences = append(sequences, e.Sequence)
					return true
				})
			})
			for name, c := range map[string]struct {
				in   org.EventRange
				want string
			}{
				"all":              {org.EventRange{}, "01234"},
				"all, newest":      {org.EventRange{Descending: true}, "43210"},
				"after":            {org.EventRange{After: sequences[2]}, "34"},
				"before":           {org.EventRange{After: sequences[2], Descending: true}, "10"},
				"since is in":      {org.EventRange{Since: stored(1)}, "1234"},
				"until is not":     {org.EventRange{Until: stored(3)}, "012"},
				"since and until":  {org.EventRange{Since: stored(1), Until: stored(3), Descending: true}, "21"},
				"a type":           {org.EventRange{Types: []string{"odd"}}, "13"},
				"of several types": {org.EventRange{Types: []string{"odd", "none", "even"}, After: sequences[0]}, "1234"},
				"no such type":     {org.EventRange{Types: []string{"none"}}, ""},
				"everything":       {org.EventRange{Types: []string{"even"}, Since: stored(1), Until: stored(5), After: sequences[2]}, "4"},
			} {
				equal(s, name, strings.Join(s.scan(c.in), ""), c.want)
			}
		}},
		{"a reader stops when it likes, and may ask for more meanwhile", func(s *suite) {
			s.update(appendEvents(org.Event{UUID: "0"}, org.Event{UUID: "1"}, org.Event{UUID: "2"}))
			s.update(put("a", "1"))
			n := 0
			s.view(func(ctx context.Context, tx *org.Tx) error {
				var inner error
				err := tx.Events.Scan(ctx, org.EventRange{}, func(org.Event) bool {
					n++
					_, inner = tx.Settings.Get(ctx, "a")
					return n < 2 && inner == nil
				})
				if err == nil {
					err = inner
				}
				return err
			})
			equal(s, "events read", n, 2)
		}},
		{"many come in one piece, either way", func(s *suite) {
			var want []string
			s.update(func(ctx context.Context, tx *org.Tx) error {
				want = nil
				for i := range 600 {
					uuid := fmt.Sprint(i)
					want = append(want, uuid)
					if err := tx.Events.Append(ctx, org.Event{UUID: uuid}); err != nil {
						return err
					}
				}
				return nil
			})
			equal(s, "ascending", s.scan(org.EventRange{}), want)
			slices.Reverse(want)
			equal(s, "descending", s.scan(org.EventRange{Descending: true}), want)
		}},
		{"pruning takes the old ones, and no number comes back", func(s *suite) {
			s.update(appendEvents(org.Event{UUID: "0", Published: moment(0)}, org.Event{UUID: "1", Published: moment(1)}))
			prune := func(before time.Time, want int64) {
				s.update(func(ctx context.Context, tx *org.Tx) error {
					n, err := tx.Events.Prune(ctx, before)
					equal(s, "pruned", n, want)
					return err
				})
			}
			prune(stored(1), 1)
			equal(s, "left", s.scan(org.EventRange{}), []string{"1"})
			var last int64
			s.view(func(ctx context.Context, tx *org.Tx) error {
				return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
					last = e.Sequence
					return true
				})
			})
			prune(stored(9), 1)
			s.update(appendEvents(org.Event{UUID: "2"}))
			equal(s, "after the last one", s.scan(org.EventRange{After: last}), []string{"2"})
		}},
	}
}

func appendCall(c *org.HookCall) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Calls.Append(ctx, c) }
}

// call gives a record as it is stored.
func (s *suite) call(id string) (c *org.HookCall) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) (err error) {
		c, err = tx.Calls.Get(ctx, id)
		return err
	})
	return c
}

func (s *suite) recent(hookID string, previews bool, limit int) []string {
	s.Helper()
	ids := []string{}
	s.view(func(ctx context.Context, tx *org.Tx) error {
		all, err := tx.Calls.Recent(ctx, hookID, previews, limit)
		for _, c := range all {
			ids = append(ids, c.ID)
		}
		return err
	})
	return ids
}

func callCases() []testCase {
	full := func(at func(int) time.Time) *org.HookCall {
		return &org.HookCall{
			ID: "hkc1", HookID: "cal1", HookName: "n", HookVersion: 3, HookURL: "https://hook.example/", PolicyID: "rst1",
			EventID: "ev1", RequestID: "req1", EventType: "et", RequestType: "rt", Preview: true, LoginKey: "ada", UserID: "00u1",
			Started: at(1), Duration: 1234567 * time.Nanosecond,
			Attempts: []org.Attempt{{
				Started: at(2), Duration: time.Second, Status: 503, Failure: "F", Detail: "d", Address: "192.0.2.1:443",
				Token: &org.Attempt{Started: at(3), Duration: time.Millisecond, Status: 200, Address: "192.0.2.2:443"},
			}},
			Request: `{"b":1,"a":2}`,
			Answer:  org.Answer{Status: 200, ContentType: "application/json", Size: 99, Body: `{"commands":[]}`, Readable: true},
			Event:   "inline_hook.executed", Outcome: org.Failure, Reason: "R", Detail: "D", Decision: org.DecisionDeny,
			DebugContext: `{"x":"y"}`, Findings: []org.Finding{{Severity: org.SeverityNote, Code: "c", Path: "p", Read: "r", Happens: "h", Repair: "m", Suggestion: "s"}},
			Messages: []org.Message{{Field: "email", Text: "No."}, {}},
		}
	}
	sized := func(id string, second, size int) *org.HookCall {
		return &org.HookCall{ID: id, Started: moment(second), Request: strings.Repeat("r", size/2), Answer: org.Answer{Body: strings.Repeat("a", size-size/2)}}
	}
	erase := func(s *suite, userID, loginKey string, want int64) {
		s.Helper()
		s.update(func(ctx context.Context, tx *org.Tx) error {
			n, err := tx.Calls.Erase(ctx, userID, loginKey)
			equal(s, fmt.Sprintf("erased of %q, %q", userID, loginKey), n, want)
			return err
		})
	}
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.update(appendCall(full(moment)))
			equal(s, "call", s.call("hkc1"), full(stored))
			bare := &org.HookCall{ID: "hkc2"}
			s.update(appendCall(bare))
			equal(s, "bare call", s.call("hkc2"), bare)
			s.missing("another", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Calls.Get(ctx, "hkc3")
				return err
			})
		}},
		{"recent ones, the newest first, previews when asked for", func(s *suite) {
			equal(s, "none", s.recent("", true, 9), []string{})
			for i, c := range []*org.HookCall{
				{ID: "a", HookID: "cal1"}, {ID: "b", HookID: "cal2"}, {ID: "c", HookID: "cal1", Preview: true}, {ID: "d", HookID: "cal1"},
			} {
				c.Started = moment(i)
				s.update(appendCall(c))
			}
			s.update(appendCall(&org.HookCall{ID: "e", HookID: "cal1", Started: moment(3)})) // at the same moment as d
			equal(s, "of all", s.recent("", false, 9), []string{"e", "d", "b", "a"})
			equal(s, "with previews", s.recent("", true, 4), []string{"e", "d", "c", "b"})
			equal(s, "of a hook", s.recent("cal1", false, 9), []string{"e", "d", "a"})
			equal(s, "of a hook with previews", s.recent("cal1", true, 3), []string{"e", "d", "c"})
		}},
		{"erasing a person empties what was said, and keeps that it was", func(s *suite) {
			c := full(moment)
			s.update(appendCall(c))
			refused := full(moment)
			refused.ID, refused.UserID = "hkc2", ""
			s.update(appendCall(refused))
			other := full(moment)
			other.ID, other.UserID, other.LoginKey = "hkc3", "00u2", "eve"
			s.update(appendCall(other))

			erase(s, "00u1", "ada", 2)
			for id, userID := range map[string]string{"hkc1": "00u1", "hkc2": ""} {
				want := full(stored)
				want.ID, want.UserID, want.LoginKey = id, userID, ""
				want.Request, want.Answer.Body, want.DebugContext, want.Messages = "", "", "", nil
				want.Reason, want.Detail, want.Findings = "", "", nil // a service's words may name the person
				equal(s, "erased call", s.call(id), want)
			}
			equal(s, "another's", s.call("hkc3").Request, other.Request)
		}},
		{"erasing nobody erases nothing", func(s *suite) {
			c := full(moment)
			c.UserID, c.LoginKey = "", ""
			s.update(appendCall(c))
			erase(s, "", "", 0)
			erase(s, "00u1", "ada", 0)
			equal(s, "request", s.call("hkc1").Request, c.Request)
		}},
		{"deleting a user erases the person, refusals before it too", func(s *suite) {
			s.update(createUser(person(s, "00u1", "Ada@Example.com", "")))
			refused := full(moment)
			refused.UserID, refused.LoginKey = "", "ada@example.com"
			s.update(appendCall(refused))
			s.update(func(ctx context.Context, tx *org.Tx) error { return org.DeleteUser(ctx, tx, "00u1") })
			equal(s, "request", s.call("hkc1").Request, "")
			s.taken(false, "ada@example.com")
		}},
		{"deleting a user erases what is under their address, and previews of them", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "Ada@Example.com")))
			byAddress, preview, other := full(moment), full(moment), full(moment)
			byAddress.UserID, byAddress.LoginKey = "", "ada@example.com"
			preview.ID, preview.UserID, preview.LoginKey, preview.Preview = "hkc2", "00u1", "", true
			other.ID, other.UserID, other.LoginKey = "hkc3", "", "eve@example.com"
			for _, c := range []*org.HookCall{byAddress, preview, other} {
				s.update(appendCall(c))
			}
			s.update(func(ctx context.Context, tx *org.Tx) error { return org.DeleteUser(ctx, tx, "00u1") })
			for id, request := range map[string]string{"hkc1": "", "hkc2": "", "hkc3": other.Request} {
				equal(s, id, s.call(id).Request, request)
			}
		}},
		{"pruning by age and by size", func(s *suite) {
			for i := range 6 {
				s.update(appendCall(sized(fmt.Sprint(i), i, 100)))
			}
			for _, c := range []struct {
				before   time.Time
				maxBytes int64
				pruned   int64
				left     []string
			}{
				{stored(0), 600, 0, []string{"5", "4", "3", "2", "1", "0"}},
				{stored(1), 600, 1, []string{"5", "4", "3", "2", "1"}},
				{stored(0), 499, 1, []string{"5", "4", "3", "2"}},
				{stored(3), 299, 2, []string{"5", "4"}},
				{stored(3), 100, 1, []string{"5"}},
				{stored(3), 0, 1, []string{}},
			} {
				s.update(func(ctx context.Context, tx *org.Tx) error {
					n, err := tx.Calls.Prune(ctx, c.before, c.maxBytes)
					equal(s, "pruned", n, c.pruned)
					return err
				})
				equal(s, "left", s.recent("", true, 9), c.left)
			}
		}},
		{"a huge body is cut between characters", func(s *suite) {
			c := full(moment)
			c.Request, c.Answer.Body = strings.Repeat("é", 300<<10), "x"+strings.Repeat("é", 300<<10)
			s.update(appendCall(c))
			got := s.call("hkc1")
			for name, body := range map[string][2]string{"request": {got.Request, c.Request}, "answer": {got.Answer.Body, c.Answer.Body}} {
				if len(body[0]) < 200<<10 || len(body[0]) > 256<<10 || !strings.HasPrefix(body[1], body[0]) {
					s.Errorf("%s: %d bytes are left, or others", name, len(body[0]))
				}
			}
			equal(s, "readable", got.Answer.Readable, false)
			equal(s, "size as received", got.Answer.Size, 99)
		}},
	}
}
