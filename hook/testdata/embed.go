// Package testdata is the fixture set of the hooks: for each case what usher
// sends, what the hook service answers and what must come of it. The README
// beside it lists the cases and the file formats.
//
//	registration/<case>/request.json    what usher sends
//	                    response.http   what the service answers, raw, or
//	                    script.json     how it answers, when bytes cannot say it
//	                    token.json      the access token that goes with the call, if any
//	                    outcome.json    what usher does then
//
// Package hooktest reads it. It is compiled in, so that a program such as
// `usher hook check` can offer the same cases to any service.
package testdata

import "embed"

// FS holds the folder registration.
//
//go:embed registration
var FS embed.FS
