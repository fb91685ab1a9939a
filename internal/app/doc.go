// Package app is the OpenID Connect clients of an org as administrators work with
// them: their settings, their secrets and keys, and who may use them.
//
//	mgmt (API) ──► Input ──► defaults ──► rules ──► one transaction: app + event
//	                                                     │
//	                      Instance: the app, the org's ◄─┘
//	                      signing key and policies, and
//	                      a secret that was just made
//
// The text of a secret leaves usher once, in the answer to the call that made it.
// What is kept is a digest (org.Digest), which is why client_secret_jwt, which
// signs with the text itself, cannot be had; private_key_jwt is the better way.
package app
