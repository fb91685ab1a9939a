package safedial

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
)

func TestCheckAddr(t *testing.T) {
	t.Parallel()
	nothing := Config{}
	dev := Config{Allow: ranges(t, "127.0.0.0/8", "::1"), AllowHosts: hosts(t, "hook:3000")}
	nat64 := Config{Allow: ranges(t, "64:ff9b::/96"), AllowHosts: hosts(t, "hook:443")}
	exact := Config{Allow: ranges(t, "169.254.169.254", "2002::/16", "fe80::/10")}
	ports := Config{Allow: ranges(t, "10.0.0.0/8"), Ports: []uint16{8443}}
	const name = "hooks.example.com"
	for _, c := range []struct {
		config Config
		host   string
		addr   string
		want   Rule
	}{
		{nothing, name, "93.184.216.34:443", ""},
		{nothing, name, "93.184.216.34:22", ""},
		{nothing, name, "[2606:4700::1111]:443", ""},
		{nothing, name, "[::ffff:93.184.216.34]:443", ""},
		{nothing, name, "[::ffff:10.0.0.5]:443", RuleAddress},
		{nothing, name, "10.0.0.5:443", RuleAddress},
		{nothing, name, "127.0.0.1:443", RuleAddress},
		{nothing, name, "169.254.169.254:80", RuleMetadata},
		{nothing, name, "[::ffff:169.254.169.254]:80", RuleMetadata},
		{nothing, name, "168.63.129.16:80", RuleMetadata},
		{nothing, name, "[64:ff9b::a9fe:a9fe]:443", RuleAddress},
		{nothing, name, "[64:ff9b::5db8:d822]:443", RuleAddress},
		{nothing, name, "[fe80::1%eth0]:443", RulePercent},
		{nothing, name, "[2606:4700::1111%eth0]:443", RulePercent},
		{nothing, name, "93.184.216.34:0", RulePort},

		{dev, name, "127.0.0.1:9000", ""},
		{dev, name, "[::1]:9000", ""},
		{dev, name, "169.254.169.254:80", RuleMetadata},
		{dev, name, "10.0.0.5:3000", RuleAddress},
		{dev, "hook", "10.0.0.5:3000", ""},
		{dev, "HOOK.", "10.0.0.5:3000", ""},
		{dev, "hook", "10.0.0.5:3001", RuleAddress},
		{dev, "hook", "169.254.169.254:3000", RuleMetadata},
		{dev, "hook", "[fe80::1%eth0]:3000", RulePercent},

		{nat64, name, "[64:ff9b::5db8:d822]:443", ""},
		{nat64, name, "[64:ff9b::7f00:1]:443", RuleAddress},
		{nat64, name, "[64:ff9b::a9fe:a9fe]:443", RuleMetadata},
		{nat64, "hook", "[64:ff9b::a9fe:a9fe]:443", RuleMetadata},
		{nat64, "hook", "[64:ff9b:1::a9fe:a9fe]:443", RuleMetadata},
		{nat64, "hook", "[2002:a9fe:a9fe::1]:443", RuleMetadata},
		{nat64, "hook", "[::ffff:0:a9fe:a9fe]:443", RuleMetadata},
		{nat64, "hook", "[64:ff9b::7f00:1]:443", ""},

		{exact, name, "169.254.169.254:80", ""},
		{exact, name, "169.254.170.2:80", RuleMetadata},
		{exact, name, "[2002:a9fe:a9fe::1]:80", ""},
		{exact, name, "[2002:7f00:1::1]:80", RuleAddress},
		{exact, name, "[fe80::1%eth0]:80", RulePercent},

		{ports, name, "93.184.216.34:443", ""},
		{ports, name, "93.184.216.34:8443", ""},
		{ports, name, "93.184.216.34:25", RulePort},
		{ports, name, "10.9.9.9:25", ""},
	} {
		err := policy(t, c.config).CheckAddr(c.host, netip.MustParseAddrPort(c.addr))
		var refused *RefusedError
		if errors.As(err, &refused); c.want == "" && err != nil || c.want != "" && (refused == nil || refused.Rule != c.want) {
			t.Errorf("%s at %s: %v, want %q", c.host, c.addr, err, c.want)
		}
	}
	if err := policy(t, nothing).CheckAddr(name, netip.AddrPort{}); err == nil {
		t.Error("no address at all is allowed")
	}
}

