package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A service that was restarted is one that did not listen and does again.
func TestReturns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		listens []bool // at each look
		want    int
	}{
		"always there":            {[]bool{true, true, true}, 0},
		"never there":             {[]bool{false, false, false}, 0},
		"gone for good":           {[]bool{true, false, false}, 0},
		"restarted":               {[]bool{true, false, true, true}, 1},
		"started later":           {[]bool{false, false, true}, 1},
		"restarted again":         {[]bool{true, false, true, false, false, true, true}, 2},
		"seen away while it says": {[]bool{false, true, false, true}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			tick, again := make(chan time.Time), make(chan string, len(tt.listens))
			looks, done := 0, make(chan struct{})
			go func() {
				defer close(done)
				returns(ctx, tick, func() bool { looks++; return looks <= len(tt.listens) && tt.listens[looks-1] }, again)
			}()
			for range len(tt.listens) + 1 { // when it takes one more, it is done with what counts
				tick <- time.Time{}
			}
			cancel()
			<-done
			if len(again) != tt.want {
				t.Errorf("told %d times, want %d", len(again), tt.want)
			}
		})
	}
}

// Nobody waits for a reader who has left.
func TestReturnsEndsWhileItTells(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ticker := time.NewTicker(probeEvery)
		defer ticker.Stop()
		looks, done := 0, make(chan struct{})
		go func() {
			defer close(done)
			returns(ctx, ticker.C, func() bool { looks++; return looks > 1 }, make(chan string))
		}()
		<-time.After(10 * probeEvery)
		synctest.Wait()
		cancel()
		<-done
		if looks != 2 {
			t.Errorf("%d looks: it goes on while what it has to tell is not heard", looks)
		}
	})
}
