package arch_test

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// aFile is a parsed file of a package.
type aFile struct {
	path string // from the top of the workspace
	test bool
	tree *ast.File
	set  *token.FileSet
}

// at says where a node is.
func (f *aFile) at(n ast.Node) string {
	return f.path + ":" + strconv.Itoa(f.set.Position(n.Pos()).Line)
}

// imported is the name by which the file uses an import, or "".
func (f *aFile) imported(path string) string {
	for _, i := range f.tree.Imports {
		if i.Path.Value == strconv.Quote(path) {
			if i.Name != nil {
				return i.Name.Name
			}
			return filepath.Base(path)
		}
	}
	return ""
}

// files calls f for every file of every package, of every platform; for a file
// of two platforms once.
func files(t *testing.T, f func(p *aPackage, file *aFile)) {
	t.Helper()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, platform := range platforms {
		packages, err := platform.load()
		if err != nil {
			t.Fatal(err)
		}
		for i := range packages {
			p := &packages[i]
			tests := slices.Concat(p.TestGoFiles, p.XTestGoFiles)
			for _, name := range slices.Concat(p.GoFiles, tests) {
				path := filepath.Join(p.Dir, name)
				if seen[path] {
					continue
				}
				seen[path] = true
				set := token.NewFileSet()
				tree, err := parser.ParseFile(set, path, nil, parser.ParseComments)
				if err != nil {
					t.Fatal(err)
				}
				rel, err := filepath.Rel(top, path)
				if err != nil {
					t.Fatal(err)
				}
				f(p, &aFile{path: filepath.ToSlash(rel), test: slices.Contains(tests, name), tree: tree, set: set})
			}
		}
	}
	if len(seen) < 100 {
		t.Fatalf("only %d files were looked at", len(seen))
	}
}

// selects reports whether n is pkg.name, where pkg is what the file calls an
// import.
func selects(n ast.Node, pkg, name string) bool {
	s, ok := n.(*ast.SelectorExpr)
	if !ok || pkg == "" || s.Sel.Name != name {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == pkg
}

func TestSource_everyPackageHasOneComment(t *testing.T) {
	comments := map[string][]string{}
	files(t, func(p *aPackage, f *aFile) {
		if f.test {
			return
		}
		if _, ok := comments[p.name()]; !ok {
			comments[p.name()] = nil
		}
		if f.tree.Doc != nil {
			comments[p.name()] = append(comments[p.name()], f.path)
		}
	})
	for pkg, where := range comments {
		if len(where) != 1 {
			t.Errorf("package %s has %d package comments %v: it needs one, which says what it is", pkg, len(where), where)
		}
	}
}

func TestSource_filesAreShort(t *testing.T) {
	const most = 400
	files(t, func(_ *aPackage, f *aFile) {
		if n := f.set.Position(f.tree.FileEnd).Line; n > most && !f.test && !ast.IsGenerated(f.tree) {
			t.Errorf("%s has %d lines, of at most %d: split it by concept", f.path, n, most)
		}
	})
}

// The core is given its clock and its goroutines.
func TestSource_hubStartsNothingAndReadsNoClock(t *testing.T) {
	files(t, func(p *aPackage, f *aFile) {
		if p.name() != "server/hub" || f.test {
			return
		}
		if f.imported("time") != "" {
			t.Errorf("%s imports time: use Env.Now and Env.After", f.path)
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: a go statement: use Env.Go", f.at(g))
			}
			return true
		})
	})
}

func TestSource_syscallJSStaysInItsFiles(t *testing.T) {
	files(t, func(_ *aPackage, f *aFile) {
		if f.imported("syscall/js") != "" && !strings.HasSuffix(strings.TrimSuffix(f.path, "_test.go"), "_js") && !strings.HasSuffix(f.path, "_js.go") {
			t.Errorf("%s imports syscall/js: its name must end in _js.go, so that a reader sees where the browser begins", f.path)
		}
	})
}

// A program in the browser speaks JSON; whoever mentions the other codec in what
// is compiled for browsers puts all of it there.
func TestSource_noMessagePackInBrowsers(t *testing.T) {
	packages, err := platforms[1].load()
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, p := range packages {
		if p.name() == "shared/wire" || strings.HasPrefix(p.name(), "server/edge/") {
			continue // what runs at the edge is no browser's
		}
		for _, name := range p.GoFiles {
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			f := &aFile{path: p.name() + "/" + name, tree: tree, set: set}
			pkg := f.imported("partline.dev/shared/wire")
			ast.Inspect(tree, func(n ast.Node) bool {
				if selects(n, pkg, "JSON") {
					looked++
				}
				if selects(n, pkg, "MessagePack") {
					t.Errorf("%s mentions wire.MessagePack: its file must not be compiled for browsers", f.at(n))
				}
				return true
			})
		}
	}
	if looked == 0 {
		t.Error("nothing mentions wire.JSON either, so this looked at the wrong files")
	}
}

