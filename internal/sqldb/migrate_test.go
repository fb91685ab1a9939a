package sqldb

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/usher-id/usher/internal/storetest"
)

func TestStepThatFailsLeavesNothing(t *testing.T) {
	for _, engine := range storetest.Engines() {
		url := engine.Open(t)
		e, err := Open(t.Context(), url, true)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		all := []Migration{{Version: 1, Name: "whole", sum: "w", text: "CREATE TABLE whole (a TEXT)"}}
		broken := Migration{Version: len(all) + 1, Name: "broken", sum: "s", text: "CREATE TABLE half (a TEXT); CREATE NONSENSE"}
		took, err := migrate(t.Context(), e, append(all, broken))
		if err == nil || !strings.Contains(err.Error(), "broken") || len(took) != len(all) {
			t.Errorf("took %d steps, %v", len(took), err)
		}
		var tables int
		if err := e.Pool(View).QueryRowContext(t.Context(), e.Dialect().HasTable, "half").Scan(&tables); err != nil || tables != 0 {
			t.Errorf("%d tables of the broken step, %v", tables, err)
		}
		broken.text = "CREATE TABLE half (a TEXT)"
		if took, err := migrate(t.Context(), e, append(all, broken)); err != nil || len(took) != 1 {
			t.Errorf("the mended step: %+v, %v", took, err)
		}
	}
}

func TestReadingSteps(t *testing.T) {
	read := func(files map[string]string) ([]Migration, error) {
		in := fstest.MapFS{}
		for name, text := range files {
			in["migrations/x/"+name] = &fstest.MapFile{Data: []byte(text)}
		}
		return migrations(in, "x")
	}
	unix, err := read(map[string]string{"0002_b_c.sql": "B", "0001_a.sql": "one\ntwo\n"})
	if err != nil || len(unix) != 2 || unix[1].Name != "b c" || unix[1].text != "B" {
		t.Fatalf("%+v, %v", unix, err)
	}
	windows, err := read(map[string]string{"0001_a.sql": "one\r\ntwo\r\n"})
	if err != nil || windows[0].sum != unix[0].sum {
		t.Errorf("the ends of lines count: %+v, %v", windows, err)
	}
	if other, err := read(map[string]string{"0001_a.sql": "one"}); err != nil || other[0].sum == unix[0].sum {
		t.Errorf("the text does not count: %+v, %v", other, err)
	}
	for name, files := range map[string]map[string]string{
		"a gap":     {"0001_a.sql": "", "0003_b.sql": ""},
		"twice":     {"0001_a.sql": "", "0001_b.sql": ""},
		"no number": {"a.sql": ""},
	} {
		if got, err := read(files); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
