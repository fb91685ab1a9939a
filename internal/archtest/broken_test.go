package archtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const goMod = `module example.test/usher

require example.test/log v1.0.0
require (
	example.test/deep v1.0.0
	example.test/deep/er v1.0.0 // indirect
)
`

// files is a small repository; go.mod is added when it has none.
type files map[string]string

func (f files) load(t *testing.T) *tree {
	t.Helper()
	fsys := fstest.MapFS{"go.mod": {Data: []byte(goMod)}}
	for name, content := range f {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	loaded, err := load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// file is a Go file of a package that imports what it is told to, under a name
// that nothing is called by.
func file(name string, imports ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// Package %s is here.\npackage %s\n", name, name)
	for _, i := range imports {
		if rest, own := strings.CutPrefix(i, "./"); own {
			i = "example.test/usher/" + rest
		}
		fmt.Fprintf(&b, "import _ %q\n", i)
	}
	return b.String()
}

// chain is a module whose packages import each other in a row of n imports.
func chain(n int) files {
	f := files{}
	for i := range n {
		f[fmt.Sprintf("internal/p%d/p.go", i)] = file("p", fmt.Sprintf("./internal/p%d", i+1))
	}
	f[fmt.Sprintf("internal/p%d/p.go", n)] = file("p")
	return f
}

// command is a module whose binary reaches n modules, each twice, and by way of
// one package.
func command(n int) files {
	requires := []string{"module example.test/usher\n"}
	var imports []string
	for i := range n {
		module := fmt.Sprintf("example.test/m%d", i)
		requires = append(requires, "require "+module+" v1.0.0\n")
		imports = append(imports, module+"/a", module+"/b")
	}
	return files{
		"go.mod":                    strings.Join(requires, ""),
		"cmd/usher/main.go":         file("main", "./internal/server"),
		"internal/server/s.go":      file("server", imports...),
		"internal/server/s_test.go": file("server", "example.test/only/tested"),
	}
}

// repository has all papers, but one of them says something else.
func repository(name, content string) files {
	f := files{}
	for _, paper := range papers {
		f[paper] = "something"
	}
	f[name] = content
	return f
}

// choices is a repository with some tests and fixtures, and a choice that is
// proven by what its last cell says.
func choices(proof string) files {
	const tests = "package p\n\nfunc TestA(t *testing.T) {}\n\nfunc FuzzA(f *testing.F) {}\n"
	f := files{
		"docs/okta-choices.md":    "# Choices\n\n| matter | choice | test |\n|---|---|---|\n| status | 2xx | " + proof + " |\n\nNo more.\n",
		"internal/web/w_test.go":  tests,
		"hook/h_test.go":          tests,
		"test/go.mod":             "module test\n",
		"test/sdk/sdk_test.go":    tests,
		"internal/org/o.go":       tests, // no test
		"hook/testdata/README.md": "7",
	}
	for _, row := range []string{"5 five", "5b also", "6 six"} {
		f["hook/testdata/registration/"+strings.Fields(row)[1]+"/outcome.json"] = fmt.Sprintf(`{"row": %q}`, row)
	}
	return f
}

// named declares n exported functions, of which the first so many have a comment.
func named(n, documented int) string {
	var b strings.Builder
	b.WriteString("package org\n")
	for i := range n {
		if i < documented {
			b.WriteString("// It works.\n")
		}
		fmt.Fprintf(&b, "func F%d() {}\n", i)
	}
	return b.String()
}

func methods(n int) string {
	var b strings.Builder
	b.WriteString("package org\ntype Store interface {\n\tfmt.Stringer\n")
	for i := range n {
		fmt.Fprintf(&b, "\tM%d()\n", i)
	}
	b.WriteString("}\n")
	return b.String()
}

func long(lines int) string { return "package org\n" + strings.Repeat("\n", lines-1) }

// proofs shows each rule trees that break it, with a part of what it must say,
// and trees that come close and keep it.
var proofs = map[string]struct {
	broken map[string]files
	kept   []files
}{
	"every package placed": {
		broken: map[string]files{
			"internal/mailer: not in the table": {"internal/mailer/m.go": file("mailer")},
			"hook/testdata/x: not in the table": {"hook/testdata/x/x.go": file("x")},
			"internal/orgs: not in the table":   {"internal/orgs/o_test.go": file("orgs")},
			".: not in the table":               {"usher.go": file("usher")},
		},
		kept: []files{
			{"internal/org/o.go": file("org"), "examples/any/main.go": file("main"), "scripts/any/main.go": file("main")},
			{"test/go.mod": "module example.test/usher/test\n", "test/browser/b.go": file("browser")},
			{"node_modules/x/x.go": file("x"), ".cache/x.go": "not Go"},
		},
	},
	"imports downward": {
		broken: map[string]files{
			"internal/org (nouns) imports internal/enroll (subjects) above it": {"internal/org/o.go": file("org", "./internal/enroll")},
			"internal/signin imports internal/enroll beside it":                {"internal/signin/s.go": file("signin", "./internal/enroll")},
			"internal/mgmt imports internal/sqlstore beside it":                {"internal/mgmt/m.go": file("mgmt", "./internal/sqlstore")},
			"examples/a imports examples/ab beside it":                         {"examples/a/main.go": file("main", "./examples/ab")},
			"internal/server (server) imports examples/x (examples) above it":  {"internal/server/s_windows.go": file("server", "./examples/x")},
		},
		kept: []files{
			{"internal/signin/s.go": file("signin", "./internal/extension", "./internal/fault")},
			{"examples/a/main.go": file("main", "./examples/a/part")},
			{"internal/org/o.go": file("org"), "internal/org/o_test.go": file("org_test", "./internal/sqlstore", "./internal/storetest")},
		},
	},
	"reserved packages": {
		broken: map[string]files{
			"internal/enroll imports internal/web": {"internal/enroll/e.go": file("enroll", "./internal/web")},
			"cmd/usher imports internal/web":       {"cmd/usher/main.go": file("main", "./internal/web")},
		},
		kept: []files{
			{"internal/mgmt/m.go": file("mgmt", "./internal/web"), "internal/server/s.go": file("server", "./internal/web")},
		},
	},
	"test support stays in tests": {
		broken: map[string]files{
			"internal/sqlstore imports internal/storetest": {"internal/sqlstore/s.go": file("sqlstore", "./internal/storetest")},
			"cmd/usher imports internal/hookfake":          {"cmd/usher/main.go": file("main", "./internal/hookfake")},
		},
		kept: []files{
			{"internal/sqlstore/s_test.go": file("sqlstore", "./internal/storetest")},
			{"internal/storetest/s.go": file("storetest", "./internal/hookfake", "./internal/org")},
		},
	},
	"tools stand alone": {
		broken: map[string]files{
			"scripts/x imports internal/org":       {"scripts/x/main.go": file("main", "./internal/org")},
			"scripts/x imports example.test/log":   {"scripts/x/main_test.go": file("main", "example.test/log")},
			"cmd/usher imports the tool scripts/x": {"cmd/usher/main.go": file("main", "./scripts/x")},
		},
		kept: []files{{"scripts/x/main.go": file("main", "fmt")}},
	},
	"closed packages": {
		broken: map[string]files{
			"hook imports example.test/log":        {"hook/h_test.go": file("hook", "example.test/log")},
			"hook imports internal/fault":          {"hook/h.go": file("hook", "./internal/fault")},
			"hook/hooktest imports internal/fault": {"hook/hooktest/h.go": file("hooktest", "./internal/fault")},
			"examples/a imports internal/org":      {"examples/a/main.go": file("main", "./internal/org")},
			"examples/a imports examples/b":        {"examples/a/main.go": file("main", "./examples/b")},
		},
		kept: []files{
			{"hook/hooktest/h.go": file("hooktest", "net/http", "./hook", "./hook/testdata")},
			{"examples/a/main.go": file("main", "./hook", "./hook/hooktest", "./examples/a/part")},
			{"examples/a/part/p_test.go": file("part_test", "./examples/a/part")},
		},
	},
	"sql in one package": {
		broken: map[string]files{
			"internal/org imports database/sql": {"internal/org/o.go": file("org", "database/sql")},
			"internal/web imports database/sql": {"internal/web/w_test.go": file("web", "database/sql")},
		},
		kept: []files{{"internal/sqlstore/s.go": file("sqlstore", "database/sql"), "internal/org/o.go": file("org", "database/sql/driver")}},
	},
	"direct dependencies": {
		broken: map[string]files{"16 direct dependencies, more than 15: example.test/m0, example.test/m1,": command(16)},
		kept: []files{
			command(15),
			{"internal/org/o.go": file("org")},
		},
	},
	"longest chain": {
		broken: map[string]files{"10 imports in a row, more than 9: internal/p0 → internal/p1 → ": chain(10)},
		kept: []files{
			chain(9),
			{"internal/a/a.go": file("a", "./internal/b"), "internal/b/b.go": file("b", "./internal/a")},
		},
	},
	"file budget": {
		broken: map[string]files{
			"internal/org/o.go: 501 lines":      {"internal/org/o.go": long(501)},
			"internal/org/o_test.go: 501 lines": {"internal/org/o_test.go": long(501)},
			"test/x/x.go: 501 lines":            {"test/go.mod": "module test\n", "test/x/x.go": long(501)},
		},
		kept: []files{{"internal/org/o.go": long(500), "docs/x.md": strings.Repeat("\n", 600)}},
	},
	"package budget": {
		broken: map[string]files{"internal/org: 3501 lines": {"internal/org/a.go": long(3500), "internal/org/b.go": long(1)}},
		kept:   []files{{"internal/org/a.go": long(3500), "internal/org/a_test.go": long(100)}},
	},
	"interface budget": {
		broken: map[string]files{"internal/org/o.go: interface Store has 8 methods": {"internal/org/o.go": methods(8)}},
		kept:   []files{{"internal/org/o.go": methods(7)}},
	},
	"packages documented": {
		broken: map[string]files{
			"internal/org: package org has no doc comment": {"internal/org/a.go": "package org\n", "internal/org/b.go": "// A lost word.\n\npackage org\n"},
			"internal/id: package id has no doc comment":   {"internal/id/a.go": "//go:build linux\n\npackage id\n", "internal/id/a_test.go": "// Tested.\npackage id\n"},
		},
		kept: []files{
			{"internal/org/a.go": "package org\n", "internal/org/doc.go": "// Package org is documented once.\npackage org\n"},
			{"internal/org/a_test.go": "package org\n"},
		},
	},
	"names documented": {
		broken: map[string]files{
			"6 of 100 exported names have no comment, more than 5 %: internal/org.F94, internal/org.F95": {"internal/org/o.go": named(100, 94)},
			"1 of 1 exported names have no comment, more than 5 %: internal/org.T.M":                     {"internal/org/o.go": "package org\nfunc (t *T[K]) M() {}\n"},
			"2 of 2 exported names have no comment, more than 5 %: internal/org.C, internal/org.D":       {"internal/org/o.go": "package org\nconst C, D = 1, 2\n"},
			"1 of 2 exported names have no comment, more than 5 %: internal/org.T":                       {"internal/org/o.go": "package org\ntype T int\n// It is.\nvar V T\n"},
		},
		kept: []files{
			{"internal/org/o.go": named(100, 95)},
			{"internal/org/o.go": "package org\n// A group.\nconst (\n\tA = 1\n)\nconst (\n\tB = 2 // alone\n)\n"},
			{"internal/org/o.go": "package org\nfunc (t t) M() {}\nfunc f() {}\n", "internal/org/o_test.go": "package org\nfunc TestX() {}\n"},
		},
	},
	"names say subjects": {
		broken: map[string]files{
			"internal/web/u.go: package util":         {"internal/web/u.go": file("util")},
			"internal/web/h_test.go: package helpers": {"internal/web/h_test.go": file("helpers_test")},
		},
		kept: []files{{"internal/web/w.go": file("web"), "internal/web/util.go": file("web")}},
	},
	"no init": {
		broken: map[string]files{"internal/org/o.go: func init": {"internal/org/o.go": "package org\nfunc init() {}\n"}},
		kept:   []files{{"internal/org/o.go": "package org\nfunc (o org) init() {}\n"}},
	},
	"one transport": {
		broken: map[string]files{
			"internal/mgmt/m.go: http.Transport": {"internal/mgmt/m.go": "package mgmt\nimport \"net/http\"\nvar t = http.Transport{}\n"},
			"internal/mgmt/n.go: http.Transport": {"internal/mgmt/n.go": "package mgmt\nimport h \"net/http\"\nvar t *h.Transport\n"},
		},
		kept: []files{
			{"internal/hookcall/h.go": "package hookcall\nimport \"net/http\"\nvar t = http.Transport{}\n"},
			{"internal/mgmt/m_test.go": "package mgmt\nimport \"net/http\"\nvar t = http.Transport{}\n"},
			{"internal/mgmt/m.go": "package mgmt\nimport \"example.test/http\"\nvar t = http.Transport{}\n"},
		},
	},
	"no machine named": {
		broken: map[string]files{
			`docs/a.md:2: names a machine's path or a registry: " /home`:  {"docs/a.md": "# A\nsee /home" + "/ada/usher\n"},
			`test/a.json:1: names a machine's path or a registry: "\"/`:   {"test/a.json": `{"path":"` + `/Users` + `/ada"}`},
			`a.sh:1: names a machine's path or a registry: " /tmp`:        {"a.sh": "cat /tmp" + "/x"},
			`.ci/run:1: names a machine's path or a registry: "registry.`: {".ci/run": "npm --registry https://registry." + "npmjs.org"},
			`b.txt:1: names a machine's path or a registry: "proxy.`:      {"b.txt": "GOPROXY=https://proxy." + "golang.org"},
		},
		kept: []files{
			{"docs/a.md": "https://example.com/home/x, ${TMPDIR:-/tmp}, artifactory of words, golang.org/x/text, /tmp/\n"},
			{"docs/a.png": "\x00 /home" + "/ada/"},
			{"tmp/log": "/home" + "/ada/", "test/node_modules/x.json": "registry." + "npmjs.org"},
		},
	},
	"papers there": {
		broken: map[string]files{
			"SECURITY.md is missing":    repository("SECURITY.md", ""),
			"LICENSE is missing":        repository("LICENSE", "\n"),
			"docs/design.md is missing": {},
		},
		kept: []files{repository("docs/more.md", "")},
	},
	"tables proven": {
		broken: map[string]files{
			`"status": there is no TestB in web`:          choices("`web` TestB"),
			`"status": there is no Test in web`:           choices("`web` Test"),
			`"status": there is no TestA in eb`:           choices("`eb` TestA"),
			`"status": there is no TestB in internal/web`: choices("`internal/web` TestA, TestB"),
			`"status": there is no fixture 7`:             choices("fixtures 5–7"),
			`"status": there is no fixture 5c`:            choices("`web` TestA; fixture 5c"),
			"\"status\": \"`web`\" names no test":         choices("`web`"),
			`"status": "" names no test`:                  choices(""),
			"\"status\": \"by hand\" names no test":       choices("`web` TestA, by hand"),
			"docs/okta-divergences.md: \"1\": \"\" names": {"docs/okta-divergences.md": "| # | test |\n|---|---|\n| 1 | |\n"},
		},
		kept: []files{
			choices("`web` TestA"),
			choices("`internal/web` TestA, FuzzA; `hook` TestA"),
			choices("`sdk` TestA; fixtures 5, 5b, 5–6"),
			choices("fixture 6; `web` FuzzA"),
			{"docs/okta-choices.md": "| no | table |\n"},
		},
	},
	"links resolve": {
		broken: map[string]files{
			"docs/a.md: the link b.md leads nowhere":           {"docs/a.md": "see [b](b.md)\n", "b.md": "B"},
			"README.md: the link docs/img/x.png leads nowhere": {"README.md": "<img src=\"docs/img/x.png\">"},
			"README.md: the link docs/ad leads nowhere":        {"README.md": "[a](docs/ad)", "docs/adr/1.md": "1"},
			"README.md: the link docs/a.md#top leads nowhere":  {"README.md": "[a](docs/a.md#top)"},
		},
		kept: []files{
			{"docs/a.md": "[b](../b.md#c), [c](adr/), [d](#here), [e](https://example.com/x), [f](mailto:a@example.com)", "b.md": "B", "docs/adr/1.md": "1"},
			{"README.md": "```go\nm[x](y)\n```\n[a](LICENSE)", "LICENSE": "L", "a.txt": "[x](y)"},
		},
	},
}

func TestRulesAreProven(t *testing.T) {
	ruleNames, proofNames := slices.Sorted(maps.Keys(rules)), slices.Sorted(maps.Keys(proofs))
	if !slices.Equal(ruleNames, proofNames) {
		t.Errorf("rules %q, proofs %q", ruleNames, proofNames)
	}
	for name, proof := range proofs {
		t.Run(name, func(t *testing.T) {
			if len(proof.broken) == 0 || len(proof.kept) == 0 {
				t.Error("a rule needs a tree that breaks it and one that keeps it")
			}
			for want, f := range proof.broken {
				found := rules[name](f.load(t))
				if !slices.ContainsFunc(found, func(v string) bool { return strings.Contains(v, want) }) {
					t.Errorf("found %q, which lacks %q", found, want)
				}
			}
			for _, f := range proof.kept {
				if found := rules[name](f.load(t)); len(found) > 0 {
					t.Errorf("found %q in %q", found, f)
				}
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"a tree without go.mod": {"a.go": {Data: []byte("package a\n")}},
		"what is no Go":         {"go.mod": {Data: []byte(goMod)}, "a.go": {Data: []byte("packet a\n")}},
	} {
		if _, err := load(fsys); err == nil {
			t.Errorf("%s was loaded", name)
		}
	}
}

func TestModuleOf(t *testing.T) {
	module := files{}.load(t)
	for importPath, want := range map[string]string{
		"example.test/log":        "example.test/log",
		"example.test/deep/a":     "example.test/deep",
		"example.test/deep/er/a":  "example.test/deep/er",
		"example.test/deeper":     "example.test/deeper",
		"example.test/unrequired": "example.test/unrequired",
	} {
		if got := module.moduleOf(importPath); got != want {
			t.Errorf("moduleOf(%q) = %q, want %q", importPath, got, want)
		}
	}
}
