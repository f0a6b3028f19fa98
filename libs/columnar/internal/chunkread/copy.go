package chunkread

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/parquet"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/maskrail/maskrail/libs/columnar/internal/spare"
)

// Copied is a chunk that was checked, ready to be written elsewhere, with what
// the footer there says of it. Nothing is left of what its writer claimed beside
// the values: statistics, page indices, unknown fields.
type Copied struct {
	// Pages are the bytes of the chunk: headers written anew, pages as they were. They are the caller's, to be released.
	Pages *spare.Bytes

	Encodings  []parquet.Encoding // of values, dictionary and levels, each once
	Dictionary int64              // bytes of the dictionary page with its header; 0 = there is none
	Values     int64              // nulls included
	Nulls      int64
	RawBytes   int64      // of the pages before compression, headers included
	PageKinds  []PageKind // in the order in which they come first

	// Min and Max of the values that are there, of entries of a dictionary those
	// that are used: in PLAIN encoding, without a length. nil where there is no
	// value, or no order.
	Min, Max []byte

	// Unused says that the dictionary has entries that no row uses, or pages bytes that no value comes from.
	Unused bool
}

// PageKind counts the pages of one kind in a chunk.
type PageKind struct {
	Dictionary bool // dictionary pages, otherwise data pages
	V2         bool // data pages of version 2
	Encoding   parquet.Encoding
	Pages      int32
}

// Copy reads a chunk and checks all of it, as reading it with a Reader would. Its
// pages go to blocks.
func Copy(src io.ReaderAt, c Column, blocks *spare.Blocks) (Copied, error) {
	f, ok := formOf(c)
	if !ok || !Supported(c) || c.Meta.TotalCompressedSize() < 0 {
		return Copied{}, errSupport
	}
	v := &verifier{pages: newPages(src, c.withDefaults()), census: newCensus(c, f)}
	defer v.close()
	v.out.Pages = blocks.New()
	err := v.run()
	if err != nil {
		v.out.Pages.Release()
		if v.count > 0 {
			err = fmt.Errorf("page %d: %w", v.count, err)
		}
		return Copied{}, err
	}
	if c.Leaf.SortOrder() != pqschema.SortUNKNOWN {
		v.out.Min, v.out.Max = v.census.bounds()
	}
	v.out.Unused = v.out.Unused || v.census.unused()
	return v.out, nil
}

// census looks at the values of a chunk.
type census interface {
	// dictionary reads a dictionary page of n entries, and copies what it needs.
	dictionary(entries []byte, n int) error
	// count reads the k values of a page.
	count(p *page, k int) error
	// bounds are the smallest and the largest value, nil if there is none.
	bounds() (smallest, largest []byte)
	// unused reports that the dictionary has entries that no page points at.
	unused() bool
}

type verifier struct {
	pages
	census census
	out    Copied
}

func (v *verifier) run() error {
	left := v.c.Rows
	for first := true; ; first = false {
		h, stored, err := v.next()
		if errors.Is(err, io.EOF) && v.remaining() == 0 {
			break
		}
		if err != nil {
			return err
		}
		if h.kind == pageDictionary {
			err = v.dictionary(h, stored, first)
		} else {
			err = v.page(h, stored, left)
			left -= int64(h.values)
		}
		if err != nil {
			return err
		}
	}
	if left > 0 {
		return errTooFew
	}
	if v.c.optional() {
		v.encoding(parquet.Encodings.RLE)
	}
	return nil
}

func (v *verifier) dictionary(h header, stored []byte, first bool) error {
	if !first || v.count > 1 {
		return errPageOrder
	}
	if !plainDictionary(h) {
		return errDictionary
	}
	_, entries, err := v.open(h, stored)
	if err != nil {
		return err
	}
	if err := v.census.dictionary(entries, int(h.values)); err != nil {
		return err
	}
	v.out.Dictionary = v.add(h, stored)
	return nil
}

func (v *verifier) page(h header, stored []byte, rowsLeft int64) error {
	p, err := v.data(h, stored, rowsLeft)
	if err != nil {
		return err
	}
	k := p.left
	if v.c.optional() {
		if k = p.definition.count(p.left); k < 0 {
			return errLevels
		}
		p.absent = p.left - k
	}
	if err := v.census.count(&p, k); err != nil {
		return err
	}
	if err := p.end(); err != nil {
		return err
	}
	v.out.Unused = v.out.Unused || !p.definition.padded() || !p.packed.padded()
	v.out.Values += int64(h.values)
	v.out.Nulls += int64(p.absent)
	v.add(h, stored)
	return nil
}

// add appends a page and returns its length.
func (v *verifier) add(h header, stored []byte) int64 {
	head := h.bytes()
	v.out.Unused = v.out.Unused || v.hides(h, stored)
	v.out.Pages.Append(head)
	v.out.Pages.Append(stored)
	v.out.RawBytes += int64(len(head)) + int64(h.raw)
	v.encoding(h.encoding)
	kind := PageKind{Dictionary: h.kind == pageDictionary, V2: h.kind == pageDataV2, Encoding: h.encoding}
	at := slices.IndexFunc(v.out.PageKinds, func(k PageKind) bool {
		kind.Pages = k.Pages
		return k == kind
	})
	if at < 0 {
		kind.Pages = 1
		v.out.PageKinds = append(v.out.PageKinds, kind)
	} else {
		v.out.PageKinds[at].Pages++
	}
	return int64(len(head) + len(stored))
}

func (v *verifier) encoding(e parquet.Encoding) {
	if !slices.Contains(v.out.Encodings, e) {
		v.out.Encodings = append(v.out.Encodings, e)
	}
}
