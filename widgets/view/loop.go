package view

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// loop compiles range. Where s is set it fills the slot, each iteration a row.
func (c *compiler) loop(n *parse.RangeNode, dot reflect.Type, s *slot) step {
	l := &loop{slot: s, index: -1, elem: -1}
	c.scope(func() {
		e := c.pipeline(n.Pipe, dot)
		typ := c.typing.pipe(n.Pipe, dot)
		index, elem := elements(typ)
		l.over = checked(e, known(typ))
		l.elemType = known(elem)
		slot := func(d *parse.VariableNode, typ reflect.Type) (int, *bool) {
			if !n.Pipe.IsAssign {
				return c.declareVar(d.Ident[0], typ)
			}
			at, known := c.find(d.Ident[0])
			if known != nil && known != typ {
				c.err = errUnsupported
			}
			used := true
			return at, &used
		}
		var indexUsed, elemUsed *bool
		switch d := n.Pipe.Decl; len(d) {
		case 0:
		case 1:
			l.elem, elemUsed = slot(d[0], elem)
		default:
			l.index, indexUsed = slot(d[0], index)
			l.elem, elemUsed = slot(d[1], elem)
			l.two = true
		}
		l.indexType = known(index)
		if s != nil {
			l.body = c.ops(s.inner[0], s.inner[0].ops, l.elemType)
		} else {
			l.body = c.list(n.List, l.elemType)
		}
		if indexUsed != nil && !*indexUsed {
			l.index = -1
		}
		if elemUsed != nil && !*elemUsed {
			l.elem = -1
		}
	})
	switch {
	case s != nil && s.inner[1] != nil:
		l.other = c.ops(s.inner[1], s.inner[1].ops, dot)
	case s == nil:
		l.other = c.list(n.ElseList, dot)
	}
	l.hasElse = n.ElseList != nil
	if s == nil {
		return l.inline
	}
	return l.rows
}

type loop struct {
	slot                *slot
	over                getter
	index, elem         int  // slots of variables that are used, or -1
	two                 bool // both are declared
	indexType, elemType reflect.Type
	body, other         []ins
	hasElse             bool
}

// inline writes all iterations into the slot around.
func (l *loop) inline(x *run, dot subject) signal {
	n, sig := l.each(x, dot, false)
	if sig != goOn || n > 0 {
		return sig
	}
	return x.exec(l.other, &dot).afterLoop() // a break there ends this loop, not the one around
}

// rows fills a list.
func (l *loop) rows(x *run, dot subject) signal {
	at, start, branch := x.open(), x.n, branchThen
	n, sig := l.each(x, dot, true)
	if sig == goOn && n == 0 && l.hasElse {
		branch = branchElse
		sig = x.exec(l.other, &dot).afterLoop()
	}
	x.close(at, start, branch)
	return sig
}

// each executes the body for each element and returns how many there were.
func (l *loop) each(x *run, dot subject, rows bool) (int, signal) {
	v, ok := l.over(x, dot)
	if !ok {
		return 0, giveUp
	}
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return 0, giveUp
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		return l.elements(x, v, rows)
	case reflect.Map:
		keys, ok := sortedKeys(v)
		if !ok {
			return 0, giveUp
		}
		for _, k := range keys {
			if l.index >= 0 {
				x.vars[x.base+l.index] = k
			}
			if sig := l.once(x, v.MapIndex(k), rows); sig != goOn {
				return len(keys), sig.afterLoop()
			}
		}
		return len(keys), goOn
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := v.Int()
		if l.two || n < 0 {
			return 0, giveUp
		}
		for i := range n {
			if sig := l.once(x, reflect.ValueOf(i).Convert(v.Type()), rows); sig != goOn {
				return int(n), sig.afterLoop()
			}
		}
		return int(n), goOn
	case reflect.Invalid:
		return 0, goOn
	}
	return 0, giveUp
}

// afterLoop is what a loop says that was left.
func (s signal) afterLoop() signal {
	if s == breakLoop {
		return goOn
	}
	return s
}

// elements goes through a slice or array.
func (l *loop) elements(x *run, v reflect.Value, rows bool) (int, signal) {
	n, typ := v.Len(), v.Type().Elem()
	if l.elemType != nil && typ != l.elemType {
		return 0, giveUp
	}
	first, size, pointer := elementsAt(v), typ.Size(), typ.Kind() == reflect.Pointer
	var elem subject
	for i := range n {
		if elem.v = v.Index(i); first.known() {
			if elem.at = first.plus(size * uintptr(i)); pointer {
				elem.at = elem.at.pointer()
			}
		}
		if l.index >= 0 {
			x.vars[x.base+l.index] = indexValue(i)
		}
		if sig := l.iterate(x, &elem, rows); sig != goOn {
			return n, sig.afterLoop()
		}
	}
	return n, goOn
}

// once executes the body for one element; it says goOn unless the loop ends.
func (l *loop) once(x *run, elem reflect.Value, row bool) signal {
	if l.elemType != nil && elem.Type() != l.elemType {
		return giveUp
	}
	s := subjectOf(elem)
	return l.iterate(x, &s, row)
}

func (l *loop) iterate(x *run, elem *subject, row bool) signal {
	if l.elem >= 0 {
		x.vars[x.base+l.elem] = elem.v
	}
	var sig signal
	if row {
		at, start := x.open(), x.n
		sig = x.exec(l.body, elem)
		x.close(at, start, branchNone)
	} else {
		sig = x.exec(l.body, elem)
	}
	if sig == continueLoop {
		return goOn
	}
	return sig
}

// sortedKeys is the keys of a map in the order in which templates go through it, if they are strings or integers.
func sortedKeys(m reflect.Value) ([]reflect.Value, bool) {
	var order func(a, b reflect.Value) int
	switch m.Type().Key().Kind() {
	case reflect.String:
		order = func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		order = func(a, b reflect.Value) int { return cmp.Compare(a.Int(), b.Int()) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		order = func(a, b reflect.Value) int { return cmp.Compare(a.Uint(), b.Uint()) }
	default:
		return nil, false
	}
	keys := m.MapKeys()
	slices.SortFunc(keys, order)
	return keys, true
}
