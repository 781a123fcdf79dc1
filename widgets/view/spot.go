package view

import (
	"reflect"
	"unsafe"
)

// This file is all that package view knows of memory. A template reads the same fields of the same types again and
// again; by package reflect each read checks what was checked when the template was compiled. A spot is read by address
// instead: a base, and for each pointer on the way an offset.
//
// It is sound because
//   - a base is asked of package reflect (addressOf): the target of a pointer, or a value that is addressable. It points
//     into an object that the value keeps alive, and stays an unsafe.Pointer, so the collector sees it;
//   - the type at a base is the one that the step was compiled for: loops, calls and variables check it before they hand
//     a value on, and a spot is only made where that type is known and is no interface;
//   - an offset is that of a field in its struct, by package reflect, so that no sum leaves the object and what is read
//     there has the field's type, or the underlying one that its kind stands for;
//   - a pointer is followed only if it is not nil; a nil one ends the walk, and the standard executor decides;
//   - nothing is written. Who changes data that is being rendered has a race with or without this file.
//
// What is not addressable, an element of a map for one, has no address here, and is read by package reflect.

// An address is where a value begins; nil where that is not known.
type address struct{ p unsafe.Pointer }

func (at address) known() bool { return at.p != nil }

// A subject is what dot is: the value, and where it lies. Of a pointer it is where the target lies.
type subject struct {
	v  reflect.Value
	at address
}

func subjectOf(v reflect.Value) subject { return subject{v, addressOf(v)} }

// addressOf is where a value lies, or what it points to.
func addressOf(v reflect.Value) address {
	switch {
	case v.Kind() == reflect.Pointer:
		return address{v.UnsafePointer()}
	case v.CanAddr():
		return address{unsafe.Pointer(v.UnsafeAddr())} //nolint:gosec // argued above
	}
	return address{}
}

// elementsAt is where the elements of a slice or array lie; they are size bytes apart.
func elementsAt(v reflect.Value) address {
	if v.Kind() == reflect.Slice {
		return address{v.UnsafePointer()}
	}
	return addressOf(v)
}

// A spot is where an expression's value lies, as seen from dot or a variable.
type spot struct {
	slot int       // of the variable, or ofDot
	hops []uintptr // an offset; then for each pointer that is followed an offset from its target
}

const ofDot = -1

// near reports whether it is in dot itself.
func (p *spot) near() bool { return p.slot == ofDot && len(p.hops) == 1 }

// field is the spot of a field that lies off further.
func (p *spot) field(off uintptr) *spot {
	hops := append([]uintptr{}, p.hops...)
	hops[len(hops)-1] += off
	return &spot{p.slot, hops}
}

// target is the spot of what the pointer at p points to.
func (p *spot) target() *spot {
	return &spot{p.slot, append(append([]uintptr{}, p.hops...), 0)}
}

// find walks to the spot; it is not known where a pointer on the way is nil.
func (p *spot) find(x *run, dot *subject) address {
	at := dot.at
	if p.slot != ofDot {
		at = addressOf(x.vars[x.base+p.slot])
	}
	if !at.known() {
		return at
	}
	at = at.plus(p.hops[0])
	for _, off := range p.hops[1:] {
		if at = at.pointer(); !at.known() {
			return at
		}
		at = at.plus(off)
	}
	return at
}

func (at address) plus(off uintptr) address { return address{unsafe.Add(at.p, off)} }

func (at address) string() string { return *(*string)(at.p) }
func (at address) bool() bool     { return *(*bool)(at.p) }
func (at address) any() any       { return *(*any)(at.p) }

// length is that of the slice at an address: it stands at the same place whatever the elements are.
func (at address) length() int { return len(*(*[]struct{})(at.p)) }

// pointer is the pointer at an address.
func (at address) pointer() address { return *(*address)(at.p) }

// int64 reads an integer of that size.
func (at address) int64() int64 { return *(*int64)(at.p) }

// int reads an integer with a sign.
func (at address) int(kind reflect.Kind) int64 {
	switch kind {
	case reflect.Int8:
		return int64(*(*int8)(at.p))
	case reflect.Int16:
		return int64(*(*int16)(at.p))
	case reflect.Int32:
		return int64(*(*int32)(at.p))
	case reflect.Int64:
		return *(*int64)(at.p)
	}
	return int64(*(*int)(at.p))
}

// uint reads one without.
func (at address) uint(kind reflect.Kind) uint64 {
	switch kind {
	case reflect.Uint8:
		return uint64(*(*uint8)(at.p))
	case reflect.Uint16:
		return uint64(*(*uint16)(at.p))
	case reflect.Uint32:
		return uint64(*(*uint32)(at.p))
	case reflect.Uint64:
		return *(*uint64)(at.p)
	case reflect.Uintptr:
		return uint64(*(*uintptr)(at.p))
	}
	return uint64(*(*uint)(at.p))
}

// float reads a number of 32 or 64 bits.
func (at address) float(kind reflect.Kind) float64 {
	if kind == reflect.Float32 {
		return float64(*(*float32)(at.p))
	}
	return *(*float64)(at.p)
}

// textOf is bytes as a string, for a callee that keeps nothing of it.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) } //nolint:gosec // as said

// memoryOf is nodes as bytes, in the order that the machine has.
func memoryOf(nodes []node) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(nodes))), nodeSize*len(nodes)) //nolint:gosec // a node is eight bytes
}
