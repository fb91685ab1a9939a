# An org as a team keeps it in Terraform: sign-up with a hook, and what is around it.

terraform {
  required_providers {
    okta = { source = "okta/okta" }
  }
}

# Where usher is comes from OKTA_HTTP_PROXY and OKTA_API_TOKEN; the names of an
# Okta org are not looked at then.
provider "okta" {
  org_name = "usher"
  base_url = "localhost"
  backoff  = false
}

variable "hook_uri" { type = string }

# generation counts the changes that the test makes.
variable "generation" { type = number }

resource "okta_group" "customers" {
  name        = "Customers"
  description = "generation ${var.generation}"
}

resource "okta_user_schema_property" "badge" {
  index       = "badge"
  title       = "Badge ${var.generation}"
  type        = "string"
  master      = "PROFILE_MASTER"
  permissions = "READ_WRITE"
  scope       = "NONE"
  min_length  = 2
  max_length  = 20
}

resource "okta_user_schema_property" "plan" {
  index  = "plan"
  title  = "Plan"
  type   = "string"
  enum   = ["free", "paid"]
  unique = "NOT_UNIQUE"
  one_of {
    const = "free"
    title = "Free"
  }
  one_of {
    const = "paid"
    title = "Paid"
  }
}

resource "okta_user_base_schema_property" "first_name" {
  index    = "firstName"
  title    = "First name"
  type     = "string"
  required = var.generation == 1
}

resource "okta_inline_hook" "registration" {
  name    = "Registration ${var.generation}"
  version = "1.0.0"
  type    = "com.okta.user.pre-registration"
  status  = var.generation == 1 ? "ACTIVE" : "ACTIVE"

  channel = {
    type    = "HTTP"
    version = "1.0.0"
    uri     = var.hook_uri
    method  = "POST"
  }

  auth = {
    key   = "Authorization"
    type  = "HEADER"
    value = "secret"
  }
}

resource "okta_inline_hook" "resting" {
  name    = "Resting"
  version = "1.0.1"
  type    = "com.okta.user.pre-registration"
  status  = var.generation == 1 ? "INACTIVE" : "ACTIVE"

  channel_json = jsonencode({
    type    = "OAUTH"
    version = "1.0.0"
    config = {
      authType     = "client_secret_post"
      clientId     = "usher"
      clientSecret = "secret of the client"
      tokenUrl     = "https://login.example.com/token"
      scope        = "hooks"
      uri          = "https://hook.example.com/resting"
      method       = "POST"
      headers      = [{ key = "X-Tenant", value = "eu" }, { key = "A-First", value = "1" }]
    }
  })
}

resource "okta_policy_profile_enrollment" "customers" {
  name = "Customers ${var.generation}"
}

resource "okta_policy_rule_profile_enrollment" "customers" {
  policy_id           = okta_policy_profile_enrollment.customers.id
  inline_hook_id      = okta_inline_hook.registration.id
  target_group_id     = okta_group.customers.id
  unknown_user_action = "REGISTER"
  email_verification  = var.generation == 1
  access              = "ALLOW"

  profile_attributes {
    name     = "email"
    label    = "E-mail"
    required = true
  }
  profile_attributes {
    name     = "lastName"
    label    = "Last name"
    required = true
  }
  profile_attributes {
    name     = "firstName"
    label    = "First name"
    required = true
  }
  profile_attributes {
    name     = okta_user_schema_property.badge.index
    label    = "Badge"
    required = false
  }
}

resource "okta_app_oauth" "shop" {
  label          = "Shop"
  type           = "web"
  grant_types    = ["authorization_code", "refresh_token"]
  response_types = ["code"]
  redirect_uris  = ["https://shop.example/${var.generation}", "https://shop.example/a"]

  lifecycle {
    ignore_changes = [groups_claim]
  }
}

resource "okta_app_group_assignment" "shop" {
  app_id   = okta_app_oauth.shop.id
  group_id = okta_group.customers.id
}

resource "okta_policy_profile_enrollment_apps" "shop" {
  policy_id = okta_policy_profile_enrollment.customers.id
  apps      = [okta_app_oauth.shop.id]
}

resource "okta_user" "ada" {
  first_name = "Ada"
  last_name  = "Lovelace"
  login      = "ada@example.com"
  email      = "ada@example.com"
  city       = "London ${var.generation}"
  status     = var.generation == 1 ? "STAGED" : "ACTIVE"

  custom_profile_attributes = jsonencode({ badge = "b${var.generation}" })
  depends_on                = [okta_user_schema_property.badge]
}

resource "okta_user_admin_roles" "ada" {
  user_id     = okta_user.ada.id
  admin_roles = var.generation == 1 ? ["HELP_DESK_ADMIN"] : ["READ_ONLY_ADMIN"]
}

resource "okta_event_hook" "audit" {
  name   = "Audit"
  events = var.generation == 1 ? ["user.lifecycle.create"] : ["user.lifecycle.create", "user.lifecycle.deactivate"]

  channel = {
    type    = "HTTP"
    version = "1.0.0"
    uri     = var.hook_uri
  }

  auth = {
    type  = "HEADER"
    key   = "Authorization"
    value = "secret"
  }
}

resource "okta_event_hook_verification" "audit" {
  event_hook_id = okta_event_hook.audit.id
}

resource "okta_hook_key" "hooks" {
  name = "hooks ${var.generation}"
}

resource "okta_trusted_origin" "shop" {
  name   = "Shop"
  origin = "https://shop.example"
  scopes = var.generation == 1 ? ["CORS"] : ["CORS", "REDIRECT"]
}

resource "okta_policy_password" "customers" {
  name                = "Customers"
  groups_included     = [okta_group.customers.id]
  password_min_length = 10 + var.generation
}

resource "okta_policy_rule_password" "customers" {
  policy_id          = okta_policy_password.customers.id
  name               = "Rule"
  password_change    = "ALLOW"
  password_reset     = var.generation == 1 ? "DENY" : "ALLOW"
  password_unlock    = "DENY"
  network_connection = "ANYWHERE"
}

data "okta_group" "everyone" { name = "Everyone" }

data "okta_policy" "enrollment" {
  type = "PROFILE_ENROLLMENT"
  name = "Default Policy"
}

data "okta_user_type" "user" { name = "user" }
