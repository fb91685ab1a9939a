package browser

import (
	"context"
	_ "embed"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/usher-id/usher/test/run"
)

func TestMain(m *testing.M) { run.Main(m) }

// patience ends a test of a page that never comes.
const patience = 60 * time.Second

// chromium is a running browser.
type chromium struct{ ctx context.Context }

// open starts a browser with a profile of its own, which speaks to nobody but
// the pages that it is told to open.
func open(t *testing.T) *chromium {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(run.Chromium(t)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("lang", "en-US"),
		chromedp.WSURLReadTimeout(patience),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which Chromium refuses to have as root
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancelBrowser := chromedp.NewContext(allocator)
	t.Cleanup(cancelBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return &chromium{ctx}
}

// tab is one tab. When its test ends it has asked nobody but usher, and has
// broken no content security policy.
type tab struct {
	*testing.T
	ctx    context.Context
	server *run.Server

	mu       sync.Mutex
	requests []string
	problems []string
}

// tab opens a tab of a visitor without cookies.
func (c *chromium) tab(t *testing.T, server *run.Server) *tab {
	t.Helper()
	return newTab(t, c.ctx, server, chromedp.WithNewBrowserContext())
}

// another opens a tab of the same visitor.
func (p *tab) another() *tab {
	p.Helper()
	return newTab(p.T, p.ctx, p.server)
}

func newTab(t *testing.T, parent context.Context, server *run.Server, options ...chromedp.ContextOption) *tab {
	t.Helper()
	p := &tab{T: t, server: server}
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(p.listen))...)
	t.Cleanup(cancel)
	p.ctx = ctx
	// The first call makes the tab, which lives as long as the call's context.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800)); err != nil {
		t.Fatal(err)
	}
	call(p, audits.Enable, cdp.Empty{})
	t.Cleanup(p.check)
	return p
}

func (p *tab) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *log.EventEntryAdded:
		if e.Entry.Source == log.EntrySourceSecurity {
			p.problems = append(p.problems, e.Entry.Text)
		}
	case *audits.EventIssueAdded:
		if d := e.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			p.problems = append(p.problems, "content security policy: "+d.ViolatedDirective)
		}
	case *runtime.EventExceptionThrown:
		p.problems = append(p.problems, "a script failed: "+e.ExceptionDetails.Text)
	}
}

func (p *tab) check() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.requests) == 0 {
		p.Error("the tab asked for nothing: the test did not see what it should")
	}
	for _, u := range p.requests {
		if !strings.HasPrefix(u, p.server.URL+"/") && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			p.Errorf("the page asked %s", u)
		}
	}
	for _, problem := range p.problems {
		p.Error(problem)
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.Fatal(err)
	}
}

func get[T any](p *tab, a chromedp.Action[T]) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.Fatal(err)
	}
	return v
}

func call[P, R any](p *tab, c cdp.Command[P, R], params P) {
	p.Helper()
	if _, err := chromedp.Call(p.ctx, c, params); err != nil {
		p.Fatalf("%s: %v", c.Method, err)
	}
}

// leads runs steps that lead to another page, waits for it, and gives its
// status.
func (p *tab) leads(steps ...chromedp.Action[chromedp.Void]) int64 {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	r, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		p.Fatal(err)
	}
	return r.Status
}

func (p *tab) open(path string) {
	p.Helper()
	if status := p.leads(chromedp.Navigate(p.server.URL + path)); status != 200 {
		p.Fatalf("%s: status %d", path, status)
	}
}

// fill types into fields, by their names.
func (p *tab) fill(fields ...string) {
	p.Helper()
	for i := 0; i < len(fields); i += 2 {
		field := chromedp.CSS(`[name="` + fields[i] + `"]`)
		p.do(chromedp.Focus(field), selectAll)
		call(p, input.InsertText, input.InsertTextParams{Text: fields[i+1]}) // as a paste: keys, one by one, take long
	}
}

// submit presses the button of the form.
func (p *tab) submit() (status int64) {
	p.Helper()
	return p.leads(chromedp.Click(button))
}

// selectAll selects what a field holds, so that typing replaces it.
func selectAll(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
	return chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl))(ctx, t)
}

const button = chromedp.CSS("main button[type=submit]")

// text is all that is to be read on the page.
func (p *tab) text() string {
	p.Helper()
	return get(p, chromedp.Text(chromedp.CSS("main")))
}

func (p *tab) wants(texts ...string) {
	p.Helper()
	page := p.text()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			p.Errorf("%q is not to be read here:\n%s", text, page)
		}
	}
}

// value is what a field holds.
func (p *tab) value(name string) string {
	p.Helper()
	return get(p, chromedp.Value(chromedp.CSS(`[name="`+name+`"]`)))
}

// focus names what has the focus: a field by its name, anything else by its
// role or element.
func (p *tab) focus() string {
	p.Helper()
	return get(p, chromedp.Evaluate[string](`(e => e.name || e.getAttribute("role") || e.localName)(document.activeElement)`))
}

// at gives the messages that a screen reader reads at a field.
func (p *tab) at(name string) []string {
	p.Helper()
	return get(p, chromedp.Evaluate[[]string](`(e => e.getAttribute("aria-invalid") !== "true" ? [] :
		e.getAttribute("aria-describedby").split(" ").filter(id => id.endsWith("-error"))
			.map(id => document.getElementById(id).innerText.trim()))(document.getElementsByName("`+name+`")[0])`))
}

// scheme makes the visitor prefer light or dark.
func (p *tab) scheme(name string) {
	p.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
}

//go:embed audit.js
var audit string

// audit holds the page to what everybody needs who sees it otherwise than its
// author.
func (p *tab) audit() {
	p.Helper()
	for _, problem := range get(p, chromedp.Evaluate[[]string](audit)) {
		p.Error(problem)
	}
}

// shot takes a picture of what is to be seen, without a blinking cursor.
func (p *tab) shot(file string) {
	p.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](`document.body.style.caretColor = "transparent"; document.documentElement.scrollTop = 0`))
	picture := get(p, chromedp.CaptureScreenshot())
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		p.Fatal(err)
	}
	const limit = 150 << 10
	if len(picture) > limit {
		p.Errorf("%s has %d bytes, limit %d", filepath.Base(file), len(picture), limit)
	}
}
