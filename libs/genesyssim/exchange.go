package genesyssim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// exchange is one request on its way to a reply.
type exchange struct {
	*http.Request
	api    api
	now    time.Time
	id     string // correlation id
	token  *token
	body   []byte
	faults []Fault // that hit it, in the order of the script
}

// reply is what goes back, unless a fault says otherwise.
type reply struct {
	status int
	header map[string]string
	body   []byte
}

// exchange takes a request through faults, authentication, quota and permission to its operation.
func (s *Sim) exchange(w http.ResponseWriter, r *http.Request, of api, permission string, serve func(*exchange) reply) {
	x := &exchange{Request: r, api: of, now: s.now(), id: s.newID("exchange")}
	w.Header().Set("ININ-Correlation-Id", x.id)
	w.Header().Set("Date", x.now.Format(http.TimeFormat)) // of the simulated clock
	s.strike(x)
	out, answered := s.before(x)
	if !answered {
		out = s.admit(w, x, permission, serve)
	}
	s.send(w, x, out)
}

func (s *Sim) admit(w http.ResponseWriter, x *exchange, permission string, serve func(*exchange) reply) reply {
	body, err := io.ReadAll(http.MaxBytesReader(w, x.Body, int64(s.Quota.BodyBytes)))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return x.refuse(http.StatusRequestEntityTooLarge, "request.entity.too.large", "The request is over the size limit.")
	} else if err != nil {
		return x.refuse(http.StatusRequestTimeout, "client.timeout", "The client did not produce a request within the server timeout limit.")
	}
	x.body = body
	if x.api == login {
		return serve(x)
	}
	if refusal, ok := s.authenticate(x); !ok {
		return refusal
	}
	header, refusal, ok := s.charge(x)
	out := refusal
	switch {
	case !ok:
	case x.token.lacks(permission):
		out = x.refuse(http.StatusForbidden, "missing.permissions", "Unable to perform the requested action. You are missing the following permission(s): "+permission)
	default:
		s.Settle(x.Context())
		out = serve(x)
	}
	for name, value := range header {
		w.Header().Set(name, value)
	}
	return out
}

// refuse makes an error as the API words it.
func (x *exchange) refuse(status int, code, message string) reply {
	return answer(status, struct {
		Message   string `json:"message"`
		Code      string `json:"code"`
		Status    int    `json:"status"`
		ContextID string `json:"contextId"`
		Details   []any  `json:"details"`
		Errors    []any  `json:"errors"`
	}{message, code, status, x.id, []any{}, []any{}})
}

func (x *exchange) bad(message string) reply {
	return x.refuse(http.StatusBadRequest, "bad.request", message)
}

// decode reads the request's body. Unknown members are ignored, as the API does.
func (x *exchange) decode(into any) bool { return json.Unmarshal(x.body, into) == nil }

// number is a parameter of the query, or otherwise when it is not there; -1 when it is no number.
func (x *exchange) number(name string, otherwise int) int {
	text := x.URL.Query().Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

func answer(status int, body any) reply {
	b, err := json.Marshal(body)
	if err != nil { // only values of this package are sent
		return reply{status: http.StatusInternalServerError}
	}
	return reply{status: status, body: b}
}

// written is how both APIs write a time.
func written(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
