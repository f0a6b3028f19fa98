package genesys

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/telemetry"
)

const (
	defaultMost = 16 << 20 // bytes of an answer
	maxError    = 64 << 10 // bytes of an answer that tells of an error
)

// encode is the call's body.
func encode(call Call) ([]byte, error) {
	switch call.Method {
	case http.MethodGet, http.MethodPost, http.MethodDelete:
	default:
		return nil, &Error{Op: call.Op, What: "want GET, POST or DELETE"}
	}
	if !strings.HasPrefix(call.Path, "/") {
		return nil, &Error{Op: call.Op, What: "the path has no slash in front"}
	}
	if call.Body == nil {
		return nil, nil
	}
	b, err := json.Marshal(call.Body)
	if err != nil { // its text may show what was to be encoded
		return nil, &Error{Op: call.Op, What: "the request cannot be written as JSON"}
	}
	return b, nil
}

// send sends the call once.
func (c *Client) send(ctx context.Context, call Call, token keys.Secret, body []byte, out any) (err error) {
	ctx, end := telemetry.StartClient(ctx, "genesys "+call.Op,
		telemetry.String("http.request.method", call.Method), telemetry.String("server.address", c.host))
	defer func() { end(err) }()
	address := c.api + call.Path
	if len(call.Query) > 0 {
		address += "?" + call.Query.Encode()
	}
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, address, reader)
	if err != nil { // its text shows the address
		return &Error{Op: call.Op, What: "the path is none"}
	}
	req.Header.Set("Authorization", bearer(token))
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return broken(ctx, call.Op, err)
	}
	defer resp.Body.Close()
	telemetry.Set(ctx, telemetry.Int("http.response.status_code", int64(resp.StatusCode)))
	most := call.Most
	if most == 0 {
		most = defaultMost
	}
	if resp.StatusCode/100 != 2 {
		most = maxError
	}
	answer, err := whole(ctx, call.Op, resp, most)
	switch {
	case resp.StatusCode/100 != 2: // what could be read of the body is enough
		return call.failed(resp, answer)
	case err != nil:
		return err
	case out == nil:
		return nil
	}
	return decode(call.Op, resp, answer, out)
}

// ErrTooLarge means that an answer is larger than the caller can take: smaller pages may do.
var ErrTooLarge = errors.New("the answer is too large")

// whole reads the body, up to most bytes.
func whole(ctx context.Context, op string, resp *http.Response, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	switch {
	case err != nil:
		return b, broken(ctx, op, err)
	case int64(len(b)) > most:
		e := failed(op, resp, "")
		e.cause = ErrTooLarge
		return b[:most], e
	}
	return b, nil
}

// decode reads the one value of the answer.
func decode(op string, resp *http.Response, answer []byte, out any) error {
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	err := d.Decode(out)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more behind the value")
		}
	}
	if err == nil {
		return nil
	}
	// The decoder's text shows bytes of the answer. A page of a proxy, or an answer cut short, may be right the next time.
	e := failed(op, resp, "the answer is not the JSON that is expected")
	e.fleeting = true
	return e
}
