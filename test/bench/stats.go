package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// percentile is the smallest of the sorted values that at least p percent of
// them do not exceed (nearest rank); 0 of none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100
	return sorted[max(rank, 1)-1]
}

// median is the middle one, or the mean of the middle two; 0 of none.
func median[T ~int64 | ~float64](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// usage is what a process has taken since it started.
type usage struct {
	cpu  time.Duration // user and system
	peak int64         // bytes of resident memory
}

// usageOf reads what the kernel counts of another process. Only Linux tells;
// elsewhere it gives zeros, which are printed as unknown.
func usageOf(pid int) usage {
	stat, errStat := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	status, errStatus := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if cmp.Or(errStat, errStatus) != nil {
		return usage{}
	}
	return usage{cpu: parseCPU(string(stat)), peak: parsePeak(string(status))}
}

// parseCPU adds utime and stime, the fields 14 and 15 of proc_pid_stat(5). The
// name of the program, the second one, may have spaces and parentheses itself.
func parseCPU(stat string) time.Duration {
	const tick = 10 * time.Millisecond // USER_HZ is 100 wherever Go runs on Linux
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	user, errUser := strconv.ParseInt(fields[11], 10, 64)
	system, errSystem := strconv.ParseInt(fields[12], 10, 64)
	if cmp.Or(errUser, errSystem) != nil {
		return 0
	}
	return time.Duration(user+system) * tick
}

// parsePeak finds VmHWM, the high-water mark of resident memory, in
// proc_pid_status(5).
func parsePeak(status string) int64 {
	for line := range strings.Lines(status) {
		value, ok := strings.CutPrefix(line, "VmHWM:")
		if !ok {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return 0
		}
		return kib << 10
	}
	return 0
}
