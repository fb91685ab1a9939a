package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/sqldb"
)

// planned is a query of a list that grows with the org. It must find what it
// gives by an index, and in order: a page then costs the same in a large org as
// in a small one.
type planned struct {
	name string
	text string
	args []any
	// sorts allows the database to find by one index and to sort what it found,
	// which is for conditions that few rows meet.
	sorts bool
}

// plannedQueries are all lists. Whoever adds one adds it here, and rows for it.
func plannedQueries(t *testing.T) []planned {
	return slices.Concat(plannedUserLists(t), plannedGroupLists(), plannedAppLists(), plannedRecords(), plannedConfigLists())
}

// planRows is how many rows the tables of lists have in these tests: enough for
// PostgreSQL to think of indexes.
const planRows = 10_000

// numbers makes a table n of the numbers 1 to planRows, of which the fills take
// their rows.
var numbers = fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", planRows)

// fills are the statements that fill the tables of lists.
func fills() []string {
	return []string{
		numbers + `INSERT INTO users (id, status, login_key, profile, password, created, activated, status_changed, last_login,
			last_updated, password_changed, email_key, first_key, last_key, type_id)
			SELECT '00u' || i, CASE i % 10 WHEN 0 THEN 'DEPROVISIONED' WHEN 1 THEN 'STAGED' ELSE 'ACTIVE' END, 'login' || i, '{}', '',
			i, 0, 0, 0, i, 0, 'mail' || i, 'first' || i % 97, 'last' || i % 89, CASE i % 100 WHEN 0 THEN 'oty1' ELSE '' END FROM n`,
		numbers + `INSERT INTO user_groups (id, name, name_key, description, built_in, created, last_updated, last_membership_updated)
			SELECT '00g' || i, 'Group ' || i, 'group ' || i, '', i < 0, i, i, i FROM n`,
		// One that all are in, and one of each.
		numbers + "INSERT INTO group_members (group_id, user_id, added) SELECT '00g1', '00u' || i, i FROM n",
		numbers + "INSERT INTO group_members (group_id, user_id, added) SELECT '00g' || i, '00u' || i, i FROM n WHERE i > 1",
		numbers + "INSERT INTO role_grants (id, user_id, role, created) SELECT i, '00u' || i, 'READ_ONLY_ADMIN', i FROM n",
		numbers + `INSERT INTO tokens (id, name, hash, created, last_used, expires, user_id)
			SELECT '00T' || i, 'token', i, i, 0, 0, '00u' || i FROM n`,
		numbers + `INSERT INTO apps (id, client_id, name, label, label_key, status, policy_id, document, secrets, created, last_updated, version)
			SELECT '0oa' || i, 'client' || i, 'oidc_client', 'App ' || i, 'app ' || i, 'ACTIVE', NULL, '{}', '', i, i, 1 FROM n`,
		numbers + `INSERT INTO app_groups (app_id, group_id, priority, profile, last_updated)
			SELECT '0oa' || i, '00g1', 0, '{}', i FROM n`,
		numbers + `INSERT INTO app_groups (app_id, group_id, priority, profile, last_updated)
			SELECT '0oa1', '00g' || i, i, '{}', i FROM n WHERE i > 1`,
		numbers + `INSERT INTO app_users (app_id, user_id, user_name, profile, created, last_updated)
			SELECT '0oa1', '00u' || i, 'login', '{}', i, i FROM n`,
		numbers + "INSERT INTO events (uuid, published, type, record) SELECT 'u' || i, i, 'type' || (i % 20), '{}' FROM n",
		numbers + `INSERT INTO hook_calls (id, hook_id, user_id, login_key, preview, started, body_bytes, record, content)
			SELECT 'call' || i, 'cal' || (i % 10), '', '', i < 0, i, 1, '{}', '{}' FROM n`,
		numbers + "INSERT INTO mail (id, user_id, kind, content, created) SELECT 'eml' || i, '00u' || i, 'ACTIVATE', '', i FROM n",
		numbers + `INSERT INTO hooks (id, name, type, status, api_version, channel_type, channel_version, uri, method, headers, auth_value,
			created, last_updated, version)
			SELECT 'cal' || i, 'hook ' || i, 't', 'ACTIVE', '1.0.0', 'HTTP', '1.0.0', 'u', 'POST', '', '', i, i, 1 FROM n`,
		numbers + `INSERT INTO event_hooks (id, name, status, document, headers, auth_value, created, last_updated, version)
			SELECT 'who' || i, 'hook ' || i, 'ACTIVE', '{}', '', '', i, i, 1 FROM n`,
		numbers + "INSERT INTO hook_keys (id, key_id, name, private_key, created, last_updated) SELECT 'HKY' || i, 'k' || i, 'key ' || i, '', i, i FROM n",
		numbers + `INSERT INTO policies (id, source, name, description, system, status, priority, rule, created, last_updated)
			SELECT 'rst' || i, 'reg' || i, 'policy ' || i, '', i < 0, 'ACTIVE', i, '{}', i, i FROM n`,
		numbers + `INSERT INTO password_policies (id, name, system, priority, status, document, created, last_updated)
			SELECT '00p' || i, 'policy ' || i, i < 0, i, 'ACTIVE', '{}', i, i FROM n`,
		numbers + "INSERT INTO user_unique_values (attribute, value_key, user_id) SELECT 'badge', 'k' || i, '00u' || i FROM n",
		numbers + "INSERT INTO user_types (id, name, document, created, last_updated) SELECT 'oty' || i, 'type' || i, '{}', i, i FROM n",
	}
}

