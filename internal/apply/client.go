package apply

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Client calls the management API.
type Client struct {
	Base  string // https://id.example.com
	Token string // of SSWS
	HTTP  *http.Client
}

// maxAnswer is more than any object of the API has, in bytes.
const maxAnswer = 16 << 20

// get reads one object.
func (c *Client) get(ctx context.Context, path string) (o Object, err error) {
	_, err = c.do(ctx, http.MethodGet, path, nil, &o)
	return o, err
}

// list reads all pages of a list.
func (c *Client) list(ctx context.Context, path string) (all []Object, err error) {
	for path != "" {
		var page []Object
		header, err := c.do(ctx, http.MethodGet, path, nil, &page)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		path = next(header)
	}
	return all, nil
}

var nextLink = regexp.MustCompile(`^<([^>]*)>; rel="next"$`)

// next gives the path of the next page, or "". Only path and query of the link
// are looked at: the token goes to nobody else.
func next(header http.Header) string {
	for _, line := range header.Values("Link") {
		if m := nextLink.FindStringSubmatch(line); m != nil {
			if u, err := url.Parse(m[1]); err == nil {
				return u.RequestURI()
			}
		}
	}
	return ""
}

// send writes an object and gives what came of it, nil for nothing.
func (c *Client) send(ctx context.Context, method, path string, body any) (o Object, err error) {
	_, err = c.do(ctx, method, path, body, &o)
	return o, err
}

func (c *Client) do(ctx context.Context, method, path string, body, answer any) (http.Header, error) {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("apply: %w", err)
		}
		sent = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.Base, "/")+path, sent)
	if err != nil {
		return nil, fmt.Errorf("apply: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "SSWS "+c.Token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.HTTP.Do(r)
	if err != nil {
		return nil, fmt.Errorf("the API does not answer: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("the API does not answer: %w", err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return nil, refusal(resp.StatusCode, text)
	}
	if len(text) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(answer); err != nil {
			return nil, fmt.Errorf("%s %s: the answer is not that of the API: %w", method, path, err)
		}
	}
	return resp.Header, nil
}

// refusal is an error answer as a person reads it.
func refusal(status int, text []byte) error {
	var e struct {
		Code    string `json:"errorCode"`
		Summary string `json:"errorSummary"`
		Causes  []struct {
			Summary string `json:"errorSummary"`
		} `json:"errorCauses"`
	}
	if json.Unmarshal(text, &e) != nil || e.Code == "" {
		return fmt.Errorf("status %d from what is not the API", status)
	}
	causes := make([]string, len(e.Causes))
	for i, c := range e.Causes {
		causes[i] = "\n    " + c.Summary
	}
	return errors.New(e.Summary + " (" + e.Code + ")" + strings.Join(causes, ""))
}
