//go:build !windows

package hookcall

import "syscall"

// resets are the ends of a connection as the system tells of them.
func resets() []error {
	return []error{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED}
}
