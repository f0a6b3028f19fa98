package s3event

import (
	"fmt"
	"strings"
)

// isSNS recognises what Amazon SNS puts around a notification, unless the subscription has raw delivery.
func isSNS(e envelope) bool {
	t := e.text("Type")
	return strings.HasPrefix(e.text("TopicArn"), "arn:") && (t == "Notification" || strings.HasSuffix(t, "Confirmation"))
}

// unwrap is what lies in it. SNS wraps once.
func unwrap(e envelope) (envelope, error) {
	switch e.text("Type") {
	case "SubscriptionConfirmation":
		return nil, fmt.Errorf("%w: SNS asks to confirm a subscription, and sends nothing before: confirm it with aws sns confirm-subscription", ErrUnknown)
	case "UnsubscribeConfirmation":
		return nil, fmt.Errorf("%w: SNS tells that a subscription has ended: nothing will come by it until it is made again", ErrUnknown)
	}
	inner, err := open([]byte(e.text("Message")))
	if err != nil || isSNS(inner) {
		return nil, fmt.Errorf("%w: Message of SNS is not one JSON object of S3", ErrUnknown)
	}
	return inner, nil
}
