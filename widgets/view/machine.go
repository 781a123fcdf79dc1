package view

import (
	"bytes"
	"math"
	"reflect"
	"strconv"
	"sync"
	"unsafe"
)

// A machine executes a layout by closures that were made once: each knows the types of the values it will meet, so
// that reading a field is an index and writing a number an append. What has no closure of its own is handed, one
// action at a time, to the standard library's executor (slow.go); what goes wrong in any way ends the whole attempt,
// and the layout's standard program, which is the measure of everything, says what the result or the error is.
type machine struct {
	root *code
	data reflect.Type // of what it renders; nil: not known
	runs sync.Pool
}

// code is a compiled definition. Its variables live in a window of the run's variables.
type code struct {
	steps  []instruction
	reach  reacher
	window int
}

// A step does one thing by reflection. dot is a value of the type that the step was compiled for.
type step func(x *run, dot reflect.Value) signal

// An instruction does one thing. Most write a field of dot, which takes no more than its location in dot's memory; each has a step as well, for a dot
// whose memory is out of reach and for values that need more.
type instruction struct {
	do opcode
	// begins and ends say that a leaf does, before and after the instruction.
	begins, ends bool
	kind         reflect.Kind // of the field
	at           location
	safe         func(text []byte) bool // doSafeText: of text for which this holds, the escapers change nothing
	text         []byte                 // doStatic
	dot          reflect.Type           // nil where nothing is known of it
	step         step
	branch       *branching
	loop         *loop
}

type opcode uint8

const (
	doStep     opcode = iota // what step does, or branch or loop where there is one
	doStatic                 // text of the template
	doText                   // a string, escaped for HTML; from here on fields of dot
	doSafeText               // a string that other escapers leave as it is
	doMarkup                 // template.HTML where it stays as it is
	doInteger
	doUnsigned
	doFloat
	doBool
)

// branching is an if.
type branching struct {
	byField     bool       // the instruction's field decides,
	test        *fieldTest // by this; nil: by whether it counts as true
	truth       func(x *run, dot reflect.Value) (truth, ok bool)
	then, other []instruction
	slotted     bool // it fills a slot
	untaken     int  // the branch to note when the test fails
}

type signal uint8

const (
	goOn signal = iota
	breakLoop
	continueLoop
	giveUp // the standard executor must decide
)

// A run is one execution.
type run struct {
	recording
	vars  []reflect.Value
	base  int // where the window of the current definition begins
	depth int
	dot   reflect.Value // for the slow action that is being executed
	value reflect.Value // what goes into it, or came out of it
	text  []byte        // scratch
}

// Write lets the standard executor write into the recording.
func (x *run) Write(p []byte) (int, error) {
	x.buf = append(x.buf, p...)
	return len(p), nil
}

// maxDepth is how deep calls may be nested before the standard executor, which has a limit of its own, takes over.
const maxDepth = 1000

// record executes the machine. It returns false where the standard executor must decide. Where the result is what before holds, that is returned, and
// nothing is allocated; before may be nil.
func (m *machine) record(data any, before *sealed) (out sealed, ok bool) {
	x, _ := m.runs.Get().(*run)
	if x == nil {
		x = &run{}
	}
	defer func() {
		if recover() != nil {
			ok = false // a method or function panicked: the standard executor makes an error of it; x is dropped
		}
	}()
	x.buf, x.nodes, x.base, x.depth = x.buf[:0], x.nodes[:0], 0, 0
	x.reserve(m.root.window)
	dot := reflect.ValueOf(data)
	x.vars[0] = dot
	if x.all(m.root.steps, dot, rootOf(data, m.data)) != goOn || len(x.buf) > limit || len(x.nodes) > limit {
		return sealed{}, false
	}
	if before != nil && bytes.Equal(x.buf, before.buf) && bytes.Equal(bytesOf(x.nodes), before.nodes) {
		out = *before
	} else {
		out = x.seal()
	}
	clear(x.vars)
	x.dot, x.value = reflect.Value{}, reflect.Value{}
	if cap(x.buf) <= maxKept && cap(x.nodes) <= maxKept {
		m.runs.Put(x)
	}
	return out, true
}

// maxKept is the largest buffer that is kept for the next run.
const maxKept = 1 << 20

// reserve makes room for a window at base.
func (x *run) reserve(window int) {
	if n := x.base + window; n > len(x.vars) {
		x.vars = append(x.vars, make([]reflect.Value, n-len(x.vars))...)
	}
}

