package local

import (
	"fmt"
	"os"
	"strings"
)

// physicalMemory is the machine's memory in bytes, or what the control group leaves of it; 0 when neither tells.
func physicalMemory() int64 {
	bytes := int64(0)
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kb int64
		if n, _ := fmt.Sscanf(string(text), "MemTotal: %d kB", &kb); n == 1 {
			bytes = kb << 10
		}
	}
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		var limit int64
		if n, _ := fmt.Sscan(strings.TrimSpace(string(text)), &limit); n == 1 && (bytes == 0 || limit < bytes) {
			bytes = limit
		}
	}
	return bytes
}
