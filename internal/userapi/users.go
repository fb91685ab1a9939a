package userapi

import (
	"net/http"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// GetUser serves GET /api/v1/users/{id}.
func (a *API) GetUser(w http.ResponseWriter, r *http.Request) error {
	p, err := a.Directory.User(r.Context(), rest.ByOf(r), r.PathValue("id"))
	return a.writeUser(w, p, err)
}

// CreateUser serves POST /api/v1/users.
func (a *API) CreateUser(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	var how directory.Creation
	if how.Activate, err = flag(values, "activate", true); err != nil {
		return err
	}
	if how.Provider, err = flag(values, "provider", false); err != nil {
		return err
	}
	switch next := values.Get("nextLogin"); next {
	case "":
	case "changePassword":
		how.ChangePassword = true
	default:
		return fault.Field("nextLogin", "nextLogin", "must be changePassword")
	}
	in, err := readUser(r)
	if err != nil {
		return err
	}
	p, err := a.Directory.CreateUser(r.Context(), rest.ByOf(r), in, how)
	return a.writeUser(w, p, err)
}

// UpdateUser serves the update of a part, or of the whole.
func (a *API) UpdateUser(whole bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		strict, err := strict(r)
		if err != nil {
			return err
		}
		in, err := readUser(r)
		if err != nil {
			return err
		}
		how := directory.Update{Replace: whole, Strict: strict}
		p, err := a.Directory.UpdateUser(r.Context(), rest.ByOf(r), r.PathValue("id"), in, how)
		return a.writeUser(w, p, err)
	}
}

// userJSON is a user in Okta's JSON, its keys in the order of a recorded answer.
type userJSON struct {
	ID              string          `json:"id"`
	Status          string          `json:"status"`
	Created         *string         `json:"created"` // times are null for never
	Activated       *string         `json:"activated"`
	StatusChanged   *string         `json:"statusChanged"`
	LastLogin       *string         `json:"lastLogin"`
	LastUpdated     *string         `json:"lastUpdated"`
	PasswordChanged *string         `json:"passwordChanged"`
	Type            idJSON          `json:"type"`
	Profile         *hook.Object    `json:"profile"`
	Credentials     credentialsJSON `json:"credentials"`
	Links           userLinks       `json:"_links"`
}

type idJSON struct {
	ID string `json:"id"`
}

// credentialsJSON tells that there is a password, and nothing of it.
type credentialsJSON struct {
	Password         *struct{}     `json:"password,omitempty"`
	RecoveryQuestion *questionJSON `json:"recovery_question,omitempty"`
	Provider         providerJSON  `json:"provider"`
}

type questionJSON struct {
	Question string `json:"question"`
}

type providerJSON struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

func (a *API) writeUser(w http.ResponseWriter, p *directory.Person, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, p.User.Revision())
	return web.WriteJSON(w, http.StatusOK, a.userJSON(p))
}

func (a *API) userJSON(p *directory.Person) userJSON {
	u := p.User
	return userJSON{
		ID: u.ID, Status: u.Status, Created: timeOrNull(u.Created), Activated: timeOrNull(u.Activated),
		StatusChanged: timeOrNull(u.StatusChanged), LastLogin: timeOrNull(u.LastLogin),
		LastUpdated: timeOrNull(u.LastUpdated), PasswordChanged: timeOrNull(u.PasswordChanged),
		Type: idJSON{p.Type.ID}, Profile: profileJSON(p.Visible), Credentials: credentialsOf(u), Links: a.userLinks(p),
	}
}

// profileJSON has the values in the order of a recorded answer: the names, two
// attributes that are there even without a value, what else there is, and what a
// person is known by.
func profileJSON(visible *hook.Object) *hook.Object {
	o := &hook.Object{}
	move := func(name string) {
		if value, ok := visible.Get(name); ok {
			o.Set(name, value)
		}
	}
	move(profile.FirstName)
	move(profile.LastName)
	for _, name := range [...]string{"mobilePhone", "secondEmail"} {
		value, _ := visible.Get(name)
		o.Set(name, value)
	}
	for name, value := range visible.All() {
		if name != profile.Login && name != profile.Email {
			o.Set(name, value)
		}
	}
	move(profile.Login)
	move(profile.Email)
	return o
}

