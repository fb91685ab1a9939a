package archtest

// layers is the direction of imports: a package imports only from rows below its
// own, so none beside it either. Test files are free; it is the binary's shape
// that is kept.
//
// "examples/*" stands for every package under examples.
var layers = []layer{
	{"command", []string{"cmd/usher"}},
	{"examples", []string{"examples/*"}},
	{"server", []string{"internal/server"}},
	{"edges", []string{"internal/signinpage", "internal/mgmt", "internal/sqlstore"}},
	{"parts of the API", []string{"internal/appapi", "internal/userapi"}},
	{"manners of the API", []string{"internal/rest"}},
	{"step model", []string{"internal/interaction"}},
	{"subjects", []string{"internal/admin", "internal/app", "internal/directory", "internal/enroll", "internal/origin", "internal/signin"}},
	{"changes", []string{"internal/credential", "internal/edit"}},
	{"hook side", []string{"internal/extension", "internal/eventlog"}},
	{"hook call", []string{"internal/hookcall"}},
	{"nouns", []string{"internal/org"}},
	{"schema", []string{"internal/profile"}},
	{"leaves over leaves", []string{"hook/hooktest", "internal/apidoc", "internal/apply", "internal/config", "internal/password", "internal/web"}},
	{"leaves over fixtures", []string{"hook/testdata"}},
	{"leaves", []string{"hook", "internal/fault", "internal/filter", "internal/id", "internal/redact", "internal/safedial", "internal/secretbox", "internal/sqldb"}},
}

// testOnly packages import what they need and are imported by tests alone.
var testOnly = []string{"internal/apicheck", "internal/archtest", "internal/hookfake", "internal/storetest"}

// tools are run by scripts: they import the standard library, and nobody imports
// them.
var tools = []string{"scripts/*"}

// reserved packages are imported by the rows named here and by no other, although
// they lie below them.
var reserved = map[string][]string{
	"internal/web": {"server", "edges", "parts of the API", "manners of the API"},
}

// closed packages import the standard library and the public package hook: people
// copy them, or link them into programs of their own.
var closed = []string{"hook", "hook/*", "examples/*"}

// Only these packages may do what would otherwise spread.
const (
	transportPackage = "internal/hookcall" // http.Transport
)

// sqlPackages may import database/sql.
var sqlPackages = []string{"internal/sqldb", "internal/sqlstore"}

// Budgets. A number that must grow is a design to look at again, not a number to
// change.
const (
	maxFileLines    = 500
	maxPackageLines = 3500 // without tests, which testOnly packages are
	maxMethods      = 7    // of an interface
	maxDirectDeps   = 15   // modules that the binary's packages import
	maxChain        = 9    // imports, from cmd/usher to a leaf
	minDocumented   = 95   // percent of exported names
)

// vagueNames say what kind of code a package holds, not what it is about.
var vagueNames = []string{
	"base", "common", "core", "handlers", "helper", "helpers", "lib", "misc", "model", "models",
	"service", "services", "shared", "types", "util", "utils",
}

type layer struct {
	name     string
	packages []string
}
