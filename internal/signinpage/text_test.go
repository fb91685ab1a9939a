package signinpage

import (
	"io/fs"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	v := reflect.ValueOf(english())
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s has no text", v.Type().Field(i).Name)
		}
	}
}

// TestTemplatesHaveNoWords: they would be missing in another language.
func TestTemplatesHaveNoWords(t *testing.T) {
	t.Parallel()
	// Actions, and the two templates that are a list of attributes in one line.
	action := regexp.MustCompile(`(?m)^\{\{define "(state|limits)"\}\}.*$|(?s:\{\{.*?\}\})`)
	list, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(list) != 5 {
		t.Fatalf("%d templates, %v", len(list), err)
	}
	for _, name := range list {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for z := html.NewTokenizer(strings.NewReader(action.ReplaceAllString(string(content), ""))); ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			if text := z.Token(); kind == html.TextToken && strings.ContainsFunc(text.Data, unicode.IsLetter) {
				t.Errorf("%s says %q", name, strings.TrimSpace(text.Data))
			}
		}
	}
}

func TestAssetsComeFromNowhereElse(t *testing.T) {
	t.Parallel()
	v, err := newViews(english())
	if err != nil {
		t.Fatal(err)
	}
	if len(v.assets) != 2 {
		t.Errorf("%d assets, want 2", len(v.assets))
	}
	for name, a := range v.assets {
		text := strings.ReplaceAll(string(a.content), `xmlns="http://www.w3.org/2000/svg"`, "")
		if a.contentType == "" || strings.Contains(text, "//") || strings.Contains(text, "@import") || strings.Contains(text, "<script") {
			t.Errorf("%s (%s) leads elsewhere", name, a.contentType)
		}
	}
}
