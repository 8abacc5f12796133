// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"go/ast"
	"go/token"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/base/dep"
	"github.com/cosmos72/gomacro/base/reflect"
	xr "github.com/cosmos72/gomacro/xreflect"
)

// Program is a list of declarations, statements and expressions outside of functions.
type Program struct {
	ir       *Interp
	before   declared // as things were before it was compiled
	compiled bool
	steps    []step
	at       int // how many steps have been executed
}

// step is one declaration, statement or expression.
type step struct {
	expr     *Expr // nil: nothing to do at run time
	pos      token.Pos
	function bool             // declares a function or method
	replaced map[string]*Bind // what the names that it declares meant before
}

// NewProgram returns an empty program. Whenever Compile or Run do not return, Undo is to be called.
func (ir *Interp) NewProgram() *Program {
	return &Program{ir: ir, before: ir.Comp.declared()}
}

// Compile compiles it. It panics if the code is wrong.
func (p *Program) Compile(nodes []ast.Node) {
	sorter := dep.NewSorter()
	sorter.LoadNodes(nodes)
	decls := sorter.All()
	c := p.ir.Comp
	if len(decls) > 1 {
		// all at once: several modules have to agree on the versions of those that they need
		imports, others := extractImports(decls)
		c.MultiImport(imports)
		decls = others
	}
	for _, decl := range decls {
		c.CheckStop()
		p.before.willChange(c, decl)
		replaced := c.meanings(declaredNames(decl))
		expr := c.compileDecl(decl)
		p.steps = append(p.steps, step{
			expr:     expr,
			pos:      decl.Pos,
			function: decl.Kind == dep.Func || decl.Kind == dep.Method,
			replaced: replaced,
		})
	}
	p.compiled = true
}

// Run executes it and returns the values of what comes last.
func (p *Program) Run() (values []xr.Value, types []xr.Type) {
	env := p.ir.PrepareEnv()
	run := env.Run
	run.applyDebugOp(DebugOpContinue)
	caller := run.setCurrEnv(env)
	for i, s := range p.steps {
		p.at = i
		run.check()
		values, types = s.run(env, i == len(p.steps)-1)
	}
	p.at = len(p.steps)
	// only now: traces begin where the code stopped
	run.setCurrEnv(caller)
	return values, types
}

func (s *step) run(env *Env, last bool) (values []xr.Value, types []xr.Type) {
	e := s.expr
	if e == nil || e.Const() && !last {
		return nil, nil
	}
	// statements set these themselves, expressions do not
	env.Code, env.DebugPos, env.IP = nil, []token.Pos{s.pos}, 0
	if !last {
		e.AsX()(env)
		return nil, nil
	}
	if env.Run.Options&base.OptKeepUntyped == 0 && e.Untyped() {
		e.ConstTo(e.DefaultType())
	}
	v, vs := e.AsXV(COptKeepUntyped)(env)
	return reflect.PackValues(v, vs), reflect.PackTypes(e.Type, e.Types)
}

// Undo takes back what a program declares and has not reached: a variable there has no value.
//
// Functions are declared all the same, since Go does not mind the order of their declarations.
func (p *Program) Undo() {
	c := p.ir.Comp
	if !p.compiled {
		c.restoreDeclared(p.before)
		return
	}
	env := p.ir.PrepareEnv()
	unreached := p.steps[p.at:]
	for i := len(unreached) - 1; i >= 0; i-- {
		if s := unreached[i]; !s.function {
			c.restoreMeanings(s.replaced)
		}
	}
	for _, s := range unreached {
		if s.function && s.expr != nil {
			s.expr.AsX()(env)
		}
	}
	p.at = len(p.steps)
}
