package signinpage_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// document is a page as a browser reads it.
type document struct{ root *html.Node }

// elements that pages are made of, and the attributes that they have. What is
// not listed came from somewhere else.
var elements = map[string][]string{
	"html": {"lang"}, "head": {}, "meta": {"charset", "name", "content"}, "title": {}, "link": {"rel", "href", "type"},
	"body": {}, "header": {"class"}, "footer": {"class"}, "main": {"class"}, "img": {"src", "alt", "width", "height"}, "a": {"href"},
	"h1": {}, "h2": {}, "p": {"class", "id", "role"}, "div": {"class", "id", "role", "tabindex", "autofocus"},
	"form": {"method", "action", "novalidate"}, "button": {"class", "type"},
	"label": {"for", "class"}, "legend": {}, "span": {"class", "aria-hidden"},
	"fieldset": {"class", "role", "aria-required", "aria-describedby"},
	"input": {"id", "name", "type", "value", "checked", "required", "minlength", "maxlength", "inputmode", "autocomplete",
		"autocapitalize", "spellcheck", "autofocus", "aria-invalid", "aria-describedby"},
	"textarea": {"id", "name", "rows", "required", "minlength", "maxlength", "autocomplete", "autocapitalize", "spellcheck",
		"autofocus", "aria-invalid", "aria-describedby"},
	"select": {"id", "name", "required", "autocomplete", "autofocus", "aria-invalid", "aria-describedby"}, "option": {"value", "selected"},
	"dl": {}, "dt": {}, "dd": {}, "ul": {"class"}, "li": {}, "strong": {}, "code": {},
}

// checkPage holds a page to what every page must be, and gives it parsed.
func checkPage(t *testing.T, text string) *document {
	t.Helper()
	checkNesting(t, text)
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		t.Error("a page holds what is no text")
	}
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	d := &document{root}
	checkElements(t, d)
	checkLabels(t, d)
	for _, password := range []string{goodPassword, badPassword} {
		if strings.Contains(text, password) {
			t.Errorf("a page holds a password:\n%s", text)
		}
	}
	if n := len(d.all("h1")); n != 1 {
		t.Errorf("%d h1, want 1", n)
	}
	if n := len(d.find(func(n *html.Node) bool { return has(n, "autofocus") })); n > 1 {
		t.Errorf("%d elements with autofocus, want at most 1", n)
	}
	if title := d.all("title"); len(title) != 1 || !strings.HasSuffix(textOf(title[0]), " · "+orgName) {
		t.Error("the title does not name the org")
	}
	return d
}