func TestUsherDoesNotCallItself(t *testing.T) {
	t.Parallel()
	local := []netip.Addr{netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("fe80::1%eth0")}
	all := Config{
		Allow:      ranges(t, "127.0.0.0/8", "::1", "0.0.0.0", "10.0.0.0/8"),
		AllowHosts: hosts(t, "usher"),
	}
	for _, c := range []struct {
		listen, host, addr string
		self               bool
	}{
		{"127.0.0.1:8080", "localhost", "127.0.0.1:8080", true},
		{"127.0.0.1:8080", "localhost", "[::ffff:127.0.0.1]:8080", true},
		{"127.0.0.1:8080", "localhost", "127.0.0.1:3000", false}, // the example hook service
		{"127.0.0.1:8080", "localhost", "127.0.0.2:8080", false},
		{"127.0.0.1:8080", "localhost", "0.0.0.0:8080", true},
		{"93.184.216.34:443", "login.example.com", "93.184.216.34:443", true},
		{"93.184.216.34:443", "usher", "93.184.216.34:443", true},
		{"0.0.0.0:8080", "localhost", "127.3.2.1:8080", true},
		{"0.0.0.0:8080", "localhost", "[::1]:8080", true},
		{"[::]:8080", "login.example.com", "93.184.216.34:8080", true},
		{"[::]:8080", "login.example.com", "93.184.216.34:443", false},
		{"[::]:8080", "other.example.com", "93.184.216.35:8080", false},
		{"[::]:8080", "other.internal", "10.0.0.1:8080", false},
	} {
		p := policy(t, all)
		p.SetSelf([]netip.AddrPort{netip.MustParseAddrPort(c.listen)}, local)
		err := p.CheckAddr(c.host, netip.MustParseAddrPort(c.addr))
		var self *SelfCallError
		if errors.As(err, &self) != c.self || (err != nil) != c.self {
			t.Errorf("listening on %s, calling %s: %v, want self %v", c.listen, c.addr, err, c.self)
		}
		var refused *RefusedError
		if c.self && (!errors.As(err, &refused) || refused.Rule != RuleSelf || !strings.Contains(err.Error(), string(RuleSelf))) {
			t.Errorf("%v: is not a refusal by the rule on itself", err)
		}
	}
}

func TestSelfMayBeSetWhileOthersAsk(t *testing.T) {
	t.Parallel()
	p := policy(t, Config{Allow: ranges(t, "127.0.0.1")})
	dest := netip.MustParseAddrPort("127.0.0.1:8080")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { _ = p.CheckAddr(localhost, dest) })
		wg.Go(func() { p.SetSelf([]netip.AddrPort{dest}, nil) })
	}
	wg.Wait()
	if p.CheckAddr(localhost, dest) == nil {
		t.Error("allowed after all")
	}
}

func TestLocalAddrsHoldLoopback(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	addrs, err := LocalAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if a == netip.MustParseAddr("127.0.0.1") {
			return
		}
	}
	t.Errorf("%v: 127.0.0.1, on which one can listen, is not among them", addrs)
}

// oracle decides like the guard, but slowly, from the registries as they are
// published and on addresses spelt in bits.
type oracle struct{ special []string }

func newOracle(t testing.TB) oracle {
	t.Helper()
	f, err := os.Open("testdata/special-purpose.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var o oracle
	for s := bufio.NewScanner(f); s.Scan(); {
		if entry, _, ok := strings.Cut(s.Text(), "\t"); ok {
			o.special = append(o.special, prefixBits(netip.MustParsePrefix(entry)))
		}
	}
	if len(o.special) != 52 {
		t.Fatalf("%d ranges", len(o.special))
	}
	return o
}

// bits spells an address, its family first.
func bits(a netip.Addr) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%03d:", a.BitLen())
	for _, octet := range a.AsSlice() {
		fmt.Fprintf(&b, "%08b", octet)
	}
	return b.String()
}

func prefixBits(r netip.Prefix) string { return bits(r.Addr())[:len("032:")+r.Bits()] }

