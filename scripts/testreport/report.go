package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is one line of `go test -json`; `go doc test2json` describes it.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of what was built, for build-output
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// What became of a test or of a package.
const (
	running = "" // it began and no word came of its end
	passed  = "pass"
	failed  = "fail"
	skipped = "skip"
)

// unit is a package, or one test of it.
type unit struct {
	outcome string
	output  strings.Builder
}

type testID struct{ pkg, test string }

type report struct {
	out      io.Writer
	packages map[string]*unit
	tests    map[testID]*unit
	order    []testID // as they began, so that output is told in its order
	builds   map[string]*strings.Builder
}

func newReport(out io.Writer) *report {
	return &report{
		out:      out,
		packages: map[string]*unit{},
		tests:    map[testID]*unit{},
		builds:   map[string]*strings.Builder{},
	}
}

// read takes events until the stream ends. A line that is no event comes from
// the go command itself and is passed on.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if !bytes.HasPrefix(line, []byte("{")) || json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(r.out, "%s", line)
			} else {
				r.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read test events: %w", err)
		}
	}
}

func (r *report) take(e event) {
	switch {
	case e.Action == "build-output":
		if r.builds[e.ImportPath] == nil {
			r.builds[e.ImportPath] = &strings.Builder{}
		}
		r.builds[e.ImportPath].WriteString(e.Output)
	case e.Package == "":
		return
	case e.Test != "":
		r.unit(e).take(e)
	default:
		u := r.unit(e)
		u.take(e)
		if u.outcome != running {
			r.packageEnded(e)
		}
	}
}

// unit is what the event is about.
func (r *report) unit(e event) *unit {
	if e.Test == "" {
		if r.packages[e.Package] == nil {
			r.packages[e.Package] = &unit{}
		}
		return r.packages[e.Package]
	}
	id := testID{e.Package, e.Test}
	if r.tests[id] == nil {
		r.tests[id] = &unit{}
		r.order = append(r.order, id)
	}
	return r.tests[id]
}

func (u *unit) take(e event) {
	switch e.Action {
	case "output":
		u.output.WriteString(e.Output)
	case passed, failed, skipped:
		u.outcome = e.Action
	}
}

func (r *report) packageEnded(e event) {
	tests := 0
	for _, id := range r.leaves() {
		if id.pkg == e.Package {
			tests++
		}
	}
	switch e.Action {
	case passed:
		fmt.Fprintf(r.out, "ok    %s  %.1fs  tests: %d\n", e.Package, e.Elapsed, tests)
	case skipped:
		fmt.Fprintf(r.out, "none  %s  no test files\n", e.Package)
	case failed:
		fmt.Fprintf(r.out, "FAIL  %s  %.1fs\n", e.Package, e.Elapsed)
		r.explain(e)
	}
}

// explain prints in full what the package's failed tests said, or, when it is
// none of them (no build, a panic, a deadline), what the package said.
func (r *report) explain(e event) {
	if b := r.builds[e.FailedBuild]; b != nil {
		fmt.Fprint(r.out, b)
	}
	for _, id := range r.order {
		u := r.tests[id]
		if id.pkg == e.Package && u.outcome != passed && u.outcome != skipped {
			fmt.Fprint(r.out, u.output.String())
		}
	}
	fmt.Fprint(r.out, r.packages[e.Package].output.String())
}

// finish prints the totals and gives what is wrong beside what a package has
// already said.
func (r *report) finish(wantEngines bool) (problems []string) {
	for _, pkg := range slices.Sorted(maps.Keys(r.packages)) {
		switch r.packages[pkg].outcome {
		case failed:
			problems = append(problems, pkg)
		case running:
			problems = append(problems, pkg+": no word of its end")
		}
	}
	if len(r.tests) == 0 {
		problems = append(problems, "no test ran")
	}
	for _, id := range r.order {
		if r.tests[id].outcome == skipped {
			problems = append(problems, fmt.Sprintf("%s %s: skipped, and nothing is skipped here", id.pkg, id.test))
		}
	}

	sqlite, postgres := r.on("sqlite"), r.on("postgres")
	fmt.Fprintf(r.out, "tests: %d; on a database engine: sqlite %d, postgres %d\n",
		len(r.leaves()), len(sqlite), len(postgres))
	if wantEngines && (len(sqlite) == 0 || len(postgres) == 0) {
		problems = append(problems, "no test ran on a database engine")
	}
	problems = append(problems, lacking(sqlite, postgres, "postgres")...)
	return append(problems, lacking(postgres, sqlite, "sqlite")...)
}

// leaves are the tests without subtests.
func (r *report) leaves() []testID {
	parents := map[testID]bool{}
	for id := range r.tests {
		for name := id.test; ; {
			i := strings.LastIndexByte(name, '/')
			if i < 0 {
				break
			}
			name = name[:i]
			parents[testID{id.pkg, name}] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(r.order), func(id testID) bool { return parents[id] })
}

// on gives the tests that ran on the engine, under names that are the same for
// each engine.
func (r *report) on(engine string) map[testID]bool {
	found := map[testID]bool{}
	for _, id := range r.leaves() {
		segments := strings.Split(id.test, "/")
		i := slices.Index(segments[1:], engine)
		if i < 0 {
			continue
		}
		segments[i+1] = "<engine>"
		found[testID{id.pkg, strings.Join(segments, "/")}] = true
	}
	return found
}

// lacking names the tests of have that are not in other.
func lacking(have, other map[testID]bool, engine string) (problems []string) {
	for id := range have {
		if !other[id] {
			problems = append(problems, fmt.Sprintf("%s %s: not run on %s", id.pkg, id.test, engine))
		}
	}
	slices.Sort(problems)
	return problems
}
