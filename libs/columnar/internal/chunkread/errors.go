package chunkread

import "errors"

// What can be wrong with a chunk. Callers need not tell them apart.
var (
	errHeader     = errors.New("a page header is damaged")
	errPageSize   = errors.New("a page is larger than is allowed, or than the chunk")
	errPageOrder  = errors.New("a dictionary page that is not the first page")
	errEncoding   = errors.New("a page is in an encoding that its column does not have")
	errLevelKind  = errors.New("definition levels as BIT_PACKED are not supported: write them as RLE")
	errChecksum   = errors.New("the checksum of a page is wrong")
	errDecompress = errors.New("a page does not decompress to the size its header claims")
	errLevels     = errors.New("the definition levels of a page are damaged")
	errNulls      = errors.New("a page has another number of nulls than its header claims")
	errValues     = errors.New("a page has fewer values than its header claims")
	errTrailing   = errors.New("a page has bytes behind its values")
	errDictionary = errors.New("the dictionary is damaged or missing")
	errIndex      = errors.New("an index points beyond the dictionary")
	errUTF8       = errors.New("text that is not UTF-8")
	errRange      = errors.New("a number does not fit its type")
	errWindow     = errors.New("more than 2 GiB of text in one array: read fewer rows at a time")
	errTooFew     = errors.New("fewer rows than the footer claims: the file is damaged")
	errTooMany    = errors.New("more rows than the footer claims: the file is damaged")
	errBehind     = errors.New("bytes behind the last page of the chunk: the file is damaged")
	errSupport    = errors.New("a column of a kind that this reader does not know")
)
