package archtest

import (
	"os"
	"testing"
)

// rules is everything that is kept. Each has its broken trees in broken_test.go.
var rules = map[string]func(*tree) []string{
	"every package placed":        everyPackagePlaced,
	"imports downward":            importsDownward,
	"reserved packages":           reservedPackages,
	"test support stays in tests": testSupportStaysInTests,
	"tools stand alone":           toolsStandAlone,
	"closed packages":             closedPackages,
	"sql in one package":          sqlInItsPackages,
	"direct dependencies":         directDependencies,
	"longest chain":               longestChain,
	"file budget":                 fileBudget,
	"package budget":              packageBudget,
	"interface budget":            interfaceBudget,
	"packages documented":         packagesDocumented,
	"names documented":            namesDocumented,
	"names say subjects":          namesSaySubjects,
	"no init":                     noInit,
	"one transport":               oneTransport,
	"no machine named":            noMachineNamed,
	"papers there":                papersThere,
	"tables proven":               provenTables,
	"links resolve":               linksResolve,
}

func TestModule(t *testing.T) {
	module, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if module.packages["internal/archtest"] == nil {
		t.Fatal("the module was not found")
	}
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			for _, v := range rule(module) {
				t.Error(v)
			}
		})
	}
}
