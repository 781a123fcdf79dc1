package view

import (
	"reflect"
	"strconv"
)

// An ins is an instruction. What it does to the common kinds of values it does to what lies at its spot; where that is
// not known, or the value is not one that it can write, step does the same from the value.
type ins struct {
	do   doing
	kind reflect.Kind // of a number
	edge edge
	off  uintptr // from dot, unless spot is set
	spot *spot
	text string
	esc  *escape
	step step
	fork *fork
}

type doing uint8

const (
	doStep doing = iota
	doText
	doFork
	doDollar // the slot off holds dot from here on

	doString // these read what lies at their spot
	doSafe
	doMarkup
	doInt
	doUint
	doFloat
	doBool
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
	if p.slot == ofDot && len(p.hops) == 1 {
		in.off = p.hops[0]
	} else {
		in.spot = p
	}
	return in
}

// address is the spot of an instruction.
func (in *ins) address(x *run, dot subject) address {
	switch {
	case in.spot != nil:
		return in.spot.find(x, dot)
	case dot.at.known():
		return dot.at.plus(in.off)
	}
	return address{}
}

// exec carries out a program until one of its instructions says something.
func (x *run) exec(program []ins, dot subject) signal {
	start := len(x.buf)
	for i := range program {
		in := &program[i]
		if in.edge&beginsLeaf != 0 {
			start = len(x.buf)
		}
		do, sig := in.do, goOn
		var at address
		if do >= doString {
			if at = in.address(x, dot); !at.known() {
				do = doStep
			}
		}
		switch do {
		case doText:
			x.buf = append(x.buf, in.text...)
		case doString:
			x.buf = appendEscaped(x.buf, at.string())
		case doInt:
			x.buf = strconv.AppendInt(x.buf, at.int(in.kind), 10)
		case doFork:
			sig = in.fork.run(x, dot)
		case doSafe:
			if s := at.string(); leaves(in.esc, s) {
				x.buf = append(x.buf, s...)
			} else {
				sig = in.step(x, dot)
			}
		case doMarkup:
			x.buf = append(x.buf, at.html()...)
		case doUint:
			x.buf = strconv.AppendUint(x.buf, at.uint(in.kind), 10)
		case doFloat:
			if !x.float(at.float(in.kind), in.kind, in.esc) {
				sig = in.step(x, dot)
			}
		case doBool:
			x.buf = strconv.AppendBool(x.buf, at.bool())
		case doAny:
			if !x.anything(at.any(), in.esc) {
				sig = in.step(x, dot)
			}
		case doDollar:
			x.vars[x.base+int(in.off)] = dot.v
		default:
			sig = in.step(x, dot)
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

// A fork is a condition.
type fork struct {
	by          *ins // it reads what decides, if that lies somewhere and truth knows its kind
	kind        reflect.Kind
	test        tester
	inside      func(x *run, dot subject, v reflect.Value) subject // what with makes dot; nil for if
	then, other []ins
	slot        bool // it fills one
	elseBranch  int
}

// A tester says whether an expression is true, and its value if that was asked for; not ok is as for a getter.
type tester func(x *run, dot subject) (v reflect.Value, truth, ok bool)

func (f *fork) run(x *run, dot subject) signal {
	node, start := 0, len(x.buf)
	if f.slot {
		node = x.open()
	}
	var truth bool
	inside := dot
	var at address
	if f.by != nil {
		at = f.by.address(x, dot)
	}
	if at.known() {
		truth = at.truth(f.kind)
	} else {
		v, isTrue, ok := f.test(x, dot)
		if !ok {
			return giveUp
		}
		if truth = isTrue; truth && f.inside != nil {
			inside = f.inside(x, dot, v)
		}
	}
	var sig signal
	branch := branchThen
	if truth {
		sig = x.exec(f.then, inside)
	} else {
		branch = f.elseBranch
		sig = x.exec(f.other, dot)
	}
	if f.slot {
		x.close(node, start, branch)
	}
	return sig
}

// truth is whether the value of a kind that lies at an address counts as true.
func (at address) truth(kind reflect.Kind) bool {
	switch basic(kind) {
	case reflect.Bool:
		return at.bool()
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
