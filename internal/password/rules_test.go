package password

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	mireille := Owner{Login: "Mireille.Okonkwo@example.org", FirstName: "Mireille", LastName: "Okonkwo"}
	login := func(text string) Owner { return Owner{Login: text} }
	type list = []Requirement
	argon, bcrypt := DefaultParams(), Params{Bcrypt, 4}
	usual := DefaultRules()
	all := Rules{12, 1, 1, 1, 1, true, true, true, true}
	only := func(set func(*Rules)) (r Rules) {
		r.MinLength = 4
		set(&r)
		return r
	}
	lower := only(func(r *Rules) { r.MinLowerCase = 1 })
	upper := only(func(r *Rules) { r.MinUpperCase = 1 })
	number := only(func(r *Rules) { r.MinNumber = 1 })
	symbol := only(func(r *Rules) { r.MinSymbol = 1 })
	first := only(func(r *Rules) { r.ExcludeFirstName = true })
	last := only(func(r *Rules) { r.ExcludeLastName = true })
	common := only(func(r *Rules) { r.ExcludeCommon = true })
	free := only(func(*Rules) {})
	for name, c := range map[string]struct {
		params Params
		rules  Rules
		text   string
		owner  Owner
		unmet  list
	}{
		"good":                       {argon, usual, "pätzold 8", mireille, nil},
		"empty":                      {argon, usual, "", mireille, list{MinLength}},
		"empty, nothing asked for":   {argon, Rules{}, "", mireille, list{MinLength}},
		"empty, no login":            {argon, usual, "", Owner{}, list{MinLength}},
		"seven runes, many bytes":    {argon, usual, strings.Repeat("€", 7), mireille, list{MinLength}},
		"eight runes":                {argon, usual, strings.Repeat("€", 8), mireille, nil},
		"another length":             {argon, all, "Aa1! Aa1! A", mireille, list{MinLength}},
		"256 runes":                  {argon, usual, strings.Repeat("€", 256), mireille, nil},
		"257 runes":                  {argon, usual, strings.Repeat("a", 257), mireille, list{MaxLength}},
		"bcrypt, 72 bytes":           {bcrypt, usual, strings.Repeat("a", 72), mireille, nil},
		"bcrypt, 73 bytes":           {bcrypt, usual, strings.Repeat("a", 73), mireille, list{MaxBytes}},
		"bcrypt, 25 runes, 75 bytes": {bcrypt, usual, strings.Repeat("€", 25), mireille, list{MaxBytes}},
		"bcrypt, 257 runes":          {bcrypt, usual, strings.Repeat("a", 257), mireille, list{MaxLength, MaxBytes}},
		"argon2id, 73 bytes":         {argon, usual, strings.Repeat("a", 73), mireille, nil},
		"the login":                  {argon, usual, mireille.Login, mireille, list{ExcludeUsername}},
		"the login in other case":    {argon, usual, "MIREILLE.okonkwo@EXAMPLE.org", mireille, list{ExcludeUsername}},
		"its part before the @":      {argon, usual, "mireille.okonkwo", mireille, list{ExcludeUsername}},
		"folded beyond ASCII":        {argon, usual, "ÅSA-ÖSTLUND", login("åsa-östlund@example.org"), list{ExcludeUsername}},
		"a login without @":          {argon, usual, "sysadmin", login("SysAdmin"), list{ExcludeUsername}},
		"a short login":              {argon, usual, "Bo", login("bo@example.org"), list{MinLength, ExcludeUsername}},
		"more than the login":        {argon, usual, mireille.Login + "!", mireille, nil},
		"the login, allowed":         {argon, free, mireille.Login, mireille, nil},
		"no login":                   {argon, usual, "pätzold 8", Owner{}, nil},
		"NUL":                        {argon, usual, "longenough\x00", mireille, list{ValidText}},
		"invalid UTF-8":              {argon, usual, "longenough\xff", mireille, list{ValidText}},
		"half a surrogate":           {argon, usual, "longenough\xed\xa0\x80", mireille, list{ValidText}},
		"spaces count":               {argon, usual, "        ", mireille, nil},
		"no lower case":              {argon, lower, "ÄB12!", mireille, list{MinLowerCase}},
		"lower case":                 {argon, lower, "ÄBç1", mireille, nil},
		"no upper case":              {argon, upper, "äb12!", mireille, list{MinUpperCase}},
		"upper case":                 {argon, upper, "ÄB12", mireille, nil},
		"no number":                  {argon, number, "abCD!", mireille, list{MinNumber}},
		"number":                     {argon, number, "abc٣", mireille, nil},
		"no symbol":                  {argon, symbol, "abC1漢", mireille, list{MinSymbol}},
		"symbol":                     {argon, symbol, "abC1€", mireille, nil},
		"a space is a symbol":        {argon, symbol, "abC 1", mireille, nil},
		"first name":                 {argon, first, "xMIREILLEx", mireille, list{ExcludeFirstName}},
		"first name, last asked":     {argon, last, "xMIREILLEx", mireille, nil},
		"last name":                  {argon, last, "okonkwo1", mireille, list{ExcludeLastName}},
		"last name, first asked":     {argon, first, "okonkwo1", mireille, nil},
		"a name of two letters":      {argon, first, "elbow room", Owner{FirstName: "Bo"}, nil},
		"no name":                    {argon, first, "elbow room", Owner{}, nil},
		"common":                     {argon, common, "PassWord1", mireille, list{ExcludeCommon}},
		"the first that is common":   {argon, common, "000000", mireille, list{ExcludeCommon}},
		"the last that is common":    {argon, common, "zxcvbnm123", mireille, list{ExcludeCommon}},
		"part of a common one":       {argon, common, "assword1", mireille, nil},
		"two common ones":            {argon, common, "password\npassword1", mireille, nil},
		"common, allowed":            {argon, free, "password1", mireille, nil},
		"everything":                 {argon, all, "x", Owner{}, list{MinLength, MinUpperCase, MinNumber, MinSymbol}},
		"everything met":             {argon, all, "Correct horse 7", mireille, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newTestHasher(t, c.params, 1)
			err := h.Check(NewSecret(c.text), c.rules, c.owner)
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
	usual := DefaultRules()
	for _, c := range []struct {
		rules Rules
		unmet []Requirement
		want  string
	}{
		{usual, []Requirement{MinLength}, begin + end},
		{usual, []Requirement{ExcludeUsername}, begin + end},
		{usual, []Requirement{MaxLength}, begin + "at most 256 characters, " + end},
		{usual, []Requirement{MaxBytes}, begin + bytes + end},
		{usual, []Requirement{ValidText, ExcludeUsername}, begin + "only valid Unicode characters, " + end},
		{usual, []Requirement{MaxLength, MaxBytes, ValidText}, begin + "at most 256 characters, " + bytes + "only valid Unicode characters, " + end},
		{Rules{MinLength: 4}, []Requirement{MinLength}, "Password requirements were not met. Password requirements: at least 4 characters."},
		// In the words of the Sign-In Widget as far as it has some.
		{Rules{12, 1, 1, 1, 1, true, true, true, true}, []Requirement{MinSymbol}, "Password requirements were not met. Password requirements: " +
			"at least 12 characters, a lowercase letter, an uppercase letter, a number, a symbol, does not include your username, " +
			"does not include your first name, does not include your last name, is not one that many people choose."},
	} {
		if got := (&RequirementsError{c.rules, c.unmet}).Message(); got != c.want {
			t.Errorf("%+v %v\n got %s\nwant %s", c.rules, c.unmet, got, c.want)
		}
	}
}

// Each line of the list is a password in the form that it is looked for.
func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(common, "\n"), "\n")
	for i, line := range lines {
		if comment := strings.HasPrefix(line, "# "); comment == (i > 1) || !comment && (len(line) < 6 || strings.ToLower(line) != line) {
			t.Errorf("line %d: %q", i+1, line)
		}
	}
	if !slices.IsSorted(lines[2:]) {
		t.Error("the list is not in order")
	}
}
