package view

import (
	"reflect"
	"unsafe"
)

// This file is the only one that works on memory without reflection. It reads, and it reads nothing but the fields of a dot whose type is known:
//
//	dot is a *T       p is the pointer
//	dot is any other  p is its address, if it has one: an element of a slice, a field of what has an address itself
//
// A location is made of reflect's own offsets for exactly that type, and the types of values are checked before their memory is used as one (checked,
// loop.each, layoutFor), so each read is the one that reflect.Value.Field would make. p is an unsafe.Pointer all the way, which keeps what it points
// into alive; it is never stored. Where there is no p, reflection does the same more slowly.

// A location is where a field lies, seen from dot's memory: offsets, between which a pointer is followed.
type location struct {
	first uintptr
	then  []uintptr
}

// in is the address of the field; nil where a pointer on the way is nil.
func (f *location) in(p unsafe.Pointer) unsafe.Pointer {
	p = unsafe.Add(p, f.first)
	for _, offset := range f.then {
		if p = *(*unsafe.Pointer)(p); p == nil {
			return nil
		}
		p = unsafe.Add(p, offset)
	}
	return p
}

// locate finds the location at the end of a path of fields that begins at a dot of type typ.
func locate(typ reflect.Type, path []int) (location, bool) {
	if typ == nil {
		return location{}, false
	}
	if byPointer(typ) {
		if len(path) == 0 || path[0] != pointer {
			return location{}, false // dot itself, which has no address here
		}
		typ, path = typ.Elem(), path[1:]
	}
	offsets := []uintptr{0}
	for _, i := range path {
		if i == pointer {
			typ, offsets = typ.Elem(), append(offsets, 0)
			continue
		}
		f := typ.Field(i)
		offsets[len(offsets)-1] += f.Offset
		typ = f.Type
	}
	return location{offsets[0], offsets[1:]}, true
}

// byPointer tells that dots of a type are reached by the pointer that they are.
func byPointer(typ reflect.Type) bool {
	return typ.Kind() == reflect.Pointer && typ.Elem().Kind() == reflect.Struct
}

// A reacher finds a dot's memory; nil where there is none.
type reacher func(dot reflect.Value) unsafe.Pointer

// reacherOf is the reacher for dots of a type, which may be unknown.
func reacherOf(typ reflect.Type) reacher {
	switch {
	case typ == nil:
		return func(reflect.Value) unsafe.Pointer { return nil }
	case byPointer(typ):
		return func(dot reflect.Value) unsafe.Pointer { return dot.UnsafePointer() }
	}
	return func(dot reflect.Value) unsafe.Pointer {
		if !dot.CanAddr() {
			return nil
		}
		return dot.Addr().UnsafePointer()
	}
}

// rootOf is the memory of what Render was given, whose dynamic type is typ.
func rootOf(data any, typ reflect.Type) unsafe.Pointer {
	// An interface is two words, the second of which points to the value; unless the value is one pointer, which then stands there itself. A
	// value of another size cannot be that.
	if typ != nil && (byPointer(typ) || typ.Kind() == reflect.Struct && typ.Size() != unsafe.Sizeof(uintptr(0))) {
		return (*[2]unsafe.Pointer)(unsafe.Pointer(&data))[1]
	}
	return nil
}

// dotAt makes the dot of a type whose memory is p, as a range over a slice has it.
func dotAt(typ reflect.Type, p unsafe.Pointer) reflect.Value {
	if byPointer(typ) {
		return reflect.NewAt(typ.Elem(), p).Convert(typ)
	}
	return reflect.NewAt(typ, p).Elem()
}

// elementAt is the memory of a slice's i-th element of some size; base is that of the first. Elements by pointer are what they point to.
func elementAt(base unsafe.Pointer, i int, size uintptr, byPointer bool) unsafe.Pointer {
	p := unsafe.Add(base, uintptr(i)*size)
	if byPointer {
		return *(*unsafe.Pointer)(p)
	}
	return p
}

func textAt(p unsafe.Pointer) string { return *(*string)(p) }

// integerAt reads a signed integer of a kind.
func integerAt(p unsafe.Pointer, kind reflect.Kind) int64 {
	switch kind {
	case reflect.Int:
		return int64(*(*int)(p))
	case reflect.Int8:
		return int64(*(*int8)(p))
	case reflect.Int16:
		return int64(*(*int16)(p))
	case reflect.Int32:
		return int64(*(*int32)(p))
	}
	return *(*int64)(p)
}

// unsignedAt reads an unsigned integer of a kind.
func unsignedAt(p unsafe.Pointer, kind reflect.Kind) uint64 {
	switch kind {
	case reflect.Uint:
		return uint64(*(*uint)(p))
	case reflect.Uint8:
		return uint64(*(*uint8)(p))
	case reflect.Uint16:
		return uint64(*(*uint16)(p))
	case reflect.Uint32:
		return uint64(*(*uint32)(p))
	}
	return *(*uint64)(p)
}

// floatAt reads a floating-point number of a kind; bits is its size.
func floatAt(p unsafe.Pointer, kind reflect.Kind) (f float64, bits int) {
	if kind == reflect.Float32 {
		return float64(*(*float32)(p)), 32
	}
	return *(*float64)(p), 64
}

// trueAt tells whether a value of a kind counts as true; see truthKind.
func trueAt(p unsafe.Pointer, kind reflect.Kind) bool {
	switch kind {
	case reflect.Bool:
		return *(*bool)(p)
	case reflect.String:
		return len(*(*string)(p)) > 0
	case reflect.Slice:
		return len(*(*[]struct{})(p)) > 0
	case reflect.Pointer:
		return *(*unsafe.Pointer)(p) != nil
	}
	return integerAt(p, kind) != 0
}

// truthKind tells whether trueAt knows a kind.
func truthKind(kind reflect.Kind) bool {
	switch kind {
	case reflect.Bool, reflect.String, reflect.Slice, reflect.Pointer,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return true
	}
	return false
}

// bytesOf is the memory of nodes.
func bytesOf(nodes []node) []byte {
	if len(nodes) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&nodes[0])), len(nodes)*nodeSize)
}
