package view

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
	"unsafe"
)

// loop compiles range. Where s is set it fills the slot, each iteration a row.
func (c *compiler) loop(n *parse.RangeNode, dot reflect.Type, s *slot) instruction {
	l := &loop{slotted: s != nil, index: -1, elem: -1}
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
	l.reach = reacherOf(l.elemType)
	if l.elemType != nil {
		l.size, l.byPointer = l.elemType.Size(), byPointer(l.elemType)
	}
	return instruction{dot: dot, loop: l}
}

type loop struct {
	slotted             bool // it fills a slot
	over                getter
	index, elem         int  // slots of variables that are used, or -1
	two                 bool // both are declared
	indexType, elemType reflect.Type
	size                uintptr // of an element, where its type is known
	byPointer           bool    // elements are pointers to structs
	reach               reacher
	body, other         []instruction
	hasElse             bool
}

// run writes all iterations into the slot around, or fills a list with them. p is dot's memory.
func (l *loop) run(x *run, dot reflect.Value, p unsafe.Pointer) signal {
	if !l.slotted {
		n, sig := l.each(x, dot, false)
		if sig != goOn || n > 0 {
			return sig
		}
		return x.all(l.other, dot, p).afterLoop() // a break there ends this loop, not the one around
	}
	at, start, branch := x.open(), len(x.buf), branchThen
	n, sig := l.each(x, dot, true)
	if sig == goOn && n == 0 && l.hasElse {
		branch = branchElse
		sig = x.all(l.other, dot, p).afterLoop()
	}
	x.close(at, start, branch)
	return sig
}

// each executes the body for each element and returns how many there were.
func (l *loop) each(x *run, dot reflect.Value, rows bool) (int, signal) {
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
	case reflect.Slice:
		if l.elemType != nil && v.Type().Elem() == l.elemType {
			return l.direct(x, v.UnsafePointer(), v.Len(), rows)
		}
		fallthrough
	case reflect.Array:
		n := v.Len()
		for i := range n {
			if l.index >= 0 {
				x.vars[x.base+l.index] = indexValue(i)
			}
			if sig := l.once(x, v.Index(i), rows); sig != goOn {
				return n, sig.afterLoop()
			}
		}
		return n, goOn
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

// direct executes the body for each of n elements in memory.
func (l *loop) direct(x *run, base unsafe.Pointer, n int, rows bool) (int, signal) {
	for i := range n {
		if l.index >= 0 {
			x.vars[x.base+l.index] = indexValue(i)
		}
		p := elementAt(base, i, l.size, l.byPointer)
		var elem reflect.Value // made when it is asked for
		if p == nil {
			elem = reflect.Zero(l.elemType)
		} else if l.elem >= 0 {
			elem = dotAt(l.elemType, p)
		}
		if sig := l.iterate(x, elem, p, rows); sig != goOn {
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
	return l.iterate(x, elem, l.reach(elem), row)
}

func (l *loop) iterate(x *run, elem reflect.Value, p unsafe.Pointer, row bool) signal {
	if l.elem >= 0 {
		x.vars[x.base+l.elem] = elem
	}
	var sig signal
	if row {
		at, start := x.open(), len(x.buf)
		sig = x.all(l.body, elem, p)
		x.close(at, start, branchNone)
	} else {
		sig = x.all(l.body, elem, p)
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
