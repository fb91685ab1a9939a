package enroll_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// everyField is a form with every type of field, and one that is only on it.
func everyField() []org.FormAttribute {
	return append(fields(profile.FirstName, profile.LastName, profile.Email, "badge", "bignum", "vip", "size", "tags", "plate", "ssn", "secondEmail"),
		org.FormAttribute{Name: "costCentre", Required: true},
		org.FormAttribute{Name: "newsletter", Label: "Newsletter?"})
}

func TestForm(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		w := newWorld(t, url, form(append(everyField(), org.FormAttribute{Name: "zipCode", Label: "Post code"})...))
		f, err := w.enroll.Form(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "names", f.Names(), []string{
			"firstName", "lastName", "email", "badge", "bignum", "vip", "size", "tags", "plate", "ssn", "secondEmail", "costCentre", "newsletter", "zipCode",
		})
		var required, labels []string
		for _, field := range f.Fields {
			if field.Required {
				required = append(required, field.Attribute.Name)
			}
			labels = append(labels, field.Label)
		}
		// The schema cannot do without the first three, the policy without the fourth.
		equal(t, "required", required, []string{"firstName", "lastName", "email", "costCentre"})
		equal(t, "labels", labels[9:], []string{"SSN", "Secondary email", "Cost centre", "Newsletter?", "Post code"})
		if a := f.Fields[12].Attribute; a.Type != profile.String || a.MaxLength == nil {
			t.Errorf("a field that is only on the form is %+v", a)
		}
		// HIDE is about what is known of a person, not about what the policy asks for.
		if a := f.Fields[13].Attribute; a.Permission != profile.Hide {
			t.Errorf("the post code is %+v, want one that is hidden", a)
		}
		if f.PolicyID != w.policy.ID {
			t.Errorf("policy %q", f.PolicyID)
		}
	})
}

// TestBadForms sends forms that break a rule: words at the field, and neither the
// hook nor the hash is bothered by a stranger's mistakes.
func TestBadForms(t *testing.T) {
	good := with(with(person("good@example.com"), "costCentre", "R-220"), "badge", "1")
	const blank, characters = "This field cannot be left blank", "Remove the characters that are not allowed."
	rows := []struct {
		name string
		sub  enroll.Submission
		want []string
	}{
		{"an empty POST", enroll.Submission{}, []string{
			"firstName: " + blank, "lastName: " + blank, "email: " + blank, "costCentre: " + blank, "password: " + blank,
		}},
		{"required by the schema", with(good, "firstName"), []string{"firstName: " + blank}},
		{"required by the policy", with(good, "costCentre", ""), []string{"costCentre: " + blank}},
		{"nothing but space", with(good, "lastName", " \t "), []string{"lastName: " + blank}},
		{"no address", with(good, "email"), []string{"email: " + blank}},
		{"not an address", with(good, "email", "good at example"), []string{"email: This value must be in the form of an email address."}},
		{"a number in words", with(good, "badge", "twelve"), []string{"badge: Enter a whole number."}},
		{"a broken number", with(good, "badge", "1.5"), []string{"badge: Enter a whole number."}},
		{"a number too wide for its type", with(good, "badge", "2147483648"), []string{"badge: Enter a whole number."}},
		{"no number at all", with(good, "bignum", "NaN"), []string{"bignum: Enter a number."}},
		{"a huge exponent", with(good, "bignum", "1e999999999"), []string{"bignum: Enter a number."}},
		{"less than the minimum", with(good, "bignum", "-5.01"), []string{"bignum: Enter -5 or more."}},
		{"more than the maximum", with(good, "bignum", "9007199254740994"), []string{"bignum: Enter 9007199254740993 or less."}},
		{"neither yes nor no", with(good, "vip", "maybe"), []string{"vip: Choose yes or no."}},
		{"not a choice", with(good, "size", "XXL"), []string{"size: Choose one of the listed values."}},
		{"the choice in other letters", with(good, "size", "m"), []string{"size: Choose one of the listed values."}},
		{"too long", with(good, "costCentre", "12345678901"), []string{"costCentre: Use at most 10 characters."}},
		{"too short", with(good, "plate", "AB"), []string{"plate: Use at least 3 characters."}},
		{"against the pattern", with(good, "plate", "ABC1"), []string{"plate: This value does not match the required pattern."}},
		{"a second bad one", with(with(good, "plate", "ABC1"), "badge", "x"), []string{
			"badge: Enter a whole number.", "plate: This value does not match the required pattern.",
		}},
		{"NUL", with(good, "lastName", "Okon\x00kwo"), []string{"lastName: " + characters}},
		{"bytes that are not UTF-8", with(good, "lastName", "Okon\xffkwo"), []string{"lastName: " + characters}},
		{"a line break in a name", with(good, "lastName", "Okonkwo\nBcc: x"), []string{"lastName: " + characters}},
		{"NUL in an element", with(good, "tags", "a", "b\x00"), []string{"tags: " + characters}},
		{"NUL in a sensitive value", with(good, "ssn", "\x00"), []string{"ssn: " + characters}},
		{"NUL in a field that is only on the form", with(good, "newsletter", "a\x00b"), []string{"newsletter: " + characters}},
		{"not UTF-8 in a field that is only on the form", with(good, "newsletter", "\xc3"), []string{"newsletter: " + characters}},
		{"too long for a field that is only on the form", with(good, "newsletter", strings.Repeat("x", 1025)), []string{"newsletter: Use at most 1024 characters."}},
		{"no password", passwordOf(good, ""), []string{"password: " + blank}},
		{"a short password", passwordOf(good, "short"), []string{
			"password: Password requirements were not met. Password requirements: at least 8 characters, does not include your username.",
		}},
		{"the login as password", passwordOf(good, "good@example.com"), []string{
			"password: Password requirements were not met. Password requirements: at least 8 characters, does not include your username.",
		}},
		{"a password that the hash would cut", passwordOf(good, strings.Repeat("x", 73)), []string{
			"password: Password requirements were not met. Password requirements: at least 8 characters, at most 72 bytes (an accented letter or a symbol may take 2 to 4), does not include your username.",
		}},
		{"somebody's address", with(good, "email", "TAKEN@example.com"), []string{"email: A user with this Primary email already exists"}},
		{"somebody's address, in a form that is bad anyway", with(with(good, "email", "taken@example.com"), "badge", "x"), []string{"badge: Enter a whole number."}},
	}
	onEngines(t, func(t *testing.T, url string) {
		w := newWorld(t, url, form(everyField()...))
		w.registered(with(person("taken@example.com"), "costCentre", "R-220"))
		before := w.counts()
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				a, err := w.prepare(row.sub)
				f := fault.As(err)
				if a != nil || f == nil || f.Kind != fault.Invalid {
					t.Fatalf("got %v, %v", a, err)
				}
				equal(t, "messages", words(f), row.want)
			})
		}
		w.expect(before)
	})
}

