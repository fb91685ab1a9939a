package eventlog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/extension"
)

// declaredTypes are the values of the constants in catalogue.go, read from its
// text so that a new one cannot be forgotten here.
func declaredTypes(t *testing.T) []eventlog.Type {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "catalogue.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var types []eventlog.Type
	for _, d := range file.Decls {
		block, ok := d.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST {
			continue
		}
		for _, spec := range block.Specs {
			for _, v := range spec.(*ast.ValueSpec).Values {
				text, err := strconv.Unquote(v.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				types = append(types, eventlog.Type(text))
			}
		}
	}
	return types
}

func TestEveryTypeHasADisplayMessageOfItsOwn(t *testing.T) {
	t.Parallel()
	types := declaredTypes(t)
	if len(types) < 18 {
		t.Fatalf("only %d constants were found in catalogue.go", len(types))
	}
	seen := map[string]eventlog.Type{}
	for _, typ := range types {
		display := typ.Display()
		if display == "" {
			t.Errorf("%s has no display message", typ)
		}
		if other, ok := seen[display]; ok {
			t.Errorf("%s and %s have the same display message %q", typ, other, display)
		}
		seen[display] = typ
	}
	if d := eventlog.Type("no.such.type").Display(); d != "" {
		t.Errorf("an unknown type has the display message %q", d)
	}
}

// Package extension writes the types into its records, and cannot import this
// package, which lies beside it.
func TestTypesOfHookCalls(t *testing.T) {
	t.Parallel()
	if string(eventlog.HookExecuted) != extension.EventExecuted {
		t.Errorf("HookExecuted is %q, extension has %q", eventlog.HookExecuted, extension.EventExecuted)
	}
	if string(eventlog.HookResponseProcessed) != extension.EventProcessed {
		t.Errorf("HookResponseProcessed is %q, extension has %q", eventlog.HookResponseProcessed, extension.EventProcessed)
	}
}
