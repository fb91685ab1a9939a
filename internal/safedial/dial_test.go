package safedial

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// zone is a resolver: each look-up of a name takes its next answer, the last
// one for ever.
type zone map[string][][]string

func (z zone) LookupNetIP(_ context.Context, network, host string) ([]netip.Addr, error) {
	answers := z[host]
	if network != "ip" || len(answers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(answers) > 1 {
		z[host] = answers[1:]
	}
	var addrs []netip.Addr
	for _, a := range answers[0] {
		addrs = append(addrs, netip.MustParseAddr(a))
	}
	return addrs, nil
}

// stuck is a resolver that does not answer.
type stuck struct{}

func (stuck) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

var errDead = errors.New("connection refused")

// wire stands for the network. It keeps what got a packet; addresses that are
// not alive refuse, and silent ones never answer.
type wire struct {
	alive, silent []string
	packets       []string
}

func (w *wire) connect(ctx context.Context, network, address string) (net.Conn, error) {
	w.packets = append(w.packets, network+" "+address)
	switch {
	case slices.Contains(w.silent, address):
		<-ctx.Done()
		return nil, ctx.Err()
	case slices.Contains(w.alive, address):
		near, far := net.Pipe()
		return near, far.Close()
	}
	return nil, errDead
}

func TestDial(t *testing.T) {
	t.Parallel()
	const public, other = "93.184.216.34", "[2606:4700::1111]:443"
	names := zone{
		"private.example.com":  {{"10.0.0.5"}},
		"mixed.example.com":    {{"127.0.0.1", public}},
		"metadata.example.com": {{"169.254.169.254"}},
		"nat64.example.com":    {{"64:ff9b::a9fe:a9fe"}},
		"zone.example.com":     {{"fe80::1%eth0"}},
		"mapped.example.com":   {{"::ffff:93.184.216.34"}},
		"dead.example.com":     {{"2606:4700::1111", "1.2.3.4"}},
		"second.example.com":   {{"2606:4700::1111", public}},
		"deadmix.example.com":  {{"1.2.3.4", "10.0.0.5"}},
		"empty.example.com":    {{}},
		"hook":                 {{"10.0.0.5"}},
	}
	for _, c := range []struct {
		address string
		packets []string
		refused Rule
		fails   bool
	}{
		{address: "private.example.com:443", refused: RuleAddress},
		{address: "metadata.example.com:443", refused: RuleMetadata},
		{address: "nat64.example.com:443", refused: RuleAddress},
		{address: "zone.example.com:443", refused: RulePercent},
		{address: "127.0.0.1:443", refused: RuleAddress},
		{address: "[::1]:443", refused: RuleAddress},
		{address: "[fe80::1%eth0]:443", refused: RulePercent},
		{address: "localhost:443", refused: RuleAddress},
		{address: "LOCALHOST.:443", refused: RuleAddress},
		{address: "mixed.example.com:443", packets: []string{"tcp4 93.184.216.34:443"}},
		{address: "MIXED.example.com.:443", packets: []string{"tcp4 93.184.216.34:443"}},
		{address: "mapped.example.com:443", packets: []string{"tcp4 93.184.216.34:443"}},
		{address: "[::ffff:93.184.216.34]:443", packets: []string{"tcp4 93.184.216.34:443"}},
		{address: "second.example.com:443", packets: []string{"tcp6 " + other, "tcp4 93.184.216.34:443"}},
		{address: "dead.example.com:443", packets: []string{"tcp6 " + other, "tcp4 1.2.3.4:443"}, fails: true},
		{address: "deadmix.example.com:443", packets: []string{"tcp4 1.2.3.4:443"}, fails: true},
		{address: "hook:3000", packets: []string{"tcp4 10.0.0.5:3000"}},
		{address: "hook:443", refused: RuleAddress},
	} {
		w := &wire{alive: []string{public + ":443", "10.0.0.5:3000"}}
		d := &Dialer{Policy: policy(t, Config{AllowHosts: hosts(t, "hook:3000")}), Resolver: names, Connect: w.connect}
		conn, err := d.DialContext(t.Context(), "tcp", c.address)
		if conn != nil {
			_ = conn.Close()
		}
		var refused *RefusedError
		switch errors.As(err, &refused); {
		case !slices.Equal(w.packets, c.packets):
			t.Errorf("%s: packets to %v, want %v", c.address, w.packets, c.packets)
		case c.refused != "" && (refused == nil || refused.Rule != c.refused):
			t.Errorf("%s: %v, want %q", c.address, err, c.refused)
		case c.fails && !errors.Is(err, errDead):
			t.Errorf("%s: %v, want the error of the last attempt", c.address, err)
		case c.refused == "" && !c.fails && (err != nil || conn == nil):
			t.Errorf("%s: %v", c.address, err)
		}
	}
}

func TestDialResolves(t *testing.T) {
	t.Parallel()
	w := &wire{}
	d := &Dialer{Policy: policy(t, Config{}), Resolver: zone{"empty.example.com": {{}}}, Connect: w.connect}
	for _, address := range []string{"missing.example.com:443", "empty.example.com:443"} {
		_, err := d.DialContext(t.Context(), "tcp", address)
		var resolve *ResolveError
		if host, _, _ := net.SplitHostPort(address); !errors.As(err, &resolve) || resolve.Host != host {
			t.Errorf("%s: %v", address, err)
		}
	}
	_, err := d.DialContext(t.Context(), "tcp", "missing.example.com:443")
	var dns *net.DNSError
	if !errors.As(err, &dns) || !dns.IsNotFound {
		t.Errorf("%v hides the resolver's error", err)
	}
	if len(w.packets) > 0 {
		t.Errorf("packets to %v", w.packets)
	}
}

func TestDialRefusesWhatIsNotTCP(t *testing.T) {
	t.Parallel()
	w := &wire{}
	d := &Dialer{Policy: policy(t, Config{}), Connect: w.connect}
	for _, c := range [][2]string{
		{"udp", "1.1.1.1:443"}, {"unix", "/run/usher.sock"}, {"tcp", "1.1.1.1"},
		{"tcp", "1.1.1.1:https"}, {"tcp", "1.1.1.1:0"}, {"tcp", "1.1.1.1:65536"},
	} {
		if _, err := d.DialContext(t.Context(), c[0], c[1]); err == nil {
			t.Errorf("%v is dialled", c)
		}
	}
	if len(w.packets) > 0 {
		t.Errorf("packets to %v", w.packets)
	}
}

// The name is public when it is stored and at the first call, and loopback at
// the next one.
func TestDialRebinding(t *testing.T) {
	t.Parallel()
	w := &wire{alive: []string{"93.184.216.34:443"}}
	p := policy(t, Config{})
	d := &Dialer{
		Policy:   p,
		Resolver: zone{"rebind.example.com": {{"93.184.216.34"}, {"127.0.0.1"}, {"::1"}}},
		Connect:  w.connect,
	}
	if _, err := p.ParseURL("https://rebind.example.com/"); err != nil {
		t.Fatal(err)
	}
	conn, err := d.DialContext(t.Context(), "tcp", "rebind.example.com:443")
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	for range 2 {
		_, err := d.DialContext(t.Context(), "tcp", "rebind.example.com:443")
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Rule != RuleAddress {
			t.Errorf("%v", err)
		}
	}
	if len(w.packets) != 1 {
		t.Errorf("packets to %v", w.packets)
	}
}

func TestDialTellsOfEachRefusedAddress(t *testing.T) {
	t.Parallel()
	w := &wire{alive: []string{"93.184.216.34:443"}}
	var told []netip.Addr
	d := &Dialer{
		Policy:   policy(t, Config{}),
		Resolver: zone{"mixed.example.com": {{"10.0.0.5", "::1", "93.184.216.34"}}},
		Connect:  w.connect,
		Refused: func(_ context.Context, host string, err error) {
			var refused *RefusedError
			if errors.As(err, &refused) && host == "mixed.example.com" {
				told = append(told, refused.Addr)
			}
		},
	}
	conn, err := d.DialContext(t.Context(), "tcp", "mixed.example.com:443")
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if want := []netip.Addr{netip.MustParseAddr("10.0.0.5"), netip.IPv6Loopback()}; !slices.Equal(told, want) {
		t.Errorf("told of %v, want %v", told, want)
	}
}

func TestDialSelf(t *testing.T) {
	t.Parallel()
	w := &wire{}
	p := policy(t, Config{})
	p.SetSelf([]netip.AddrPort{netip.MustParseAddrPort("93.184.216.34:443")}, nil)
	d := &Dialer{Policy: p, Resolver: zone{"login.example.com": {{"93.184.216.34"}}}, Connect: w.connect}
	_, err := d.DialContext(t.Context(), "tcp", "login.example.com:443")
	var self *SelfCallError
	if !errors.As(err, &self) || len(w.packets) > 0 {
		t.Errorf("%v, packets to %v", err, w.packets)
	}
}

func TestDialTime(t *testing.T) {
	t.Parallel()
	names := zone{
		"silent.example.com": {{"1.2.3.4", "1.2.3.5", "1.2.3.6", "1.2.3.7"}},
		"half.example.com":   {{"1.2.3.4", "93.184.216.34"}},
	}
	const deadline = 2500 * time.Millisecond
	silent := []string{"1.2.3.4:443", "1.2.3.5:443", "1.2.3.6:443", "1.2.3.7:443"}
	for _, c := range []struct {
		name     string
		host     string
		resolver Resolver
		timeout  time.Duration
		took     time.Duration
		packets  int
		ok       bool
	}{
		{name: "a dead address leaves time for the next", host: "half.example.com", resolver: names, took: time.Second, packets: 2, ok: true},
		{name: "a shorter timeout", host: "half.example.com", resolver: names, timeout: 100 * time.Millisecond, took: 100 * time.Millisecond, packets: 2, ok: true},
		{name: "the deadline ends the attempts", host: "silent.example.com", resolver: names, took: deadline, packets: 3},
		{name: "the resolver hangs", host: "silent.example.com", resolver: stuck{}, took: deadline},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wire{alive: []string{"93.184.216.34:443"}, silent: silent}
				d := &Dialer{Policy: policy(t, Config{}), Resolver: c.resolver, DialTimeout: c.timeout, Connect: w.connect}
				ctx, cancel := context.WithTimeout(t.Context(), deadline)
				defer cancel()
				start := time.Now()
				conn, err := d.DialContext(ctx, "tcp", c.host+":443")
				if conn != nil {
					_ = conn.Close()
				}
				if took := time.Since(start); took != c.took || len(w.packets) != c.packets || (err == nil) != c.ok {
					t.Errorf("took %v with packets to %v: %v", took, w.packets, err)
				}
				if !c.ok && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v is not the end of the deadline", err)
				}
			})
		})
	}
}

func TestDialAfterTheDeadlineSendsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := &wire{}
	d := &Dialer{Policy: policy(t, Config{}), Connect: w.connect}
	if _, err := d.DialContext(ctx, "tcp", "1.1.1.1:443"); !errors.Is(err, context.Canceled) || len(w.packets) > 0 {
		t.Errorf("%v, packets to %v", err, w.packets)
	}
}

// listen opens a real listener on 127.0.0.1 that greets whoever connects.
func listen(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "hello")
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return netip.MustParseAddrPort(l.Addr().String())
}

// Services in containers and in development listen on one of the two addresses
// of localhost only.
func TestDialLocalhostOnTheAddressThatListens(t *testing.T) {
	t.Parallel()
	at := listen(t)
	for _, allow := range [][]string{{"127.0.0.0/8", "::1"}, {"127.0.0.1"}} {
		d := &Dialer{Policy: policy(t, Config{Allow: ranges(t, allow...)}), Resolver: zone{}}
		conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(localhost, strconv.Itoa(int(at.Port()))))
		if err != nil {
			t.Fatalf("with %v allowed: %v", allow, err)
		}
		text, err := io.ReadAll(conn)
		_ = conn.Close()
		if string(text) != "hello" || err != nil || conn.RemoteAddr().String() != at.String() {
			t.Errorf("read %q from %s: %v", text, conn.RemoteAddr(), err)
		}
	}
}

// The socket itself is refused, should an address ever get past the first
// check.
func TestControlRefusesTheSocket(t *testing.T) {
	t.Parallel()
	at := listen(t)
	d := &Dialer{Policy: policy(t, Config{})}
	conn, err := d.connect(t.Context(), "h.example.com", at)
	var refused *RefusedError
	if conn != nil || !errors.As(err, &refused) || refused.Rule != RuleAddress {
		t.Errorf("%v, %v", conn, err)
	}
	control := d.Policy.control("h.example.com")
	for _, c := range [][2]string{{"udp4", "1.1.1.1:443"}, {"tcp", "1.1.1.1:443"}, {"tcp4", "socket"}} {
		if control(c[0], c[1], nil) == nil {
			t.Errorf("%v is allowed", c)
		}
	}
	if err := control("tcp4", "1.1.1.1:443", nil); err != nil {
		t.Error(err)
	}
}
