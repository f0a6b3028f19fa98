package genesys

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// regions are the domains of the public regions, as the vendor's SDK of release 188 lists them. A client secret is sent to
// the domain, so no other is taken without being spelled out as an address.
var regions = []string{
	"mypurecloud.com", "mypurecloud.ie", "mypurecloud.com.au", "mypurecloud.jp", "mypurecloud.de",
	"usw2.pure.cloud", "cac1.pure.cloud", "apne2.pure.cloud", "euw2.pure.cloud", "aps1.pure.cloud", "sae1.pure.cloud",
	"mec1.pure.cloud", "apne3.pure.cloud", "euc2.pure.cloud", "mxc1.pure.cloud", "apse1.pure.cloud",
	"use2.us-gov-pure.cloud",
}

// hosts are the addresses of API and login, without a slash at the end.
func (c Config) hosts() (api, login string, err error) {
	switch {
	case c.Region != "" && (c.API != "" || c.Login != ""):
		return "", "", errors.New("region: want either a region, or addresses for api and login")
	case c.Region != "":
		if !slices.Contains(regions, c.Region) {
			return "", "", fmt.Errorf("region: want one of %s; for another domain give the addresses of api and login", strings.Join(regions, ", "))
		}
		return "https://api." + c.Region, "https://login." + c.Region, nil
	case c.API == "" || c.Login == "":
		return "", "", errors.New("region: want a region such as mypurecloud.com, or addresses for both api and login")
	}
	if api, err = address(c.API); err != nil {
		return "", "", fmt.Errorf("api: %w", err)
	}
	if login, err = address(c.Login); err != nil {
		return "", "", fmt.Errorf("login: %w", err)
	}
	return api, login, nil
}

// address checks the address of a host, and is it in one spelling.
func address(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return "", errors.New("want an address such as https://api.example.com")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return "", errors.New("want https: the token is sent there; http is for this machine alone")
	case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("want scheme and host alone")
	}
	return u.Scheme + "://" + u.Host, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
