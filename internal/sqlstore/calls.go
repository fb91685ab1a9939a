package sqlstore

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/usher-id/usher/internal/org"
)

type calls struct{ *tx }

// maxBody is how much of a request or an answer is kept. An answer of this size
// is refused as too large anyway (Okta: less than 256 KB).
const maxBody = 256 << 10

const (
	callColumns = "id, hook_id, user_id, login_key, preview, started, record, content"

	insertCall  = "INSERT INTO hook_calls (" + callColumns + ", body_bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	callByID    = "SELECT " + callColumns + " FROM hook_calls WHERE id = $1"
	recentCalls = "SELECT " + callColumns + ` FROM hook_calls
		WHERE preview IN (FALSE, $1) ORDER BY started DESC, id DESC LIMIT $2`
	recentCallsOfHook = "SELECT " + callColumns + ` FROM hook_calls
		WHERE hook_id = $3 AND preview IN (FALSE, $1) ORDER BY started DESC, id DESC LIMIT $2`
	// "" is nobody: previews have no login, and refused sign-ups no user.
	eraseCallsOfUser = `UPDATE hook_calls SET content = '{}', login_key = '', body_bytes = 0
		WHERE user_id = $1 AND user_id <> ''`
	eraseCallsOfLogin = `UPDATE hook_calls SET content = '{}', login_key = '', body_bytes = 0
		WHERE login_key = $1 AND login_key <> ''`
	pruneCalls = "DELETE FROM hook_calls WHERE started < $1"
	// The newest ones stay whose bodies together are within the bound.
	pruneLargeCalls = `DELETE FROM hook_calls WHERE id IN (SELECT id FROM (
			SELECT id, CAST(SUM(body_bytes) OVER (ORDER BY started DESC, id DESC) AS BIGINT) AS total FROM hook_calls
		) AS newest WHERE total > $1)`
)

// callRecord is what the table has no column of its own for.
type callRecord struct {
	HookName    string
	HookVersion int64
	HookURL     string
	PolicyID    string
	EventID     string
	RequestID   string
	EventType   string
	RequestType string
	Duration    time.Duration
	Attempts    []org.Attempt
	Answer      org.Answer // without its body
	Event       string
	Outcome     string
	Decision    string
}

// callContent is what Erase takes away. The reason of a refusal is in it: it may
// be the service's own words, which may name the person.
type callContent struct {
	Request      string
	Answer       string
	DebugContext string
	Messages     []org.Message
	Reason       string
	Detail       string
	Findings     []org.Finding
}

func (r calls) Append(_ context.Context, c *org.HookCall) error {
	d := callRecord{
		c.HookName, c.HookVersion, c.HookURL, c.PolicyID, c.EventID, c.RequestID, c.EventType, c.RequestType,
		c.Duration, slices.Clone(c.Attempts), c.Answer, c.Event, c.Outcome, c.Decision,
	}
	for i := range d.Attempts {
		d.Attempts[i].Started = micro(d.Attempts[i].Started)
		if fetch := d.Attempts[i].Token; fetch != nil {
			stored := *fetch
			stored.Started = micro(fetch.Started)
			d.Attempts[i].Token = &stored
		}
	}
	content := callContent{
		truncate(c.Request), truncate(c.Answer.Body), c.DebugContext, c.Messages, c.Reason, c.Detail, c.Findings,
	}
	d.Answer.Body = ""
	d.Answer.Readable = c.Answer.Readable && len(content.Answer) == len(c.Answer.Body)
	return r.hold(insertCall, c.ID, c.HookID, c.UserID, evidence(c.LoginKey), c.Preview, c.Started,
		record{d}, record{content}, len(content.Request)+len(content.Answer)+len(content.DebugContext))
}

// truncate cuts a body between two characters.
func truncate(body string) string {
	if len(body) <= maxBody {
		return body
	}
	end := maxBody
	for end > maxBody-utf8.UTFMax && !utf8.RuneStart(body[end]) {
		end--
	}
	return body[:end]
}

func scanCall(r row) (*org.HookCall, error) {
	var (
		c       org.HookCall
		d       callRecord
		content callContent
	)
	err := r.Scan(&c.ID, &c.HookID, &c.UserID, &c.LoginKey, &c.Preview, at(&c.Started), from(&d), from(&content))
	c.HookName, c.HookVersion, c.HookURL, c.PolicyID = d.HookName, d.HookVersion, d.HookURL, d.PolicyID
	c.EventID, c.RequestID, c.EventType, c.RequestType = d.EventID, d.RequestID, d.EventType, d.RequestType
	c.Duration, c.Attempts, c.Answer = d.Duration, d.Attempts, d.Answer
	c.Event, c.Outcome, c.Decision = d.Event, d.Outcome, d.Decision
	c.Request, c.Answer.Body, c.DebugContext, c.Messages = content.Request, content.Answer, content.DebugContext, content.Messages
	c.Reason, c.Detail, c.Findings = content.Reason, content.Detail, content.Findings
	return &c, err
}

func (r calls) Get(ctx context.Context, id string) (*org.HookCall, error) {
	if _, err := r.send(ctx); err != nil {
		return nil, err
	}
	return one(ctx, r.tx, scanCall, callByID, id)
}

func (r calls) Recent(ctx context.Context, hookID string, previews bool, limit int) ([]*org.HookCall, error) {
	if _, err := r.send(ctx); err != nil {
		return nil, err
	}
	if hookID == "" {
		return list(ctx, r.tx, scanCall, recentCalls, previews, limit)
	}
	return list(ctx, r.tx, scanCall, recentCallsOfHook, previews, limit, hookID)
}

func (r calls) Erase(ctx context.Context, userID, loginKey string) (int64, error) {
	ofUser, err := r.exec(ctx, eraseCallsOfUser, userID)
	if err != nil {
		return 0, err
	}
	ofLogin, err := r.exec(ctx, eraseCallsOfLogin, evidence(loginKey))
	return ofUser + ofLogin, err
}

func (r calls) Prune(ctx context.Context, before time.Time, maxBytes int64) (int64, error) {
	old, err := r.exec(ctx, pruneCalls, before)
	if err != nil {
		return 0, err
	}
	large, err := r.exec(ctx, pruneLargeCalls, maxBytes)
	return old + large, err
}
