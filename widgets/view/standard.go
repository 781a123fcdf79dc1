package view

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"text/template/parse"
)

// A standard executes a layout by the standard library's own executor: between the nodes of the escaped template
// stand texts that say where slots begin and end, and the writer that the executor writes to makes a recording of it.
// It is as fast as html/template is.
type standard struct {
	src   *source
	root  *block
	marks map[*byte]mark // each text of ours, by the address of its one byte: content cannot forge it
}

// A mark is a text that the executor comes by.
type mark struct {
	kind   markKind
	branch int
}

type markKind uint8

const (
	markLeaf    markKind = iota + 1 // a leaf begins
	markLeafEnd                     // and ends
	markOpen                        // a condition begins
	markBranch                      // a branch of it, or of a list, was taken
	markList                        // a list begins
	markRow                         // a row begins; the one before ends
	markEnd                         // the condition or list ends
)

// program prepares the standard executor for a layout that begins with the block of root.
func program(src *source, root *def, defs map[string]*def) *standard {
	s := &standard{src: src, root: root.blk, marks: map[*byte]mark{}}
	for name, tree := range src.defs {
		if d := defs[name]; d != nil && d.blk != nil {
			tree.Root.Nodes = s.list(d.blk)
		} else {
			tree.Root.Nodes = s.stubAll(tree.Root)
		}
	}
	return s
}

func (s *standard) mark(kind markKind, branch int) parse.Node {
	text := []byte{'-'}
	s.marks[&text[0]] = mark{kind, branch}
	return &parse.TextNode{NodeType: parse.NodeText, Text: text}
}

// list is the nodes that execute a block.
func (s *standard) list(b *block) []parse.Node { return s.steps(b, b.ops) }

func (s *standard) steps(b *block, ops []op) []parse.Node {
	var out []parse.Node
	for _, o := range ops {
		switch o.kind {
		case opText:
			out = append(out, &parse.TextNode{NodeType: parse.NodeText, Text: o.text})
		case opSilent:
			out = append(out, s.stubbed(o.node))
		case opLeaf:
			out = append(out, s.mark(markLeaf, 0))
			for _, p := range o.pieces {
				if p.node == nil {
					out = append(out, &parse.TextNode{NodeType: parse.NodeText, Text: p.text})
				} else {
					out = append(out, s.stubbed(p.node))
				}
			}
			out = append(out, s.mark(markLeafEnd, 0))
		case opCall:
			out = append(out, s.mark(markOpen, 0), s.mark(markBranch, branchThen), o.node, s.mark(markEnd, 0))
		case opFrame:
			out = append(out, s.call(o.node.(*parse.ListNode), s.steps(b, o.ops)))
		default:
			out = append(out, s.control(o, b.slots[o.slot].inner)...)
		}
	}
	return out
}

// control adds the nodes of a condition or list whose branches are blocks.
func (s *standard) control(o op, inner [2]*block) []parse.Node {
	b := branch(o.node)
	begin, first := markOpen, s.mark(markBranch, branchThen)
	if o.kind == opList {
		begin, first = markList, s.mark(markRow, 0)
	}
	b.List.Nodes = append([]parse.Node{first}, s.list(inner[0])...)
	if b.ElseList != nil {
		b.ElseList.Nodes = append([]parse.Node{s.mark(markBranch, branchElse)}, s.list(inner[1])...)
	}
	return []parse.Node{s.mark(begin, 0), o.node, s.mark(markEnd, 0)}
}

// stubbed makes calls of the inlined lists in a node, for the executor to give them their own dot and $.
func (s *standard) stubbed(n parse.Node) parse.Node {
	if l, ok := n.(*parse.ListNode); ok {
		return s.call(l, s.stubAll(l))
	}
	if b := branch(n); b != nil {
		b.List.Nodes = s.stubAll(b.List)
		if b.ElseList != nil {
			b.ElseList.Nodes = s.stubAll(b.ElseList)
		}
	}
	return n
}

