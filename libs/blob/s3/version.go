package s3

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/maskrail/maskrail/libs/blob"
)

const (
	etagPrefix = "etag:"
	timePrefix = "time:"
)

// version is the id that the server gave or, where it gave none, what tells the content apart. "null" is the id of
// every object that was put without versioning, so it names no content.
func version(id *string, o blob.Object) string {
	switch v := aws.ToString(id); {
	case v != "" && v != "null":
		return v
	case o.ETag != "":
		return etagPrefix + o.ETag
	default:
		return fmt.Sprintf("%s%d-%d", timePrefix, o.Modified.Unix(), o.Bytes)
	}
}

// pin says how a request is held to a version: by its id, by its entity tag, or by looking at the answer.
func pin(v string) (id, ifMatch *string, look string) {
	if tag, ok := strings.CutPrefix(v, etagPrefix); ok {
		return nil, aws.String(`"` + tag + `"`), ""
	}
	if strings.HasPrefix(v, timePrefix) {
		return nil, nil, v
	}
	if v == "" {
		return nil, nil, ""
	}
	return &v, nil, ""
}

func unquote(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }

// sum is the hex of a stored SHA-256, "" when there is none or when it is one of parts.
func sum(checksum *string) string {
	b, err := base64.StdEncoding.DecodeString(aws.ToString(checksum))
	if err != nil || len(b) != 32 {
		return ""
	}
	return hex.EncodeToString(b)
}

func lower(meta map[string]string) map[string]string {
	out := make(map[string]string, len(meta))
	for k, v := range meta {
		out[strings.ToLower(k)] = v
	}
	return out
}
