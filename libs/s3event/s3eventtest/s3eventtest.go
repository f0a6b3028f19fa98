// Package s3eventtest writes notifications as each server does, for tests of what reads them. It shares no code with
// the reader: what both got wrong alike would be found by neither.
package s3eventtest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Told is what a notification tells of.
type Told struct {
	Bucket, Key string
	Version     string // "" in a bucket without versioning
	ETag        string // without quotes
	Bytes       int64
	Removed     bool      // and not created
	Time        time.Time // orders the notifications of one key; zero means a fixed one
}

// Writer is one way in which notifications come.
type Writer struct {
	Name    string
	Dialect string // as s3event.Event names it
	Body    func(Told) []byte
}

// Writers are all of them.
func Writers() []Writer {
	return []Writer{
		{"aws", "aws", AWS},
		{"aws, sns", "aws", func(t Told) []byte { return SNS(AWS(t)) }},
		{"eventbridge", "eventbridge", EventBridge},
		{"eventbridge, sns", "eventbridge", func(t Told) []byte { return SNS(EventBridge(t)) }},
		{"minio", "minio", MinIO},
		{"versitygw", "versitygw", VersityGW},
		{"ceph", "ceph", Ceph},
		{"ceph, octopus", "ceph", Octopus},
	}
}

// AWS is S3 itself, as it sends to SQS, and to SNS with raw delivery.
func AWS(t Told) []byte {
	return []byte(`{"Records":[` + awsRecord(t, "2.1") + `]}`)
}

func awsRecord(t Told, version string) string {
	// Amazon leaves the slash as it is and encodes all else as a form does.
	key := strings.ReplaceAll(url.QueryEscape(t.Key), "%2F", "/")
	return fmt.Sprintf(`{"eventVersion":%q,"eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":%q,"eventName":%q,`+
		`"userIdentity":{"principalId":"AWS:AIDAEXAMPLE"},"requestParameters":{"sourceIPAddress":"203.0.113.9"},`+
		`"responseElements":{"x-amz-request-id":"C3D13FE58DE4C810","x-amz-id-2":"FMyUVURIY8"},`+
		`"s3":{"s3SchemaVersion":"1.0","configurationId":"c","bucket":{"name":%s,"ownerIdentity":{"principalId":"A3NL1KOZZKExample"},"arn":"arn:aws:s3:::b"},`+
		`"object":{"key":%s,%s"sequencer":"%018X"}}}`,
		version, t.at().Format("2006-01-02T15:04:05.000Z"), t.name("ObjectCreated:Put", "ObjectRemoved:Delete"),
		quote(t.Bucket), quote(key), t.stored(`"size":%d,"eTag":%q,`)+t.version("versionId"), t.at().UnixNano())
}

// SNS is a notification inside of SNS, without raw delivery.
func SNS(body []byte) []byte {
	return fmt.Appendf(nil, `{"Type":"Notification","MessageId":"63a3f6b6-d533-4a47-aef9-fcf5cf758c76",`+
		`"TopicArn":"arn:aws:sns:us-west-2:123456789012:t","Subject":"Amazon S3 Notification","Message":%s,`+
		`"Timestamp":"2026-01-02T03:04:06.901Z","SignatureVersion":"1","Signature":"EXAMPLE"}`, quote(string(body)))
}

// EventBridge is an event of EventBridge, as it sends to SQS.
func EventBridge(t Told) []byte {
	return fmt.Appendf(nil, `{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":%q,"source":"aws.s3",`+
		`"account":"111122223333","time":%q,"region":"us-east-1","resources":["arn:aws:s3:::b"],`+
		`"detail":{"version":"0","bucket":{"name":%s},"object":{"key":%s,%s"sequencer":"%x"},`+
		`"request-id":"N4N7GDK58NMKJ12R","requester":"123456789012","source-ip-address":"203.0.113.9","reason":"PutObject"}}`,
		t.name("Object Created", "Object Deleted"), t.at().Format(time.RFC3339), quote(t.Bucket), quote(t.Key),
		t.stored(`"size":%d,"etag":%q,`)+t.version("version-id"), t.at().UnixNano())
}

