//go:build linux

package parquet

import (
	"os"
	"syscall"
	"testing"
)

// Unpacking reads no byte behind the slice that it is given: that byte is on a page that may not be read.
func TestUnpackStaysInside(t *testing.T) {
	t.Parallel()
	page := os.Getpagesize()
	mem, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Munmap(mem); err != nil {
			t.Error(err)
		}
	}()
	if err := syscall.Mprotect(mem[page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	for i := range page {
		mem[i] = byte(i * 7)
	}
	for width := 1; width <= 64; width++ {
		for n := 0; n < 100; n += 3 {
			for _, at := range []int{0, 3, 8} {
				size := ((at+n)*width + 7) / 8
				checkUnpack(t, mem[page-size:page:page], at, n, width)
			}
		}
	}
}
