package chunkread

import (
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/zstd"
)

// padded reports that what is left of a bit-packed run is zeros.
func (h *hybrid) padded() bool {
	if h.bits == nil || h.left == 0 {
		return true
	}
	bit := h.at * h.width
	for ; bit < len(h.bits)*8 && bit&7 > 0; bit++ {
		if bitAt(h.bits, bit) != 0 {
			return false
		}
	}
	for _, c := range h.bits[min((bit+7)/8, len(h.bits)):] {
		if c != 0 {
			return false
		}
	}
	return true
}

// hides reports that the compressed form of a page has room for bytes that do not come out of it, or may have.
func (p *pages) hides(h header, stored []byte) bool {
	if h.uncompressed || len(stored) == 0 {
		return false
	}
	switch p.c.Meta.Compression() {
	case compress.Codecs.Gzip, compress.Codecs.Brotli: // names and comments, metadata blocks
		return true
	case compress.Codecs.Zstd:
		if h.kind == pageDataV2 {
			stored = stored[int(h.repetition)+int(h.definition):]
		}
		return len(stored) > 0 && !oneFrame(stored)
	}
	return false
}

// oneFrame reports a single zstd frame, not one to be skipped, and nothing behind it (RFC 8878, section 3.1).
func oneFrame(b []byte) bool {
	var h zstd.Header
	if h.Decode(b) != nil || h.Skippable || h.DictionaryID != 0 {
		return false
	}
	for at := h.HeaderSize; at+3 <= len(b); {
		head := int(b[at]) | int(b[at+1])<<8 | int(b[at+2])<<16
		size := head >> 3
		if head>>1&3 == 1 { // one byte over and over
			size = 1
		}
		if at += 3 + size; head&1 == 1 {
			if h.HasCheckSum {
				at += 4
			}
			return at == len(b)
		}
	}
	return false
}
