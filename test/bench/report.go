package main

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// report is all that was measured. Times are milliseconds.
type report struct {
	Date    time.Time    `json:"date"`
	Usher   string       `json:"usher"` // commit
	System  string       `json:"system"`
	Fsync   float64      `json:"fsyncMs"`
	Window  float64      `json:"windowMs"`
	Rounds  int          `json:"rounds"`
	Speed   []speedRow   `json:"speed,omitempty"`
	Overlap []overlapRow `json:"overlap,omitempty"`
	Users   []usersRow   `json:"users,omitempty"`
	Hanging *hangingRow  `json:"hanging,omitempty"`
}

type speedRow struct {
	Scenario  string  `json:"scenario"`
	Database  string  `json:"database"`
	Hook      bool    `json:"hook"`
	Clients   int     `json:"clients"`
	Floor     figures `json:"floor"`
	FloorHash figures `json:"floorHash"` // the floor that also hashes
	Usher     figures `json:"usher"`
	Ratio     float64 `json:"ratio"`     // usher/floor, of registrations a second
	RatioHash float64 `json:"ratioHash"` // usher/floorHash
	Problem   string  `json:"problem,omitempty"`
}

// figures are those of one server in one scenario.
type figures struct {
	PerSecond      float64   `json:"perSecond"`
	P50            float64   `json:"p50"`
	P99            float64   `json:"p99"`
	CPU            float64   `json:"cpu"`     // of the server process, for one registration; 0 is unknown
	PeakMiB        float64   `json:"peakMiB"` // resident; 0 is unknown
	PagesPerSecond float64   `json:"pagesPerSecond,omitempty"`
	Windows        []float64 `json:"windows"` // registrations a second in each
	Count          int       `json:"count"`
	Failures       int       `json:"failures"`
	Failure        string    `json:"failure,omitempty"` // the first one
}

// overlapRow has medians of one registration at a time.
type overlapRow struct {
	Scenario string  `json:"scenario"`
	Hook     float64 `json:"hook"` // the service alone, asked directly
	Hash     float64 `json:"hash"` // a registration without a hook
	Both     float64 `json:"both"`
	Ratio    float64 `json:"ratio"` // both/the longer one
	Count    int     `json:"count"`
	Problem  string  `json:"problem,omitempty"`
}

type hangingRow struct {
	Scenario string         `json:"scenario"`
	People   int            `json:"people"`
	Answered int            `json:"answered"`
	P50      float64        `json:"p50"`
	Max      float64        `json:"max"`
	Limit    float64        `json:"limit"`
	Others   []bystanderRow `json:"others"`
	Problem  string         `json:"problem,omitempty"`
}

type bystanderRow struct {
	What      string  `json:"what"`
	Alone     float64 `json:"alone"`
	Meanwhile float64 `json:"meanwhile"`
	Ratio     float64 `json:"ratio"`
	Count     int     `json:"count"`
}

// usersRow compares an org with a hundred times as many users.
type usersRow struct {
	Scenario string  `json:"scenario"`
	What     string  `json:"what"`
	Few      float64 `json:"few"` // of memory, MiB
	Many     float64 `json:"many"`
	Ratio    float64 `json:"ratio"` // many/few
	Count    int     `json:"count"`
}

// memoryOfPages is the row whose figures are those of the server process.
const memoryOfPages = "peak MiB of the process"

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// describe says on what machine the figures are, the disk before all.
func (b *bench) describe() (*report, error) {
	r := &report{Date: time.Now().UTC(), Window: ms(b.window), Rounds: b.rounds, Usher: revision(b.binary)}
	r.System = fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fsync, err := b.fsync()
	r.Fsync = ms(fsync)
	return r, err
}

// fsync is the median of what a commit waits for at least.
func (b *bench) fsync() (time.Duration, error) {
	f, err := os.Create(filepath.Join(b.dir, "fsync"))
	if err != nil {
		return 0, err
	}
	var took []time.Duration
	page := make([]byte, 4096)
	for range 100 {
		begin := time.Now()
		_, errWrite := f.Write(page)
		if err := errors.Join(errWrite, f.Sync()); err != nil {
			return 0, errors.Join(err, f.Close())
		}
		took = append(took, time.Since(begin))
	}
	return median(took), f.Close()
}

// revision is the commit that a binary was built from.
func revision(binary string) string {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return "unknown"
	}
	setting := func(key string) string {
		i := slices.IndexFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == key })
		if i < 0 {
			return ""
		}
		return info.Settings[i].Value
	}
	commit := setting("vcs.revision")
	if commit == "" {
		return "unknown"
	}
	if setting("vcs.modified") == "true" {
		return commit[:min(12, len(commit))] + ", changed"
	}
	return commit[:min(12, len(commit))]
}