// A style attribute is what our content security policy blocks.
func TestSource_noStyleAttributes(t *testing.T) {
	files(t, func(_ *aPackage, f *aFile) {
		if f.imported(goApp) == "" {
			return
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "Style" || s.Sel.Name == "Styles") {
				t.Errorf("%s: a call of %s: use a class", f.at(call), s.Sel.Name)
			}
			return true
		})
	})
}

// A test that sleeps is slow where it need not be and fails where it may not. In
// a bubble of testing/synctest a sleep takes no time.
func TestSource_testsDoNotSleep(t *testing.T) {
	files(t, func(_ *aPackage, f *aFile) {
		pkg := f.imported("time")
		ofTests := f.test || strings.HasPrefix(f.path, "e2e/") || strings.HasPrefix(f.path, "internal/testkit/")
		if !ofTests || f.imported("testing/synctest") != "" {
			return
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			if selects(n, pkg, "Sleep") {
				t.Errorf("%s: time.Sleep: wait for an event, or use testing/synctest", f.at(n))
			}
			return true
		})
	})
}

// A contract is a set of variables because Go has no other way to make its
// values; nobody may assign to one.
func TestSource_contractsAreNotAssignedTo(t *testing.T) {
	contracts := map[string]bool{} // import path and name
	files(t, func(p *aPackage, f *aFile) {
		for _, name := range contractVariables(f) {
			contracts[p.ImportPath+"."+name] = true
		}
	})
	if len(contracts) == 0 {
		t.Fatal("no contract was found")
	}
	files(t, func(p *aPackage, f *aFile) {
		ast.Inspect(f.tree, func(n ast.Node) bool {
			assign, ok := n.(*ast.AssignStmt)
			if !ok || assign.Tok != token.ASSIGN {
				return true
			}
			for _, left := range assign.Lhs {
				if name := f.global(p, left); contracts[name] {
					t.Errorf("%s: an assignment to %s: a contract does not change", f.at(assign), name)
				}
			}
			return true
		})
	})
}

// contractVariables are the variables of a file that are made by package
// contract.
func contractVariables(f *aFile) (names []string) {
	pkg := f.imported("partline.dev/shared/contract")
	for _, d := range f.tree.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.VAR || pkg == "" {
			continue
		}
		for _, s := range decl.Specs {
			spec := s.(*ast.ValueSpec)
			for i, value := range spec.Values {
				if made(value, pkg) && i < len(spec.Names) {
					names = append(names, spec.Names[i].Name)
				}
			}
		}
	}
	return names
}

// made reports whether an expression is a call of one of pkg's constructors.
func made(value ast.Expr, pkg string) bool {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	constructor := call.Fun
	switch x := constructor.(type) { // with its type arguments
	case *ast.IndexExpr:
		constructor = x.X
	case *ast.IndexListExpr:
		constructor = x.X
	}
	s, ok := constructor.(*ast.SelectorExpr)
	return ok && strings.HasPrefix(s.Sel.Name, "New") && selects(s, pkg, s.Sel.Name)
}

// global is the import path and name of the package variable that an expression
// may name, or "".
func (f *aFile) global(p *aPackage, e ast.Expr) string {
	switch x := e.(type) {
	case *ast.SelectorExpr:
		for _, i := range f.tree.Imports {
			if path, err := strconv.Unquote(i.Path.Value); err == nil && selects(x, f.imported(path), x.Sel.Name) {
				return path + "." + x.Sel.Name
			}
		}
	case *ast.Ident:
		return p.ImportPath + "." + x.Name
	}
	return ""
}

// Paths of the machine that something was written on mean nothing on the next.
func TestSource_noMachinePaths(t *testing.T) {
	var places []string
	for _, p := range []string{"home", "root", "work", "tmp", "opt", "mnt"} {
		places = append(places, "/"+p+"/")
	}
	tracked(t, func(path string, line int, text string) {
		for _, place := range places {
			if i := strings.Index(text, place); i == 0 || i > 0 && strings.ContainsRune("\"'`( =:", rune(text[i-1])) {
				t.Errorf("%s:%d names a path of one machine: %s", path, line, strings.TrimSpace(text))
			}
		}
	})
}

// tracked calls f for every line of text that the repository holds.
func tracked(t *testing.T, f func(path string, line int, text string)) {
	t.Helper()
	skip := []string{".git", ".cache", "bin", "dist", "node_modules", "testdata", "partline-data"}
	kinds := []string{".go", ".mod", ".sum", ".work", ".md", ".css", ".js", ".html", ".json", ".yml", ".txt", ""}
	count := 0
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(skip, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains(kinds, filepath.Ext(path)) {
			return nil
		}
		count++
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			f(filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator))), n, lines.Text())
		}
		return lines.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 100 {
		t.Fatalf("only %d files were looked at", count)
	}
}
