package signinpage

import (
	"cmp"
	"net/http"

	"github.com/usher-id/usher/internal/web"
)

// DrawError draws an error as a page. It is a [web.ErrorWriter], for panics and
// whatever stands before the pages, too.
func (p *Pages) DrawError(w http.ResponseWriter, r *http.Request, err error) {
	problem := web.Explain(r, err)
	problem.SetRetry(w.Header())
	t := p.views.text
	title, ok := t.Titles[problem.Status]
	if !ok {
		// The page of its class, as RFC 9110 § 15 has it for what is not known.
		title = t.Titles[problem.Status/100*100]
	}
	body := messageBody{Paragraphs: []string{cmp.Or(t.Bodies[problem.Status], problem.Summary)}}
	switch {
	case problem.Status == http.StatusServiceUnavailable && r.Method == http.MethodPost:
		body.Paragraphs = append(body.Paragraphs, t.SendAgain)
	case problem.Status == http.StatusInternalServerError:
		body.RequestID = web.InfoOf(r.Context()).ID
	}
	content := page{Title: title, Body: body}
	err = p.write(w, r, problem.Status, pageMessage, content)
	if err != nil { // the database may be what is away
		content.Org = p.Org
		err = p.send(w, problem.Status, pageMessage, content)
	}
	if err != nil {
		web.Explain(r, err) // into the log
		http.Error(w, title, problem.Status)
	}
}