func passwordOf(sub enroll.Submission, text string) enroll.Submission {
	sub.Password = password.NewSecret(text)
	return sub
}

// words are the causes of a fault, each with its field.
func words(f *fault.Error) []string {
	list := []string{}
	for _, c := range f.Causes {
		list = append(list, c.Field+": "+c.Text)
	}
	return list
}

// TestGoodForms says what of a form is stored and what the hook is told.
func TestGoodForms(t *testing.T) {
	good := with(person("good@example.com"), "costCentre", "R-220")
	const stored = `{"firstName":"Mireille","lastName":"Okonkwo","email":"good@example.com",`
	const told = `{"firstName":"Mireille","lastName":"Okonkwo","login":"good@example.com","email":"good@example.com"`
	rows := []struct {
		name   string
		sub    enroll.Submission
		stored string // behind the names and the address
		told   string // the same
	}{
		{"values get the schema's types", with(with(with(with(good, "badge", " 4107 "), "bignum", "9007199254740993"), "vip", "false", "true"), "tags", "a", "b"),
			`"badge":4107,"bignum":9007199254740993,"vip":true,"tags":["a","b"],"costCentre":"R-220","login":"good@example.com"}`,
			`,"badge":4107,"bignum":9007199254740993,"vip":true,"tags":["a","b"],"costCentre":"R-220"}`},
		{"empty fields are absent", with(with(with(good, "badge", ""), "tags", "", " "), "newsletter", " "),
			`"costCentre":"R-220","login":"good@example.com"}`, `,"costCentre":"R-220"}`},
		{"space around an address is not part of it", with(good, "email", " good@example.com\t"),
			`"costCentre":"R-220","login":"good@example.com"}`, `,"costCentre":"R-220"}`},
		{"a field that is only on the form is told and not stored", with(good, "newsletter", "yes\nweekly"),
			`"costCentre":"R-220","login":"good@example.com"}`, `,"costCentre":"R-220","newsletter":"yes\nweekly"}`},
		{"a sensitive field is stored and not told", with(good, "ssn", "078-05-1120"),
			`"ssn":"078-05-1120","costCentre":"R-220","login":"good@example.com"}`, `,"costCentre":"R-220"}`},
		{"what is not on the form is not read", with(with(with(with(with(with(good, "nickName", "Boss"), "hireId", "1"), "login", "admin@example.com"),
			"status", "SUSPENDED"), "id", "00u1"), "password", "inValues"),
			`"costCentre":"R-220","login":"good@example.com"}`, `,"costCentre":"R-220"}`},
	}
	onEngines(t, func(t *testing.T, url string) {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				w := newWorld(t, url, form(everyField()...))
				u := w.registered(row.sub)
				got, err := u.Profile.Encode()
				if err != nil || got != stored+row.stored {
					t.Errorf("stored %s, %v\nwant   %s", got, err, stored+row.stored)
				}
				body := w.service.bodies()[0]
				if !strings.Contains(body, `"userProfile":`+told+row.told+`,"action"`) {
					t.Errorf("told %s\nwant %s", body, told+row.told)
				}
				if u.Status != org.StatusActive {
					t.Errorf("status %s", u.Status)
				}
			})
		}
	})
}

