//go:build !unix

package secretbox

// thisSystem is one that keeps who may read a file in lists of its own: the mode
// that package os makes up has everybody's bits on Windows. A directory cannot
// be synced there, since FlushFileBuffers wants write access.
func thisSystem() system {
	return system{syncDir: func(string) error { return nil }}
}
