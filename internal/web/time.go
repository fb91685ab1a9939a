package web

import "time"

// Time is a point of time as Okta's resources show it: UTC, to the second, with
// the milliseconds written as zeros.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") + ".000Z" }