// broken joins whatever was not as it has to be, however fast.
func (r *report) broken() error {
	var errs []error
	add := func(scenario, problem string) {
		if problem != "" {
			errs = append(errs, fmt.Errorf("%s: %s", scenario, problem))
		}
	}
	for _, row := range r.Speed {
		add(row.Scenario, row.Problem)
		for name, f := range map[string]figures{"floor": row.Floor, "floor + hash": row.FloorHash, "usher": row.Usher} {
			if f.Failures > 0 {
				add(row.Scenario, fmt.Sprintf("%s: %d failures, the first: %s", name, f.Failures, f.Failure))
			}
		}
	}
	for _, row := range r.Overlap {
		add(row.Scenario, row.Problem)
	}
	if r.Hanging != nil {
		add(r.Hanging.Scenario, r.Hanging.Problem)
	}
	return errors.Join(errs...)
}

// markdown prints what can be pasted into docs.
func (r *report) markdown(w io.Writer) {
	fmt.Fprintf(w, "%s, usher %s. %s; fsync of 4 KiB %.2f ms. Medians of %d windows of %.0f s; floors and usher in turns.\n",
		r.Date.Format(time.DateOnly), r.Usher, r.System, r.Fsync, r.Rounds, r.Window/1000)
	if len(r.Speed) > 0 {
		r.markdownSpeed(w)
	}
	if len(r.Overlap) > 0 {
		fmt.Fprintf(w, "\n| one at a time, ms (p50) | hook alone | hash, no hook | both | both / longer | aim |\n|---|--:|--:|--:|--:|--:|\n")
		for _, o := range r.Overlap {
			fmt.Fprintf(w, "| %s | %.0f | %.0f | %.0f | **%.2f** | ≤ 1.20 |\n", o.Scenario, o.Hook, o.Hash, o.Both, o.Ratio)
		}
	}
	if len(r.Users) > 0 {
		fmt.Fprintf(w, "\n| one at a time, ms (p50) | | %d users | %d users | ratio | aim |\n|---|---|--:|--:|--:|--:|\n", fewUsers, manyUsers)
		for _, u := range r.Users {
			fmt.Fprintf(w, "| %s | %s | %.2f | %.2f | **%.2f** | ≤ 2.00 |\n", u.Scenario, u.What, u.Few, u.Many, u.Ratio)
		}
	}
	if h := r.Hanging; h != nil {
		fmt.Fprintf(w, "\nA hook that hangs for %d people: %d answered, p50 %.2f s, the last after **%.2f s** (aim ≤ %.1f s). Meanwhile, for others:\n",
			h.People, h.Answered, h.P50/1000, h.Max/1000, h.Limit/1000)
		fmt.Fprintf(w, "\n| ms (p50) | alone | meanwhile | ratio |\n|---|--:|--:|--:|\n")
		for _, o := range h.Others {
			fmt.Fprintf(w, "| %s | %.2f | %.2f | %.2f |\n", o.What, o.Alone, o.Meanwhile, o.Ratio)
		}
	}
}

func (r *report) markdownSpeed(w io.Writer) {
	fmt.Fprint(w, `
| database | hook | clients | | registrations/s | p50 ms | p99 ms | CPU ms | peak MiB | pages/s | usher/floor | usher/(floor + hash) |
|---|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|
`)
	for _, row := range r.Speed {
		hook := "–"
		if row.Hook {
			hook = "yes"
		}
		fmt.Fprintf(w, "| %s | %s | %d | floor | %s | | | |\n", row.Database, hook, row.Clients, row.Floor.cells())
		fmt.Fprintf(w, "| | | | floor + hash | %s | | | |\n", row.FloorHash.cells())
		fmt.Fprintf(w, "| | | | usher | %s | %.0f | **%.2f** | **%.2f** |\n",
			row.Usher.cells(), row.Usher.PagesPerSecond, row.Ratio, row.RatioHash)
	}
	fmt.Fprintln(w, strings.TrimSpace(`
CPU is that of the server process for one registration, without PostgreSQL's. Pages are GETs of the form, which are not part of a registration here.`))
}

func (f figures) cells() string {
	return fmt.Sprintf("%.0f | %.2f | %.2f | %s | %s",
		f.PerSecond, f.P50, f.P99, known("%.2f", f.CPU), known("%.0f", f.PeakMiB))
}

func known(format string, value float64) string {
	if value == 0 {
		return "?"
	}
	return fmt.Sprintf(format, value)
}
