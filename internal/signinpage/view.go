package signinpage

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"path"

	"github.com/usher-id/usher/internal/org"
)

//go:embed templates assets
var files embed.FS

// Names of the pages, which are those of their templates.
const (
	pageSignIn  = "signin"
	pageSignUp  = "signup"
	pageAccount = "account"
	pageMessage = "message"
)

// page is what the layout needs of every page. Body is for its own template.
type page struct {
	Title      string
	Notice     string   // good news above the body
	Alerts     []string // bad news above the body
	FocusAlert bool     // whether they get the focus, since no field does
	Body       any

	// Org is the name of the organization.
	Org    string
	Footer footer
	Client string // the app for which somebody came, or ""

	// The rest is set by draw.
	Text        text
	Style, Icon string
}

// At gives a path of the pages as a link that keeps the app.
func (p page) At(path string) string {
	if p.Client == "" {
		return path
	}
	return path + "?" + url.Values{clientKey: {p.Client}}.Encode()
}

// footer is the line below every page, the zero value for none.
type footer struct {
	Website      string // an URL, as SupportURL; "" for none
	SupportURL   string
	SupportPhone string
}

// name puts on a page what the organization says of itself.
func (p *page) name(c *org.Company) {
	p.Org = c.Name
	if !c.HideFooter {
		p.Footer = footer{c.Website, c.SupportURL, c.SupportPhone}
	}
}

// messageBody is a page that only says something.
type messageBody struct {
	Paragraphs []string
	RequestID  string
}

// views draws pages.
type views struct {
	text    text
	pages   map[string]*template.Template
	version string // of the assets: a hash of them all
	assets  map[string]asset
}

type asset struct {
	contentType string
	content     []byte
}

func newViews(t text) (*views, error) {
	v := &views{text: t, pages: map[string]*template.Template{}, assets: map[string]asset{}}
	for _, name := range []string{pageSignIn, pageSignUp, pageAccount, pageMessage} {
		parsed, err := template.ParseFS(files, "templates/layout.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("signinpage: %w", err)
		}
		v.pages[name] = parsed
	}
	if err := v.readAssets(); err != nil {
		return nil, fmt.Errorf("signinpage: %w", err)
	}
	return v, nil
}

func (v *views) readAssets() error {
	list, err := fs.ReadDir(files, "assets")
	if err != nil {
		return err
	}
	sum := sha256.New()
	for _, entry := range list {
		content, err := fs.ReadFile(files, path.Join("assets", entry.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", entry.Name(), len(content))
		sum.Write(content)
		contentType := contentTypeOf(entry.Name())
		if contentType == "" {
			return fmt.Errorf("no content type for %s", entry.Name())
		}
		v.assets[entry.Name()] = asset{contentType, content}
	}
	v.version = hex.EncodeToString(sum.Sum(nil))[:16]
	return nil
}

// contentTypeOf is a table of our own: package mime asks the machine (the
// registry of Windows, /etc/mime.types), which may say that CSS is plain text, and
// with nosniff no browser takes that as a style.
func contentTypeOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return ""
}

// address is where an asset of this version is.
func (v *views) address(name string) string { return "/assets/" + v.version + "/" + name }

// draw gives a whole page. Nothing has been sent when it fails.
func (v *views) draw(name string, p page) ([]byte, error) {
	p.Text = v.text
	p.Style, p.Icon = v.address(assetStyle), v.address(assetIcon)
	var b bytes.Buffer
	if err := v.pages[name].ExecuteTemplate(&b, "layout", p); err != nil {
		return nil, fmt.Errorf("signinpage: %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// Names of assets.
const (
	assetStyle = "pages.css"
	assetIcon  = "icon.svg"
)