// checkNesting refuses what a browser would mend silently.
func checkNesting(t *testing.T, text string) {
	t.Helper()
	void := []string{"meta", "link", "input", "img"}
	var open []string
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("not closed: %v", open)
			}
			return
		case html.StartTagToken:
			if name, _ := z.TagName(); !slices.Contains(void, string(name)) {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("</%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

func checkElements(t *testing.T, d *document) {
	t.Helper()
	ids := map[string]bool{}
	for _, n := range d.find(func(*html.Node) bool { return true }) {
		allowed, ok := elements[n.Data]
		if !ok {
			t.Errorf("<%s> is in the page", n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(allowed, a.Key) {
				t.Errorf("<%s %s=%q> is in the page", n.Data, a.Key, a.Val)
			}
		}
		if id := get(n, "id"); id != "" && ids[id] {
			t.Errorf("the id %s occurs twice", id)
		} else {
			ids[id] = true
		}
		checkTarget(t, n)
	}
	for _, n := range d.find(func(n *html.Node) bool { return has(n, "aria-describedby") || has(n, "for") }) {
		for id := range strings.FieldsSeq(get(n, "aria-describedby") + " " + get(n, "for")) {
			if !ids[id] {
				t.Errorf("<%s> refers to %q, which is not there", n.Data, id)
			}
		}
	}
}

// checkTarget holds what a page loads and links to to this site, but for the
// footer, which leads where the organization says.
func checkTarget(t *testing.T, n *html.Node) {
	t.Helper()
	target := get(n, "src") + get(n, "href") + get(n, "action")
	if target == "" || n.Parent != nil && n.Parent.DataAtom == atom.Footer {
		return
	}
	if target[0] != '/' || strings.HasPrefix(target, "//") {
		t.Errorf("<%s> leads to %q", n.Data, target)
	}
}

// checkLabels wants a name for every control.
func checkLabels(t *testing.T, d *document) {
	t.Helper()
	labels := map[string]string{}
	for _, l := range d.all("label") {
		id := get(l, "for")
		if id == "" {
			id = get(within(l, "input")[0], "id")
		}
		labels[id] += strings.TrimSpace(textOf(l))
	}
	for _, n := range d.find(func(n *html.Node) bool { return n.Data == "input" || n.Data == "select" || n.Data == "textarea" }) {
		if get(n, "type") != "hidden" && labels[get(n, "id")] == "" {
			t.Errorf("the field %s has no label", get(n, "name"))
		}
	}
	for _, f := range d.all("fieldset") {
		if l := within(f, "legend"); len(l) != 1 || textOf(l[0]) == "" {
			t.Error("a group of choices has no legend")
		}
	}
}

// find gives the elements that match, in their order.
func (d *document) find(match func(*html.Node) bool) []*html.Node {
	var list []*html.Node
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			list = append(list, n)
		}
	}
	return list
}

func (d *document) all(element string) []*html.Node {
	return d.find(func(n *html.Node) bool { return n.Data == element })
}

// field gives the controls of a name that people see.
func (d *document) field(name string) []*html.Node {
	return d.find(func(n *html.Node) bool {
		return get(n, "name") == name && get(n, "type") != "hidden" && n.DataAtom != atom.Meta
	})
}

// value is what a text field or a list would send.
func (d *document) value(name string) string {
	for _, n := range d.field(name) {
		switch n.DataAtom {
		case atom.Input:
			return get(n, "value")
		case atom.Textarea:
			return strings.TrimPrefix(textOf(n), "\n")
		}
		for _, o := range within(n, "option") {
			if has(o, "selected") {
				return get(o, "value")
			}
		}
	}
	return ""
}

// at gives the messages at a field, as a screen reader finds them.
func (d *document) at(name string) []string {
	var list []string
	for _, n := range d.field(name) {
		described := get(n, "aria-describedby")
		if group := ancestor(n, "fieldset"); group != nil {
			described = get(group, "aria-describedby")
		}
		if !has(n, "aria-invalid") {
			continue
		}
		for id := range strings.FieldsSeq(described) {
			if !strings.HasSuffix(id, "-error") {
				continue
			}
			for _, e := range d.find(func(n *html.Node) bool { return get(n, "id") == id }) {
				for _, p := range within(e, "p") {
					list = append(list, textOf(p))
				}
			}
		}
		break
	}
	return list
}

// alerts gives the messages above the form.
func (d *document) alerts() []string {
	var list []string
	for _, a := range d.find(func(n *html.Node) bool { return get(n, "role") == "alert" }) {
		for _, p := range within(a, "p") {
			list = append(list, textOf(p))
		}
	}
	return list
}

// focus names the control that has the focus; "alert" is the messages above.
func (d *document) focus() string {
	list := d.find(func(n *html.Node) bool { return has(n, "autofocus") })
	if len(list) == 0 {
		return ""
	}
	return get(list[0], "name") + get(list[0], "role")
}

// text is all that is to be read.
func (d *document) text() string { return textOf(d.all("main")[0]) }

// link gives the target of the link with that text.
func (d *document) link(text string) string {
	for _, a := range d.all("a") {
		if textOf(a) == text {
			return get(a, "href")
		}
	}
	return ""
}

func within(n *html.Node, element string) []*html.Node {
	var list []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == element {
			list = append(list, d)
		}
	}
	return list
}

func ancestor(n *html.Node, element string) *html.Node {
	for a := range n.Ancestors() {
		if a.Data == element {
			return a
		}
	}
	return nil
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func get(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}