// allows decides on an address, with one range of the operator or none.
func (o oracle) allows(a netip.Addr, allowed netip.Prefix) bool {
	text, open := bits(a), "none"
	if allowed.IsValid() {
		open = prefixBits(allowed)
	}
	if v4, ok := strings.CutPrefix(text, "128:"+strings.Repeat("0", 80)+strings.Repeat("1", 16)); ok {
		text = "032:" + v4
	}
	for _, m := range [...]string{
		"169.254.169.254", "169.254.170.2", "fd00:ec2::254", "fd20:ce::254",
		"100.100.100.200", "192.0.0.192", "168.63.129.16",
	} {
		if text == bits(netip.MustParseAddr(m)) && text != open {
			return false
		}
	}
	if strings.HasPrefix(text, open) {
		for from, at := range map[string]int{"64:ff9b::/96": 96, "64:ff9b:1::/48": 96, "::ffff:0:0:0/96": 96, "2002::/16": 16} {
			if strings.HasPrefix(text, prefixBits(netip.MustParsePrefix(from))) {
				var v4 [4]byte
				_, err := fmt.Sscanf(text[len("128:")+at:][:32], "%8b%8b%8b%8b", &v4[0], &v4[1], &v4[2], &v4[3])
				return err == nil && o.allows(netip.AddrFrom4(v4), allowed)
			}
		}
		return true
	}
	for _, r := range o.special {
		if strings.HasPrefix(text, r) {
			return false
		}
	}
	return strings.HasPrefix(text, "032:") || strings.HasPrefix(text, "128:001")
}

func TestTablesHoldEveryRegisteredRange(t *testing.T) {
	t.Parallel()
	o := newOracle(t)
	edges := func(r netip.Prefix) []netip.Addr {
		last := r.Addr().AsSlice()
		for i := r.Bits(); i < len(last)*8; i++ {
			last[i/8] |= 0x80 >> (i % 8)
		}
		end, _ := netip.AddrFromSlice(last)
		return []netip.Addr{r.Addr().Prev(), r.Addr(), end, end.Next()}
	}
	f, err := os.ReadFile("testdata/special-purpose.tsv")
	if err != nil {
		t.Fatal(err)
	}
	p := policy(t, Config{})
	for line := range strings.Lines(string(f)) {
		entry, _, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		for _, a := range edges(netip.MustParsePrefix(entry)) {
			if !a.IsValid() {
				continue
			}
			err := p.CheckAddr("h.example.com", netip.AddrPortFrom(a, 443))
			if want := o.allows(a, netip.Prefix{}); (err == nil) != want {
				t.Errorf("%s, an edge of %s: %v, want allowed %v", a, entry, err, want)
			}
		}
	}
}

func FuzzCheckAddr(f *testing.F) {
	o := newOracle(f)
	for _, seed := range []struct{ addr, allow string }{
		{"10.0.0.5", "10.0.0.0/8"},
		{"169.254.169.254", "169.254.169.254/32"},
		{"168.63.129.16", "168.63.128.0/24"},
		{"64:ff9b::a9fe:a9fe", "64:ff9b::/96"},
		{"2002:7f00:1::1", "2002::/16"},
		{"2606:4700::1111", "fd12::/48"},
		{"::ffff:127.0.0.1", "127.0.0.0/8"},
	} {
		r := netip.MustParsePrefix(seed.allow)
		f.Add(netip.MustParseAddr(seed.addr).AsSlice(), r.Addr().AsSlice(), uint8(r.Bits()))
	}
	f.Fuzz(func(t *testing.T, addr, allow []byte, length uint8) {
		a, ok := netip.AddrFromSlice(addr)
		base, ok2 := netip.AddrFromSlice(allow)
		if !ok || !ok2 {
			return
		}
		r := netip.PrefixFrom(base, int(length))
		p, err := NewPolicy(Config{Allow: []netip.Prefix{r}})
		if err != nil {
			return // the operator could not start with it
		}
		r = p.allow[0]
		err = p.CheckAddr("h.example.com", netip.AddrPortFrom(a, 443))
		if want := o.allows(a, r); (err == nil) != want {
			t.Errorf("%s with %s allowed: %v, want allowed %v", a, r, err, want)
		}
	})
}

func FuzzOutboundURL(f *testing.F) {
	for _, row := range urlTable(f) {
		f.Add(row.raw)
	}
	f.Add("https://h.example.com/ä%2F?ö#")
	f.Add("https://xn--bcher-kva.example.com./")
	p := policy(f, Config{})
	o := newOracle(f)
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := p.ParseURL(raw)
		if err != nil {
			var refused *RefusedError
			if !errors.As(err, &refused) || refused.Rule == "" {
				t.Fatalf("%q: %v is not a refusal", raw, err)
			}
			return
		}
		again, err := p.ParseURL(u.String())
		if err != nil || *again != *u {
			t.Fatalf("%q becomes %q and that %q (%v)", raw, u, again, err)
		}
		host := u.Hostname()
		if u.Scheme != "https" || u.User != nil || host == "" || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:") != "" {
			t.Fatalf("%q becomes %q", raw, u)
		}
		if a, err := netip.ParseAddr(host); err == nil && !o.allows(a, netip.Prefix{}) {
			t.Fatalf("%q names a refused address", raw)
		}
	})
}
