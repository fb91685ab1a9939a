package main

import (
	"os"
	"runtime"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	upTo := func(n int) (list []time.Duration) {
		for i := range n {
			list = append(list, time.Duration(i+1))
		}
		return list
	}
	for _, c := range []struct {
		n, p int
		want time.Duration
	}{
		{0, 50, 0}, {1, 50, 1}, {1, 99, 1}, {2, 50, 1}, {3, 50, 2}, {4, 99, 4},
		{100, 50, 50}, {100, 99, 99}, {100, 100, 100}, {100, 0, 1}, {101, 99, 100}, {1000, 99, 990},
	} {
		if got := percentile(upTo(c.n), c.p); got != c.want {
			t.Errorf("p%d of 1…%d is %d, want %d", c.p, c.n, got, c.want)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0}, {[]float64{7}, 7}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

func TestParseCPU(t *testing.T) {
	t.Parallel()
	for stat, want := range map[string]time.Duration{
		"7 (usher) S 1 7 7 0 -1 4194560 900 0 0 0 123 45 0 0 20 0 9 0 100 1 1":       1680 * time.Millisecond,
		"7 (odd) R (name) S 1 7 7 0 -1 4194560 900 0 0 0 1 2 99 99 20 0 9 0 100 1 1": 30 * time.Millisecond,
		"7 (usher) S 1 7 7 0 -1 4194560 900 0 0 0 many few 0 0 20 0 9 0 100 1 1":     0,
		"7 (usher) S 1": 0,
		"":              0,
	} {
		if got := parseCPU(stat); got != want {
			t.Errorf("%q used %v, want %v", stat, got, want)
		}
	}
}

func TestParsePeak(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]int64{
		"Name:\tusher\nVmPeak:\t 9999 kB\nVmHWM:\t   20480 kB\nVmRSS:\t 1 kB\n": 20 << 20,
		"VmHWM:\tunknown\n": 0,
		"VmRSS:\t 1 kB\n":   0,
	} {
		if got := parsePeak(status); got != want {
			t.Errorf("%q peaked at %d, want %d", status, got, want)
		}
	}
}

// TestUsageOf looks at this very process, where the kernel tells.
func TestUsageOf(t *testing.T) {
	t.Parallel()
	told := runtime.GOOS == "linux"
	if got := usageOf(os.Getpid()); got.peak > 0 != told {
		t.Errorf("on %s the peak of this process is %d", runtime.GOOS, got.peak)
	}
	if got := usageOf(-1); got != (usage{}) {
		t.Errorf("a process that cannot be has used %+v", got)
	}
}
