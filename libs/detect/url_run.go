package detect

import "bytes"

// urlRun is what is known of bytes that are those of URLs, without a space or the like between. A URL can begin at each
// mark of a long run, so that what is ahead of one is remembered for the next.
type urlRun struct {
	start, end int
	// solid is behind the last byte that is not punctuation of a sentence around a URL.
	solid int
	// open is the last separator: its parameter may go on. query is the last that begins parameters, '?', '#' or ';'.
	// Both are -1 for none.
	open, query int
	// secret is the last parameter that is one, and older the one before it.
	secret, older urlParameter
}

type urlParameter struct {
	at, end int // the separator before it, -1 for no parameter, and its end
	query   int // the last separator that begins parameters up to it
}

// reach reads on until maxURL bytes behind i are known, or the run's end. i is not before those of earlier calls.
func (r *urlRun) reach(text []byte, i int) {
	if i < r.start || i >= r.end {
		none := urlParameter{at: -1}
		*r = urlRun{start: i, end: i, solid: i, open: -1, query: -1, secret: none, older: none}
	}
	for limit := min(len(text), i+maxURL); r.end < limit && isURLByte(text[r.end]); r.end++ {
		switch c := text[r.end]; c {
		case '?', '#', '&', ';':
			if r.open >= 0 && isSecret(text[r.open+1:r.end]) {
				r.older, r.secret = r.secret, urlParameter{r.open, r.end, r.query}
			}
			if r.open = r.end; c != '&' {
				r.query = r.end
			}
		}
		if bytes.IndexByte([]byte(".,;:!?)'*"), text[r.end]) < 0 {
			r.solid = r.end + 1
		}
	}
}

// endOf is where a URL ends that goes on at i, without the punctuation of the sentence around it.
func (r *urlRun) endOf(i int) int { return max(i, r.solid) }

// hasSecret reports a parameter of the query or fragment that is a secret, in a URL that goes on at i.
func (r *urlRun) hasSecret(text []byte, i int) bool {
	end := r.endOf(i)
	for _, p := range [...]urlParameter{{r.open, r.end, r.query}, r.secret, r.older} {
		if p.at >= i && p.query >= i && p.at < end && (p.end <= end && p.at != r.open || isSecret(text[p.at+1:min(p.end, end)])) {
			return true
		}
	}
	return false
}

// isSecret reports a parameter with the name of a secret and a value. Marks within its name do not count: "api_key",
// "X-Amz-Signature".
func isSecret(parameter []byte) bool {
	name, value, ok := bytes.Cut(parameter, []byte("="))
	return ok && len(value) >= 2 && isSecretName(name)
}
