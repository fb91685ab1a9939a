// Package sdk drives usher with Okta's own Go client, unchanged: what it can be
// told to do with inline hooks and the System Log, usher has to do.
//
//	okta-sdk-golang v6 ──HTTP──► usher dev ──► the hook service of the test
//
// The client drops the port of an org's URL, so that its host is set apart: the
// one line that a server on a port of its own costs.
package sdk