func (s *standard) stubAll(l *parse.ListNode) []parse.Node {
	out := make([]parse.Node, len(l.Nodes))
	for i, n := range l.Nodes {
		out[i] = s.stubbed(n)
	}
	return out
}

// call is a call that executes nodes as the body of an inlined list.
func (s *standard) call(l *parse.ListNode, nodes []parse.Node) parse.Node {
	f := s.src.frames[l]
	s.src.set.Lookup(f.stub).Tree.Root.Nodes = nodes
	return &parse.TemplateNode{NodeType: parse.NodeTemplate, Pos: f.call.Pos, Line: f.call.Line, Name: f.stub, Pipe: f.call.Pipe}
}

// record executes the layout.
func (s *standard) record(data any) (recording, error) {
	w := marked{standard: s}
	if err := s.src.set.Lookup(s.src.name).Execute(&w, data); err != nil {
		return recording{}, s.named(err)
	}
	return w.recording, nil
}

// named is an error in which the templates have the names that their author gave them.
func (s *standard) named(err error) error {
	text := err.Error()
	for _, f := range s.src.frames {
		text = strings.ReplaceAll(text, strconv.Quote(f.stub), strconv.Quote(f.call.Name))
	}
	if text == err.Error() {
		return err
	}
	return renamed{text, err}
}

type renamed struct {
	text string
	error
}

func (r renamed) Error() string { return r.text }
func (r renamed) Unwrap() error { return r.error }

// marked makes a recording of what an executor writes. It relies on two things: a text node is written with its own
// bytes, and an action is written with one call.
type marked struct {
	*standard
	recording
	stack []opened
	leaf  bool // in a leaf: everything is content, except what ends the leaf
}

// opened is something that began and did not end yet.
type opened struct {
	kind    markKind // markLeaf, markOpen, markList, markRow
	at      int      // its node
	start   int      // the length of buf
	branch  int
	ignored bool // it stands inside a leaf
}

var errTooLong = errors.New("view: the rendered template is too long")

func (w *marked) Write(p []byte) (int, error) {
	if len(p) == 1 {
		if m, ok := w.marks[&p[0]]; ok {
			w.come(m)
			return 1, nil
		}
	}
	if w.leaf {
		if len(w.buf)+len(p) > limit {
			return 0, errTooLong
		}
		w.buf = append(w.buf, p...)
	}
	return len(p), nil
}

var _ io.Writer = (*marked)(nil)

func (w *marked) come(m mark) {
	switch m.kind {
	case markLeaf:
		w.push(markLeaf)
		w.leaf = true
	case markLeafEnd:
		w.pop()
	case markOpen, markList:
		w.push(m.kind)
	case markBranch:
		w.stack[len(w.stack)-1].branch = m.branch
	case markRow:
		w.unwind()
		w.stack[len(w.stack)-1].branch = branchThen
		w.push(markRow)
	case markEnd:
		if w.stack[len(w.stack)-1].kind != markOpen {
			w.unwind()
		}
		w.pop()
	}
}

// unwind ends the row that is open and, where a break or continue left it, its leaf.
func (w *marked) unwind() {
	for w.stack[len(w.stack)-1].kind != markList {
		w.pop()
	}
}

func (w *marked) push(kind markKind) {
	o := opened{kind: kind, start: len(w.buf), ignored: w.leaf}
	if !w.leaf && kind != markLeaf {
		o.at = w.open()
	}
	if kind == markList {
		o.branch = branchThen // without rows, unless the else branch comes
	}
	w.stack = append(w.stack, o)
}

func (w *marked) pop() {
	o := w.stack[len(w.stack)-1]
	w.stack = w.stack[:len(w.stack)-1]
	switch {
	case o.ignored:
	case o.kind == markLeaf:
		w.leaf = false
		w.recording.leaf(o.start)
	default:
		w.close(o.at, o.start, o.branch)
	}
}
