package hook

import (
	"log/slog"
	"net/http"
)

// HeaderChallenge is the header of the request that verifies the service of an
// event hook.
const HeaderChallenge = "X-Okta-Verification-Challenge"

// Verification answers the one GET by which an event hook is verified: it sends
// the challenge back, which shows that the owner of the service wants the events.
// Every other request (the events) goes to next. With [Secret], both are refused
// without the secret; [MaxRequest] is for next to say.
func Verification(next http.Handler, opts ...Option) http.Handler {
	o := options{log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	return &verificationHandler{o, next}
}

type verificationHandler struct {
	options
	next http.Handler
}

func (h *verificationHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.knows(r) {
		h.refuse(w, http.StatusUnauthorized)
		return
	}
	challenge := r.Header.Get(HeaderChallenge)
	if r.Method != http.MethodGet || challenge == "" {
		h.next.ServeHTTP(w, r)
		return
	}
	body, err := Encode(NewObject(Member{Name: "verification", Value: challenge}))
	if err != nil { // it is no text
		h.log.Warn("hook: a challenge that is not UTF-8")
		h.refuse(w, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // a caller that has gone is told nothing
}
