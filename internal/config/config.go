// Package config is the settings of a server: a YAML file, overlaid by
// environment variables that begin with USHER_, with a default for everything.
//
//	usher.yaml ─► Load ─► defaults, file, environment, checks ─► Config ─► server
//	USHER_… ────────┘                    │
//	                                     └─► Errors: the key, the line, what was expected
//
// "usher dev" and "usher serve" run the same server and differ in the values of
// a Config only. The reference in docs/configuration.md is made of the tags
// here: default is the value when nothing is given, doc is the line there.
package config

import "time"

// Config is every setting.
type Config struct {
	PublicURL      string   `yaml:"publicUrl" doc:"Where people and clients reach usher, without a path. Links are built from it, never from what a request says. Default: http:// and the address of listen."`
	Listen         string   `yaml:"listen" default:"127.0.0.1:8080" doc:"Address and port to listen on. Port 0 takes a free one."`
	Database       string   `yaml:"database" default:"sqlite:usher.db" doc:"sqlite:FILE, or postgres://… of PostgreSQL 15 or later."`
	KeyFile        string   `yaml:"keyFile" default:"usher.key" doc:"Keys that secrets in the database are sealed with. Made when it is missing and the database is new. Back it up apart from the database."`
	TrustedProxies []string `yaml:"trustedProxies" doc:"Addresses or ranges of proxies whose X-Forwarded-For is believed. Default: none."`

	Org       Org       `yaml:"org"`
	TLS       TLS       `yaml:"tls"`
	Outbound  Outbound  `yaml:"outbound"`
	Hooks     Hooks     `yaml:"hooks"`
	Password  Password  `yaml:"password"`
	Limits    Limits    `yaml:"limits"`
	Retention Retention `yaml:"retention"`
	Log       Log       `yaml:"log"`
	Seed      Seed      `yaml:"seed"`

	places map[string]place // where the values are from, by key; none of defaults
}

// Org names the organization.
type Org struct {
	Name string `yaml:"name" default:"usher" doc:"Name of the organization at the top of the pages, until the API gives it another (PUT /api/v1/org)."`
}

// TLS is how usher itself serves HTTPS; behind a proxy that does, leave it out.
type TLS struct {
	CertFile string `yaml:"certFile" doc:"Certificate chain, PEM. With keyFile, usher serves HTTPS."`
	KeyFile  string `yaml:"keyFile" doc:"Private key of the certificate, PEM."`
}

// Outbound is what usher may call.
type Outbound struct {
	Allow      []string `yaml:"allow" doc:"Address ranges that hooks may have although they are private, as 10.2.0.0/16. Addresses of cloud metadata services must be named one by one."`
	AllowHosts []string `yaml:"allow_hosts" doc:"Host names, with or without a port, that hooks may have although they are private, as hook:3000."`
	AllowHTTP  bool     `yaml:"allow_http" doc:"Whether what allow and allow_hosts list may be called without TLS."`
	Ports      []int    `yaml:"ports" doc:"Ports that hooks may have. Default: any."`
	CAFile     string   `yaml:"ca_file" doc:"Certificates of own authorities, PEM, trusted besides the system's."`
}

// Hooks is how hooks are called.
type Hooks struct {
	Timeout time.Duration `yaml:"timeout" default:"3s" doc:"Deadline of one attempt, 1s to 8s. A call has at most two. Okta's is 3s."`
}

// Password is how passwords are hashed.
type Password struct {
	Hash       string `yaml:"hash" default:"argon2id" doc:"argon2id or bcrypt. argon2id needs 19 MiB of memory for each hash that is being made."`
	BcryptCost int    `yaml:"bcryptCost" default:"10" doc:"4 to 16; below 10 only with --unsafe-hash or in usher dev."`
}

// Limits are rates; 0 turns one off.
type Limits struct {
	SignUpPerMinute  int `yaml:"signUpPerMinute" default:"10" doc:"Sign-ups of one address a minute."`
	SignInPerMinute  int `yaml:"signInPerMinute" default:"60" doc:"Sign-ins of one address, and of one login, a minute."`
	APIPerMinute     int `yaml:"apiPerMinute" default:"600" doc:"Requests of one API token a minute."`
	PreviewPerMinute int `yaml:"previewPerMinute" default:"30" doc:"Previews of one API token a minute; each calls a hook."`
}

