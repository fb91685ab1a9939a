package archtest

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// papers are what people and scanners look for in a repository.
var papers = []string{
	"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md",
	"docs/configuration.md", "docs/design.md", "docs/okta-choices.md", "docs/okta-divergences.md",
}

func papersThere(t *tree) (found []string) {
	for _, name := range papers {
		if content, ok := t.text(name); !ok || len(strings.TrimSpace(content)) == 0 {
			found = append(found, violation("%s is missing", name))
		}
	}
	return found
}

func (t *tree) text(name string) (content string, ok bool) {
	i := slices.IndexFunc(t.texts, func(f text) bool { return f.path == name })
	if i < 0 {
		return "", false
	}
	return string(t.texts[i].content), true
}

// proven are the tables whose last column names the tests that hold each row.
var proven = []string{"docs/okta-choices.md", "docs/okta-divergences.md"}

// provenTables: a promise without a test is a hope, and a test that was renamed
// is none.
func provenTables(t *tree) (found []string) {
	for _, name := range proven {
		content, _ := t.text(name)
		for _, row := range tableRows(content) {
			for _, problem := range t.proofProblems(row[len(row)-1]) {
				found = append(found, violation("%s: %q: %s", name, row[0], problem))
			}
		}
	}
	return found
}

// tableRows gives the cells of all tables but their heads.
func tableRows(markdown string) (rows [][]string) {
	inBody := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			inBody = false
		case strings.HasPrefix(line, "|---"):
			inBody = true
		case inBody:
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

var (
	testOfPackage = regexp.MustCompile("`([a-z0-9/-]+)` ((?:Test|Fuzz)[A-Za-z0-9_]*(?:, (?:Test|Fuzz)[A-Za-z0-9_]*)*)")
	fixtureList   = regexp.MustCompile(`fixtures? ([0-9a-z]+(?:[–,] ?[0-9a-z]+)*)`)
)

// proofProblems reads a cell, which names tests by their package and fixtures by
// their rows: "`hookcall` TestHead, TestNames; fixtures 5, 61–63".
func (t *tree) proofProblems(cell string) (problems []string) {
	rest := cell
	for _, m := range testOfPackage.FindAllStringSubmatch(cell, -1) {
		rest = strings.Replace(rest, m[0], "", 1)
		for test := range strings.SplitSeq(m[2], ", ") {
			if !t.hasTest(m[1], test) {
				problems = append(problems, fmt.Sprintf("there is no %s in %s", test, m[1]))
			}
		}
	}
	for _, m := range fixtureList.FindAllStringSubmatch(cell, -1) {
		rest = strings.Replace(rest, m[0], "", 1)
		for _, row := range fixtureRows(m[1]) {
			if !t.hasFixture(row) {
				problems = append(problems, "there is no fixture "+row)
			}
		}
	}
	if rest = strings.Trim(rest, " ,;"); rest != "" || cell == "" {
		problems = append(problems, fmt.Sprintf("%q names no test", rest))
	}
	return problems
}

// fixtureRows gives the numbers of a list like "5, 57b, 61–63".
func fixtureRows(list string) (rows []string) {
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "–")
		first, firstErr := strconv.Atoi(from)
		last, lastErr := strconv.Atoi(to)
		if !isRange || firstErr != nil || lastErr != nil {
			rows = append(rows, strings.TrimSpace(part))
			continue
		}
		for n := first; n <= last; n++ {
			rows = append(rows, strconv.Itoa(n))
		}
	}
	return rows
}

// hasTest looks for a test in a package that is named by the end of its path.
func (t *tree) hasTest(name, test string) bool {
	return slices.ContainsFunc(t.texts, func(f text) bool {
		return strings.HasSuffix(f.path, "_test.go") && strings.HasSuffix("/"+path.Dir(f.path), "/"+name) &&
			strings.Contains(string(f.content), "\nfunc "+test+"(")
	})
}

// hasFixture looks for a case by the number of its row.
func (t *tree) hasFixture(row string) bool {
	return slices.ContainsFunc(t.texts, func(f text) bool {
		if within, _ := path.Match("hook/testdata/*/*/outcome.json", f.path); !within {
			return false
		}
		var outcome struct{ Row string }
		err := json.Unmarshal(f.content, &outcome)
		number, _, _ := strings.Cut(outcome.Row, " ")
		return err == nil && number == row
	})
}

var (
	fenced = regexp.MustCompile("(?ms)^[ \t]*```.*?^[ \t]*```")
	link   = regexp.MustCompile(`(?:\]\(|src=")([^)"\s]+)`)
)

// linksResolve looks at the links of documents that stay in the repository.
func linksResolve(t *tree) (found []string) {
	for _, f := range t.texts {
		if path.Ext(f.path) != ".md" {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(string(f.content), ""), -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if !t.has(path.Join(path.Dir(f.path), target)) {
				found = append(found, violation("%s: the link %s leads nowhere", f.path, m[1]))
			}
		}
	}
	return found
}

// has tells whether there is a file or a folder.
func (t *tree) has(name string) bool {
	return slices.ContainsFunc(t.texts, func(f text) bool { return f.path == name || strings.HasPrefix(f.path, name+"/") })
}
