package view

import (
	"reflect"
)

// An ins is an instruction. What it does to the common kinds of values it does to what lies at its spot; where that is
// not known, or the value is not one that it can write, step does the same from the value.
type ins struct {
	do   doing
	near doing // doFar
	edge edge
	kind reflect.Kind // of a number
	off  uintptr      // from dot
	spot *spot        // doFar
	slot int          // doDollar
	text string       // doText
	esc  *escape
	step step
	fork *fork // doFork
}

type doing uint8

const (
	doStep doing = iota
	doText
	doFork
	doDollar // the slot holds dot from here on

	doFar    // it reads what lies behind a pointer or at a variable, and does as near says
	doString // these read what lies at off
	doInt
	doNumber // of any other size, or without a sign
	doBool
	doMarkup
	doSafe
	doFloat
	doAny
)

// An edge says how an instruction stands to the leaf that it writes into, if it does.
type edge uint8

const (
	inLeaf edge = 1 << iota
	beginsLeaf
	endsLeaf
)

// leaf makes one leaf of what instructions write.
func leaf(in []ins) []ins {
	if len(in) == 0 {
		in = []ins{{do: doText}}
	}
	for i := range in {
		in[i].edge |= inLeaf
	}
	in[0].edge |= beginsLeaf
	in[len(in)-1].edge |= endsLeaf
	return in
}

func stepIns(s step) []ins { return []ins{{do: doStep, step: s}} }

// at gives an instruction its spot.
func (in ins) at(p *spot) ins {
	if p.near() {
		in.off = p.hops[0]
	} else {
		in.spot, in.near, in.do = p, in.do, doFar
	}
	return in
}

// exec carries out a program until one of its instructions says something.
func (x *run) exec(program []ins, dot *subject) signal {
	if !dot.at.known() {
		return x.walk(program, dot)
	}
	base, start := dot.at, 0
	for i := range program {
		in := &program[i]
		if in.edge&beginsLeaf != 0 {
			start = x.n
		}
		sig := goOn
		at := base.plus(in.off)
		switch in.do {
		case doText:
			x.text(in.text)
		case doString:
			x.escaped(at.string())
		case doInt:
			x.int(at.int64())
		case doFork:
			sig = in.fork.run(x, dot)
		case doStep:
			sig = in.step(x, *dot)
		case doFar:
			sig = x.far(in, dot)
		case doDollar:
			x.vars[x.base+in.slot] = dot.v
		default:
			if !x.write(in, in.do, at) {
				sig = in.step(x, *dot)
			}
		}
		if sig != goOn {
			if in.edge&inLeaf != 0 {
				x.leaf(start)
			}
			return sig
		}
		if in.edge&endsLeaf != 0 {
			x.leaf(start)
		}
	}
	return goOn
}

// walk is exec where it is not known where dot lies.
func (x *run) walk(program []ins, dot *subject) signal {
	start := 0
	for i := range program {
		in := &program[i]
		if in.edge&beginsLeaf != 0 {
			start = x.n
		}
		sig := goOn
		switch in.do {
		case doText:
			x.text(in.text)
		case doFork:
			sig = in.fork.run(x, dot)
		case doFar:
			sig = x.far(in, dot)
		case doDollar:
			x.vars[x.base+in.slot] = dot.v
		default:
			sig = in.step(x, *dot)
		}
		if sig != goOn || in.edge&endsLeaf != 0 {
			if in.edge&inLeaf != 0 {
				x.leaf(start)
			}
			if sig != goOn {
				return sig
			}
		}
	}
	return goOn
}

// far reads what lies further away.
func (x *run) far(in *ins, dot *subject) signal {
	if at := in.spot.find(x, dot); at.known() && x.write(in, in.near, at) {
		return goOn
	}
	return in.step(x, *dot)
}

// write writes what lies at an address, if it can.
func (x *run) write(in *ins, do doing, at address) bool {
	switch do {
	case doString:
		x.escaped(at.string())
	case doInt:
		x.int(at.int64())
	case doNumber:
		if basic(in.kind) == reflect.Int {
			x.int(at.int(in.kind))
		} else {
			x.uint(at.uint(in.kind))
		}
	case doBool:
		x.bool(at.bool())
	case doMarkup:
		x.text(at.string())
	case doSafe:
		s := at.string()
		if !leaves(in.esc, s) {
			return false
		}
		x.text(s)
	case doFloat:
		return x.float(at.float(in.kind), in.kind, in.esc)
	case doAny:
		return x.anything(at.any(), in.esc)
	default:
		return false
	}
	return true
}

// A fork is a condition.
type fork struct {
	by          *spot // of what decides, if it lies somewhere and truth knows its kind
	near        bool  // it lies in dot
	off         uintptr
	kind        reflect.Kind
	test        tester
	inside      func(x *run, dot subject, v reflect.Value) subject // what with makes dot; nil for if
	then, other []ins
	slot        bool // it fills one
	elseBranch  int
}

// A tester says whether an expression is true, and its value if that was asked for; not ok is as for a getter.
type tester func(x *run, dot subject) (v reflect.Value, truth, ok bool)

func (f *fork) run(x *run, dot *subject) signal {
	node, start := 0, x.n
	if f.slot {
		node = x.open()
	}
	var truth bool
	var at address
	switch {
	case f.near:
		if at = dot.at; at.known() {
			at = at.plus(f.off)
		}
	case f.by != nil:
		at = f.by.find(x, dot)
	}
	program, branch := f.then, branchThen
	var inside subject
	if at.known() {
		truth = at.truth(f.kind)
	} else {
		v, isTrue, ok := f.test(x, *dot)
		if !ok {
			return giveUp
		}
		if truth = isTrue; truth && f.inside != nil {
			inside = f.inside(x, *dot, v)
			dot = &inside
		}
	}
	if !truth {
		program, branch = f.other, f.elseBranch
	}
	sig := goOn
	switch {
	case len(program) == 1 && program[0].do == doText && program[0].edge == 0:
		x.text(program[0].text)
	case len(program) > 0:
		sig = x.exec(program, dot)
	}
	if f.slot {
		x.close(node, start, branch)
	}
	return sig
}

// truth is whether the value of a kind that lies at an address counts as true.
func (at address) truth(kind reflect.Kind) bool {
	if kind == reflect.Bool {
		return at.bool()
	}
	switch basic(kind) {
	case reflect.String:
		return at.string() != ""
	case reflect.Int:
		return at.int(kind) != 0
	case reflect.Uint:
		return at.uint(kind) != 0
	case reflect.Float64:
		return at.float(kind) != 0
	}
	if kind == reflect.Slice {
		return at.length() > 0
	}
	return at.pointer().known()
}

// tells reports whether truth knows a kind.
func tells(kind reflect.Kind) bool {
	return basic(kind) != reflect.Invalid || kind == reflect.Slice || kind == reflect.Pointer
}
