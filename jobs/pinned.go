package jobs

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"

	"greenroom/widgets"
)

// chunkKeys is how many keys a chunk holds, and so how many rows are read at once.
const chunkKeys = 1000

// chunkBytes is what a chunk takes besides its data.
const chunkBytes = 48

// budget is the memory for pinned keys of all unfinished runs together.
type budget struct {
	max  int64
	used atomic.Int64
}

func (b *budget) take(n int64) bool {
	if b.used.Add(n) > b.max {
		b.used.Add(-n)
		return false
	}
	return true
}

// pinned are the keys of a run in order, packed: about 2 bytes each where they are whole numbers, 20 where they are UUIDs.
type pinned struct {
	budget *budget
	chunks []chunk
	n      int64
	bytes  int64
}

// chunk holds up to chunkKeys keys. Integers are written as differences, everything else as length-prefixed text that is then deflated.
type chunk struct {
	data     []byte
	n        int
	integers bool
}

// release gives the memory back to the budget, once.
func (p *pinned) release() {
	p.budget.used.Add(-p.bytes)
	p.bytes = 0
}

// share is the same keys on nobody's budget.
func (p *pinned) share() *pinned { return &pinned{budget: p.budget, chunks: p.chunks, n: p.n} }

// size is what the keys take, in bytes.
func (p *pinned) size() (n int64) {
	for _, c := range p.chunks {
		n += int64(len(c.data)) + chunkBytes
	}
	return n
}

// packer fills a pinned.
type packer struct {
	out   *pinned
	parts int
	keys  []widgets.Key
	plain bytes.Buffer
	zip   *flate.Writer
}

func newPacker(b *budget, parts int) *packer {
	return &packer{out: &pinned{budget: b}, parts: parts}
}

func (p *packer) add(k widgets.Key) error {
	if len(k) != p.parts {
		return fmt.Errorf("%w: %d parts instead of %d", widgets.ErrBadKey, len(k), p.parts)
	}
	p.keys = append(p.keys, k)
	p.out.n++
	if len(p.keys) == chunkKeys {
		return p.flush()
	}
	return nil
}

func (p *packer) flush() error {
	if len(p.keys) == 0 {
		return nil
	}
	c := chunk{n: len(p.keys)}
	if data, ok := packIntegers(p.keys); ok {
		c.data, c.integers = data, true
	} else {
		data, err := p.packText()
		if err != nil {
			return err
		}
		c.data = data
	}
	p.keys = p.keys[:0]
	size := int64(len(c.data)) + chunkBytes
	if !p.out.budget.take(size) {
		return errFull
	}
	p.out.bytes += size
	p.out.chunks = append(p.out.chunks, c)
	return nil
}

// packIntegers refuses keys that would not come back as they were, such as "007".
func packIntegers(keys []widgets.Key) ([]byte, bool) {
	data := make([]byte, 0, 2*len(keys))
	before := int64(0)
	for _, k := range keys {
		if len(k) != 1 {
			return nil, false
		}
		n, err := strconv.ParseInt(k[0], 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != k[0] {
			return nil, false
		}
		data = binary.AppendVarint(data, n-before) // may wrap around, and wraps back
		before = n
	}
	return bytes.Clone(data), true
}

func (p *packer) packText() ([]byte, error) {
	p.plain.Reset()
	var out bytes.Buffer
	if p.zip == nil {
		zip, err := flate.NewWriter(&out, flate.BestSpeed)
		if err != nil {
			return nil, fmt.Errorf("pack keys: %w", err)
		}
		p.zip = zip
	} else {
		p.zip.Reset(&out)
	}
	var length []byte
	for _, k := range p.keys {
		for _, part := range k {
			length = binary.AppendUvarint(length[:0], uint64(len(part)))
			p.plain.Write(length)
			p.plain.WriteString(part)
		}
	}
	if _, err := p.zip.Write(p.plain.Bytes()); err != nil {
		return nil, fmt.Errorf("pack keys: %w", err)
	}
	if err := p.zip.Close(); err != nil {
		return nil, fmt.Errorf("pack keys: %w", err)
	}
	return bytes.Clone(out.Bytes()), nil
}

var errChunk = errors.New("jobs: a chunk of pinned keys is damaged")

// integerKeys makes all keys out of one text and one slice, which is ten times quicker than one by one.
func (c chunk) integerKeys() ([]widgets.Key, error) {
	before, rest := int64(0), c.data
	digits := make([]byte, 0, 8*c.n)
	ends := make([]int, c.n)
	for i := range ends {
		d, size := binary.Varint(rest)
		if size <= 0 {
			return nil, errChunk
		}
		rest = rest[size:]
		before += d
		digits = strconv.AppendInt(digits, before, 10)
		ends[i] = len(digits)
	}
	text, from := string(digits), 0
	parts := make([]string, c.n)
	keys := make([]widgets.Key, c.n)
	for i, end := range ends {
		parts[i] = text[from:end]
		keys[i] = parts[i : i+1 : i+1]
		from = end
	}
	return keys, nil
}

// keys unpacks a chunk of keys that have so many parts.
func (c chunk) keys(parts int) ([]widgets.Key, error) {
	if c.integers {
		return c.integerKeys()
	}
	keys := make([]widgets.Key, 0, c.n)
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(c.data)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errChunk, err)
	}
	for range c.n {
		key := make(widgets.Key, parts)
		for i := range key {
			length, size := binary.Uvarint(plain)
			if size <= 0 || uint64(len(plain)-size) < length {
				return nil, errChunk
			}
			key[i] = string(plain[size : size+int(length)])
			plain = plain[size+int(length):]
		}
		keys = append(keys, key)
	}
	return keys, nil
}
