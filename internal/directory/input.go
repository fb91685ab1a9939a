package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/credential"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// UserInput is what is said of a user. What is nil was not said.
type UserInput struct {
	Profile     *hook.Object
	Credentials *CredentialsInput
	TypeID      *string
	GroupIDs    []string // of a user who is made
}

// CredentialsInput is what is said of credentials.
type CredentialsInput struct {
	Password *PasswordInput
	Recovery *RecoveryInput
	Provider *org.Provider // of a user who is made, when that was asked for
}

// PasswordInput is a password in one of its forms. None of them is no password,
// which Terraform's provider sends of every user.
type PasswordInput struct {
	Value *password.Secret
	Hash  *password.Import
	Hook  *string // "default": an inline hook knows it
}

// RecoveryInput is a recovery question with its answer.
type RecoveryInput struct {
	Question string
	Answer   org.Secret
}

func (c *CredentialsInput) password() PasswordInput {
	if c == nil || c.Password == nil {
		return PasswordInput{}
	}
	return *c.Password
}

func (p PasswordInput) forms() int {
	n := 0
	for _, given := range []bool{p.Value != nil, p.Hash != nil, p.Hook != nil} {
		if given {
			n++
		}
	}
	return n
}

// secrets are credentials made ready to be stored, which takes too long for a
// transaction. What is nil was not said.
type secrets struct {
	password *credential.Change
	imported *imported
	recovery *org.Recovery
}

// imported is a password that another system knows, or of which it made a hash.
type imported struct {
	hash password.Hash
	hook bool
}

// maxQuestion is how long recovery questions and answers can be, in characters
// (Okta's Users API).
const maxQuestion = 100

// check says what is wrong with credentials that u is about to get, for whom these
// settings hold.
func (s *Service) check(c *CredentialsInput, u *org.User, settings org.PasswordSettings) (found edit.Problems, err error) {
	if c == nil {
		return nil, nil
	}
	in := c.password()
	if in.forms() > 1 {
		found.Add("password", "must have only one of value, hash and hook")
	}
	if in.forms() > 0 && u.External() {
		found.Add("password", "is not kept here for users of this provider")
	}
	if in.Value != nil {
		err := credential.Check(s.Hasher, settings, u.Profile, *in.Value)
		if f := fault.As(err); f != nil && f.Kind == fault.WeakPassword {
			found = append(found, f.Causes...)
		} else if err != nil {
			return nil, err
		}
	}
	if in.Hash != nil {
		_, err := password.ParseImport(*in.Hash)
		if err := found.AddAll("password.hash.", err); err != nil {
			return nil, err
		}
	}
	if in.Hook != nil {
		found.OneOf("password.hook.type", *in.Hook, "default")
	}
	if r := c.Recovery; r != nil {
		found.AddUnless(r.Question != "", "recovery_question.question", edit.Blank)
		found.Add("recovery_question.question", edit.TextProblem(r.Question, maxQuestion))
		least := max(1, settings.Recovery.AnswerMinLength)
		n := utf8.RuneCountInString(strings.TrimSpace(r.Answer.Reveal()))
		found.AddUnless(n >= least && n <= maxQuestion, "recovery_question.answer",
			fmt.Sprintf("must have %d to %d characters", least, maxQuestion))
	}
	return found, nil
}

// ready makes secrets of credentials that were checked. A password is for u; strict
// judges it as if the person had set it.
func (s *Service) ready(ctx context.Context, c *CredentialsInput, u *org.User, settings org.PasswordSettings, strict bool) (ready secrets, err error) {
	if c == nil {
		return secrets{}, nil
	}
	in := c.password()
	switch {
	case in.Hash != nil:
		ready.imported = new(imported)
		ready.imported.hash, err = password.ParseImport(*in.Hash)
	case in.Hook != nil:
		ready.imported = &imported{hook: true}
	case in.Value != nil:
		ready.password, err = credential.Prepare(ctx, s.Hasher, credential.Input{
			User: u, Settings: settings, New: *in.Value, History: strict, MinAge: strict,
		}, s.Time())
	}
	if err != nil {
		return secrets{}, err
	}
	ready.recovery, err = s.recovery(ctx, c.Recovery)
	return ready, err
}

// recovery makes a recovery question ready, if there is one.
func (s *Service) recovery(ctx context.Context, in *RecoveryInput) (*org.Recovery, error) {
	if in == nil {
		return nil, nil
	}
	answer, err := s.hash(ctx, answerText(in.Answer))
	return &org.Recovery{Question: in.Question, Answer: answer}, err
}

// answerText is what is hashed of an answer, whose case does not count (Okta's
// Users API). It has one length, since bcrypt takes no long ones.
func answerText(answer org.Secret) password.Secret {
	return password.NewSecret(org.HashToken(profile.FoldLogin(answer.Reveal())))
}

func (s *Service) hash(ctx context.Context, secret password.Secret) (password.Hash, error) {
	h, err := s.Hasher.Hash(ctx, secret)
	return h, busy(err)
}

func busy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return fault.TryAgain(err)
	}
	return err
}

// apply sets what there is, and tells whether there is a password among it.
func (r secrets) apply(u *org.User, now time.Time) (hasPassword bool, err error) {
	if r.recovery != nil {
		u.Account.Recovery = *r.recovery
	}
	switch {
	case r.password != nil:
		if u.Account.Provider.Type == org.ProviderImport {
			u.Account.Provider = org.Provider{} // which knows the password now
		}
		return true, r.password.Apply(u)
	case r.imported != nil:
		u.Password, u.PasswordChanged = r.imported.hash, now
		u.Account.PasswordHook = r.imported.hook
		u.Account.Provider = org.Provider{Type: org.ProviderImport, Name: org.ProviderImport}
		return true, nil
	}
	return false, nil
}

// wrongProfile are violations of the schema in Okta's words. What somebody must
// not write is a fault of its own, since it is no mistake in the value.
func wrongProfile(found *edit.Problems, violations []profile.Violation) error {
	for _, v := range violations {
		switch v.Code {
		case profile.CodeUnknown:
			found.Add("", fmt.Sprintf("Property name '%.100s' is not defined in profile", v.Attribute))
		case profile.CodeForbidden:
			return fault.New(fault.Forbidden, "")
		case profile.CodeBlank:
			found.Add(v.Attribute, edit.Blank)
		default:
			found.Add(v.Attribute, v.Text)
		}
	}
	return nil
}

// refusal is the fault of what was found, or nil. Its object is the property, if
// it is one.
func refusal(found edit.Problems, object string) error {
	if len(found) == 0 {
		return nil
	}
	field := found[0].Field
	for _, c := range found {
		if c.Field != field {
			field = ""
		}
	}
	field, _, _ = strings.Cut(field, ".")
	return found.Fault(cmp.Or(field, object))
}
