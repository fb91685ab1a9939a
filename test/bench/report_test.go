package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestBroken: being slow is no failure, whatever the figures; a wrong answer is.
func TestBroken(t *testing.T) {
	t.Parallel()
	slow := report{
		Speed:   []speedRow{{Scenario: "sqlite/hook/c=1", Usher: figures{PerSecond: 0.1, P99: 1e6, Count: 1}}},
		Overlap: []overlapRow{{Scenario: "slow-hook/argon2id", Ratio: 9}},
		Hanging: &hangingRow{Scenario: hangingScenario, Max: 1e6, Limit: 1},
	}
	if err := slow.broken(); err != nil {
		t.Errorf("slow is broken: %v", err)
	}
	for name, r := range map[string]report{
		"usher: 2 failures, the first: status 500": {Speed: []speedRow{{Usher: figures{Failures: 2, Failure: "status 500"}}}},
		"floor: 1 failures, the first: EOF":        {Speed: []speedRow{{Floor: figures{Failures: 1, Failure: "EOF"}}}},
		"floor + hash: 1 failures, the first: EOF": {Speed: []speedRow{{FloorHash: figures{Failures: 1, Failure: "EOF"}}}},
		"asked once":             {Speed: []speedRow{{Problem: "asked once"}}},
		"sign-up: EOF":           {Overlap: []overlapRow{{Problem: "sign-up: EOF"}}},
		"31 of 32 were answered": {Hanging: &hangingRow{Problem: "31 of 32 were answered"}},
	} {
		if err := r.broken(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error is %v, want %q", err, name)
		}
	}
}

// TestReportShows holds both forms to every scenario that was run.
func TestReportShows(t *testing.T) {
	t.Parallel()
	r := report{
		Speed:   []speedRow{{Database: sqlite, Clients: 8, Floor: figures{PerSecond: 1234}, FloorHash: figures{PerSecond: 823}, Usher: figures{PerSecond: 617, CPU: 1.5}, Ratio: 0.5, RatioHash: 0.75}},
		Overlap: []overlapRow{{Scenario: "slow-hook/bcrypt-12", Hook: 300, Hash: 280, Both: 309, Ratio: 1.03}},
		Users:   []usersRow{{Scenario: "users/sqlite", What: "page of all", Few: 10.5, Many: 10.8, Ratio: 1.03}},
		Hanging: &hangingRow{People: 32, Answered: 32, Max: 6100, Limit: 6200, Others: []bystanderRow{{What: "sign-in", Ratio: 1.01}}},
	}
	var text strings.Builder
	r.markdown(&text)
	for _, want := range []string{"| floor | 1234 |", "| floor + hash | 823 |", "| usher | 617 |", "| 1.50 | ? |", "**0.50** | **0.75** |", "| slow-hook/bcrypt-12 | 300 | 280 | 309 | **1.03** |", "**6.10 s** (aim ≤ 6.2 s)", "| sign-in |", "| users/sqlite | page of all | 10.50 | 10.80 | **1.03** |"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, text.String())
		}
	}
	for line := range strings.Lines(text.String()) {
		if cells := strings.Count(line, "|"); (strings.Contains(line, "| floor") || strings.Contains(line, "| usher |")) && cells != 13 {
			t.Errorf("%d bars, want 13: %s", cells, line)
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}
