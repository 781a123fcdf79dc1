package pages

import (
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"slices"
	syntax "text/template/parse"
)

// checkFields tells every field that a template asks for and its data does not have, with the place: html/template itself says so only when it comes
// there. What a function or an interface returns is not known, and taken as it is.
func checkFields(set *template.Template, data reflect.Type) error {
	c := fieldCheck{set: set, seen: map[string]bool{}}
	c.template(set.Name(), data)
	return errors.Join(c.faults...)
}

type fieldCheck struct {
	set    *template.Template
	tree   *syntax.Tree
	seen   map[string]bool // definitions by name and type
	vars   []fieldVar
	faults []error
}

type fieldVar struct {
	name string
	of   reflect.Type
}

func (c *fieldCheck) template(name string, dot reflect.Type) {
	t := c.set.Lookup(name)
	key := name + " " + fmt.Sprint(dot)
	if t == nil || t.Tree == nil || c.seen[key] {
		return
	}
	c.seen[key] = true
	tree, vars := c.tree, c.vars
	c.tree, c.vars = t.Tree, []fieldVar{{"$", dot}}
	c.list(t.Tree.Root, dot)
	c.tree, c.vars = tree, vars
}

func (c *fieldCheck) list(l *syntax.ListNode, dot reflect.Type) {
	if l == nil {
		return
	}
	held := len(c.vars)
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *syntax.ActionNode:
			c.pipe(n.Pipe, dot)
		case *syntax.TemplateNode:
			c.template(n.Name, c.pipe(n.Pipe, dot))
		case *syntax.IfNode:
			c.branch(&n.BranchNode, dot, func(reflect.Type) reflect.Type { return dot })
		case *syntax.WithNode:
			c.branch(&n.BranchNode, dot, func(of reflect.Type) reflect.Type { return of })
		case *syntax.RangeNode:
			c.branch(&n.BranchNode, dot, element)
		}
	}
	c.vars = c.vars[:held]
}

func (c *fieldCheck) branch(b *syntax.BranchNode, dot reflect.Type, inside func(reflect.Type) reflect.Type) {
	held := len(c.vars)
	of := c.pipe(b.Pipe, dot)
	if b.NodeType == syntax.NodeRange && len(b.Pipe.Decl) > 0 { // the variables are the element, or the index and the element
		c.vars = c.vars[:held]
		for n, v := range b.Pipe.Decl {
			var is reflect.Type
			if n == len(b.Pipe.Decl)-1 {
				is = element(of)
			}
			c.vars = append(c.vars, fieldVar{v.Ident[0], is})
		}
	}
	c.list(b.List, inside(of))
	c.vars = c.vars[:held]
	c.list(b.ElseList, dot)
}

// element is what a range over a type goes over; nil for what is not known.
func element(of reflect.Type) reflect.Type {
	for of != nil && of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of == nil {
		return nil
	}
	switch of.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Chan:
		return of.Elem()
	}
	return nil
}

func (c *fieldCheck) pipe(p *syntax.PipeNode, dot reflect.Type) reflect.Type {
	if p == nil {
		return nil
	}
	var of reflect.Type
	for _, cmd := range p.Cmds {
		of = nil
		for n, arg := range cmd.Args {
			is := c.value(arg, dot)
			if n == 0 && len(p.Cmds) == 1 && len(cmd.Args) == 1 {
				of = is
			}
		}
	}
	for _, v := range p.Decl {
		at := slices.IndexFunc(c.vars, func(known fieldVar) bool { return known.name == v.Ident[0] })
		if p.IsAssign && at >= 0 {
			c.vars[at].of = nil // it may hold either
			continue
		}
		c.vars = append(c.vars, fieldVar{v.Ident[0], of})
	}
	return of
}

func (c *fieldCheck) value(n syntax.Node, dot reflect.Type) reflect.Type {
	switch n := n.(type) {
	case *syntax.DotNode:
		return dot
	case *syntax.FieldNode:
		return c.fields(n, dot, n.Ident)
	case *syntax.VariableNode:
		for _, v := range slices.Backward(c.vars) {
			if v.name == n.Ident[0] {
				return c.fields(n, v.of, n.Ident[1:])
			}
		}
	case *syntax.ChainNode:
		return c.fields(n, c.value(n.Node, dot), n.Field)
	case *syntax.PipeNode:
		return c.pipe(n, dot)
	}
	return nil
}

// fields follows names into a type; the first that it does not have is a fault.
func (c *fieldCheck) fields(at syntax.Node, of reflect.Type, names []string) reflect.Type {
	for _, name := range names {
		if of == nil {
			return nil
		}
		if m, ok := of.MethodByName(name); ok && m.Type.NumOut() > 0 {
			of = m.Type.Out(0)
			continue
		}
		plain := of
		for plain.Kind() == reflect.Pointer {
			plain = plain.Elem()
		}
		switch plain.Kind() {
		case reflect.Interface:
			return nil
		case reflect.Map:
			of = plain.Elem()
			continue
		case reflect.Struct:
			if f, ok := plain.FieldByName(name); ok && f.IsExported() {
				of = f.Type
				continue
			}
			if m, ok := reflect.PointerTo(plain).MethodByName(name); ok && m.Type.NumOut() > 0 {
				of = m.Type.Out(0)
				continue
			}
		}
		where, _ := c.tree.ErrorContext(at)
		fault := fmt.Errorf("pages: template: %s: there is no .%s here", where, name)
		if near := nearestField(name, plain); near != "" {
			fault = fmt.Errorf("%w; the nearest is .%s", fault, near)
		}
		c.faults = append(c.faults, fault)
		return nil
	}
	return of
}

func nearestField(name string, of reflect.Type) string {
	best, least := "", 1<<30
	if of.Kind() != reflect.Struct {
		return ""
	}
	for _, f := range reflect.VisibleFields(of) {
		if d := distance(name, f.Name); f.IsExported() && d < least {
			best, least = f.Name, d
		}
	}
	return best
}