func credentialsOf(u *org.User) credentialsJSON {
	c := credentialsJSON{Provider: providerJSON(u.Provider())}
	if !u.Password.Empty() || u.Account.PasswordHook {
		c.Password = &struct{}{}
	}
	if u.Account.Recovery.Question != "" {
		c.RecoveryQuestion = &questionJSON{u.Account.Recovery.Question}
	}
	return c
}

func timeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := web.Time(t)
	return &text
}

// userLinks are what can be done with a user as it is.
type userLinks struct {
	Suspend                *rest.Action `json:"suspend,omitempty"`
	Unsuspend              *rest.Action `json:"unsuspend,omitempty"`
	Schema                 rest.Action  `json:"schema"`
	Activate               *rest.Action `json:"activate,omitempty"`
	ResetPassword          *rest.Action `json:"resetPassword,omitempty"`
	Unlock                 *rest.Action `json:"unlock,omitempty"`
	ForgotPassword         *rest.Action `json:"forgotPassword,omitempty"`
	ExpirePassword         *rest.Action `json:"expirePassword,omitempty"`
	ChangeRecoveryQuestion *rest.Action `json:"changeRecoveryQuestion,omitempty"`
	Reactivate             *rest.Action `json:"reactivate,omitempty"`
	Self                   rest.Action  `json:"self"`
	ResetFactors           *rest.Action `json:"resetFactors,omitempty"`
	Type                   rest.Action  `json:"type"`
	ChangePassword         *rest.Action `json:"changePassword,omitempty"`
	Deactivate             *rest.Action `json:"deactivate,omitempty"`
	Delete                 *rest.Action `json:"delete,omitempty"`
}

// userLinks gives the links that recorded answers have in a status. For those
// that were not recorded they are what the status allows.
func (a *API) userLinks(p *directory.Person) userLinks {
	u := p.User
	self := a.Site.URL("/api/v1/users/" + u.ID)
	links := userLinks{
		Self:   rest.Action{Href: self},
		Schema: rest.Action{Href: a.Site.URL("/api/v1/meta/schemas/user/" + p.Type.SchemaID())},
		Type:   rest.Action{Href: a.Site.URL("/api/v1/meta/types/user/" + p.Type.ID)},
	}
	lifecycle := func(call string) *rest.Action {
		return &rest.Action{Href: self + "/lifecycle/" + call, Method: http.MethodPost}
	}
	credentials := func(call string) *rest.Action {
		return &rest.Action{Href: self + "/credentials/" + call, Method: http.MethodPost}
	}
	if u.Status == org.StatusDeprovisioned {
		links.Activate = lifecycle("activate")
		links.Delete = &rest.Action{Href: self, Method: http.MethodDelete}
		return links
	}
	links.ResetFactors = lifecycle("reset_factors")
	if u.Status == org.StatusStaged {
		links.Activate = lifecycle("activate")
		return links
	}
	links.Deactivate = lifecycle("deactivate")
	if u.Status == org.StatusSuspended {
		links.Unsuspend = lifecycle("unsuspend")
		return links
	}
	links.ResetPassword = lifecycle("reset_password")
	switch u.Status {
	case org.StatusProvisioned:
		links.Suspend, links.Reactivate = lifecycle("suspend"), lifecycle("reactivate")
	case org.StatusActive:
		links.Suspend = lifecycle("suspend")
		if !u.Password.Empty() {
			links.ForgotPassword = credentials("forgot_password")
			links.ExpirePassword = lifecycle("expire_password")
			links.ChangeRecoveryQuestion = credentials("change_recovery_question")
			links.ChangePassword = credentials("change_password")
		}
	case org.StatusRecovery:
		links.Reactivate = lifecycle("reactivate")
		links.ChangePassword = credentials("change_password")
	case org.StatusPasswordExpired:
		links.ChangePassword = credentials("change_password")
	case org.StatusLockedOut:
		links.Unlock = lifecycle("unlock")
	}
	return links
}
