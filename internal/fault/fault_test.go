package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/usher-id/usher/internal/fault"
)

func TestError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  *fault.Error
		want string
	}{
		{fault.New(fault.Denied, "No."), "No."},
		{fault.Field("inlineHook", "name", "is blank"), "Api validation failed: inlineHook; name: is blank"},
		{fault.New(fault.Denied, "No.", fault.Cause{Text: "a"}, fault.Cause{Field: "b", Text: "c"}), "No.; a; b: c"},
		{fault.Missing("cal1", "InlineHook"), "Not found: Resource not found: cal1 (InlineHook)"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestAsAndIs(t *testing.T) {
	t.Parallel()
	inner := fault.New(fault.Busy, "Later.").With(io.ErrUnexpectedEOF)
	wrapped := fmt.Errorf("while: %w", inner)
	if fault.As(wrapped) != inner || !fault.Is(wrapped, fault.Busy) {
		t.Error("a fault is not found in its chain")
	}
	if !errors.Is(wrapped, io.ErrUnexpectedEOF) {
		t.Error("what led to a fault is not in its chain")
	}
	if fault.As(io.EOF) != nil || fault.Is(nil, fault.Busy) || fault.Is(wrapped, fault.Denied) {
		t.Error("a fault is found where there is none")
	}
}