func TestListsFollowAnIndex(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		pool := s.engine.Pool(sqldb.Update)
		for _, fill := range fills() {
			if _, err := pool.ExecContext(t.Context(), fill); err != nil {
				t.Fatalf("%s: %v", fill, err)
			}
		}
		// One connection, whose settings hold for all.
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		explain := explainSQLite
		if s.engine.Dialect().Name == "postgres" {
			explain = explainPostgres
			// Statistics; and neither whole tables nor sorts where there is another way: of
			// so few rows they may be cheaper.
			for _, statement := range []string{
				"ANALYZE", "SET enable_seqscan = off", "SET enable_sort = off", "SET enable_incremental_sort = off",
			} {
				if _, err := conn.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, q := range plannedQueries(t) {
			plan, problem, err := explain(t.Context(), conn, q)
			if err != nil {
				t.Errorf("%s: %v", q.name, err)
			} else if problem != "" {
				t.Errorf("%s %s\n%s\n%s", q.name, problem, q.text, plan)
			}
		}
	})
}

// explainSQLite asks without statistics, which SQLite does not gather by itself.
func explainSQLite(ctx context.Context, conn *sql.Conn, q planned) (plan, problem string, err error) {
	lines, err := planLines(ctx, conn, "EXPLAIN QUERY PLAN ", q, func(rows *sql.Rows) (line string, err error) {
		var id, parent, unused int
		return line, rows.Scan(&id, &parent, &unused, &line)
	})
	for _, line := range lines {
		switch {
		case strings.HasPrefix(line, "SCAN ") && !strings.Contains(line, " USING "):
			problem = "reads a whole table"
		case strings.HasPrefix(line, "USE TEMP B-TREE") && !q.sorts:
			problem = "sorts"
		}
	}
	return strings.Join(lines, "\n"), problem, err
}

func explainPostgres(ctx context.Context, conn *sql.Conn, q planned) (plan, problem string, err error) {
	lines, err := planLines(ctx, conn, "EXPLAIN ", q, func(rows *sql.Rows) (line string, err error) {
		return line, rows.Scan(&line)
	})
	plan = strings.Join(lines, "\n")
	switch {
	case strings.Contains(plan, "Seq Scan"):
		problem = "reads a whole table"
	case strings.Contains(plan, "Sort") && !q.sorts:
		problem = "sorts"
	case !strings.Contains(plan, "Index"):
		problem = "has no index"
	}
	return plan, problem, err
}

