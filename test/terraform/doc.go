// Package terraform applies, plans again, changes and destroys an org with Okta's
// Terraform provider, unchanged.
//
//	make terraform TERRAFORM_PROVIDER=…/terraform-provider-okta
//
//	testdata/main.tf ──► terraform or tofu ──► the provider ──► usher dev
//
// It wants a provider, which is built for one machine, so that it is no part of
// make check. That replays the provider's requests as they were recorded: see the
// scenarios of internal/mgmt.
package terraform
