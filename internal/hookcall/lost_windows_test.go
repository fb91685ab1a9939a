package hookcall

import (
	"net"
	"os"
	"syscall"
	"testing"
)

// TestWinsockResets: a reset in a TLS handshake is tried again, on Windows too.
func TestWinsockResets(t *testing.T) {
	t.Parallel()
	for _, reset := range []syscall.Errno{syscall.WSAECONNRESET, syscall.WSAECONNABORTED} {
		err := &connectError{handshake: true, err: &net.OpError{Op: "read", Err: os.NewSyscallError("wsarecv", reset)}}
		if kind, detail := classify(err, nil); kind != ConnectionLost {
			t.Errorf("%v: %s (%s)", reset, kind, detail)
		}
	}
}
