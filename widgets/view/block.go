package view

import (
	"reflect"
	"text/template/parse"
)

// A block is a run of statics with slots between them: a template, a branch of a condition, a row of a list.
// Everything about it is known before the first execution; an execution only fills its slots.
type block struct {
	plain []string // what html/template writes around the slots; one more than there are slots
	live  []string // the same with markers
	slots []slot
	ops   []op
	key   int  // the slot that holds a row's key, or -1
	whole bool // a row with break or continue in it: one slot, sent as HTML whenever it is not the same
}

// A slot is a place that is filled by an execution.
type slot struct {
	kind  slotKind
	part  int    // the number it has on the wire, or -1
	name  string // of an attribute
	given given  // slotHTML: markup that is not the template's, which may not stay where it stands
	rest  int    // slotGroup: how many slots further its other segment is, or 0
	inner [2]*block
}

type slotKind uint8

const (
	slotText     slotKind = iota // a text node
	slotRaw                      // the text of a script or style, where nothing is unescaped
	slotAttr                     // an attribute's value
	slotOptional                 // an attribute, or nothing
	slotGroup                    // attributes
	slotRest                     // the other segment of a group
	slotKey                      // a row's key
	slotHTML                     // markup
	slotCond                     // a branch: none, inner[0] or inner[1]
	slotList                     // rows of inner[0], or inner[1]
)

// leaf reports whether the slot is filled with bytes.
func (k slotKind) leaf() bool { return k < slotCond }

// An op is a step of a block's execution.
type op struct {
	kind   opKind
	slot   int
	text   []byte     // opText
	node   parse.Node // opSilent, opCond, opList, opCall: what decides; opFrame: the inlined list
	pieces []piece    // opLeaf
	ops    []op       // opFrame
}

type opKind uint8

const (
	opText   opKind = iota // static text, which a block has already
	opSilent               // a node that writes nothing
	opLeaf                 // fills a slot with what pieces write
	opCond                 // if, with
	opList                 // range
	opCall                 // a recursive call: a condition that always holds
	opFrame                // an inlined call
)

// A layout is a template compiled for one type of data. Trees of one layout can be compared.
type layout struct {
	src     *source
	root    *block   // nil: the template cannot be taken apart, and a tree is its HTML
	machine *machine // nil: program executes the layout
	program *standard
	data    reflect.Type
	markup  bool   // some slot takes markup that is not the template's, see markup.go
	mistake string // of ours, with its stack, for tests
}
