package eventlog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/eventlog"
)

// What usher sends and event hooks are not told of is what Okta's catalogue does
// not mark either.
func TestWhatEventHooksAreNotToldOf(t *testing.T) {
	t.Parallel()
	unmarked := []eventlog.Type{
		eventlog.HookResponseProcessed, eventlog.TokenUpdated, eventlog.PolicyCreated, eventlog.PolicyDeleted, eventlog.SchemaUpdated,
	}
	for _, typ := range []eventlog.Type{
		eventlog.HookExecuted, eventlog.UserCreated, eventlog.SessionStarted, eventlog.GroupMemberAdded, eventlog.TokenCreated, eventlog.RuleUpdated,
	} {
		if !eventlog.Eligible(string(typ)) {
			t.Errorf("%s is not eligible", typ)
		}
	}
	for _, typ := range declaredTypes(t) {
		ofHooks := strings.HasPrefix(string(typ), "event_hook.") || strings.HasPrefix(string(typ), "system.hook.key.")
		if (ofHooks || slices.Contains(unmarked, typ)) && eventlog.Eligible(string(typ)) {
			t.Errorf("%s is eligible", typ)
		}
	}
	if eventlog.Eligible("user.lifecycle") || eventlog.Eligible("") {
		t.Error("what is no type is eligible")
	}
}
