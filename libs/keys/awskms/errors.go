package awskms

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ErrDenied means that this identity lacks the permission, or that the key is not in this region: KMS does not
// say which.
var ErrDenied = errors.New("access denied")

// local is an error that was found before KMS was asked.
type local string

func (l local) Error() string { return string(l) }

// fixes says what an error of KMS means and what helps.
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
	"ThrottlingException":           "KMS is throttling: try again later, or raise the account's request quota",
	"DependencyTimeoutException":    "KMS has a failure of its own: try again",
	"KMSInternalException":          "KMS has a failure of its own: try again",
	"InternalFailure":               "KMS has a failure of its own: try again",
	"ServiceUnavailable":            "KMS has a failure of its own: try again",
	"UnrecognizedClientException":   "AWS does not know these credentials: renew them, or choose others with AWS_PROFILE",
	"InvalidClientTokenId":          "AWS does not know these credentials: renew them, or choose others with AWS_PROFILE",
	"ExpiredTokenException":         "the credentials have expired: renew them",
	"InvalidSignatureException":     "the signature is wrong: check the secret key, the region ({region}) and this machine's clock",
	"IncompleteSignatureException":  "the signature is wrong: check the secret key, the region ({region}) and this machine's clock",
	"MissingAuthenticationToken":    "the request carries no credentials: set AWS_PROFILE, or run where a role is given",
	"OptInRequired":                 "the account is not signed up for KMS in region {region}",
	"UnknownOperationException":     "the server at this endpoint is not KMS",
	"UnsupportedOperationException": "the KMS key is not for this: it must be symmetric, for ENCRYPT_DECRYPT",
}

var codeShape = regexp.MustCompile(`^[A-Za-z0-9.]{1,64}$`)

// clean makes an error that may be shown of one that may not. It wraps none of the SDK's, which can hold the
// server's answer.
func clean(ctx context.Context, operation, region string, err error) error {
	if own, ok := errors.AsType[local](err); ok {
		return own
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code := api.ErrorCode()
		if code == "AccessDeniedException" || code == "AccessDenied" {
			return fmt.Errorf("%w: allow this identity kms:%s on the KMS key (identity and key policy), and check that the key is in region %s", ErrDenied, operation, region)
		}
		if fix := fixes[code]; fix != "" {
			return fmt.Errorf("%s (%s)", strings.ReplaceAll(fix, "{region}", region), code)
		}
		if !codeShape.MatchString(code) {
			code = "an unnamed error"
		}
		return fmt.Errorf("KMS answers %s", code)
	}
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.Response != nil && answer.Response.Response != nil && answer.HTTPStatusCode() != 0 {
		return fmt.Errorf("the answer, HTTP %d, is not one of KMS: check the endpoint and any proxy between", answer.HTTPStatusCode())
	}
	if reach, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("cannot reach KMS: %w (check the network, the region %s and the endpoint)", network(reach.Err), region)
	}
	return fmt.Errorf("the client failed (%T)", root(err))
}

// network keeps errors whose texts hold addresses at most, and of others the type.
func network(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op
	}
	if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%w: name the authority's certificate in AWS_CA_BUNDLE", cert)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return errors.New("no answer in time")
	}
	return fmt.Errorf("%T", root(err))
}

func root(err error) error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}
