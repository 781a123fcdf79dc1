package view

import (
	"reflect"
	"sync"
)

// A machine executes a layout by programs that were made once: lists of instructions that know the types of the values
// they will meet. The common ones, a field that is written or that decides a branch, read memory at an offset (spot.go)
// and are carried out in one loop; the others are closures over package reflect. What has no closure of its own is
// handed, one action at a time, to the standard library's executor (slow.go); what goes wrong in any way ends the whole
// attempt, and the layout's standard program, which is the measure of everything, says what the result or the error is.
type machine struct {
	root *code
	runs sync.Pool
}

// code is a compiled definition. Its variables live in a window of the run's variables.
type code struct {
	steps  []ins
	window int
}

// A step does one thing. dot is a value of the type that the step was compiled for.
type step func(x *run, dot subject) signal

type signal uint8

const (
	goOn signal = iota
	breakLoop
	continueLoop
	giveUp // the standard executor must decide
)

// A run is one execution.
type run struct {
	output
	vars    []reflect.Value
	base    int // where the window of the current definition begins
	depth   int
	dot     reflect.Value // for the slow action that is being executed
	value   reflect.Value // what goes into it, or came out of it
	scratch []byte
	floats  *floatCache
	copy    reflect.Value // of data that is a struct
}

// root is data as a subject. A struct that is handed over by value lies nowhere, so its fields are read from a copy; its
// methods are still those of a value that has no address, as for the standard executor.
func (x *run) root(v reflect.Value) subject {
	if v.Kind() != reflect.Struct {
		return subjectOf(v)
	}
	if !x.copy.IsValid() || x.copy.Type() != v.Type() {
		x.copy = reflect.New(v.Type()).Elem()
	}
	x.copy.Set(v)
	return subject{v, addressOf(x.copy)}
}

// Write lets the standard executor write into the recording.
func (x *run) Write(p []byte) (int, error) {
	x.bytes(p)
	return len(p), nil
}

// maxDepth is how deep calls may be nested before the standard executor, which has a limit of its own, takes over.
const maxDepth = 1000

// record executes the machine of a layout. It returns false where the standard executor must decide. If the outcome is
// what last holds it is last, which may be nil.
func (m *machine) record(l *layout, last *Tree, data any) (out *Tree, ok bool) {
	x, _ := m.runs.Get().(*run)
	if x == nil {
		x = &run{}
	}
	defer func() {
		if recover() != nil {
			ok = false // a method or function panicked: the standard executor makes an error of it; x is dropped
		}
	}()
	x.n, x.m, x.base, x.depth = 0, 0, 0, 0
	x.reserve(m.root.window)
	dot := x.root(reflect.ValueOf(data))
	x.vars[0] = dot.v
	if x.exec(m.root.steps, &dot) != goOn || x.n > limit || x.m > limit {
		return nil, false
	}
	made := x.recording()
	if out = last; !made.is(l, last) {
		out = made.tree(l)
	}
	clear(x.vars)
	if x.copy.IsValid() {
		x.copy.SetZero()
	}
	x.dot, x.value = reflect.Value{}, reflect.Value{}
	if len(x.buf) <= maxKept && len(x.nodes) <= maxKept {
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
