package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Two orgs of which one is a hundred times as large. What is asked of both has
// the same answer, so that the ratio is what size alone costs.
const (
	fewUsers  = 1_000
	manyUsers = 100_000
	// pageSize is how many users a page has; each search below finds more in
	// either org.
	pageSize = 200
)

type usersScenario struct{ database string }

func (s usersScenario) String() string { return "users/" + s.database }

func (b *bench) usersScenarios() (list []usersScenario) {
	for _, database := range []string{sqlite, postgres} {
		if s := (usersScenario{database}); b.selected(s.String()) {
			list = append(list, s)
		}
	}
	return list
}

// directory is an org with so many users, and the token to ask for them.
type directory struct {
	*server
	size  int
	token string
	took  map[string][]time.Duration // medians of the windows
	count map[string]int
}

// question is something that is asked of users. path may differ each time.
type question struct {
	what string
	path func(size int) string
	want int // users in the answer
}

func questions() []question {
	list := func(parameter, value, more string) func(int) string {
		return func(int) string { return "/api/v1/users?" + parameter + "=" + url.QueryEscape(value) + more }
	}
	search := func(expression, more string) func(int) string { return list("search", expression, "&limit=200"+more) }
	return []question{
		{"user by login", func(size int) string {
			return fmt.Sprintf("/api/v1/users/person-%d%%40example.com", rand.IntN(size))
		}, 1},
		{"page of all", func(int) string { return "/api/v1/users?limit=200" }, pageSize},
		{"page in the middle", func(size int) string {
			return search(fmt.Sprintf(`id gt "00u%017d"`, size/2), "")(size)
		}, pageSize},
		{"search: lastName eq", search(`profile.lastName eq "family-1"`, ""), pageSize},
		{"search: lastName sw, of two statuses", search(`profile.lastName sw "FAMILY" and (status eq "ACTIVE" or status eq "STAGED")`, ""), pageSize},
		{"search: firstName sw or lastName sw", search(`profile.firstName sw "given-3" or profile.lastName sw "family-1"`, ""), pageSize},
		{"search: lastUpdated gt, sorted", search(`lastUpdated gt "2026-01-01T00:00:00.000Z"`, "&sortBy=lastUpdated&sortOrder=desc"), pageSize},
		{"q", list("q", "given", "&limit=10"), 10},
	}
}

// users asks both orgs the same, in turns.
func (b *bench) users(ctx context.Context, s usersScenario) (rows []usersRow, err error) {
	b.announce(s.String())
	var orgs [2]*directory
	for i, size := range []int{fewUsers, manyUsers} {
		database, drop, err := b.newDatabase(ctx, s.database)
		if err != nil {
			return nil, err
		}
		defer drop()
		usher, err := b.startUsher(ctx, cheap(database, ""))
		if err != nil {
			return nil, err
		}
		defer usher.stop()
		if err := fill(ctx, s.database, database, size); err != nil {
			return nil, fmt.Errorf("filling %s with %d users: %w", s.database, size, err)
		}
		orgs[i] = &directory{server: usher, size: size, took: map[string][]time.Duration{}, count: map[string]int{}}
		if orgs[i].token, err = b.token(ctx, usher.config); err != nil {
			return nil, err
		}
	}
	asked := questions()
	for round := range b.rounds + 1 { // the first fills caches
		for _, q := range asked {
			for i := range orgs {
				if err := orgs[(round+i)%len(orgs)].ask(ctx, q, b.window/6, round > 0); err != nil {
					return nil, err
				}
			}
		}
	}
	few, many := orgs[0], orgs[1]
	for _, q := range asked {
		row := usersRow{
			Scenario: s.String(), What: q.what, Count: few.count[q.what] + many.count[q.what],
			Few: ms(median(few.took[q.what])), Many: ms(median(many.took[q.what])),
		}
		row.Ratio = row.Many / row.Few
		rows = append(rows, row)
	}
	memory := usersRow{Scenario: s.String(), What: memoryOfPages, Few: mib(few.pid), Many: mib(many.pid)}
	memory.Ratio = memory.Many / max(memory.Few, 1)
	return append(rows, memory), nil
}

func mib(pid int) float64 { return float64(usageOf(pid).peak) / (1 << 20) }

// ask asks one question over and over, and notes the median when it counts.
func (d *directory) ask(ctx context.Context, q question, long time.Duration, counts bool) error {
	w := drive(ctx, d.url, 1, long, func(c *client) error {
		c.authorization = "SSWS " + d.token
		a, err := c.get(q.path(d.size))
		if err != nil {
			return err
		}
		return expectUsers(a, q.want)
	})
	if w.failure != nil {
		return fmt.Errorf("%s of %d users: %w", q.what, d.size, w.failure)
	}
	if counts {
		d.took[q.what] = append(d.took[q.what], percentile(w.latencies, 50))
		d.count[q.what] += len(w.latencies)
	}
	return ctx.Err()
}

func expectUsers(a *answer, want int) error {
	if a.status != http.StatusOK {
		return a.unexpected()
	}
	var list []json.RawMessage
	if a.body[0] == '{' {
		list = []json.RawMessage{a.body}
	} else if err := json.Unmarshal(a.body, &list); err != nil {
		return err
	}
	if len(list) != want {
		return fmt.Errorf("%d users, want %d", len(list), want)
	}
	return nil
}

// token makes an API token at the command line.
func (b *bench) token(ctx context.Context, config string) (string, error) {
	output, err := command(ctx, b.binary, "token", "create", "--config", config, "--name", "bench").Output()
	if err != nil {
		return "", fmt.Errorf("usher token create: %w", err)
	}
	return strings.TrimSpace(string(output)), nil
}

// fill stores users as usher does, but all at once. Every hundredth is
// deactivated.
func fill(ctx context.Context, kind, database string, size int) (err error) {
	db, err := openFloor(database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it is committed, or there is another error
	if err := fillUsers(ctx, tx, kind, size); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if kind == postgres {
		_, err = db.ExecContext(ctx, "ANALYZE") // as its autovacuum does, a little later
	}
	return err
}

func fillUsers(ctx context.Context, tx *sql.Tx, kind string, size int) error {
	id := "'00u' || substr('00000000000000000' || i, -17)"
	if kind == postgres {
		id = "'00u' || lpad(i::text, 17, '0')"
	}
	login := "'person-' || i || '@example.com'"
	numbers := fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", size-1)
	first := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixMicro()
	for _, statement := range []string{
		numbers + `INSERT INTO users (id, status, login_key, email_key, first_key, last_key, profile, password, created, activated,
			status_changed, last_login, last_updated, password_changed)
			SELECT ` + id + `, CASE i % 100 WHEN 99 THEN 'DEPROVISIONED' ELSE 'ACTIVE' END, ` + login + `, ` + login + `,
			'given-' || (i % 50), 'family-' || (i % 4),
			'{"firstName":"Given-' || (i % 50) || '","lastName":"Family-' || (i % 4) || '","email":"' || ` + login + ` || '","login":"' || ` + login + ` ||
				'","city":"London","department":"Engineering","title":"Engineer","costCenter":"' || (i % 300) || '"}', '',
			` + fmt.Sprint(first) + ` + i, 0, 0, 0, ` + fmt.Sprint(first) + ` + i, 0 FROM n`,
		numbers + "INSERT INTO user_names (name_key, user_id) SELECT " + login + ", " + id + " FROM n",
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
