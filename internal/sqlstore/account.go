package sqlstore

import (
	"time"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
)

// account is org.Account as it is stored, with the hashes that it hides.
type account struct {
	ProviderType  string    `json:"providerType,omitempty"`
	ProviderName  string    `json:"providerName,omitempty"`
	Question      string    `json:"question,omitempty"`
	Answer        string    `json:"answer,omitempty"`
	PasswordHook  bool      `json:"passwordHook,omitempty"`
	FailedSignIns int       `json:"failedSignIns,omitempty"`
	LastFailure   time.Time `json:"lastFailure,omitzero"`
	Earlier       []string  `json:"earlier,omitempty"`
}

func accountOf(a *org.Account) account {
	stored := account{
		ProviderType: a.Provider.Type, ProviderName: a.Provider.Name,
		Question: a.Recovery.Question, Answer: a.Recovery.Answer.Encoded(),
		PasswordHook: a.PasswordHook, FailedSignIns: a.FailedSignIns, LastFailure: micro(a.LastFailure),
	}
	for _, h := range a.Earlier {
		stored.Earlier = append(stored.Earlier, h.Encoded())
	}
	return stored
}

func (a *account) open() (org.Account, error) {
	answer, err := parseHash(a.Answer)
	if err != nil {
		return org.Account{}, err
	}
	opened := org.Account{
		Provider:     org.Provider{Type: a.ProviderType, Name: a.ProviderName},
		Recovery:     org.Recovery{Question: a.Question, Answer: answer},
		PasswordHook: a.PasswordHook, FailedSignIns: a.FailedSignIns, LastFailure: a.LastFailure,
	}
	for _, text := range a.Earlier {
		h, err := password.ParseHash(text)
		if err != nil {
			return org.Account{}, err
		}
		opened.Earlier = append(opened.Earlier, h)
	}
	return opened, nil
}

// parseHash reads a hash that may not be there.
func parseHash(text string) (password.Hash, error) {
	if text == "" {
		return password.Hash{}, nil
	}
	return password.ParseHash(text)
}
