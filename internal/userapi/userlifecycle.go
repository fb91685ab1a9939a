package userapi

import (
	"context"
	"net/http"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// userCall is a call of a user that gives nothing back.
type userCall func(*directory.Service, context.Context, directory.By, string) error

// Done serves a call that answers an empty object.
func (a *API) Done(call userCall) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := call(a.Directory, r.Context(), rest.ByOf(r), r.PathValue("id")); err != nil {
			return err
		}
		return web.WriteJSON(w, http.StatusOK, struct{}{})
	}
}

// Gone serves a call that answers nothing.
func (a *API) Gone(call userCall) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := call(a.Directory, r.Context(), rest.ByOf(r), r.PathValue("id")); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// tokenCall is a call that sends a user a token, or gives it.
type tokenCall func(s *directory.Service, ctx context.Context, by directory.By, key string, mail bool) (org.Secret, error)

// userTokenJSON is where a token leads. The pages there are those of Okta's Identity
// Engine.
type userTokenJSON struct {
	ActivationURL    string `json:"activationUrl,omitempty"`
	ActivationToken  string `json:"activationToken,omitempty"`
	ResetPasswordURL string `json:"resetPasswordUrl,omitempty"`
}

// Activation serves a call whose token activates; mail says whether it is sent
// when the client does not.
func (a *API) Activation(call tokenCall, mail bool) web.Handler {
	return a.sent(call, mail, func(token string) userTokenJSON {
		return userTokenJSON{ActivationURL: a.Site.URL("/tokens/" + token + "/verify"), ActivationToken: token}
	})
}

// Reset serves a call whose token resets the password, and which sends it unless
// the client says otherwise.
func (a *API) Reset(call tokenCall) web.Handler {
	return a.sent(call, true, func(token string) userTokenJSON {
		return userTokenJSON{ResetPasswordURL: a.Site.URL("/reset_password/" + token)}
	})
}

func (a *API) sent(call tokenCall, mail bool, show func(token string) userTokenJSON) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		values, err := rest.Parameters(r)
		if err != nil {
			return err
		}
		mail, err := flag(values, "sendEmail", mail)
		if err != nil {
			return err
		}
		token, err := call(a.Directory, r.Context(), rest.ByOf(r), r.PathValue("id"), mail)
		if err != nil {
			return err
		}
		var answer userTokenJSON // empty when the token is on its way, or none is needed
		if !token.Empty() {
			answer = show(token.Reveal())
		}
		return web.WriteJSON(w, http.StatusOK, answer)
	}
}

// ExpirePassword answers the user, or a temporary password.
func (a *API) ExpirePassword(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	temporary, err := flag(values, "tempPassword", false)
	if err != nil {
		return err
	}
	if temporary {
		return a.TempPassword(w, r)
	}
	p, err := a.Directory.ExpirePassword(r.Context(), rest.ByOf(r), r.PathValue("id"))
	return a.writeUser(w, p, err)
}

// TempPassword serves POST /api/v1/users/{id}/lifecycle/expire_password_with_temp_password.
func (a *API) TempPassword(w http.ResponseWriter, r *http.Request) error {
	temp, err := a.Directory.TempPassword(r.Context(), rest.ByOf(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, struct {
		TempPassword string `json:"tempPassword"`
	}{temp.Reveal()})
}

// ChangePassword serves POST /api/v1/users/{id}/credentials/change_password.
func (a *API) ChangePassword(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Old            *passwordBody `json:"oldPassword"`
		New            *passwordBody `json:"newPassword"`
		RevokeSessions bool          `json:"revokeSessions"`
	}
	strict, err := strict(r)
	if err != nil {
		return err
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	p, err := a.Directory.ChangePassword(r.Context(), rest.ByOf(r), r.PathValue("id"), directory.PasswordChange{
		Old: *body.Old.secret(), New: *body.New.secret(), Strict: strict, RevokeSessions: body.RevokeSessions,
	})
	return writeCredentials(w, p, err)
}

// ChangeRecoveryQuestion serves POST /api/v1/users/{id}/credentials/change_recovery_question.
func (a *API) ChangeRecoveryQuestion(w http.ResponseWriter, r *http.Request) error {
	var body credentialsBody
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	in := body.input()
	if in.Recovery == nil {
		return fault.Field("recovery_question", "recovery_question", "The field cannot be left blank")
	}
	p, err := a.Directory.ChangeRecoveryQuestion(r.Context(), rest.ByOf(r), r.PathValue("id"), *body.Password.secret(), *in.Recovery)
	return writeCredentials(w, p, err)
}

func writeCredentials(w http.ResponseWriter, p *directory.Person, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, credentialsOf(p.User))
}

// ListFactors gives what a user can sign in with besides the password: nothing
// yet.
func (a *API) ListFactors(w http.ResponseWriter, r *http.Request) error {
	if _, err := a.Directory.User(r.Context(), rest.ByOf(r), r.PathValue("id")); err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, []struct{}{})
}
