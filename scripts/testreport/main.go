// Command testreport reads what `go test -json` prints and says what a person
// wants to know: one line per package, the whole output of what failed, how many
// tests ran on each database engine.
//
//	go test -json ./... ──► events ──► one line per package, as they end
//	                                   failures, in full
//	                                   tests per engine
//	                                   exit code: 1 unless everything ran and passed
//
// It is stricter than go test: a skipped test fails, and so do two engines that
// did not run the same tests. A test runs on an engine when one segment of its
// name, after the first, is the engine's: TestStore/sqlite/users.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("testreport", flag.ContinueOnError)
	flags.SetOutput(stderr)
	engines := flags.Bool("engines", false, "fail when no test ran on a database engine")
	if err := flags.Parse(args); err != nil {
		return 2
	}

	r := newReport(stdout)
	if err := r.read(stdin); err != nil {
		fmt.Fprintln(stderr, "testreport:", err)
		return 1
	}
	if problems := r.finish(*engines); len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(stdout, "FAIL", p)
		}
		return 1
	}
	return 0
}
