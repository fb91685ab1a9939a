package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

type users struct{ *tx }

const (
	userColumns = `id, status, type_id, profile, password, account, created, activated, status_changed, last_login,
		last_updated, password_changed`

	insertUser = `INSERT INTO users (` + userColumns + `, login_key, email_key, first_key, last_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (login_key) DO NOTHING`
	updateUser = `UPDATE users SET status = $2, type_id = $3, profile = $4, password = $5, account = $6, created = $7,
		activated = $8, status_changed = $9, last_login = $10, last_updated = $11, password_changed = $12,
		login_key = $13, email_key = $14, first_key = $15, last_key = $16 WHERE id = $1`
	deleteUser  = "DELETE FROM users WHERE id = $1"
	userByID    = "SELECT " + userColumns + " FROM users WHERE id = $1"
	userByLogin = "SELECT " + userColumns + " FROM users WHERE login_key = $1"
	// A user who was not inserted has no names, either: both are sent at once.
	insertName  = "INSERT INTO user_names (name_key, user_id) SELECT $1, id FROM users WHERE id = $2 ON CONFLICT (name_key) DO NOTHING"
	deleteName  = "DELETE FROM user_names WHERE name_key = $1"
	namesOfUser = "SELECT name_key FROM user_names WHERE user_id = $1 ORDER BY name_key"
)

func (r users) Create(ctx context.Context, u *org.User) error {
	values, err := r.values(u)
	if err != nil {
		return err
	}
	if err := r.pinConfig(); err != nil {
		return err
	}
	if err := r.hold(insertUser, values...); err != nil {
		return err
	}
	if err := r.take(ctx, u.ID, names(u), 1); err != nil {
		return err
	}
	return uniqueValues(r).claim(ctx, u, false)
}

// take reserves names for a user, or ends the transaction. So many inserts were
// held back for it to send with the names, and have found nothing taken, either.
func (r users) take(ctx context.Context, id string, names []string, inserts int) error {
	for _, name := range names {
		if err := r.hold(insertName, name, id); err != nil {
			return err
		}
	}
	return r.inserted(ctx, inserts+len(names), org.ErrLoginTaken)
}

func (r users) Update(ctx context.Context, u *org.User) error {
	values, err := r.values(u)
	if err != nil {
		return err
	}
	if err := r.pinConfig(); err != nil {
		return err
	}
	had, err := list(ctx, r.tx, single[string], namesOfUser, u.ID)
	switch {
	case err != nil:
		return err
	case len(had) == 0: // everybody has a login
		return org.ErrNotFound
	}
	has := names(u)
	for _, name := range had {
		if !slices.Contains(has, name) {
			if _, err := r.exec(ctx, deleteName, name); err != nil {
				return err
			}
		}
	}
	added := slices.DeleteFunc(has, func(name string) bool { return slices.Contains(had, name) })
	if err := r.take(ctx, u.ID, added, 0); err != nil {
		return err
	}
	if err := uniqueValues(r).claim(ctx, u, true); err != nil {
		return err
	}
	return r.change(ctx, org.ErrLoginTaken, updateUser, values...)
}

// names gives the keys under which nobody else may be known. They are sorted, so
// that two transactions which want the same ones do not wait for each other.
func names(u *org.User) []string {
	keys := []string{profile.FoldLogin(u.Login())}
	if u.Email() != "" {
		keys = append(keys, profile.FoldLogin(u.Email()))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// values are what insertUser and updateUser take.
func (r users) values(u *org.User) ([]any, error) {
	text, err := u.Profile.Encode()
	if err != nil {
		// Its strings are all that a checked profile can have wrong.
		return nil, r.fail(badText())
	}
	return []any{
		u.ID, u.Status, u.TypeID, jsonText(text), u.Password.Encoded(), document{accountOf(&u.Account)},
		u.Created, u.Activated, u.StatusChanged, u.LastLogin, u.LastUpdated, u.PasswordChanged,
		profile.FoldLogin(u.Login()), profile.FoldLogin(u.Email()),
		profile.FoldLogin(u.Profile.Text(profile.FirstName)), profile.FoldLogin(u.Profile.Text(profile.LastName)),
	}, nil
}

func scanUser(r row) (*org.User, error) {
	var (
		u          org.User
		text, hash string
		kept       account
	)
	err := r.Scan(&u.ID, &u.Status, &u.TypeID, &text, &hash, from(&kept), at(&u.Created), at(&u.Activated), at(&u.StatusChanged),
		at(&u.LastLogin), at(&u.LastUpdated), at(&u.PasswordChanged))
	if err != nil {
		return nil, err
	}
	if u.Profile, err = profile.Decode(text); err != nil {
		return nil, fmt.Errorf("user %s: %w", u.ID, err)
	}
	if u.Password, err = parseHash(hash); err != nil {
		return nil, fmt.Errorf("user %s: %w", u.ID, err)
	}
	if u.Account, err = kept.open(); err != nil {
		return nil, fmt.Errorf("user %s: %w", u.ID, err)
	}
	return &u, nil
}

func (r users) Get(ctx context.Context, id string) (*org.User, error) {
	return one(ctx, r.tx, scanUser, userByID, id)
}

func (r users) ByLogin(ctx context.Context, login string) (*org.User, error) {
	return one(ctx, r.tx, scanUser, userByLogin, profile.FoldLogin(login))
}

func (r users) Taken(ctx context.Context, names ...string) (bool, error) {
	var keys []any
	for _, name := range names {
		if key := profile.FoldLogin(name); key != "" {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return false, nil
	}
	n, err := one(ctx, r.tx, single[int], nameIsTaken(len(keys)), keys...)
	return n > 0, err
}

// nameIsTaken counts which of n names are taken.
func nameIsTaken(n int) string {
	return "SELECT COUNT(*) FROM user_names WHERE name_key IN (" + placeholders(1, n) + ")"
}

// rowsOf are the placeholders of n rows to insert, each of so many columns.
func rowsOf(n, columns int) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = "(" + placeholders(columns*i+1, columns) + ")"
	}
	return strings.Join(rows, ", ")
}

// placeholders are n of them in a row, with commas.
func placeholders(first, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(list, ", ")
}

func (r users) Delete(ctx context.Context, id string) error {
	return r.change(ctx, nil, deleteUser, id)
}
