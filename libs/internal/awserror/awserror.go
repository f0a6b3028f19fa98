// Package awserror makes errors of the AWS SDK fit to be shown: both the SDK and the servers put parts of requests and
// answers into their texts.
package awserror

import (
	"cmp"
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

var shape = regexp.MustCompile(`^[A-Za-z0-9.]{1,64}$`)

// Code is the error code that the server gave, "an unnamed error" when it gave one that is no word. It is "" when the
// server did not answer in the service's own way.
func Code(err error) string {
	api, ok := errors.AsType[smithy.APIError](err)
	switch {
	case !ok:
		return ""
	case !shape.MatchString(api.ErrorCode()):
		return "an unnamed error"
	}
	return api.ErrorCode()
}

// common says what an error that every service has means, and what helps.
var common = map[string]string{
	"ThrottlingException":          "{service} is throttling: try again later, or raise the account's request quota",
	"InternalFailure":              "{service} has a failure of its own: try again",
	"InternalError":                "{service} has a failure of its own: try again",
	"ServiceUnavailable":           "{service} has a failure of its own: try again",
	"UnrecognizedClientException":  "AWS does not know these credentials: renew them, or choose others with AWS_PROFILE",
	"InvalidClientTokenId":         "AWS does not know these credentials: renew them, or choose others with AWS_PROFILE",
	"ExpiredTokenException":        "the credentials have expired: renew them",
	"ExpiredToken":                 "the credentials have expired: renew them",
	"InvalidSignatureException":    "the signature is wrong: check the secret key, the region ({region}) and this machine's clock",
	"SignatureDoesNotMatch":        "the signature is wrong: check the secret key, the region ({region}) and this machine's clock",
	"IncompleteSignatureException": "the signature is wrong: check the secret key, the region ({region}) and this machine's clock",
	"MissingAuthenticationToken":   "the request carries no credentials: set AWS_PROFILE, or run where a role is given",
	"OptInRequired":                "the account is not signed up for {service} in region {region}",
	"UnknownOperationException":    "the server at this endpoint is not {service}",
}

// Describe says what went wrong with the service, a word such as KMS, in a region, and what helps. fixes are the
// service's own, by error code, whole or without the words with dots that older protocols put in front; {service} and
// {region} in them are filled in. It wraps nothing of the SDK's.
func Describe(service, region string, fixes map[string]string, err error) error {
	code := Code(err)
	last := code[strings.LastIndexByte(code, '.')+1:]
	fix := cmp.Or(fixes[code], fixes[last], common[last])
	switch {
	case code == "":
		return unanswered(service, region, err)
	case fix == "":
		return fmt.Errorf("%s answers %s", service, code)
	default:
		return fmt.Errorf("%s (%s)", strings.NewReplacer("{service}", service, "{region}", region).Replace(fix), code)
	}
}

// unanswered says why there was no answer of the service's own.
func unanswered(service, region string, err error) error {
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.Response != nil && answer.Response.Response != nil && answer.HTTPStatusCode() != 0 {
		return fmt.Errorf("the answer, HTTP %d, is not one of %s: check the endpoint and any proxy between", answer.HTTPStatusCode(), service)
	}
	if reach, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("cannot reach %s: %w (check the network, the region %s and the endpoint)", service, network(reach.Err), region)
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
