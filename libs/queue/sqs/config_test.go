package sqs

import (
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/keys"
)

const amazonURL = "https://sqs.eu-central-1.amazonaws.com/111122223333/maskrail"

func TestValidate(t *testing.T) {
	t.Parallel()
	secret := keys.NewSecret([]byte("hush"))
	tests := []struct {
		name   string
		config Config
		want   string // part of the error; "" means none
	}{
		{"queue", Config{QueueURL: amazonURL}, ""},
		{"key pair", Config{QueueURL: amazonURL, AccessKey: "a", SecretKey: secret}, ""},
		{"another server", Config{QueueURL: "http://localhost:9324/000000000000/q", Endpoint: "http://elastic:9324"}, ""},
		{"no queue", Config{}, "queueUrl: want the full URL"},
		{"a name instead", Config{QueueURL: "maskrail"}, "queueUrl"},
		{"an ARN instead", Config{QueueURL: "arn:aws:sqs:eu-central-1:111122223333:maskrail"}, "queueUrl"},
		{"no name", Config{QueueURL: "https://sqs.eu-central-1.amazonaws.com/"}, "queueUrl"},
		{"password in the URL", Config{QueueURL: "https://u:hush@host/1/q"}, "queueUrl"},
		{"endpoint", Config{QueueURL: amazonURL, Endpoint: "elastic:9324"}, "endpoint: want a URL"},
		{"half a key pair", Config{QueueURL: amazonURL, AccessKey: "a"}, "accessKey: has no secret key"},
		{"the other half", Config{QueueURL: amazonURL, SecretKey: secret}, "accessKey: must not be empty"},
		{"visibility", Config{QueueURL: amazonURL, Visibility: 3 * time.Second}, ""},
		{"too short", Config{QueueURL: amazonURL, Visibility: time.Second}, "visibility: want whole seconds from 3s"},
		{"no whole seconds", Config{QueueURL: amazonURL, Visibility: 3500 * time.Millisecond}, "visibility"},
		{"too long", Config{QueueURL: amazonURL, Visibility: 13 * time.Hour}, "visibility"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.config.Validate()
			if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush")) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestRegionAndEndpoint(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, url, region, endpoint, wantRegion, wantEndpoint string }{
		{"Amazon", amazonURL, "", "", "eu-central-1", ""},
		{"China", "https://sqs.cn-north-1.amazonaws.com.cn/1/q", "", "", "cn-north-1", ""},
		{"FIPS", "https://sqs-fips.us-gov-west-1.amazonaws.com/1/q", "", "", "us-gov-west-1", ""},
		{"the older name", "https://us-west-2.queue.amazonaws.com/1/q", "", "", "us-west-2", ""},
		{"the oldest name", "https://queue.amazonaws.com/1/q", "", "", "", ""},
		{"dual stack", "https://sqs.eu-west-1.api.aws/1/q", "", "", "eu-west-1", ""},
		{"given", amazonURL, "us-east-1", "https://vpce-1.sqs.us-east-1.vpce.amazonaws.com", "us-east-1", "https://vpce-1.sqs.us-east-1.vpce.amazonaws.com"},
		{"another server", "http://127.0.0.1:9324/000000000000/q", "", "", "", "http://127.0.0.1:9324"},
		{"a name that looks like Amazon's", "https://sqs.eu-west-1.amazonaws.com.evil.example/1/q", "", "", "", "https://sqs.eu-west-1.amazonaws.com.evil.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := Config{QueueURL: tt.url, Region: tt.region, Endpoint: tt.endpoint}
			if r, e := c.region(), c.endpoint(); r != tt.wantRegion || e != tt.wantEndpoint {
				t.Errorf("region %q, endpoint %q, want %q, %q", r, e, tt.wantRegion, tt.wantEndpoint)
			}
		})
	}
}
