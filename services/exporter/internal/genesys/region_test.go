package genesys_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/quota"
)

// asked notes which addresses are asked, and refuses.
type asked []string

func (a *asked) RoundTrip(r *http.Request) (*http.Response, error) {
	*a = append(*a, r.URL.String())
	return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{}, Body: http.NoBody}, nil
}

func TestHosts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		region, api, login string
		want               string // of the login, or
		wrong              string // in the error
	}{
		"first region":                {region: "mypurecloud.com", want: "https://login.mypurecloud.com/oauth/token"},
		"youngest region":             {region: "apse1.pure.cloud", want: "https://login.apse1.pure.cloud/oauth/token"},
		"the government's":            {region: "use2.us-gov-pure.cloud", want: "https://login.use2.us-gov-pure.cloud/oauth/token"},
		"another domain":              {region: "example.com", wrong: "want one of mypurecloud.com, "},
		"a domain that looks alike":   {region: "mypurecloud.com.example.com", wrong: "want one of"},
		"upper case":                  {region: "MyPureCloud.com", wrong: "want one of"},
		"a path in the region":        {region: "mypurecloud.com/x", wrong: "want one of"},
		"none":                        {wrong: "want a region such as"},
		"both":                        {region: "mypurecloud.com", api: "https://api.example.com", login: "https://login.example.com", wrong: "either"},
		"addresses":                   {api: "https://api.example.com", login: "https://login.example.com/", want: "https://login.example.com/oauth/token"},
		"one address":                 {api: "https://api.example.com", wrong: "both api and login"},
		"no encryption":               {api: "https://api.example.com", login: "http://login.example.com", wrong: "login: want https"},
		"no encryption, this machine": {api: "http://127.0.0.1:80", login: "http://[::1]:81", want: "http://[::1]:81/oauth/token"},
		"no encryption, looks local":  {api: "http://127.0.0.1.example.com", login: "http://127.0.0.1", wrong: "api: want https"},
		"a user":                      {api: "https://user:password@api.example.com", login: "https://login.example.com", wrong: "api: want scheme and host alone"},
		"a path":                      {api: "https://api.example.com/x", login: "https://login.example.com", wrong: "api: want scheme and host alone"},
		"no address":                  {api: "api.example.com", login: "https://login.example.com", wrong: "api: want an address"},
		"another scheme":              {api: "ftp://api.example.com", login: "https://login.example.com", wrong: "api: want https"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var to asked
			c := config(&to)
			c.Region, c.API, c.Login = tt.region, tt.api, tt.login
			made, err := genesys.New(c)
			if tt.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wrong) || strings.Contains(err.Error(), "password") {
					t.Errorf("error is %v, want %q in it", err, tt.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := made.Do(t.Context(), ping, nil); err == nil || len(to) != 1 || to[0] != tt.want {
				t.Errorf("asked %v, want %s", to, tt.want)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	err := genesys.Config{Region: "mypurecloud.com", ClientID: "a b", Patience: -1}.Validate()
	for _, field := range []string{"clientId", "clientSecretFile", "patience"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is missing in: %v", field, err)
		}
	}
	c := genesys.Config{Region: "mypurecloud.de", ClientID: "x", ClientSecret: keys.NewSecret([]byte("y"))}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if _, err := genesys.New(c); err == nil {
		t.Error("a client without a limit was made")
	}
	c.Limit = quota.Limit{Requests: 1, Per: 1}
	if _, err := genesys.New(c); err != nil {
		t.Error(err)
	}
}
