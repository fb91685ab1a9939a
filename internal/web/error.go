package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
)

// Problem is an error as it may be shown.
type Problem struct {
	Status  int    // of HTTP
	Code    string // E0000…, of Okta's catalogue of error codes
	Summary string
	Causes  []fault.Cause
	// ID is what somebody can quote: the log line of the request has it too.
	ID string
}

// ErrorWriter draws an error: [WriteError], or a page of an edge's own that
// begins with [Explain].
type ErrorWriter func(w http.ResponseWriter, r *http.Request, err error)

type row struct {
	status        int
	code, summary string
}

// internalRow and unknownPathRow are those that no kind of fault leads to.
func internalRow() row {
	return row{http.StatusInternalServerError, "E0000009", "Internal Server Error"}
}

func unknownPathRow() row {
	return row{http.StatusNotFound, "E0000008", "The requested path was not found"}
}

// rowOf is the one table of error answers: Okta's catalogue, by kind. The
// catalogue has no code for a body that is too large; whoever sends one gets
// the code of a body that cannot be read.
func rowOf(kind fault.Kind) (row, bool) {
	table := [...]row{
		fault.Invalid:          {http.StatusBadRequest, "E0000001", "Api validation failed"},
		fault.Malformed:        {http.StatusBadRequest, "E0000003", "The request body was not well-formed."},
		fault.Unauthenticated:  {http.StatusUnauthorized, "E0000004", "Authentication failed"},
		fault.NoSession:        {http.StatusForbidden, "E0000005", "Invalid session"},
		fault.BadToken:         {http.StatusUnauthorized, "E0000011", "Invalid token provided"},
		fault.Forbidden:        {http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action"},
		fault.NotFound:         {http.StatusNotFound, "E0000007", "Not found: Resource not found"},
		fault.Denied:           {http.StatusBadRequest, "E0000135", "An inline hook responded with an error."},
		fault.HookFailed:       {http.StatusBadGateway, "E0000134", "Okta could not communicate correctly with an inline hook."},
		fault.TooLarge:         {http.StatusRequestEntityTooLarge, "E0000003", "The request body was not well-formed."},
		fault.MethodNotAllowed: {http.StatusMethodNotAllowed, "E0000022", "The endpoint does not support the provided HTTP method"},
		fault.MissingParameter: {http.StatusBadRequest, "E0000028", "The request is missing a required parameter."},
		fault.BadPage:          {http.StatusBadRequest, "E0000054", "Invalid pagination properties."},
		fault.BadFilter:        {http.StatusBadRequest, "E0000053", "Invalid SCIM filter."},
		fault.BadSearch:        {http.StatusBadRequest, "E0000031", "Invalid search criteria."},
		fault.WrongStatus:      {http.StatusForbidden, "E0000038", "This operation is not allowed in the user's current status."},
		fault.AlreadyActive:    {http.StatusForbidden, "E0000016", "Activation failed because the user is already active"},
		fault.WeakPassword:     {http.StatusForbidden, "E0000080", "The password does not meet the complexity requirements of the current password policy."},
		fault.NotProven:        {http.StatusForbidden, "E0000014", "Update of credentials failed"},
		fault.TooManyGroups:    {http.StatusBadRequest, "E0000093", "Target count limit exceeded"},
		fault.NoPassword:       {http.StatusBadRequest, "E0000124", "Could not create user. To create a user and expire their password immediately, a password must be specified"},
		fault.NotActivated:     {http.StatusBadRequest, "E0000125", "Could not create user. To create a user and expire their password immediately, \"activate\" must be true"},
		fault.TypeInUse:        {http.StatusForbidden, "E0000142", "This User Type cannot be deleted."},
		fault.FixedPriority:    {http.StatusForbidden, "E0000077", "Cannot modify the priority of a system policy or rule."},
		fault.StillActive:      {http.StatusForbidden, "E0000056", "Delete application forbidden."},
		fault.AlreadyAssigned:  {http.StatusConflict, "E0000090", "The role specified is already assigned to the user."},
		fault.Changed:          {http.StatusPreconditionFailed, "E0000001", "Api validation failed: the resource was changed since it was read"},
		fault.RateLimited:      {http.StatusTooManyRequests, "E0000047", "API call exceeded rate limit due to too many requests."},
		fault.Busy:             {http.StatusServiceUnavailable, "E0000181", "Service temporarily unavailable."},
	}
	if kind <= 0 || int(kind) >= len(table) || table[kind].code == "" {
		return internalRow(), false
	}
	return table[kind], true
}

// Summary is how Okta's catalogue words a kind of fault that has no words of
// its own.
func Summary(kind fault.Kind) string {
	row, _ := rowOf(kind)
	return row.summary
}

// Explain gives what may be shown of an error, and adds the rest to the log line
// of the request. An error that is not a fault shows nothing of itself.
func Explain(r *http.Request, err error) Problem {
	f := fault.As(err)
	if f == nil && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) {
		// The request's time ran out, not the program's wits.
		f = fault.New(fault.Busy, "").With(err)
	}
	if f == nil {
		return explain(r, internalRow(), "", nil, err)
	}
	row, known := rowOf(f.Kind)
	if !known {
		return explain(r, row, "", nil, err)
	}
	// The words of a fault may repeat what somebody typed, and are not logged.
	return explain(r, row, f.Summary, f.Causes, f.Err)
}

func explain(r *http.Request, row row, summary string, causes []fault.Cause, internal error) Problem {
	p := Problem{Status: row.status, Code: row.code, Summary: summary, Causes: causes, ID: id.Error()}
	if p.Summary == "" {
		p.Summary = row.summary
	}
	Note(r.Context(), slog.String("errorId", p.ID), slog.String("errorCode", p.Code))
	if internal != nil {
		Note(r.Context(), slog.Any("err", internal))
	}
	return p
}

// Retry times in seconds, for whoever was told nothing more exact.
const (
	retryBusy    = "2"
	retryLimited = "60"
)

// WriteError answers with an error in Okta's shape. It is an [ErrorWriter].
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	Explain(r, err).write(w)
}

// SetRetry sets Retry-After where the status calls for it, unless it is set.
func (p Problem) SetRetry(h http.Header) {
	switch {
	case h.Get("Retry-After") != "":
	case p.Status == http.StatusServiceUnavailable:
		h.Set("Retry-After", retryBusy)
	case p.Status == http.StatusTooManyRequests:
		h.Set("Retry-After", retryLimited)
	}
}

func (p Problem) write(w http.ResponseWriter) {
	type cause struct {
		Summary string `json:"errorSummary"`
	}
	body := struct {
		Code    string  `json:"errorCode"`
		Summary string  `json:"errorSummary"`
		Link    string  `json:"errorLink"`
		ID      string  `json:"errorId"`
		Causes  []cause `json:"errorCauses"` // a list even when empty: Okta's Node SDK calls map on it
	}{p.Code, p.Summary, p.Code, p.ID, make([]cause, len(p.Causes))}
	for i, c := range p.Causes {
		body.Causes[i].Summary = c.Text
		if c.Field != "" {
			body.Causes[i].Summary = c.Field + ": " + c.Text
		}
	}
	p.SetRetry(w.Header())
	if err := WriteJSON(w, p.Status, body); err != nil {
		// Strings alone: there is nothing in it that cannot be encoded.
		panic(err)
	}
}
