// Package nodesdk drives usher with Okta's own Node client, unchanged.
//
//	npm ci ──► calls.mjs: @okta/okta-sdk-nodejs ──HTTP──► usher dev
//
// The client is installed from package-lock.json when the test runs.
package nodesdk
