package mgmt

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// scheme is Okta's own, for API tokens. Like every scheme of HTTP it is not told
// apart by case.
const scheme = "SSWS"

// authenticated lets requests through that have a good token and have not used
// up its rate, also to paths that do not exist: whoever has no token learns
// nothing of them. Proxy-Authorization, which Terraform's provider sends when it
// takes usher for a proxy, is not looked at.
func (a *API) authenticated(next http.Handler) http.Handler {
	return web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		info := web.InfoOf(r.Context())
		bearer, refusal := a.bearer(r)
		if refusal != nil {
			if err := admit(w, a.Limit, web.AddressKey(info.IP)); err != nil {
				return err
			}
			return refusal
		}
		web.Note(r.Context(), slog.String("token", bearer.Token.ID))
		if err := admit(w, a.Limit, bearer.Token.ID); err != nil {
			return err
		}
		by := admin.By{
			RequestID: info.ID, IP: info.IP, UserAgent: info.UserAgent,
			Actor: bearer.Actor(), TokenID: bearer.Token.ID, Role: bearer.Role,
		}
		next.ServeHTTP(w, r.WithContext(rest.WithBy(r.Context(), by)))
		return nil
	})
}

// bearer gives who has the token of a request.
func (a *API) bearer(r *http.Request) (*admin.Bearer, error) {
	header := strings.TrimSpace(r.Header.Get("Authorization"))
	if header == "" {
		return nil, fault.New(fault.NoSession, "")
	}
	used, text, _ := strings.Cut(header, " ")
	if !strings.EqualFold(used, scheme) {
		return nil, fault.New(fault.BadToken, "")
	}
	return a.Admin.Authenticate(r.Context(), strings.TrimSpace(text))
}

func admit(w http.ResponseWriter, limit Limiter, key string) error {
	if limit == nil {
		return nil
	}
	return limit.Admit(w, key)
}
