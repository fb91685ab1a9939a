// Package safedial decides what usher may connect to, and connects to nothing
// else. It stands between every outbound call and the network, so that a hook
// URL cannot be turned into a probe of the host's own network (server-side
// request forgery).
//
//	saved, and before each call      each connection
//	 raw URL                          host:port
//	    │                                │
//	 ParseURL (gate 1, no DNS)        Dialer.DialContext
//	    │  syntax, scheme, port          │  resolve once
//	    │  IDNA, final dot, case         ▼
//	    │  name rules                 every address ──► CheckAddr ──► refused: no packet
//	    │  address literal ─► CheckAddr  │ allowed
//	    ▼                                ▼
//	 normalised URL                   connect to that very address;
//	                                  Control asks CheckAddr once more (gate 2)
//
// A look-up before the call proves nothing, because the name may resolve to
// something else a moment later (rebinding). Hence the second gate looks at the
// address that the socket is about to connect to. Pooled connections were
// checked when they were opened: who swaps the [Policy] must close idle ones.
//
// Addresses are refused unless they are public: IPv4 by the special-purpose
// registry of IANA, IPv6 by an allow-list of 2000::/3 with exceptions, since
// deny lists for IPv6 were overtaken by new assignments more than once
// (CVE-2026-54452). The operator, never an administrator through the API, lists
// what else may be reached.
package safedial
