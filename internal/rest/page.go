package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/usher-id/usher/internal/fault"
)

// MaxPage is how many elements most lists have on a page when nobody says so,
// and at most.
const MaxPage = 200

// PageLimit is how many elements a client wants on a page. More than there can be
// is as many as there can be.
func PageLimit(values url.Values, byDefault, most int) (int, error) {
	text := values.Get("limit")
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fault.New(fault.BadPage, "", fault.Cause{Field: "limit", Text: fmt.Sprintf("must be 1 to %d", most)})
	}
	return min(n, most), nil
}

// NoContent answers to a change that has nothing to show.
func NoContent(w http.ResponseWriter, err error) error {
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
