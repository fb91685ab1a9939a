//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// detach keeps the terminal's Ctrl-C from a child, which is still needed while
// requests are drained, and is ended when they are.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
