package awskms

import (
	"context"
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/internal/awserror"
)

// ErrDenied means that this identity lacks the permission, or that the key is not in this region: KMS does not
// say which.
var ErrDenied = errors.New("access denied")

// local is an error that was found before KMS was asked.
type local string

func (l local) Error() string { return string(l) }

// fixes says what an error that only KMS has means and what helps.
var fixes = map[string]string{
	"NotFoundException":             "there is no such key in region {region}: name it by its id, its ARN or alias/NAME, and check the region",
	"InvalidCiphertextException":    "the wrapped key is damaged or was wrapped for another epoch: restore the line as keygen wrote it",
	"DisabledException":             "the KMS key is disabled: enable it (aws kms enable-key)",
	"KMSInvalidStateException":      "the KMS key is disabled, waits for its deletion, or lacks its material: aws kms describe-key tells",
	"KeyUnavailableException":       "the KMS key is not available at the moment: try again",
	"InvalidKeyUsageException":      "the KMS key is not for this: it must be symmetric, for ENCRYPT_DECRYPT",
	"IncorrectKeyException":         "another KMS key wrapped it",
	"InvalidArnException":           "the key's ARN is wrong: name the key by its id, its ARN or alias/NAME",
	"ValidationException":           "KMS refuses the request: name the key by its id, its ARN or alias/NAME",
	"LimitExceededException":        "KMS is throttling: try again later, or raise the account's request quota",
	"DependencyTimeoutException":    "KMS has a failure of its own: try again",
	"KMSInternalException":          "KMS has a failure of its own: try again",
	"UnsupportedOperationException": "the KMS key is not for this: it must be symmetric, for ENCRYPT_DECRYPT",
}

// clean makes an error that may be shown of one that may not. It wraps none of the SDK's, which can hold the
// server's answer.
func clean(ctx context.Context, operation, region string, err error) error {
	if own, ok := errors.AsType[local](err); ok {
		return own
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if code := awserror.Code(err); code == "AccessDeniedException" || code == "AccessDenied" {
		return fmt.Errorf("%w: allow this identity kms:%s on the KMS key (identity and key policy), and check that the key is in region %s", ErrDenied, operation, region)
	}
	return awserror.Describe("KMS", region, fixes, err)
}
