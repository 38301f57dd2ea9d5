package kit

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// examineSpace looks at the free space of a folder's disk.
func examineSpace(dir string) []finding {
	var disk syscall.Statfs_t
	for syscall.Statfs(dir, &disk) != nil {
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
	free := disk.Bavail * uint64(disk.Bsize) / mebibyte //nolint:gosec // a block's size is positive
	if free < 100 {
		return []finding{doubtful("disk", "make room: a write that does not fit fails", "%d MiB are free for the database", free)}
	}
	return []finding{well("disk", "%d MiB are free for the database", free)}
}

// examineLimits looks at the limits of open files and memory.
func examineLimits() []finding {
	var list []finding
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil {
		f := well("open-files", "at most %d", files.Cur)
		if files.Cur < 1024 {
			f = doubtful("open-files", "raise the limit (ulimit -n, LimitNOFILE): each connection is an open file", "at most %d", files.Cur)
		}
		list = append(list, f)
	}
	return append(list, examineMemory(memoryLimit()))
}

// memoryLimit returns what the process's control group may use in bytes; 0 when there
// is no limit.
func memoryLimit() int64 {
	// Version 2 of control groups, then version 1.
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && limit < 1<<60 { // version 1 has a very large number for none
			return limit
		}
	}
	return 0
}
