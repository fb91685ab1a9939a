package safedial

import (
	"bufio"
	"errors"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
)

// policy makes a policy from the entries of a configuration.
func policy(t testing.TB, c Config) *Policy {
	t.Helper()
	p, err := NewPolicy(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ranges(t testing.TB, entries ...string) []netip.Prefix {
	t.Helper()
	var all []netip.Prefix
	for _, e := range entries {
		r, err := ParseAllow(e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func hosts(t testing.TB, entries ...string) []HostPort {
	t.Helper()
	var all []HostPort
	for _, e := range entries {
		h, err := ParseAllowHost(e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, h)
	}
	return all
}

// matchesRule reports whether an error is the one that a row of the table
// names.
func matchesRule(t *testing.T, row string, err error) bool {
	t.Helper()
	var refused *RefusedError
	if !errors.As(err, &refused) {
		return false
	}
	if within, ok := strings.CutPrefix(row, "in "); ok {
		return refused.Rule == RuleAddress && refused.Range.String() == within
	}
	if suffix, ok := strings.CutPrefix(row, "special-use name "); ok {
		return refused.Rule == RuleSpecialUse && strings.HasSuffix(refused.Host, suffix)
	}
	if row == "outside 2000::/3" {
		return refused.Rule == RuleAddress && !refused.Range.IsValid() && refused.Addr.Is6()
	}
	if strings.HasPrefix(row, "port ") {
		row = "port"
	}
	rule, ok := map[string]Rule{
		"scheme":                      RuleScheme,
		"opaque":                      RuleOpaque,
		"no host":                     RuleNoHost,
		"userinfo":                    RuleUserInfo,
		"fragment":                    RuleFragment,
		"control, space or backslash": RuleCharacters,
		"port":                        RulePort,
		"empty port":                  RuleEmptyPort,
		"URL does not parse":          RuleParse,
		"numeric last label":          RuleNumericLabel,
		"ip after idna mapping":       RuleHiddenAddress,
		"single label":                RuleSingleLabel,
		"metadata":                    RuleMetadata,
		"zone or percent in host":     RulePercent,
		"not a host name":             RuleHostName,
		"empty label":                 RuleEmptyLabel,
	}[row]
	if !ok {
		t.Fatalf("no rule is known for %q", row)
	}
	return refused.Rule == rule
}

type urlRow struct {
	raw, note string
	allow     bool
}

func urlTable(t testing.TB) []urlRow {
	t.Helper()
	f, err := os.Open("testdata/urls.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []urlRow
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		cells := strings.Split(s.Text(), "\t")
		if len(cells) != 3 {
			t.Fatalf("a row needs three cells: %q", s.Text())
		}
		raw, err := strconv.Unquote(`"` + cells[0] + `"`)
		if err != nil {
			t.Fatalf("%q: %v", cells[0], err)
		}
		rows = append(rows, urlRow{raw: raw, note: cells[2], allow: cells[1] == "allow"})
	}
	if len(rows) != 111 {
		t.Fatalf("the table has %d rows, want 111", len(rows))
	}
	return rows
}

func TestURLTable(t *testing.T) {
	t.Parallel()
	p := policy(t, Config{Ports: []uint16{443, 8443}})
	for _, row := range urlTable(t) {
		u, err := p.ParseURL(row.raw)
		switch {
		case row.allow && err != nil:
			t.Errorf("%q: %v", row.raw, err)
		case row.allow:
			if stored, ok := strings.CutPrefix(row.note, "stored as "); ok && u.Host != stored {
				t.Errorf("%q is stored with the host %q, want %q", row.raw, u.Host, stored)
			}
		case err == nil:
			t.Errorf("%q is allowed, want refused: %s", row.raw, row.note)
		case !matchesRule(t, row.note, err):
			t.Errorf("%q: %v, want %q", row.raw, err, row.note)
		}
	}
}

func TestURLNormalForm(t *testing.T) {
	t.Parallel()
	p := policy(t, Config{})
	for raw, want := range map[string]string{
		"HTTPS://Hooks.Example.COM./A?B=c%2Fd": "https://hooks.example.com/A?B=c%2Fd",
		"https://[::ffff:1.1.1.1]:0443/":       "https://1.1.1.1:443/",
		"https://[2606:4700:0::1111]":          "https://[2606:4700::1111]",
		"https://h.example.com/ä?ö=ü":          "https://h.example.com/%C3%A4?%C3%B6=%C3%BC",
		"https://ｈｏｏｋｓ.example.com/":           "https://hooks.example.com/",
		"https://h.example.com/%2e%2E/a%20b?":  "https://h.example.com/%2e%2E/a%20b?",
		"https://h.example.com?x=100%25":       "https://h.example.com?x=100%25",
		"https://r3---sn.example.com/":         "https://r3---sn.example.com/",
	} {
		u, err := p.ParseURL(raw)
		if err != nil {
			t.Errorf("%q: %v", raw, err)
		} else if u.String() != want {
			t.Errorf("%q becomes %q, want %q", raw, u, want)
		}
	}
}

func TestURLRulesBesideTheTable(t *testing.T) {
	t.Parallel()
	p := policy(t, Config{})
	const base = "https://hooks.example.com/"
	long := base + strings.Repeat("a", maxURL-len(base))
	if _, err := p.ParseURL(long); err != nil {
		t.Errorf("a URL of %d bytes: %v", maxURL, err)
	}
	for raw, want := range map[string]Rule{
		long + "a":                                              RuleLength,
		base + strings.Repeat("é", 400):                         RuleLength, // only once it is escaped
		"https://hooks.example.com#":                            RuleFragment,
		"https://h.example.com/\u00a0":                          RuleCharacters,
		"https://h.example.com/\u0085":                          RuleCharacters,
		"https://h.example.com/\xff":                            RuleParse,
		"https://b%C3%BC.example.com/":                          RulePercent,
		"https://:443/":                                         RuleNoHost,
		"https://./":                                            RuleHostName,
		"https://h.example.com../":                              RuleEmptyLabel,
		"https://my_hook.example.com/":                          RuleHostName,
		"https://a％2e.example.com/":                             RuleHostName,
		"https://h.example.com／x/":                              RuleHostName,
		"https://-h.example.com/":                               RuleHostName,
		"https://a\u05d0.example.com/":                          RuleHostName, // reads both ways
		"https://xn--0.example.com/":                            RuleHostName,
		"https://" + strings.Repeat("a", 64) + ".example.com/":  RuleHostName,
		"https://" + strings.Repeat("a.", 126) + "example.com/": RuleHostName,
		"https://1.1.1.1./":                                     RuleHiddenAddress,
		"https://user@hooks.example.com":                        RuleUserInfo,
	} {
		_, err := p.ParseURL(raw)
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Rule != want {
			t.Errorf("%q: %v, want %q", raw, err, want)
		}
	}
}

func TestRefusalTellsTheRuleAlone(t *testing.T) {
	t.Parallel()
	p := policy(t, Config{})
	for _, raw := range []string{"https://user:hunter2@h.example.com/", "https://h.example.com:hunter2/"} {
		if _, err := p.ParseURL(raw); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v: quotes the URL", err)
		}
	}
	err := p.CheckAddr("hooks.example.com", netip.MustParseAddrPort("10.1.2.3:443"))
	if want := "outbound call refused: the address is not public"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestOperatorEntriesLiftRulesForThemselves(t *testing.T) {
	t.Parallel()
	p := policy(t, Config{
		Allow:      ranges(t, "127.0.0.0/8", "10.2.0.0/16"),
		AllowHosts: hosts(t, "hook:3000", "hooks.svc.cluster.local", "my_hook", "[fd12::1]:9000", "Bücher.Example.com:80"),
		AllowHTTP:  true,
		Ports:      []uint16{443},
	})
	for raw, want := range map[string]Rule{
		"http://127.0.0.1:9000/":                    "",
		"http://[::ffff:127.0.0.1]:9000/":           "",
		"https://10.2.3.4:8080/":                    "",
		"http://localhost:3000/registration":        "",
		"http://hook:3000/":                         "",
		"http://HOOK.:3000/":                        "",
		"http://hooks.svc.cluster.local/":           "",
		"https://hooks.svc.cluster.local:7/":        "",
		"http://my_hook/":                           "",
		"http://[fd12::1]:9000/":                    "",
		"http://bücher.example.com/":                "",
		"https://public.example.com/":               "",
		"http://hook/":                              RuleScheme,
		"https://hook/":                             RuleSingleLabel,
		"https://hook:3001/":                        RulePort,
		"http://public.example.com/":                RuleScheme,
		"https://public.example.com:8443/":          RulePort,
		"http://1.1.1.1/":                           RuleScheme,
		"https://10.3.0.1/":                         RuleAddress,
		"https://foo.localhost/":                    RuleSpecialUse,
		"https://svc.cluster.local/":                RuleSpecialUse,
		"https://[fd12::1]/":                        RuleAddress,
		"http://169.254.169.254/latest/meta-data/":  RuleScheme,
		"https://169.254.169.254/latest/meta-data/": RuleMetadata,
		"https://①②⑦.⓪.⓪.①/":                        RuleHiddenAddress,
		"http://user@127.0.0.1/":                    RuleUserInfo,
		"ftp://hook:3000/":                          RuleScheme,
	} {
		_, err := p.ParseURL(raw)
		var refused *RefusedError
		if errors.As(err, &refused); want == "" && err != nil || want != "" && (refused == nil || refused.Rule != want) {
			t.Errorf("%q: %v, want %q", raw, err, want)
		}
	}
}

func TestPlainHTTPNeedsItsOwnSetting(t *testing.T) {
	t.Parallel()
	p := policy(t, Config{Allow: ranges(t, "::1"), AllowHosts: hosts(t, "hook")})
	for raw, ok := range map[string]bool{
		"http://hook/": false, "https://hook/": true,
		"http://localhost/": false, "https://localhost/": true,
	} {
		if _, err := p.ParseURL(raw); (err == nil) != ok {
			t.Errorf("%q: %v", raw, err)
		}
	}
}
