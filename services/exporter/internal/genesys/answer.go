package genesys

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/retry"
	"github.com/maskrail/maskrail/services/exporter/internal/quota"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// codeAddress says that the client may not ask from where we are; a new token changes nothing about it.
const codeAddress = "ip.not.authorized"

// codes are the provider's that are shown; any other text could be part of the data.
var codes = []string{
	"authentication.required", "bad.credentials", "credentials.expired", codeAddress, "not.authorized",
	"missing.permissions", "missing.any.permissions", "missing.any.division.permissions",
	"bad.request", "invalid.value", "invalid.date", "not.found", "conflict", "general.conflict",
	"client.timeout", "request.entity.too.large", "unsupported.media.type", "too.many.requests", "too.many.requests.retry.after",
	"internal.server.error", "bad.gateway", "service.unavailable", "request.timeout", "gateway.timeout",
	// RFC 6749, 5.2
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
}

// The wordings of a 400 that mean more than that. They are looked for, and not shown.
var (
	tooMuch = regexp.MustCompile(`(?i)\b(may|does|must|can) ?not exceed\b|\bexceeds? the (limit|maximum)\b`)
	expired = regexp.MustCompile(`(?i)\bexpired\b|\binvalid cursor\b`)
)

// problem is what the body of a failed call says.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Error   string `json:"error"` // of the token endpoint
}

func problemOf(body []byte) problem {
	var p problem
	_ = json.Unmarshal(body, &p) // a page of a proxy has none of it
	return p
}

func known(code string) string {
	if slices.Contains(codes, code) {
		return code
	}
	return ""
}

// failed says what an answer that is no success means.
func (c Call) failed(resp *http.Response, body []byte) error {
	p := problemOf(body)
	e := failed(c.Op, resp, "")
	e.Code = known(p.Code)
	gone := c.Gone
	if gone == nil {
		gone = source.ErrRefused
	}
	switch status := resp.StatusCode; {
	case passes(status):
		return fleet(e, resp)
	case status == http.StatusNotFound, status == http.StatusGone:
		e.cause = gone
		if c.Gone == nil {
			e.What = "the provider does not know the operation: see that the region, or the addresses, are those of an organisation that has it"
		}
	case status == http.StatusBadRequest && tooMuch.MatchString(p.Message):
		e.cause, e.What = source.ErrSplit, "the window is longer, or holds more, than the provider gives at once"
	case status == http.StatusBadRequest && c.Gone != nil && expired.MatchString(p.Message):
		e.cause = gone
	case status == http.StatusUnauthorized && e.Code == codeAddress:
		e.cause, e.What = source.ErrRefused, "the OAuth client may not be used from this address: add it to the client's allowed addresses"
	case status == http.StatusUnauthorized:
		e.cause, e.What = source.ErrRefused, "the provider takes no token of the OAuth client: see that region and client belong together, and that the client is active"
	case status == http.StatusForbidden:
		e.cause, e.What = source.ErrRefused, "the OAuth client lacks a permission: give one of its roles analytics:conversationDetail:view, conversation:customAttributes:view for customAttributes, or Data > Export for the export API"
	case status == http.StatusRequestEntityTooLarge:
		e.cause, e.What = source.ErrRefused, "the request is larger than the provider takes: name fewer tenants, filters or fields"
	case status/100 == 3:
		e.cause, e.What = source.ErrRefused, "redirected: see that the region, or the addresses, are right"
	default:
		e.cause = source.ErrRefused
	}
	return e
}

// mintFailed says what an answer of the token endpoint that is no success means.
func mintFailed(resp *http.Response, body []byte) error {
	p := problemOf(body)
	e := failed(opMint, resp, "")
	if e.Code = known(p.Error); e.Code == "" {
		e.Code = known(p.Code)
	}
	switch status := resp.StatusCode; {
	case passes(status):
		return fleet(e, resp)
	case e.Code == "unauthorized_client", e.Code == "unsupported_grant_type":
		e.cause, e.What = source.ErrRefused, "the OAuth client has not the grant client credentials: make one that has"
	case status == http.StatusBadRequest, status == http.StatusUnauthorized:
		e.cause, e.What = source.ErrRefused, "wrong client id or secret, or a client of another region: check clientId, clientSecretFile and region"
	default:
		e.cause, e.What = source.ErrRefused, "see that the region, or the address of login, is right"
	}
	return e
}

// passes reports whether the status is one of a moment.
func passes(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return status >= 520 // proxies have their own
}

// maxWait bounds the wait that a 503 can ask for.
const maxWait = 5 * time.Minute

// fleet makes e one that may be gone at the next try, after the wait that the answer asks for.
func fleet(e *Error, resp *http.Response) error {
	e.fleeting = true
	if wait, ok := quota.RetryAfter(resp.Header); ok && wait > 0 {
		return retry.After(e, min(wait, maxWait))
	}
	return e
}
