package app

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/usher-id/usher/internal/edit"
)

// checkURIs judges every address of the client.
func (in *Input) checkURIs(found *edit.Problems) {
	o := &in.Settings.OAuth
	found.OneOf(settings+"wildcard_redirect", o.WildcardRedirect, disabled, wildcardSubdomain)
	if in.redirects() {
		found.AddUnless(len(o.RedirectURIs) > 0, settings+"redirect_uris", edit.Blank)
	}
	in.checkRedirects("redirect_uris", o.RedirectURIs, found)
	in.checkRedirects("post_logout_redirect_uris", o.PostLogoutRedirectURIs, found)
	if o.FrontChannelLogoutURI != "" {
		found.Add(settings+"frontchannel_logout_uri", in.redirectProblem(o.FrontChannelLogoutURI))
	}
	for _, p := range [...]struct{ property, uri string }{
		{"client_uri", o.ClientURI}, {"logo_uri", o.LogoURI}, {"tos_uri", o.TOSURI}, {"policy_uri", o.PolicyURI},
		{"initiate_login_uri", o.InitiateLoginURI}, {"jwks_uri", o.JWKSURI},
	} {
		found.Add(settings+p.property, webAddressProblem(p.uri))
	}
}

func (in *Input) checkRedirects(property string, list []string, found *edit.Problems) {
	for i, uri := range list {
		at := fmt.Sprintf("%s%s[%d]", settings, property, i)
		found.Add(at, in.redirectProblem(uri))
		found.AddUnless(!slices.Contains(list[:i], uri), at, "occurs twice")
	}
}

// redirectProblem says why no browser may be sent to an address, or "". http is
// taken everywhere, as recorded orgs do. A scheme of one's own is for native apps
// (RFC 8252 § 7.1); those that browsers run or read from the disk are for nobody.
func (in *Input) redirectProblem(raw string) string {
	u, err := url.Parse(strings.Replace(raw, "*", "wildcard", 1))
	switch {
	case raw == "":
		return edit.Blank
	case len(raw) > maxURI:
		return fmt.Sprintf("must have at most %d characters", maxURI)
	case err != nil || u.Scheme == "" || strings.ContainsFunc(raw, unprintable):
		return "must be an absolute URI"
	case u.Fragment != "" || strings.Contains(raw, "#"):
		return "must not have a fragment"
	case strings.Contains(raw, "*"):
		return in.wildcardProblem(raw)
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return hostProblem(u)
	case "javascript", "data", "vbscript", "file", "blob", "about", "view-source":
		return "must not have the scheme " + u.Scheme
	}
	if in.Settings.OAuth.ApplicationType != typeNative {
		return "must begin with https:// or http://, unless the app is native"
	}
	return ""
}

func unprintable(r rune) bool { return r <= ' ' || r > '~' }

func hostProblem(u *url.URL) string {
	switch {
	case u.Hostname() == "":
		return "must name a host"
	case u.User != nil:
		return "must not have a user name or a password"
	}
	return ""
}

// wildcardProblem says what is wrong with an address that stands for several, or
// "". One * may be in the lowest part of the name of a host, which needs a domain
// between it and the top-level one.
func (in *Input) wildcardProblem(raw string) string {
	const where = "may have one *, in the lowest subdomain of an https:// address such as https://*.example.com/"
	rest, isHTTPS := strings.CutPrefix(raw, "https://")
	host, _, _ := strings.Cut(rest, "/")
	lowest, above, _ := strings.Cut(host, ".")
	switch {
	case in.Settings.OAuth.WildcardRedirect != wildcardSubdomain:
		return "must not have a * unless wildcard_redirect is " + wildcardSubdomain
	case !isHTTPS || strings.Count(raw, "*") != 1 || !strings.Contains(lowest, "*") || !strings.Contains(above, "."):
		return where
	}
	u, err := url.Parse(strings.Replace(raw, "*", "wildcard", 1))
	if err != nil {
		return where
	}
	return hostProblem(u)
}

// webAddressProblem says what is wrong with the address of a page or a file, or "".
func webAddressProblem(raw string) string {
	if raw == "" {
		return ""
	}
	u, err := url.Parse(raw)
	switch {
	case len(raw) > maxURI:
		return fmt.Sprintf("must have at most %d characters", maxURI)
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsFunc(raw, unprintable):
		return "must be an absolute URL that begins with https:// or http://"
	}
	return hostProblem(u)
}
