package genesyssim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

// In a bubble the clock of the simulation is the bubble's, and so are its delays.
func TestPipe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, err := genesyssim.New(genesyssim.Config{
			Every: time.Hour,
			Faults: []genesyssim.Fault{
				{On: "POST " + jobs, Do: genesyssim.Slow, Delay: 10 * time.Minute},
				{On: "GET " + jobs + "/*", Do: genesyssim.Cut, Bytes: 5},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		client, done := genesyssim.Pipe(sim)
		defer done()
		ask := func(method, url, body string, prepare func(*http.Request)) (map[string]any, error) {
			r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			prepare(r)
			resp, err := client.Do(r)
			if err != nil {
				return nil, err
			}
			defer resp.Body.Close()
			content, err := io.ReadAll(resp.Body)
			if err != nil {
				return nil, err
			}
			var out map[string]any
			return out, json.Unmarshal(content, &out)
		}
		token, err := ask(http.MethodPost, "http://login.mypurecloud.com/oauth/token", "grant_type=client_credentials", func(r *http.Request) {
			r.SetBasicAuth("maskrail", "simulated-secret")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		})
		if err != nil {
			t.Fatal(err)
		}
		bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token["access_token"].(string)) }
		const api = "http://api.mypurecloud.com"
		before := time.Now()
		job, err := ask(http.MethodPost, api+jobs, `{"interval":"1999-12-01T00:00:00Z/1999-12-02T00:00:00Z"}`, bearer)
		if err != nil || time.Since(before) != 10*time.Minute {
			t.Fatalf("it took %s: %v", time.Since(before), err)
		}
		path := api + jobs + "/" + job["jobId"].(string)
		if _, err := ask(http.MethodGet, path, "", bearer); err == nil {
			t.Error("the connection did not break")
		}
		if state, err := ask(http.MethodGet, path, "", bearer); err != nil || state["state"] != "FULFILLED" {
			t.Errorf("%v %v", state, err)
		}
		page, err := ask(http.MethodGet, path+"/results", "", bearer)
		if err != nil || len(page["conversations"].([]any)) < 24 {
			t.Errorf("%d members, %v", len(page), err)
		}
	})
}
