package safedial

import (
	"fmt"
	"net/netip"
)

// Rule is the rule that refused a URL or an address, in words that may be shown
// to whoever stored the URL. It never tells what a name resolved to.
type Rule string

// The rules, in the order in which they are asked.
const (
	RuleLength        Rule = "the URL is longer than 1,024 bytes"
	RuleCharacters    Rule = "the URL holds a space, a control character or a backslash"
	RuleParse         Rule = "this is not a URL"
	RuleScheme        Rule = "the scheme must be https"
	RuleOpaque        Rule = "the scheme must be followed by two slashes"
	RuleUserInfo      Rule = "a user name or password in the URL is not allowed"
	RuleFragment      Rule = "a fragment is not allowed"
	RuleNoHost        Rule = "the URL has no host"
	RuleEmptyPort     Rule = "the port is empty"
	RulePort          Rule = "the port is not allowed"
	RulePercent       Rule = "a zone or a percent sign in the host is not allowed"
	RuleHostName      Rule = "the host is not a host name"
	RuleHiddenAddress Rule = "the host is an address in disguise"
	RuleEmptyLabel    Rule = "the host has an empty label"
	RuleNumericLabel  Rule = "the last label of the host begins with a digit"
	RuleSingleLabel   Rule = "the host has a single label"
	RuleSpecialUse    Rule = "the host ends in a special-use name"
	RuleMetadata      Rule = "the address is a cloud metadata service"
	RuleSelf          Rule = "the address is usher itself"
	RuleAddress       Rule = "the address is not public"
)

// RefusedError tells that the guard refused a URL or an address. Its text holds
// the rule alone; the other fields are for the operator's log.
type RefusedError struct {
	Rule Rule
	// Host is the host that was asked for, empty if the URL gave none.
	Host string
	// Addr is the address that was refused, invalid if a rule on the URL or the
	// name refused.
	Addr netip.Addr
	// Range is the special-purpose range that holds Addr, invalid if Addr is
	// refused for lying outside the global unicast range of IPv6.
	Range netip.Prefix
}

func (e *RefusedError) Error() string { return "outbound call refused: " + string(e.Rule) }

// SelfCallError tells that the address is one on which usher itself listens, so
// that the call would loop. It unwraps to a [RefusedError] with [RuleSelf].
type SelfCallError struct {
	Host string
	Addr netip.AddrPort
}

func (e *SelfCallError) Error() string { return e.Unwrap().Error() }

// Unwrap lets a caller that only asks whether the guard refused look for
// [RefusedError].
func (e *SelfCallError) Unwrap() error {
	return &RefusedError{Rule: RuleSelf, Host: e.Host, Addr: e.Addr.Addr()}
}

// ResolveError tells that a name has no address, or that the resolver did not
// answer in time. Its text may name the resolver: it is for the operator's log.
type ResolveError struct {
	Host string
	Err  error
}

func (e *ResolveError) Error() string { return fmt.Sprintf("resolve %q: %v", e.Host, e.Err) }

func (e *ResolveError) Unwrap() error { return e.Err }
