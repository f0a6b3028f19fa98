//go:build !linux

package stack

import "syscall"

// childAttributes are the system's own: the pipe to the child is what ends it with its parent.
func childAttributes() *syscall.SysProcAttr { return nil }

// spawn starts the child and waits for it.
func (g *gateway) spawn() error {
	if err := g.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = g.cmd.Wait() // how it ended is of no interest: it was told to, or Done tells
		close(g.done)
	}()
	return nil
}
