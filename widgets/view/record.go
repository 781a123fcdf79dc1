package view

import (
	"bytes"
	"encoding/binary"
)

// A recording is what an execution leaves behind: the bytes of all leaves, one after the other, and a node for each
// filled slot and each row, in preorder. It holds no statics and no names: those are the layout's.
//
//	<tr><td>{{.Name}}</td>{{if .Paid}}<td>{{.Sum}}</td>{{end}}</tr>
//
//	buf    A d a 4 2
//	nodes  leaf 3 │ cond 2, branch 1, 2 nodes │ leaf 2
type recording struct {
	buf   []byte
	nodes []node
}

// A node is how many bytes of buf belong to it (32 bits), how many nodes it and what is inside it are (30 bits), and
// the branch that was taken (2 bits).
type node uint64

const (
	branchNone = iota // of a condition
	branchThen        // also: rows
	branchElse
)

func leafNode(size int) node { return node(size)<<32 | 1<<2 }

func innerNode(size, nodes, branch int) node { return node(size)<<32 | node(nodes)<<2 | node(branch) }

func (n node) bytes() int  { return int(n >> 32) }
func (n node) nodes() int  { return int(n&(1<<32-1)) >> 2 }
func (n node) branch() int { return int(n & 3) }

// sealed is a recording that is kept: in one piece of memory, the nodes after the bytes, so that stretches of either are
// compared at once.
type sealed struct {
	buf   []byte
	nodes []byte
}

const nodeSize = 8

func (r *recording) seal() sealed {
	n := len(r.buf)
	all := bytes.Join([][]byte{r.buf, memoryOf(r.nodes)}, nil) // which clears no memory before
	return sealed{buf: all[:n:n], nodes: all[n:]}
}

// tree makes a tree of a recording. A small one is in one piece with its memory.
func (r *recording) tree(l *layout) *Tree {
	nodes := memoryOf(r.nodes)
	var t *Tree
	var mem []byte
	switch size := len(r.buf) + len(nodes); {
	case size <= len(tree240{}.mem):
		all := new(tree240)
		t, mem = &all.Tree, all.mem[:]
	case size <= len(tree512{}.mem):
		all := new(tree512)
		t, mem = &all.Tree, all.mem[:]
	default:
		return &Tree{layout: l, sealed: r.seal()}
	}
	n := copy(mem, r.buf)
	m := n + copy(mem[n:], nodes)
	t.layout, t.buf, t.nodes = l, mem[:n:n], mem[n:m]
	return t
}

// What the trees of small widgets are allocated as, by their size in memory.
type (
	tree240 struct {
		Tree
		mem [240 - 56]byte
	}
	tree512 struct {
		Tree
		mem [512 - 56]byte
	}
)

// is reports whether a tree of the layout holds the recording.
func (r *recording) is(l *layout, t *Tree) bool {
	return t != nil && t.layout == l && bytes.Equal(r.buf, t.buf) && bytes.Equal(memoryOf(r.nodes), t.nodes)
}

// node is the i-th node.
func (s *sealed) node(i int) node { return node(binary.NativeEndian.Uint64(s.nodes[nodeSize*i:])) }

// between is the nodes from i to j, for a comparison.
func (s *sealed) between(i, j int) []byte { return s.nodes[nodeSize*i : nodeSize*j] }

// limit is how many bytes, and how many nodes, one recording may have.
const limit = 1 << 30

// leaf ends a leaf that began at a length of buf.
func (r *recording) leaf(start int) { r.nodes = append(r.nodes, leafNode(len(r.buf)-start)) }

// open begins a condition, a list or a row.
func (r *recording) open() int {
	r.nodes = append(r.nodes, 0)
	return len(r.nodes) - 1
}

// close ends what open began at node at, when buf had a length of start.
func (r *recording) close(at, start, branch int) {
	r.nodes[at] = innerNode(len(r.buf)-start, len(r.nodes)-at, branch)
}
