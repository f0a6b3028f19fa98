package sqstest

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/maskrail/maskrail/libs/internal/awstest"
)

// request holds the parameters of all operations.
type request struct {
	QueueURL            string `json:"QueueUrl"`
	MessageBody         string
	ReceiptHandle       string
	MaxNumberOfMessages *int
	WaitTimeSeconds     *int
	VisibilityTimeout   *int
	Entries             []entry
}

type entry struct {
	ID                string `json:"Id"`
	MessageBody       string
	ReceiptHandle     string
	VisibilityTimeout int
}

type failure struct {
	ID          string `json:"Id"`
	Code        string
	SenderFault bool
	Message     string
}

type batchAnswer struct {
	Successful []map[string]string
	Failed     []failure `json:",omitempty"`
}

// legacy are the names that error codes had in the older protocol and still have beside.
var legacy = map[string]string{
	"QueueDoesNotExist":            "AWS.SimpleQueueService.NonExistentQueue",
	"TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
	"EmptyBatchRequest":            "AWS.SimpleQueueService.EmptyBatchRequest",
	"BatchEntryIdsNotDistinct":     "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
	"MessageNotInflight":           "AWS.SimpleQueueService.MessageNotInflight",
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	out, code := s.handle(r)
	if code == "" {
		s.Answer(w, out)
		return
	}
	status, fault := http.StatusBadRequest, "Sender"
	if code == "InternalError" || code == "ServiceUnavailable" {
		status, fault = http.StatusInternalServerError, "Receiver"
	}
	if old := legacy[code]; old != "" {
		w.Header().Set("x-amzn-query-error", old+";"+fault)
	}
	s.Fail(w, status, "com.amazonaws.sqs#"+code)
}

func (s *Server) handle(r *http.Request) (out any, code string) {
	var in request
	operation, code := s.Admit(r, &in)
	if code != "" {
		return nil, code
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queue(in.QueueURL)
	if q == nil {
		return nil, "QueueDoesNotExist"
	}
	now := time.Now()
	switch operation {
	case "ReceiveMessage":
		return s.receive(r.Context(), q, in)
	case "SendMessage":
		m := q.add(in.MessageBody, now)
		s.wake()
		return map[string]string{"MessageId": m.id, "MD5OfMessageBody": digest(m.body)}, ""
	case "SendMessageBatch":
		return s.batch(in.Entries, func(e entry) (map[string]string, string) {
			m := q.add(e.MessageBody, now)
			s.wake()
			return map[string]string{"MessageId": m.id, "MD5OfMessageBody": digest(m.body)}, ""
		})
	case "DeleteMessage":
		return struct{}{}, s.remove(q, in.ReceiptHandle)
	case "DeleteMessageBatch":
		return s.batch(in.Entries, func(e entry) (map[string]string, string) { return nil, s.remove(q, e.ReceiptHandle) })
	case "ChangeMessageVisibility":
		if in.VisibilityTimeout == nil {
			return nil, "MissingParameter"
		}
		return struct{}{}, s.change(q, in.ReceiptHandle, seconds(*in.VisibilityTimeout), now)
	case "ChangeMessageVisibilityBatch":
		return s.batch(in.Entries, func(e entry) (map[string]string, string) {
			return nil, s.change(q, e.ReceiptHandle, seconds(e.VisibilityTimeout), now)
		})
	case "GetQueueAttributes":
		return map[string]any{"Attributes": q.attributes()}, ""
	}
	return nil, "UnknownOperationException"
}

func (q *queue) attributes() map[string]string {
	a := map[string]string{"VisibilityTimeout": strconv.Itoa(int(q.Visibility / time.Second))}
	if q.DeadLetter != "" {
		a["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:%s:%s:%s","maxReceiveCount":%d}`, Region, awstest.Account, q.DeadLetter, q.MaxReceives)
	}
	return a
}

const maxBatch = 10

// batch runs one operation for each entry.
func (s *Server) batch(entries []entry, do func(entry) (map[string]string, string)) (any, string) {
	if len(entries) == 0 {
		return nil, "EmptyBatchRequest"
	}
	if len(entries) > maxBatch {
		return nil, "TooManyEntriesInBatchRequest"
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if seen[e.ID] {
			return nil, "BatchEntryIdsNotDistinct"
		}
		seen[e.ID] = true
	}
	out := batchAnswer{Successful: []map[string]string{}}
	for _, e := range entries {
		if s.happens(s.faults.Partial) {
			out.Failed = append(out.Failed, failure{ID: e.ID, Code: "InternalError", Message: "a text of the server"})
			continue
		}
		done, code := do(e)
		if code != "" {
			out.Failed = append(out.Failed, failure{ID: e.ID, Code: code, SenderFault: true, Message: "a text of the server"})
			continue
		}
		if done == nil {
			done = map[string]string{}
		}
		done["Id"] = e.ID
		out.Successful = append(out.Successful, done)
	}
	return out, ""
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// receive delivers messages, and waits for one when there is none and a wait was asked for. s.mu is locked.
func (s *Server) receive(ctx context.Context, q *queue, in request) (any, string) {
	n, hidden, wait := 1, q.Visibility, time.Duration(0)
	if in.MaxNumberOfMessages != nil {
		n = *in.MaxNumberOfMessages
	}
	if in.VisibilityTimeout != nil {
		hidden = seconds(*in.VisibilityTimeout)
	}
	if in.WaitTimeSeconds != nil {
		wait = seconds(*in.WaitTimeSeconds)
	}
	if n < 1 || n > maxBatch || hidden < 0 || hidden > maxHidden || wait < 0 || wait > 20*time.Second {
		return nil, "InvalidParameterValue"
	}
	end := time.Now().Add(wait)
	for {
		now := time.Now()
		found := s.deliver(q, n, hidden, now)
		left := end.Sub(now)
		if len(found) > 0 || left <= 0 || ctx.Err() != nil {
			return map[string]any{"Messages": q.answers(found)}, ""
		}
		if next, ok := q.soonest(now); ok {
			left = min(left, max(next, 0)+time.Millisecond)
		}
		s.wait(ctx, left)
	}
}

// wait lets others work until a message may be visible.
func (s *Server) wait(ctx context.Context, d time.Duration) {
	changed := s.changed
	s.mu.Unlock()
	defer s.mu.Lock()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-changed:
	case <-t.C:
	case <-ctx.Done():
	}
}

func (q *queue) answers(messages []*message) []map[string]any {
	out := make([]map[string]any, 0, len(messages))
	for _, m := range messages {
		out = append(out, map[string]any{
			"MessageId": m.id, "ReceiptHandle": q.receipt(m), "Body": m.body, "MD5OfBody": digest(m.body),
			"Attributes": map[string]string{
				"ApproximateReceiveCount":          strconv.Itoa(m.receives),
				"SentTimestamp":                    strconv.FormatInt(m.sent.UnixMilli(), 10),
				"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.first.UnixMilli(), 10),
			},
		})
	}
	return out
}