// MinIO is MinIO, to NATS and to a webhook. It encodes the slash, too, and writes the key a second time as it is.
func MinIO(t Told) []byte {
	name := t.name("s3:ObjectCreated:Put", "s3:ObjectRemoved:Delete")
	return fmt.Appendf(nil, `{"EventName":%q,"Key":%s,"Records":[{"eventVersion":"2.0","eventSource":"minio:s3","awsRegion":"","eventTime":%q,"eventName":%q,`+
		`"userIdentity":{"principalId":"minio"},"requestParameters":{"principalId":"minio","region":"","sourceIPAddress":"127.0.0.1"},`+
		`"responseElements":{"x-amz-request-id":"182178E8B36AC9DF","x-minio-origin-endpoint":"http://127.0.0.1:9000"},`+
		`"s3":{"s3SchemaVersion":"1.0","configurationId":"Config","bucket":{"name":%s,"ownerIdentity":{"principalId":"minio"},"arn":"arn:aws:s3:::b"},`+
		`"object":{"key":%s,%s"sequencer":"%X"}},"source":{"host":"127.0.0.1","port":"","userAgent":"MinIO"}}]}`,
		name, quote(t.Bucket+"/"+t.Key), t.at().Format("2006-01-02T15:04:05.000Z"), name, quote(t.Bucket), quote(url.QueryEscape(t.Key)),
		t.stored(`"size":%d,"eTag":%q,"contentType":"text/csv",`)+t.version("versionId"), t.at().UnixNano())
}

// VersityGW is the gateway that is embedded here. Its sequencer counts from its start, so it is always the first event.
func VersityGW(t Told) []byte {
	version := "null"
	if t.Version != "" {
		version = quote(t.Version)
	}
	return fmt.Appendf(nil, `{"Records":[{"eventVersion":"2.2","eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":%q,"eventName":%q,`+
		`"userIdentity":{"PrincipalId":"root"},"requestParameters":{"sourceIPAddress":"127.0.0.1"},"responseElements":{"x-amz-request-id":"","x-amz-id-2":""},`+
		`"s3":{"s3SchemaVersion":"1.0","configurationId":"webhook-global","bucket":{"name":%s,"ownerIdentity":{"PrincipalId":"root"},"arn":%s},`+
		`"object":{"key":%s,%s"versionId":%s,"sequencer":"1"}},"glacierEventData":{"restoreEventData":{"lifecycleRestorationExpiryTime":"","lifecycleRestoreStorageClass":""}}}]}`,
		t.at().Format(time.RFC3339), t.name("s3:ObjectCreated:Put", "s3:ObjectRemoved:Delete"), quote(t.Bucket), quote("arn:aws:s3:::/"+t.Bucket+"/"+t.Key),
		quote(t.Key), t.stored(`"size":%d,"eTag":"\"%s\"",`), version)
}

// Ceph is its object gateway from Pacific on, with the size as a text.
func Ceph(t Told) []byte { return ceph(t, "ceph:s3", "", `"size":"%d","eTag":%q,`) }

// Octopus is Ceph's object gateway before Pacific: it calls itself aws:s3.
func Octopus(t Told) []byte { return ceph(t, "aws:s3", "s3:", `"size":%d,"etag":%q,`) }

func ceph(t Told, source, prefix, stored string) []byte {
	at := t.at()
	// Seconds and nanoseconds as they lie in the memory of a little-endian machine.
	s, n := uint32(at.Unix()), uint32(at.Nanosecond())
	var raw [8]byte
	for i := range 4 {
		raw[i], raw[4+i] = byte(s>>(8*i)), byte(n>>(8*i))
	}
	return fmt.Appendf(nil, `{"Records":[{"eventVersion":"2.2","eventSource":%q,"awsRegion":"my-store","eventTime":%q,"eventName":%q,`+
		`"userIdentity":{"principalId":"tester"},"requestParameters":{"sourceIPAddress":""},"responseElements":{"x-amz-request-id":"r","x-amz-id-2":"h"},`+
		`"s3":{"s3SchemaVersion":"1.0","configurationId":"n","bucket":{"name":%s,"ownerIdentity":{"principalId":"tester"},"arn":"arn:aws:s3:my-store::b","id":"87b2.1"},`+
		`"object":{"key":%s,%s"versionId":%s,"sequencer":"%X","metadata":[],"tags":[]}},"eventId":"%010d.%06d.%s","opaqueData":""}]}`,
		source, at.Format("2006-01-02T15:04:05.000000Z"), prefix+t.name("ObjectCreated:Put", "ObjectRemoved:Delete"), quote(t.Bucket), quote(t.Key),
		t.stored(stored), quote(t.Version), raw, at.Unix(), at.Nanosecond()/1000, t.ETag)
}

func (t Told) at() time.Time {
	if t.Time.IsZero() {
		return time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	}
	return t.Time.UTC()
}

func (t Told) name(created, removed string) string {
	if t.Removed {
		return removed
	}
	return created
}

// stored is what only an object that is there has.
func (t Told) stored(format string) string {
	if t.Removed {
		return ""
	}
	return fmt.Sprintf(format, t.Bytes, t.ETag)
}

func (t Told) version(member string) string {
	if t.Version == "" {
		return ""
	}
	return fmt.Sprintf("%q:%s,", member, quote(t.Version))
}

// quote is the JSON of a text.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string has JSON
	}
	return string(b)
}