// Retention is how long records are kept.
type Retention struct {
	Calls     time.Duration `yaml:"calls" default:"168h" doc:"How long requests to hooks and their answers are kept."`
	CallBytes int           `yaml:"callBytes" default:"268435456" doc:"How many bytes of them are kept in all; the oldest go first."`
	SystemLog time.Duration `yaml:"systemLog" default:"2160h" doc:"How long the System Log is kept, and how old events are that the API shows. Okta's is 90 days."`
}

// Log is what the process writes to standard error.
type Log struct {
	Level  string `yaml:"level" default:"info" doc:"debug, info, warn or error."`
	Format string `yaml:"format" default:"json" doc:"json or text."`
}

// Seed is what the org is set up with at every start: what is named here is made
// or changed to be so, what is not named stays as it is.
type Seed struct {
	Attributes  []Attribute  `yaml:"attributes" doc:"Custom attributes of the user schema, and changes of base ones."`
	Groups      []string     `yaml:"groups" doc:"Names of groups that must exist."`
	InlineHooks []InlineHook `yaml:"inlineHooks" doc:"Inline hooks, told apart by their names."`
	Enrollment  *Enrollment  `yaml:"enrollment" doc:"The default profile enrollment policy."`
}

// Attribute is one property of the user schema, in the keywords of Okta's
// Schemas API.
type Attribute struct {
	Name        string   `yaml:"name" doc:"Name of the attribute."`
	Title       string   `yaml:"title" doc:"Label. Default: the name."`
	Description string   `yaml:"description" doc:"What it is for."`
	Type        string   `yaml:"type" default:"string" doc:"string, boolean, number, integer or array."`
	Items       string   `yaml:"items" doc:"Type of the elements of an array."`
	Required    bool     `yaml:"required" doc:"Whether every user has it."`
	Sensitive   bool     `yaml:"sensitive" doc:"Never sent to a hook, masked in logs and pages."`
	MinLength   *int     `yaml:"minLength" doc:"Least number of characters."`
	MaxLength   *int     `yaml:"maxLength" doc:"Greatest number of characters."`
	Minimum     string   `yaml:"minimum" doc:"Least value of a number."`
	Maximum     string   `yaml:"maximum" doc:"Greatest value of a number."`
	Enum        []string `yaml:"enum" doc:"Allowed values."`
	EnumTitles  []string `yaml:"enumTitles" doc:"Labels of the allowed values, in their order."`
	Pattern     string   `yaml:"pattern" doc:"Regular expression that the whole value matches."`
	Format      string   `yaml:"format" doc:"email, uri, date-time, country-code, language-code, locale, timezone …"`
	Mutability  string   `yaml:"mutability" doc:"READ_WRITE or READ_ONLY."`
	Permission  string   `yaml:"permission" doc:"What the person may do with it: HIDE, READ_ONLY or READ_WRITE."`
}

// InlineHook is a hook service.
type InlineHook struct {
	Name       string `yaml:"name" doc:"Name of the hook."`
	URL        string `yaml:"url" doc:"Where it is called."`
	AuthHeader string `yaml:"authHeader" doc:"Name of the secret header, as authorization."`
	AuthSecret string `yaml:"authSecret" doc:"Its value. Better given by authSecretEnv."`
	// AuthSecretEnv keeps the secret out of the file.
	AuthSecretEnv string   `yaml:"authSecretEnv" doc:"Environment variable that holds the value of the secret header."`
	Headers       []Header `yaml:"headers" doc:"Further headers."`
}

// Header is one further header.
type Header struct {
	Key   string `yaml:"key" doc:"Name, in the case in which it is sent."`
	Value string `yaml:"value" doc:"Value."`
}

// Enrollment is the default profile enrollment policy.
type Enrollment struct {
	SelfServiceRegistration bool        `yaml:"selfServiceRegistration" doc:"Whether people may sign up."`
	Attributes              []FormField `yaml:"attributes" doc:"Fields of the form, in their order."`
	InlineHook              string      `yaml:"inlineHook" doc:"Name of the hook that decides."`
	RunFor                  []string    `yaml:"runFor" doc:"When it runs: newUser, existingUser. Default: both."`
	TargetGroup             string      `yaml:"targetGroup" doc:"Group that new users join."`
	EmailVerification       bool        `yaml:"emailVerification" doc:"Must be false: this version sends no mail."`
}

// FormField is one field of the sign-up form.
type FormField struct {
	Name     string `yaml:"name" doc:"Attribute. One that the schema does not have is shown, sent to the hook and never stored."`
	Label    string `yaml:"label" doc:"Label. Default: the title of the attribute."`
	Required bool   `yaml:"required" doc:"Whether it must be filled in."`
}
