package password

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	const login = "Mireille.Okonkwo@example.org"
	type list = []Requirement
	argon, bcrypt := DefaultParams(), Params{Bcrypt, 4}
	for name, c := range map[string]struct {
		params Params
		text   string
		login  string
		unmet  list
	}{
		"good":                       {argon, "pätzold 8", login, nil},
		"empty":                      {argon, "", login, list{MinLength}},
		"empty, no login":            {argon, "", "", list{MinLength}},
		"seven runes, many bytes":    {argon, strings.Repeat("€", 7), login, list{MinLength}},
		"eight runes":                {argon, strings.Repeat("€", 8), login, nil},
		"256 runes":                  {argon, strings.Repeat("€", 256), login, nil},
		"257 runes":                  {argon, strings.Repeat("a", 257), login, list{MaxLength}},
		"bcrypt, 72 bytes":           {bcrypt, strings.Repeat("a", 72), login, nil},
		"bcrypt, 73 bytes":           {bcrypt, strings.Repeat("a", 73), login, list{MaxBytes}},
		"bcrypt, 25 runes, 75 bytes": {bcrypt, strings.Repeat("€", 25), login, list{MaxBytes}},
		"bcrypt, 257 runes":          {bcrypt, strings.Repeat("a", 257), login, list{MaxLength, MaxBytes}},
		"argon2id, 73 bytes":         {argon, strings.Repeat("a", 73), login, nil},
		"the login":                  {argon, login, login, list{ExcludeUsername}},
		"the login in other case":    {argon, "MIREILLE.okonkwo@EXAMPLE.org", login, list{ExcludeUsername}},
		"its part before the @":      {argon, "mireille.okonkwo", login, list{ExcludeUsername}},
		"folded beyond ASCII":        {argon, "ÅSA-ÖSTLUND", "åsa-östlund@example.org", list{ExcludeUsername}},
		"a login without @":          {argon, "sysadmin", "SysAdmin", list{ExcludeUsername}},
		"a short login":              {argon, "Bo", "bo@example.org", list{MinLength, ExcludeUsername}},
		"more than the login":        {argon, login + "!", login, nil},
		"no login":                   {argon, "pätzold 8", "", nil},
		"NUL":                        {argon, "longenough\x00", login, list{ValidText}},
		"invalid UTF-8":              {argon, "longenough\xff", login, list{ValidText}},
		"half a surrogate":           {argon, "longenough\xed\xa0\x80", login, list{ValidText}},
		"spaces count":               {argon, "        ", login, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := NewHasher(c.params, 1)
			if err != nil {
				t.Fatal(err)
			}
			err = h.Check(NewSecret(c.text), c.login)
			if c.unmet == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var refused *RequirementsError
			if !errors.As(err, &refused) || !slices.Equal(refused.Unmet, c.unmet) {
				t.Fatalf("Check = %v, want %v", err, c.unmet)
			}
			for _, said := range []string{err.Error(), refused.Message()} {
				if len(c.text) >= 8 && strings.Contains(said, c.text) {
					t.Errorf("the password is quoted: %s", said)
				}
			}
		})
	}
}

func TestRequirementsMessage(t *testing.T) {
	t.Parallel()
	const (
		begin = "Password requirements were not met. Password requirements: at least 8 characters, "
		bytes = "at most 72 bytes (an accented letter or a symbol may take 2 to 4), "
		end   = "does not include your username."
	)
	for _, c := range []struct {
		unmet []Requirement
		want  string
	}{
		{[]Requirement{MinLength}, begin + end},
		{[]Requirement{ExcludeUsername}, begin + end},
		{[]Requirement{MaxLength}, begin + "at most 256 characters, " + end},
		{[]Requirement{MaxBytes}, begin + bytes + end},
		{[]Requirement{ValidText, ExcludeUsername}, begin + "only valid Unicode characters, " + end},
		{[]Requirement{MaxLength, MaxBytes, ValidText}, begin + "at most 256 characters, " + bytes + "only valid Unicode characters, " + end},
	} {
		if got := (&RequirementsError{Unmet: c.unmet}).Message(); got != c.want {
			t.Errorf("%v\n got %s\nwant %s", c.unmet, got, c.want)
		}
	}
}
