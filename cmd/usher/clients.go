package main

import (
	"fmt"
	"net/url"
)

// clients are the lines by which Okta's own clients are pointed at a trial.
type clients struct {
	// Go has the host once more: version 6 of the SDK drops the port of the URL.
	Go   string `json:"go"`
	Node string `json:"node"`
	// Terraform's provider takes no plain http but through a proxy, which usher is
	// for it; org name and base URL are then not looked at.
	Terraform string `json:"terraform"`
}

func clientsOf(home, token string) clients {
	host := home
	if u, err := url.Parse(home); err == nil {
		host = u.Host
	}
	return clients{
		Go:        fmt.Sprintf("cfg, err := okta.NewConfiguration(okta.WithOrgUrl(%q), okta.WithToken(%q)); cfg.Host = %q", home, token, host),
		Node:      fmt.Sprintf("new okta.Client({orgUrl: '%s', token: '%s'})", home, token),
		Terraform: fmt.Sprintf("export OKTA_HTTP_PROXY=%s OKTA_ORG_NAME=usher OKTA_BASE_URL=localhost OKTA_API_TOKEN=%s", home, token),
	}
}
