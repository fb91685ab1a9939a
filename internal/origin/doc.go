// Package origin keeps which other sites may do something with this one, and
// answers the doors that ask.
//
//	mgmt, /trustedOrigins ─► Create, Replace … ─► org.Store
//	                                                 │
//	CORS of the API ◄──────── Trusts ◄───────────────┤
//	CSP of the pages ◄─────── Frames ◄───────────────┘
//
// An origin is a scheme, a host and a port, compared as a whole and in the form in
// which browsers send it. There are no patterns: gorilla/csrf (CVE-2025-24358) and
// casdoor (CVE-2024-41657) compared by a prefix.
package origin