// TestLoginAndEmail: one is made of the other where the form has only that one,
// and both are of one namespace.
func TestLoginAndEmail(t *testing.T) {
	names := fields(profile.FirstName, profile.LastName)
	both := append(slices.Clone(names), fields(profile.Login, profile.Email)...)
	onlyEmail, onlyLogin := append(slices.Clone(names), fields(profile.Email)...), append(slices.Clone(names), fields(profile.Login)...)
	enter := func(login, email string) enroll.Submission {
		return with(with(person(""), profile.Login, login), profile.Email, email)
	}
	rows := []struct {
		name  string
		form  []org.FormAttribute
		sub   enroll.Submission
		login string
		email string
		want  []string // messages, where it is refused
	}{
		{"login from address", onlyEmail, enter("", "A.New@example.com"), "A.New@example.com", "A.New@example.com", nil},
		{"a login that is sent beside it is not read", onlyEmail, enter("chosen@example.com", "a@example.com"), "a@example.com", "a@example.com", nil},
		{"address from login", onlyLogin, enter("b@example.com", ""), "b@example.com", "b@example.com", nil},
		{"both", both, enter("c@example.com", "d@example.com"), "c@example.com", "d@example.com", nil},
		{"both, one empty", both, enter("", "d@example.com"), "", "", []string{"login: This field cannot be left blank"}},
		{"a login that is another's login", both, enter("ADA@example.com", "new@example.com"), "", "",
			[]string{"login: A user with this Username already exists"}},
		{"a login that is another's address", both, enter("Lovelace@example.com", "new@example.com"), "", "",
			[]string{"login: A user with this Username already exists"}},
		{"an address that is another's", both, enter("new@example.com", "lovelace@example.com"), "", "",
			[]string{"email: A user with this Primary email already exists"}},
		{"an address that is another's login", both, enter("new@example.com", "ada@example.com"), "", "",
			[]string{"email: A user with this Primary email already exists"}},
		{"both taken", both, enter("ada@example.com", "lovelace@example.com"), "", "",
			[]string{"login: A user with this Username already exists", "email: A user with this Primary email already exists"}},
		{"taken, with one field for both", onlyLogin, enter("lovelace@example.com", ""), "", "",
			[]string{"login: A user with this Username already exists"}},
		{"taken in another normal form", onlyEmail, enter("", "ＡＤＡ@example.com"), "", "",
			[]string{"email: A user with this Primary email already exists"}},
	}
	onEngines(t, func(t *testing.T, url string) {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				w := newWorld(t, url, form(both...))
				w.registered(enter("ada@example.com", "lovelace@example.com"))
				w.changePolicy(func(p *org.Policy) { p.Rule.Attributes = row.form })
				before := w.counts()

				r, err := w.register(row.sub)

				if row.want != nil {
					f := fault.As(err)
					if f == nil {
						t.Fatalf("got %+v, %v", r, err)
					}
					equal(t, "messages", words(f), row.want)
					w.expect(before) // a known duplicate makes no call and no hash
					return
				}
				if err != nil || r.User == nil {
					t.Fatal(r.Refusal, err)
				}
				if got, want := fmt.Sprint(r.User.Login(), r.User.Email()), fmt.Sprint(row.login, row.email); got != want {
					t.Errorf("login and address %s, want %s", got, want)
				}
				if !strings.Contains(w.service.bodies()[1], `"login":"`+row.login+`","email":"`+row.email+`"`) {
					t.Errorf("told %s", w.service.bodies()[1])
				}
			})
		}
	})
}
