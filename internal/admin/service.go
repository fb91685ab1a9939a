package admin

import (
	"context"
	"net/url"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/extension"
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
	edit.Editor
	URLs   URLChecker
	Sender Sender           // of the Preview
	Caller extension.Caller // of the verification of event hooks
	// OrgName is the name of the organization until somebody changes it by the API.
	OrgName string
}

// By is who makes a change, from where.
type By = edit.By
