//go:build unix

package cputime

import (
	"syscall"
	"time"
)

// Process is the user and system time of all the process's threads so far.
func Process() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
