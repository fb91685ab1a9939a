package hookcall

import "syscall"

// resets are the ends of a connection as Winsock tells of them; errors by the
// names of POSIX are numbers that package syscall made up there, and only
// connections in memory give them.
func resets() []error {
	const wsaeShutdown = syscall.Errno(10058) // is not in package syscall
	return []error{
		syscall.WSAECONNRESET, syscall.WSAECONNABORTED, wsaeShutdown,
		syscall.ERROR_BROKEN_PIPE, syscall.ERROR_NETNAME_DELETED,
		syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED,
	}
}