// all runs instructions until one of them says something. p is dot's memory, nil where it is out of reach. dot may be missing where there is p: it is
// made when a step asks for it.
func (x *run) all(list []instruction, dot reflect.Value, p unsafe.Pointer) signal {
	buf := x.buf // kept out of memory as long as nobody else appends
	start, inLeaf := 0, false
	for i := range list {
		n := &list[i]
		if n.begins {
			start, inLeaf = len(buf), true
		}
		done := false
		switch {
		case n.do == doStatic:
			buf, done = append(buf, n.text...), true
		case n.do > doStatic && p != nil:
			f := unsafe.Add(p, n.at.first)
			if len(n.at.then) > 0 {
				f = n.at.in(p)
			}
			if f == nil {
				break
			}
			if n.do == doText {
				buf, done = appendEscaped(buf, textAt(f)), true
			} else {
				buf, done = n.append(buf, f)
			}
		}
		if !done {
			if !dot.IsValid() && p != nil && !n.byField() {
				dot = dotAt(n.dot, p)
			}
			x.buf = buf
			sig := goOn
			switch {
			case n.branch != nil:
				sig = x.branch(n, dot, p)
			case n.loop != nil:
				sig = n.loop.run(x, dot, p)
			default:
				sig = n.step(x, dot)
			}
			buf = x.buf
			if sig != goOn {
				if inLeaf {
					x.leaf(start)
				}
				return sig
			}
		}
		if n.ends {
			x.nodes = append(x.nodes, leafNode(len(buf)-start))
			inLeaf = false
		}
	}
	x.buf = buf
	return goOn
}

// byField tells that dot's memory decides, and dot itself is of no use.
func (n *instruction) byField() bool { return n.branch != nil && n.branch.byField }

// append writes the field at f, if it can.
func (n *instruction) append(buf []byte, f unsafe.Pointer) ([]byte, bool) {
	switch n.do {
	case doSafeText:
		at := len(buf)
		buf = append(buf, textAt(f)...)
		if !n.safe(buf[at:]) {
			return buf[:at], false
		}
	case doMarkup:
		buf = append(buf, textAt(f)...)
	case doInteger:
		buf = strconv.AppendInt(buf, integerAt(f, n.kind), 10)
	case doUnsigned:
		buf = strconv.AppendUint(buf, unsignedAt(f, n.kind), 10)
	case doFloat:
		number, bits := floatAt(f, n.kind)
		buf = appendFloat(buf, number, bits)
	case doBool:
		buf = strconv.AppendBool(buf, *(*bool)(f))
	default:
		return buf, false
	}
	return buf, true
}

// appendFloat appends a number as html/template prints it, escaped for HTML.
func appendFloat(dst []byte, f float64, bits int) []byte {
	// A number with at most two decimals and few digits, as most are, is the only one with so few digits that is read as this float64, and so the
	// shortest: hundredths/100 is what the text is read as, and texts of up to 15 digits are read as different numbers.
	if hundredths := f * 100; bits == 64 && -1e8 < hundredths && hundredths < 1e8 {
		if n := int64(hundredths); float64(n) == hundredths && float64(n)/100 == f && (n != 0 || !math.Signbit(f)) {
			return appendHundredths(dst, n)
		}
	}
	var scratch [32]byte
	return appendEscaped(dst, strconv.AppendFloat(scratch[:0], f, 'g', -1, bits)) // the exponent has a '+', which is escaped
}

// appendHundredths appends n/100 without zeros at its end.
func appendHundredths(dst []byte, n int64) []byte {
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	dst = strconv.AppendInt(dst, n/100, 10)
	switch tenths, rest := byte(n/10%10), byte(n%10); {
	case rest != 0:
		return append(dst, '.', '0'+tenths, '0'+rest)
	case tenths != 0:
		return append(dst, '.', '0'+tenths)
	}
	return dst
}

// branch decides an if, and runs what it leads to.
func (x *run) branch(n *instruction, dot reflect.Value, p unsafe.Pointer) signal {
	b := n.branch
	at, start := -1, len(x.buf)
	if b.slotted {
		at = x.open()
	}
	truth, known := false, false
	if b.byField && p != nil {
		if f := n.at.in(p); f != nil {
			known = true
			if b.test != nil {
				truth = b.test.holds(f)
			} else {
				truth = trueAt(f, n.kind)
			}
		} else if !dot.IsValid() {
			dot = dotAt(n.dot, p)
		}
	}
	if !known {
		var ok bool
		if truth, ok = b.truth(x, dot); !ok {
			return giveUp
		}
	}
	sig, taken := goOn, branchThen
	if truth {
		sig = x.all(b.then, dot, p)
	} else {
		sig, taken = x.all(b.other, dot, p), b.untaken
	}
	if at >= 0 {
		x.close(at, start, taken)
	}
	return sig
}
