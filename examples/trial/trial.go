// Package trial holds what "usher dev" sets up: a file as "usher apply" takes it,
// to be read, copied and changed.
package trial

import _ "embed"

// File is trial.yaml. It wants the variables USHER_HOOK_URL and, for a service
// that asks for one, USHER_HOOK_HEADER and USHER_HOOK_SECRET.
//
//go:embed trial.yaml
var File []byte
