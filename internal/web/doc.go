// Package web is what all edges share: how a request is read, how an answer and
// an error are written, and what every answer carries. It knows Okta's
// conventions and none of its resources; edges alone import it.
//
//	            ┌──────── Front: request id, client address, one log line, panics
//	            │   ┌──── Site.Harden: headers that every answer has
//	            │   │   ┌ API: Okta's words for an unknown path or method
//	            ▼   ▼   ▼
//	request ──► ·   ·   · ──► Handler ──► ReadJSON, rules …, WriteJSON, Site.Link
//	                             │ error
//	                             ▼
//	          Explain: fault.Kind ──► status, E0000…, summary;  the rest ──► the log
//	             ├──► WriteError: Okta's JSON
//	             └──► a page of the edge's own
//
// Nothing is built from the Host header or from forwarding headers: what is
// absolute comes from the [Site], which the operator configured.
package web
