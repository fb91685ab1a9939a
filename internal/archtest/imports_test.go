package archtest

import (
	"maps"
	"slices"
	"strings"
)

// everyPackagePlaced: a new package must choose its row before it is used.
func everyPackagePlaced(t *tree) (found []string) {
	for _, p := range t.all() {
		_, ok := row(p.path)
		if !ok && !listed(testOnly, p.path) && !listed(tools, p.path) {
			found = append(found, violation("%s: not in the table of layers (layers_test.go)", p.path))
		}
	}
	return found
}

func importsDownward(t *tree) (found []string) {
	for _, p := range t.all() {
		from, ok := row(p.path)
		if !ok {
			continue
		}
		for _, i := range t.local(imports(p.production())) {
			to, ok := row(i)
			switch {
			case !ok || to > from || strings.HasPrefix(i, p.path+"/"): // below, or a part of itself
			case to == from:
				found = append(found, violation("%s imports %s beside it (%s)", p.path, i, layers[from].name))
			default:
				found = append(found, violation("%s (%s) imports %s (%s) above it", p.path, layers[from].name, i, layers[to].name))
			}
		}
	}
	return found
}

func reservedPackages(t *tree) (found []string) {
	for _, p := range t.all() {
		from, ok := row(p.path)
		if !ok {
			continue
		}
		for _, i := range t.local(imports(p.production())) {
			if rows, is := reserved[i]; is && !slices.Contains(rows, layers[from].name) {
				found = append(found, violation("%s imports %s, which is for %s", p.path, i, strings.Join(rows, " and ")))
			}
		}
	}
	return found
}

func testSupportStaysInTests(t *tree) (found []string) {
	for _, p := range t.all() {
		if listed(testOnly, p.path) {
			continue
		}
		for _, i := range t.local(imports(p.production())) {
			if listed(testOnly, i) {
				found = append(found, violation("%s imports %s outside its tests", p.path, i))
			}
		}
	}
	return found
}

func toolsStandAlone(t *tree) (found []string) {
	for _, p := range t.all() {
		all := imports(p.files)
		if listed(tools, p.path) {
			for _, i := range slices.Concat(t.local(all), t.external(all)) {
				found = append(found, violation("%s imports %s; a tool needs the standard library alone", p.path, i))
			}
			continue
		}
		for _, i := range t.local(all) {
			if listed(tools, i) {
				found = append(found, violation("%s imports the tool %s", p.path, i))
			}
		}
	}
	return found
}

// closedPackages looks at tests too: what a test of hook imports is fetched by
// everybody who tests their dependencies.
func closedPackages(t *tree) (found []string) {
	for _, p := range t.all() {
		if !listed(closed, p.path) {
			continue
		}
		all := imports(p.files)
		for _, i := range t.external(all) {
			found = append(found, violation("%s imports %s; it is for people outside and brings nothing along", p.path, i))
		}
		for _, i := range t.local(all) {
			if !listed([]string{"hook", "hook/*", p.path, p.path + "/*"}, i) {
				found = append(found, violation("%s imports %s; people outside cannot", p.path, i))
			}
		}
	}
	return found
}

// sqlInItsPackages: drivers are found by what they are for, so this names the
// package that every one of them needs.
func sqlInItsPackages(t *tree) (found []string) {
	for _, p := range t.all() {
		if !listed(sqlPackages, p.path) && slices.Contains(imports(p.files), "database/sql") {
			found = append(found, violation("%s imports database/sql, which is for %s", p.path, strings.Join(sqlPackages, ", ")))
		}
	}
	return found
}

// directDependencies counts the modules whose packages the binary's own packages
// import.
func directDependencies(t *tree) []string {
	modules := map[string]bool{}
	for name := range t.reachable("cmd/usher") {
		for _, i := range t.external(imports(t.packages[name].production())) {
			modules[t.moduleOf(i)] = true
		}
	}
	if len(modules) <= maxDirectDeps {
		return nil
	}
	names := strings.Join(slices.Sorted(maps.Keys(modules)), ", ")
	return []string{violation("the binary has %d direct dependencies, more than %d: %s", len(modules), maxDirectDeps, names)}
}

// reachable gives the packages that the named one brings along, itself included.
func (t *tree) reachable(from string) map[string]bool {
	seen := map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		if seen[name] || t.packages[name] == nil {
			return
		}
		seen[name] = true
		for _, i := range t.local(imports(t.packages[name].production())) {
			visit(i)
		}
	}
	visit(from)
	return seen
}

// moduleOf gives the longest required module that the import path lies in, or,
// when go.mod is behind, the path itself.
func (t *tree) moduleOf(importPath string) string {
	best := ""
	for _, m := range t.requires {
		if (importPath == m || strings.HasPrefix(importPath, m+"/")) && len(m) > len(best) {
			best = m
		}
	}
	if best == "" {
		return importPath
	}
	return best
}

// longestChain is short when the layers are few: a reader who follows a call
// never goes deeper.
func longestChain(t *tree) (found []string) {
	longest := map[string][]string{} // from a package to its farthest leaf, both included
	var visit func(string) []string
	visit = func(name string) []string {
		if chain, ok := longest[name]; ok || t.packages[name] == nil {
			return chain
		}
		longest[name] = []string{name} // ends a cycle, which the compiler reports
		var below []string
		for _, i := range t.local(imports(t.packages[name].production())) {
			if chain := visit(i); len(chain) > len(below) {
				below = chain
			}
		}
		longest[name] = append([]string{name}, below...)
		return longest[name]
	}

	var chain []string
	for _, p := range t.all() {
		if c := visit(p.path); !listed(testOnly, p.path) && len(c) > len(chain) {
			chain = c
		}
	}
	if len(chain)-1 > maxChain {
		found = append(found, violation("%d imports in a row, more than %d: %s", len(chain)-1, maxChain, strings.Join(chain, " → ")))
	}
	return found
}
