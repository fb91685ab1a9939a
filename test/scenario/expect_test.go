package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"github.com/usher-id/usher/test/run"
)

// expect tells what does not hold of an answer.
func expect(r run.Reply, verb string, args []string) error {
	switch verb {
	case "status":
		return expectStatus(r, args)
	case "has":
		if !strings.Contains(r.Body, args[0]) {
			return fmt.Errorf("%q is not there", args[0])
		}
	case "lacks":
		if strings.Contains(r.Body, args[0]) {
			return fmt.Errorf("%q is there", args[0])
		}
	case "fields":
		return wantFields(r.Body, strings.Fields(args[0]))
	case "header":
		end, only := strings.CutPrefix(args[1], "…")
		fits := func(v string) bool { return v == args[1] || only && strings.HasSuffix(v, end) }
		if got := r.Header.Values(args[0]); !slices.ContainsFunc(got, fits) {
			return fmt.Errorf("%q, want %q", got, args[1])
		}
	case "at":
		got, err := messagesAt(r.Body, args[0])
		return wantMessage(got, args[1], err)
	case "above":
		got, err := messagesAbove(r.Body)
		return wantMessage(got, args[0], err)
	default:
		return fmt.Errorf("%s is nothing that an answer has", verb)
	}
	return nil
}

func expectStatus(r run.Reply, args []string) error {
	if strconv.Itoa(r.Status) != args[0] {
		return fmt.Errorf("%d, want %s", r.Status, args[0])
	}
	if len(args) > 1 && r.Location() != args[1] {
		return fmt.Errorf("it leads to %q, want %q", r.Location(), args[1])
	}
	return nil
}

func wantMessage(got []string, want string, err error) error {
	if err == nil && !slices.Contains(got, want) {
		return fmt.Errorf("%q, want %q", got, want)
	}
	return err
}

// messagesAbove gives what stands above the form.
func messagesAbove(page string) ([]string, error) {
	return textsOf(page, func(n *html.Node) bool { return get(n, "role") == "alert" })
}

// messagesAt gives the messages at a field: what its control, or the group of
// its choices, is described by and called wrong for.
func messagesAt(page, name string) ([]string, error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil, err
	}
	var ids []string
	for n := range root.Descendants() {
		if get(n, "name") != name || get(n, "aria-invalid") != "true" {
			continue
		}
		ids = append(ids, strings.Fields(get(n, "aria-describedby"))...)
		for a := range n.Ancestors() {
			if a.Data == "fieldset" {
				ids = append(ids, strings.Fields(get(a, "aria-describedby"))...)
			}
		}
	}
	return textsOf(page, func(n *html.Node) bool { return slices.Contains(ids, get(n, "id")) })
}

// wantFields checks the names of the controls of a page, in their order.
func wantFields(page string, want []string) error {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return err
	}
	var names []string
	for n := range root.Descendants() {
		name := get(n, "name")
		if slices.Contains([]string{"input", "select", "textarea"}, n.Data) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if !slices.Equal(names, want) {
		return fmt.Errorf("%q, want %q", names, want)
	}
	return nil
}

// textsOf gives the paragraphs inside the elements that match, or their own text
// where there are none.
func textsOf(page string, match func(*html.Node) bool) ([]string, error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil, err
	}
	var texts []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || !match(n) {
			continue
		}
		texts = append(texts, textOf(n))
		for p := range n.Descendants() {
			if p.Data == "p" {
				texts = append(texts, textOf(p))
			}
		}
	}
	return texts, nil
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

func get(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
