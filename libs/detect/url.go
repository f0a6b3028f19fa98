package detect

import "bytes"

// urlDetector finds URLs that let whoever has them in (RFC 3986): a user and
// password before the host, or a parameter such as token, key or password with a
// value. The finding is the whole URL. Other URLs are none.
type urlDetector struct{}

// maxURL is the most bytes of a URL that are looked at, before and behind a mark.
const maxURL = 2048

var secretParameters = wordSet(
	"token", "accesstoken", "refreshtoken", "idtoken", "authtoken", "sessiontoken", "resettoken", "apitoken", "jwt", "key", "apikey", "accesskey",
	"secret", "clientsecret", "secretkey", "password", "passwd", "pwd", "pass", "passphrase", "auth", "authorization", "signature", "sig",
	"session", "sessionid", "sid", "otp", "pin", "credential", "credentials", "xamzsignature", "xamzcredential", "xamzsecuritytoken", "code", "ticket", "magic",
)

func (urlDetector) look(sc *scan) {
	text, i := sc.text, sc.at
	var start int
	switch {
	case text[i] == ':' && len(text)-i > 3 && text[i+1] == '/' && text[i+2] == '/':
		start = schemeStart(text, i)
		if start == i {
			return
		}
		sc.url.reach(text, i+3)
		end := sc.url.endOf(i + 3)
		if hasUserinfo(text[i+3 : end]) {
			sc.hit(start, end, 0.95, "userinfo")
		} else if sc.url.hasSecret(text, i+3) {
			sc.hit(start, end, 0.95, "secret-parameter")
		}
	case text[i] == '?':
		start = i
		for start > 0 && i-start < maxURL && isURLByte(text[start-1]) && text[start-1] != '?' {
			start--
		}
		path := text[start:i]
		if bytes.IndexByte(path, '.') <= 0 && bytes.IndexByte(path, '/') < 0 || bytes.Contains(path, []byte("://")) {
			return
		}
		if sc.url.reach(text, i); sc.url.hasSecret(text, i) {
			sc.hit(start, sc.url.endOf(i), 0.9, "secret-parameter")
		}
	}
}

// schemeStart is where the scheme begins that the colon at i ends, i when there is none.
func schemeStart(text []byte, i int) int {
	start := i
	for start > 0 && i-start < 16 && (isAlnum(text[start-1]) || text[start-1] == '+') {
		start--
	}
	for start < i && !isLetter(text[start]) {
		start++
	}
	return start
}

func isURLByte(c byte) bool {
	if c <= ' ' || c == 0x7f {
		return false
	}
	switch c {
	case '"', '<', '>', '\\', '^', '`', '{', '}', '|', '[', ']':
		return false
	}
	return true
}

// hasUserinfo reports "user:password@" at the front.
func hasUserinfo(rest []byte) bool {
	authority := rest
	if n := bytes.IndexAny(authority, "/?#"); n >= 0 {
		authority = authority[:n]
	}
	at := bytes.LastIndexByte(authority, '@')
	return at > 0 && at+1 < len(authority)
}

func isSecretName(name []byte) bool {
	var buf [maxWord]byte
	plain := buf[:0]
	for _, c := range name {
		switch {
		case isLetter(c) && len(plain) < len(buf):
			plain = append(plain, c)
		case c == '_' || c == '-' || c == '.':
		default:
			return false
		}
	}
	return secretParameters.has(plain)
}
