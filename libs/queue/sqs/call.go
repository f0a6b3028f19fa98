package sqs

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/maskrail/maskrail/libs/internal/awserror"
)

// batch is how many messages one call can name.
const batch = 10

// fixes says what an error that only SQS has means and what helps.
var fixes = map[string]string{
	"QueueDoesNotExist":         missing,
	"NonExistentQueue":          missing, // the same by an older name
	"QueueDeletedRecently":      "the queue was deleted a minute ago",
	"OverLimit":                 "too many messages of the queue are being worked on (120,000)",
	"RequestThrottled":          "SQS is throttling: try again later",
	"KmsAccessDenied":           kmsDenied,
	"KMS.AccessDeniedException": kmsDenied,
	"KmsDisabled":               "the KMS key of the queue is disabled: enable it (aws kms enable-key)",
	"InvalidSecurity":           "the server wants https: begin the endpoint with it",
	"InvalidAddress":            "the server does not know this queue URL: check its account id and its name",
	"ReceiptHandleIsInvalid":    "the server does not know this delivery",
	"MessageNotInflight":        "the message is no longer kept from others",
}

const (
	missing   = "there is no such queue in region {region}: check the queue's URL and the region"
	kmsDenied = "allow this identity kms:Decrypt on the KMS key of the queue"
)

// call runs one operation within the time.
func (q *Queue) call(ctx context.Context, operation string, wait time.Duration, do func(context.Context) error) error {
	limited, cancel := context.WithTimeoutCause(ctx, wait, fmt.Errorf("no answer in time (%v): check the network and the endpoint", wait))
	defer cancel()
	// Before the call, because inside it the SDK tells a lack of credentials from other failures by its text alone. It
	// keeps what it gets until it expires.
	_, err := q.creds.Retrieve(limited)
	if err != nil && limited.Err() == nil {
		return fmt.Errorf("sqs %s: no aws credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is given", operation)
	}
	if err == nil {
		if err = do(limited); err == nil {
			return nil
		}
	}
	if limited.Err() != nil {
		return fmt.Errorf("sqs %s: %w", operation, context.Cause(limited))
	}
	region := q.client.Options().Region
	if code := awserror.Code(err); code == "AccessDenied" || code == "AccessDeniedException" {
		return fmt.Errorf("sqs %s: access denied: allow this identity sqs:%s on the queue, and check that the queue is in region %s", operation, operation, region)
	}
	return fmt.Errorf("sqs %s: %w", operation, awserror.Describe("SQS", region, fixes, err))
}

// received is a message and what names this delivery of it.
type received struct {
	types.Message
	receipt string
}

func (r received) deliveries() int {
	n, _ := strconv.Atoi(r.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	return max(n, 1)
}

func (r received) sent() time.Time {
	ms, err := strconv.ParseInt(r.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// receive waits for up to n messages.
func (q *Queue) receive(ctx context.Context, n int) (all []received, err error) {
	err = q.call(ctx, "ReceiveMessage", longPoll+callWait, func(ctx context.Context) error {
		out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &q.config.QueueURL, MaxNumberOfMessages: int32(min(n, batch)), //nolint:gosec // at most 10
			WaitTimeSeconds:             int32(longPoll / time.Second),
			VisibilityTimeout:           q.seconds(),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount, types.MessageSystemAttributeNameSentTimestamp},
		})
		if err != nil {
			return err
		}
		for _, m := range out.Messages {
			all = append(all, received{m, aws.ToString(m.ReceiptHandle)})
		}
		return nil
	})
	return all, err
}

// show lets others have the message after the wait.
func (q *Queue) show(ctx context.Context, receipt string, wait time.Duration) error {
	return q.call(ctx, "ChangeMessageVisibility", callWait, func(ctx context.Context) error {
		_, err := q.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: &q.config.QueueURL, ReceiptHandle: &receipt, VisibilityTimeout: int32(wait.Round(time.Second) / time.Second), //nolint:gosec // minutes
		})
		return err
	})
}

// hide keeps messages from others for the time of Config.Visibility, and returns those for which that failed.
func (q *Queue) hide(ctx context.Context, receipts []string) (failed []string, err error) {
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(receipts))
	for i := range receipts {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &receipts[i], VisibilityTimeout: q.seconds()}
	}
	err = q.call(ctx, "ChangeMessageVisibility", callWait, func(ctx context.Context) error {
		out, err := q.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.config.QueueURL, Entries: entries})
		if err != nil {
			return err
		}
		for _, f := range out.Failed {
			failed = append(failed, named(receipts, f))
		}
		return nil
	})
	if err != nil {
		return receipts, err
	}
	return failed, nil
}

// remove deletes messages. It returns those that the server may delete the next time, and how many it never will.
func (q *Queue) remove(ctx context.Context, receipts []string) (again []string, refused int, err error) {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(receipts))
	for i := range receipts {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &receipts[i]}
	}
	err = q.call(ctx, "DeleteMessage", callWait, func(ctx context.Context) error {
		out, err := q.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.config.QueueURL, Entries: entries})
		if err != nil {
			return err
		}
		for _, f := range out.Failed {
			if f.SenderFault {
				refused++
			} else {
				again = append(again, named(receipts, f))
			}
		}
		return nil
	})
	if err != nil {
		return receipts, 0, err
	}
	return again, refused, nil
}

// named is the receipt that an entry of a batch is about.
func named(receipts []string, f types.BatchResultErrorEntry) string {
	i, err := strconv.Atoi(aws.ToString(f.Id))
	if err != nil || i < 0 || i >= len(receipts) {
		return ""
	}
	return receipts[i]
}

// attempts is how often the queue delivers a message before it takes it for poison, 0 when it never does.
func (q *Queue) attempts(ctx context.Context) (n int, err error) {
	err = q.call(ctx, "GetQueueAttributes", callWait, func(ctx context.Context) error {
		out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: &q.config.QueueURL, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy},
		})
		if err != nil {
			return err
		}
		var policy struct {
			Max json.RawMessage `json:"maxReceiveCount"` // a number or a text
		}
		if json.Unmarshal([]byte(out.Attributes[string(types.QueueAttributeNameRedrivePolicy)]), &policy) == nil {
			n, _ = strconv.Atoi(strings.Trim(string(policy.Max), `"`)) // 0 when it is none
		}
		return nil
	})
	return n, err
}

// seconds is Config.Visibility as SQS takes it.
func (q *Queue) seconds() int32 { return int32(q.config.Visibility / time.Second) }
