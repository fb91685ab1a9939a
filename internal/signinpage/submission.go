package signinpage

import (
	"errors"
	"mime"
	"net/http"
	"net/url"

	"github.com/usher-id/usher/internal/fault"
)

// Limits of a form. The number of values is far above what a policy can ask for,
// and keeps the work for one request small.
const (
	maxForm   = 64 << 10 // bytes
	maxValues = 500
)

// readForm reads the body of a form, and nothing from the URL. Each value may
// still be anything: the rules say what is wrong with it, at its field.
func (p *Pages) readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	t := p.views.text
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, fault.New(fault.Malformed, t.NoForm)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, fault.New(fault.TooLarge, t.FormTooLarge)
		}
		return nil, fault.New(fault.Malformed, t.NoForm).With(err)
	}
	n := 0
	for _, values := range r.PostForm {
		n += len(values)
	}
	if n > maxValues {
		return nil, fault.New(fault.TooLarge, t.TooManyFields)
	}
	return r.PostForm, nil
}
