package archtest

import (
	"bytes"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

func fileBudget(t *tree) (found []string) {
	for _, f := range t.texts {
		if n := lines(f.content); path.Ext(f.path) == ".go" && n > maxFileLines {
			found = append(found, violation("%s: %d lines, more than %d", f.path, n, maxFileLines))
		}
	}
	return found
}

func packageBudget(t *tree) (found []string) {
	for _, p := range t.all() {
		sum := 0
		for _, f := range p.production() {
			sum += f.lines
		}
		if sum > maxPackageLines && !listed(testOnly, p.path) {
			found = append(found, violation("%s: %d lines, more than %d", p.path, sum, maxPackageLines))
		}
	}
	return found
}

// interfaceBudget counts the methods that an interface declares. Roles that it
// embeds are counted where they are declared.
func interfaceBudget(t *tree) (found []string) {
	t.eachNode(func(f *source, n ast.Node) {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return
		}
		if i, ok := spec.Type.(*ast.InterfaceType); ok {
			methods := 0
			for _, m := range i.Methods.List {
				methods += len(m.Names)
			}
			if methods > maxMethods {
				found = append(found, violation("%s: interface %s has %d methods, more than %d", f.path, spec.Name.Name, methods, maxMethods))
			}
		}
	})
	return found
}

func packagesDocumented(t *tree) (found []string) {
	for _, p := range t.all() {
		name, documented := "", false
		for _, f := range p.production() {
			name = f.Name.Name
			documented = documented || strings.TrimSpace(f.Doc.Text()) != ""
		}
		if name != "" && !documented {
			found = append(found, violation("%s: package %s has no doc comment", p.path, name))
		}
	}
	return found
}

func namesDocumented(t *tree) []string {
	var total int
	var bare []string
	for _, p := range t.all() {
		for _, f := range p.production() {
			for name, documented := range exported(f) {
				total++
				if !documented {
					bare = append(bare, p.path+"."+name)
				}
			}
		}
	}
	if total == 0 || 100*(total-len(bare)) >= minDocumented*total {
		return nil
	}
	slices.Sort(bare)
	return []string{violation("%d of %d exported names have no comment, more than %d %%: %s",
		len(bare), total, 100-minDocumented, strings.Join(bare, ", "))}
}

// exported gives the exported names of a file, and whether a comment goes with
// each: its own, or that of its group.
func exported(f *source) map[string]bool {
	names := map[string]bool{}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if name := funcName(d); ast.IsExported(d.Name.Name) && ast.IsExported(name) {
				names[name] = d.Doc != nil
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				for _, id := range specNames(s) {
					if id.IsExported() {
						names[id.Name] = d.Doc != nil || specDocumented(s)
					}
				}
			}
		}
	}
	return names
}

// funcName gives "Func" or "Type.Method".
func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	recv := d.Recv.List[0].Type
	for {
		switch r := recv.(type) {
		case *ast.StarExpr:
			recv = r.X
		case *ast.IndexExpr:
			recv = r.X
		case *ast.IndexListExpr:
			recv = r.X
		case *ast.Ident:
			return r.Name + "." + d.Name.Name
		default:
			return d.Name.Name
		}
	}
}

func specNames(s ast.Spec) []*ast.Ident {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return []*ast.Ident{s.Name}
	case *ast.ValueSpec:
		return s.Names
	}
	return nil
}

func specDocumented(s ast.Spec) bool {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return s.Doc != nil || s.Comment != nil
	case *ast.ValueSpec:
		return s.Doc != nil || s.Comment != nil
	}
	return false
}

func namesSaySubjects(t *tree) (found []string) {
	for _, p := range t.all() {
		for _, f := range p.files {
			if name := strings.TrimSuffix(f.Name.Name, "_test"); slices.Contains(vagueNames, name) {
				found = append(found, violation("%s: package %s says nothing of its subject", f.path, name))
			}
		}
	}
	return found
}

// noInit: what runs before main is not in anybody's reading order.
func noInit(t *tree) (found []string) {
	t.eachNode(func(f *source, n ast.Node) {
		if d, ok := n.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == "init" {
			found = append(found, violation("%s: func init", f.path))
		}
	})
	return found
}

// oneTransport: whoever builds an http.Transport decides what may be dialled.
// Tests stand on the other side of the wire.
func oneTransport(t *tree) (found []string) {
	for _, p := range t.all() {
		if p.path == transportPackage || listed(testOnly, p.path) {
			continue
		}
		for _, f := range p.production() {
			ast.Inspect(f.File, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Transport" && isPackage(f, s.X, "net/http") {
					found = append(found, violation("%s: http.Transport, which is for %s", f.path, transportPackage))
				}
				return true
			})
		}
	}
	return found
}

// isPackage tells whether x is the name under which the file imports the path.
func isPackage(f *source, x ast.Expr, importPath string) bool {
	id, ok := x.(*ast.Ident)
	return ok && slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool {
		name := path.Base(importPath)
		if i.Name != nil {
			name = i.Name.Name
		}
		return i.Path.Value == `"`+importPath+`"` && name == id.Name
	})
}

// foreign is what betrays the machine that a file was written on, or sends its
// reader to one registry. Written so that it does not match itself.
var foreign = []*regexp.Regexp{
	regexp.MustCompile(`(?m)(^|[\s"'=(:])/(work|root|home|Users)/[\w.]`),
	regexp.MustCompile(`(?m)(^|[\s"'=(:])/tmp/\w`),
	regexp.MustCompile(`(?i)\b[a-z]:\\+users\\`),
	regexp.MustCompile(`(proxy|sum)[.]golang[.]org|registry[.](npmjs[.]org|yarnpkg[.]com)|(^|[^\w])pypi[.]org`),
	regexp.MustCompile(`(?i)(artifactory|nexus|verdaccio)[.:/]`),
}

func noMachineNamed(t *tree) (found []string) {
	for _, f := range t.texts {
		if bytes.IndexByte(f.content, 0) >= 0 {
			continue // no text
		}
		for _, r := range foreign {
			if at := r.FindIndex(f.content); at != nil {
				line := 1 + bytes.Count(f.content[:at[0]], []byte("\n"))
				found = append(found, violation("%s:%d: names a machine's path or a registry: %q", f.path, line, f.content[at[0]:at[1]]))
			}
		}
	}
	return found
}

// eachNode visits the production files.
func (t *tree) eachNode(visit func(*source, ast.Node)) {
	for _, p := range t.all() {
		for _, f := range p.production() {
			ast.Inspect(f.File, func(n ast.Node) bool {
				visit(f, n)
				return true
			})
		}
	}
}
