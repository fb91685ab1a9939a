package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// both is a run in which each engine passed one test.
const both = `{"Action":"start","Package":"usher/store"}
{"Action":"run","Package":"usher/store","Test":"TestStore"}
{"Action":"run","Package":"usher/store","Test":"TestStore/sqlite"}
{"Action":"run","Package":"usher/store","Test":"TestStore/sqlite/users"}
{"Action":"output","Package":"usher/store","Test":"TestStore/sqlite/users","Output":"    a quiet word\n"}
{"Action":"pass","Package":"usher/store","Test":"TestStore/sqlite/users","Elapsed":0.1}
{"Action":"pass","Package":"usher/store","Test":"TestStore/sqlite","Elapsed":0.1}
{"Action":"run","Package":"usher/store","Test":"TestStore/postgres"}
{"Action":"run","Package":"usher/store","Test":"TestStore/postgres/users"}
{"Action":"pass","Package":"usher/store","Test":"TestStore/postgres/users","Elapsed":0.1}
{"Action":"pass","Package":"usher/store","Test":"TestStore/postgres","Elapsed":0.1}
{"Action":"pass","Package":"usher/store","Test":"TestStore","Elapsed":0.2}
{"Action":"pass","Package":"usher/store","Elapsed":1.25}
`

// plain is a run of one test that no engine is part of.
const plain = `{"Action":"run","Package":"usher/id","Test":"TestNew"}
{"Action":"pass","Package":"usher/id","Test":"TestNew","Elapsed":0.1}
{"Action":"pass","Package":"usher/id","Elapsed":0.5}
`

func TestRun(t *testing.T) {
	tests := map[string]struct {
		args  []string
		in    string
		code  int
		has   []string
		hasNo []string
	}{
		"passes": {
			args:  []string{"-engines"},
			in:    both,
			has:   []string{"ok    usher/store  1.2s  tests: 2", "tests: 2; on a database engine: sqlite 1, postgres 1"},
			hasNo: []string{"FAIL", "a quiet word"},
		},
		"passes without engines when they are not asked for": {
			in:  plain,
			has: []string{"tests: 1; on a database engine: sqlite 0, postgres 0"},
		},
		"fails without engines when they are": {
			args: []string{"-engines"},
			in:   plain,
			code: 1,
			has:  []string{"FAIL no test ran on a database engine"},
		},
		"a package without test files is no skipped test": {
			in:  plain + `{"Action":"skip","Package":"usher/cmd","Elapsed":0}` + "\n",
			has: []string{"none  usher/cmd  no test files"},
		},
		"names the test that one engine lacks": {
			in: both + `{"Action":"pass","Package":"usher/store","Test":"TestRace/sqlite"}
{"Action":"pass","Package":"usher/store","Test":"TestRace"}
`,
			code: 1,
			has:  []string{"sqlite 2, postgres 1", "FAIL usher/store TestRace/<engine>: not run on postgres"},
		},
		"equal counts of different tests are not equal": {
			in: both + `{"Action":"pass","Package":"usher/store","Test":"TestA/sqlite"}
{"Action":"pass","Package":"usher/store","Test":"TestB/postgres"}
`,
			code: 1,
			has: []string{
				"FAIL usher/store TestA/<engine>: not run on postgres",
				"FAIL usher/store TestB/<engine>: not run on sqlite",
			},
		},
		"a test that is named after an engine is no run on it": {
			in: plain + `{"Action":"pass","Package":"usher/id","Test":"sqlite"}
{"Action":"pass","Package":"usher/id","Test":"TestX/sqliteish"}
`,
			has: []string{"sqlite 0, postgres 0"},
		},
		"a skipped test fails": {
			in: plain + `{"Action":"output","Package":"usher/id","Test":"TestLater","Output":"later\n"}
{"Action":"skip","Package":"usher/id","Test":"TestLater"}
`,
			code: 1,
			has:  []string{"FAIL usher/id TestLater: skipped"},
		},
		"a failure is told in full, in its order": {
			in: `{"Action":"output","Package":"usher/id","Test":"TestGood","Output":"all well\n"}
{"Action":"pass","Package":"usher/id","Test":"TestGood"}
{"Action":"output","Package":"usher/id","Test":"TestBad","Output":"=== RUN   TestBad\n"}
{"Action":"output","Package":"usher/id","Test":"TestBad","Output":"    got 1, want 2\n"}
{"Action":"fail","Package":"usher/id","Test":"TestBad"}
{"Action":"output","Package":"usher/id","Output":"FAIL\tusher/id\t0.1s\n"}
{"Action":"fail","Package":"usher/id","Elapsed":0.1}
`,
			code:  1,
			has:   []string{"FAIL  usher/id  0.1s\n=== RUN   TestBad\n    got 1, want 2\nFAIL\tusher/id", "FAIL usher/id\n"},
			hasNo: []string{"all well"},
		},
		"a test that never ended is told": {
			in: `{"Action":"output","Package":"usher/id","Test":"TestHangs","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"usher/id","Elapsed":600}
`,
			code: 1,
			has:  []string{"panic: test timed out"},
		},
		"a build that fails is told": {
			in: `{"ImportPath":"usher/bad [usher/bad.test]","Action":"build-output","Output":"id.go:1: undefined: x\n"}
{"ImportPath":"usher/bad [usher/bad.test]","Action":"build-fail"}
{"Action":"fail","Package":"usher/bad","Elapsed":0,"FailedBuild":"usher/bad [usher/bad.test]"}
` + plain,
			code: 1,
			has:  []string{"id.go:1: undefined: x"},
		},
		"a package without an end fails": {
			in:   plain + `{"Action":"start","Package":"usher/org"}` + "\n",
			code: 1,
			has:  []string{"FAIL usher/org: no word of its end"},
		},
		"what is no event is passed on": {
			in:  "warning: go.sum\n{ not an event\n" + plain,
			has: []string{"warning: go.sum\n{ not an event\n"},
		},
		"nothing at all fails": {
			code: 1,
			has:  []string{"FAIL no test ran"},
		},
		"an unknown flag": {
			args: []string{"-databases"},
			code: 2,
			has:  []string{"flag provided but not defined"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if code := run(tt.args, strings.NewReader(tt.in), &out, &out); code != tt.code {
				t.Errorf("exit code = %d, want %d", code, tt.code)
			}
			for _, want := range tt.has {
				if !strings.Contains(out.String(), want) {
					t.Errorf("output lacks %q", want)
				}
			}
			for _, unwanted := range tt.hasNo {
				if strings.Contains(out.String(), unwanted) {
					t.Errorf("output has %q", unwanted)
				}
			}
			if t.Failed() {
				t.Log(out.String())
			}
		})
	}
}

func TestRunWithBrokenInput(t *testing.T) {
	in := io.MultiReader(strings.NewReader(both), iotest.ErrReader(errors.New("pipe broke")))
	var out strings.Builder
	if code := run(nil, in, &out, &out); code != 1 {
		t.Errorf("exit code = %d, want 1", code)
	}
	if !strings.Contains(out.String(), "testreport: read test events: pipe broke") {
		t.Errorf("output = %q", out.String())
	}
}
