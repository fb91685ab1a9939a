package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// tree is a repository, parsed.
type tree struct {
	module   string   // its path, from go.mod
	requires []string // modules that go.mod names
	packages map[string]*pkg
	texts    []text // every file, of nested modules too
}

// pkg is one package of the main module. Its key and path are relative to the
// module: "internal/org".
type pkg struct {
	path  string
	files []*source
}

type source struct {
	path string
	*ast.File
	test  bool
	lines int
}

type text struct {
	path    string
	content []byte
}

// load reads a repository. It looks at files, not at what one system would
// build: a file for another system obeys the same rules.
func load(fsys fs.FS) (*tree, error) {
	t := &tree{packages: map[string]*pkg{}}
	if err := t.readModule(fsys); err != nil {
		return nil, err
	}
	return t, fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && ignoredDir(name):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		if name == ".git" {
			return nil // of a worktree, where it is a file that says where the repository is
		}
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		t.texts = append(t.texts, text{name, content})
		if path.Ext(name) == ".go" && !nested(fsys, name) {
			return t.parse(name, content)
		}
		return nil
	})
}

// readModule reads go.mod, of which the rules need only the names in it.
func (t *tree) readModule(fsys fs.FS) error {
	content, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(content)) {
		words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		switch {
		case len(words) >= 2 && words[0] == "module":
			t.module = words[1]
		case len(words) >= 2 && strings.HasPrefix(words[1], "v"):
			t.requires = append(t.requires, words[0])
		}
	}
	return nil
}

// ignoredDir tells of folders that are not the project's: Git's own, an editor's,
// and what .gitignore names.
func ignoredDir(name string) bool {
	base := path.Base(name)
	if strings.HasPrefix(base, ".") && name != "." {
		return base != ".ci" && base != ".github"
	}
	return base == "node_modules" || name == "bin" || name == "dist" || name == "tmp"
}

// nested tells whether the file belongs to a module of its own.
func nested(fsys fs.FS, name string) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, err := fs.Stat(fsys, path.Join(dir, "go.mod")); err == nil {
			return true
		}
	}
	return false
}

func (t *tree) parse(name string, content []byte) error {
	f, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	dir := path.Dir(name)
	if t.packages[dir] == nil {
		t.packages[dir] = &pkg{path: dir}
	}
	t.packages[dir].files = append(t.packages[dir].files, &source{
		path:  name,
		File:  f,
		test:  strings.HasSuffix(name, "_test.go"),
		lines: lines(content),
	})
	return nil
}

func lines(content []byte) int { return bytes.Count(content, []byte("\n")) }

// all gives the packages, sorted.
func (t *tree) all() []*pkg {
	var all []*pkg
	for _, name := range slices.Sorted(maps.Keys(t.packages)) {
		all = append(all, t.packages[name])
	}
	return all
}

// production gives the files that are no tests.
func (p *pkg) production() []*source {
	return slices.DeleteFunc(slices.Clone(p.files), func(s *source) bool { return s.test })
}

// imports gives the import paths of files, sorted, each once.
func imports(files []*source) []string {
	found := map[string]bool{}
	for _, f := range files {
		for _, i := range f.Imports {
			if p, err := strconv.Unquote(i.Path.Value); err == nil {
				found[p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// local gives those of the imports that are the module's own, relative to it.
func (t *tree) local(imports []string) []string {
	var own []string
	for _, i := range imports {
		if rel, ok := strings.CutPrefix(i, t.module+"/"); ok {
			own = append(own, rel)
		}
	}
	return own
}

// external gives those of the imports that are neither the module's own nor the
// standard library's, whose paths have no dot in their first element.
func (t *tree) external(imports []string) []string {
	var others []string
	for _, i := range imports {
		first, _, _ := strings.Cut(i, "/")
		if strings.Contains(first, ".") && i != t.module && !strings.HasPrefix(i, t.module+"/") {
			others = append(others, i)
		}
	}
	return others
}

// listed tells whether name, or the folder that a pattern "folder/*" names, is in
// the list.
func listed(list []string, name string) bool {
	return slices.ContainsFunc(list, func(pattern string) bool {
		folder, wild := strings.CutSuffix(pattern, "/*")
		return pattern == name || wild && strings.HasPrefix(name, folder+"/")
	})
}

// row gives the package's row, counted from the top.
func row(name string) (int, bool) {
	i := slices.IndexFunc(layers, func(l layer) bool { return listed(l.packages, name) })
	return i, i >= 0
}

func violation(format string, args ...any) string { return fmt.Sprintf(format, args...) }