func planLines(ctx context.Context, conn *sql.Conn, explain string, q planned, scan func(*sql.Rows) (string, error)) (lines []string, err error) {
	args := make([]any, len(q.args))
	for i, arg := range q.args {
		if args[i], err = column(arg); err != nil {
			return nil, err
		}
	}
	rows, err := conn.QueryContext(ctx, explain+q.text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		line, err := scan(rows)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, rows.Err()
}

// plannedGroupLists are lists of groups, of who is in them, and of what
// administrators have.
func plannedGroupLists() []planned {
	return []planned{
		{"groups", groupsAfter, []any{"", 201}, false},
		{"groups, next page", groupsAfter, []any{"00g5", 201}, false},
		{"groups of a prefix", groupsNamed, []any{"", 301, "group 77", "group 77\U0010FFFF"}, true},
		{"groups of a user", groupsOf, []any{"00u7"}, true},
		{"users in a group", usersIn, []any{"00g1", "", 201}, false},
		{"users in a group, next page", usersIn, []any{"00g1", "00u5", 201}, false},
		{"roles of a user", grantsOf, []any{"00u7"}, true},
		{"others with a role", othersWith, []any{org.RoleSuperAdmin, "00u7", org.StatusActive}, true},
		{"tokens", allTokens, nil, false},
		{"tokens of a user", tokensOf, []any{"00u7"}, true},
	}
}

// plannedAppLists are lists of apps and of what they are assigned to.
func plannedAppLists() (list []planned) {
	policy, none := "rst7", ""
	for name, q := range map[string]org.AppQuery{
		"":                            {},
		" of a prefix":                {Prefix: "app 77"},
		" of an enrollment policy":    {Policy: &policy},
		" of the default policy":      {Policy: &none},
		" of a group":                 {GroupID: "00g1"},
		" of a prefix and of a group": {Prefix: "app 77", GroupID: "00g1"},
	} {
		for _, q.After = range []string{"", "0oa5"} {
			q.Limit = 201
			text, args := appsOf(q)
			list = append(list, planned{"apps" + name + ", after " + q.After, text, args, q.GroupID != ""})
		}
	}
	return append(list,
		planned{"groups of an app", allAppGroups, []any{"0oa1", ""}, false},
		planned{"a page of groups of an app", someAppGroups, []any{"0oa1", "00g5", 201}, false},
		planned{"groups of an app that a user is in", appGroupsOf, []any{"0oa1", "00u7"}, true},
		planned{"users of an app", someAppUsers, []any{"0oa1", "00u5", 201}, false},
	)
}

// plannedRecords are lists of what happened and of what is to be done.
func plannedRecords() (list []planned) {
	when := time.UnixMicro(5000).UTC()
	for name, in := range map[string]org.EventRange{
		"from the beginning": {},
		"from the end":       {Descending: true},
		"between two times":  {Since: when, Until: when.Add(time.Millisecond), After: 77},
		"of some types":      {Types: []string{"a", "b"}, After: 77, Descending: true},
	} {
		text, args := eventQuery(in)
		list = append(list, planned{"events " + name, text, args, !in.Since.IsZero()})
	}
	return append(list,
		planned{"calls", recentCalls, []any{false, 200}, false},
		planned{"calls of a hook", recentCallsOfHook, []any{false, 200, "cal7"}, false},
		planned{"mail", oldestMails, []any{200}, false},
	)
}

// plannedConfigLists are lists without pages: what administrators set up.
func plannedConfigLists() []planned {
	return []planned{
		{"inline hooks", allHooks, nil, false},
		{"event hooks", allEventHooks, nil, false},
		{"hook keys", allHookKeys, nil, false},
		{"policies", allPolicies, nil, false},
		{"password policies", allPasswordPolicies, nil, false},
		{"user types", allTypes, nil, false},
		{"profiles of the default type", profilesOfDefault, []any{"00u5", 501}, false},
		{"profiles of a type", profilesOfType, []any{"00u5", 501, "oty1"}, false},
		{"users of a type, if any", typeInUse, []any{"oty1"}, false},
		{"whether a value is taken", valueIsTaken, []any{"badge", "k7", ""}, false},
		{"values of a user", valuesOfUser, []any{"00u7"}, true},
	}
}

// plannedUserLists are lists of users: what the directory asks for.
func plannedUserLists(t *testing.T) (list []planned) {
	t.Helper()
	when := time.UnixMicro(5000).UTC()
	is := func(c org.UserColumn, o filter.Operator, values ...any) org.UserCondition {
		return org.UserCondition{Column: c, Operator: o, Values: values}
	}
	living := is(org.ByStatus, filter.NotEqual, org.StatusDeprovisioned)
	add := func(name string, sorts bool, q org.UserQuery) {
		t.Helper()
		q.Batch = 201
		for _, q.Descending = range []bool{false, true} {
			for _, q.After = range []*org.UserPosition{nil, {Value: afterOf(q.OrderBy, when), ID: "00u5"}} {
				text, args, err := userQuery(q)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, planned{fmt.Sprintf("users %s, descending %v, next page %v", name, q.Descending, q.After != nil), text, args, sorts})
			}
		}
	}
	for _, c := range []org.UserColumn{
		org.ByID, org.ByLogin, org.ByEmail, org.ByFirstName, org.ByLastName, org.ByStatus, org.ByCreated, org.ByLastUpdated,
	} {
		add("by "+string(c), false, org.UserQuery{OrderBy: c})
		add("living by "+string(c), false, org.UserQuery{OrderBy: c, Where: []org.UserCondition{living}})
		value := afterOf(c, when)
		for _, o := range []filter.Operator{filter.Equal, filter.Greater, filter.GreaterEqual, filter.Less, filter.LessEqual, filter.StartsWith} {
			if o != filter.StartsWith || !c.IsTime() {
				add(fmt.Sprintf("where %s %s", c, o), false, org.UserQuery{OrderBy: c, Where: []org.UserCondition{is(c, o, value)}})
				add(fmt.Sprintf("living where %s %s", c, o), false, org.UserQuery{OrderBy: c, Where: []org.UserCondition{is(c, o, value), living}})
			}
		}
		add("of a last name by "+string(c), true, org.UserQuery{OrderBy: c, Where: []org.UserCondition{is(org.ByLastName, filter.Equal, "last7")}})
	}
	add("of a status", false, org.UserQuery{OrderBy: org.ByID, Where: []org.UserCondition{is(org.ByStatus, filter.Equal, org.StatusStaged)}})
	add("of a type", false, org.UserQuery{OrderBy: org.ByID, Where: []org.UserCondition{is(org.ByType, filter.Equal, "oty1")}})
	add("of some ids", true, org.UserQuery{OrderBy: org.ByID, Where: []org.UserCondition{is(org.ByID, filter.Equal, "00u1", "00u7", "00u9")}})
	add("between two times", false, org.UserQuery{OrderBy: org.ByLastUpdated, Where: []org.UserCondition{
		is(org.ByLastUpdated, filter.Greater, when), is(org.ByLastUpdated, filter.Less, when.Add(time.Second)),
	}})
	return list
}

// afterOf is a value of a column that many rows are beside.
func afterOf(c org.UserColumn, when time.Time) any {
	if c.IsTime() {
		return when
	}
	return map[org.UserColumn]string{
		org.ByID: "00u5", org.ByLogin: "login5", org.ByEmail: "mail5", org.ByFirstName: "first5", org.ByLastName: "last5", org.ByStatus: "ACTIVE",
	}[c]
}
