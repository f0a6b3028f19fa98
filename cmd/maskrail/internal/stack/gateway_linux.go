package stack

import (
	"runtime"
	"syscall"
)

// childAttributes put the child into a process group of its own, so that an interrupt at the terminal reaches the
// parent alone, which needs the server to finish its work, and let the kernel kill the child with its parent.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// spawn starts the child and waits for it. For the kernel the parent is the thread that forked, so one thread
// stays for as long as the child lives.
func (g *gateway) spawn() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this function
		err := g.cmd.Start()
		started <- err
		if err == nil {
			_ = g.cmd.Wait() // how it ended is of no interest: it was told to, or Done tells
			close(g.done)
		}
	}()
	return <-started
}
