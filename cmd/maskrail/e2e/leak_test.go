package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/canary"
	"github.com/maskrail/maskrail/policies"
)

// refusals are files that the pipeline refuses, each for another reason, and that hold values wherever an error could
// pick them up. $ROW is a good row's text, $HEAD the columns' names. The values are none of the generator's.
var refusals = map[string]string{
	"unknown.csv":    "$HEAD,callbackNumber\n$ROW,+19175550188\n",
	"type.jsonl":     `{"interactionId":"r-1","tenant_id":"acme","phoneNumber":"+19175550188","dateOfBirth":"(917) 555-0188","emailAddress":"hidden.person@example.org"}` + "\n",
	"ragged.csv":     "$HEAD\n$ROW,hidden.person@example.org,+19175550188\n",
	"broken.jsonl":   `{"interactionId":"r-1","tenant_id":"acme","phoneNumber":"+19175550188"` + "\n" + `{hidden.person@example.org` + "\n",
	"tenant.csv":     "$HEAD\n" + strings.Replace(refusedRow, ",acme,", ",,", 1) + "\n",
	"key.csv":        "$HEAD\n" + strings.Replace(refusedRow, "r-1,", ",", 1) + "\n",
	"binary.parquet": "PAR1 +19175550188 hidden.person@example.org 4111 1111 1111 1111 PAR1",
}

const (
	refusedHead = "interactionId,tenant_id,direction,channel,startTime,endTime,durationMs,queueId,agentId,phoneNumber,emailAddress,externalId,firstName,lastName,cardNumber,ssn,dateOfBirth,wrapUpCode,notes"
	refusedRow  = "r-1,acme,INBOUND,VOICE,,,1000,q,a,917-555-0188,hidden.person@example.org,HID-0000001,Hildegunde,Unbekannt,4111 1111 1111 1111,078-05-1120,1950-12-24,SALE,Call 917.555.0188"
)

func (s *secrets) addRefused() {
	s.phone("917-555-0188")
	s.email("hidden.person@example.org")
	s.card("4111 1111 1111 1111")
	s.ssn("078-05-1120")
	s.birth("1950-12-24")
	s.add(secret{"external id", "HID-0000001", word, true})
	s.add(secret{"first name", "Hildegunde", word, true})
	s.add(secret{"last name", "Unbekannt", word, true})
}

// refused writes the files that will be refused into a folder of their own.
func refused(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	var files []string
	for name, content := range refusals {
		path := filepath.Join(dir, name)
		content = strings.NewReplacer("$HEAD", refusedHead, "$ROW", refusedRow).Replace(content)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	return files
}

// Not one sensitive value of the inputs is anywhere but in the raw bucket, whether the data was loaded or refused.
func TestNothingSensitiveIsLeft(t *testing.T) {
	t.Parallel()
	c, dir := newCollector(t), filepath.Join(t.TempDir(), "demo")
	csv, jsonl := synth(t, "a.csv", 300, 21), synth(t, "b.jsonl", 300, 22)

	demo := maskrailEnv(t, c.env(), "demo", "--rows", "3000", "--dir", dir, "--json").ok(t)
	// The second time for people: it shows a few masked rows.
	shown := maskrailEnv(t, c.env(), "demo", "--rows", "3000", "--dir", dir).ok(t)
	base := []string{"--policy", filepath.Join(dir, "policy.yaml"), "--key-file", filepath.Join(dir, "keys", "root.key"), "--dir", dir}
	good := maskrailEnv(t, c.env(), append(append([]string{"run", "--json"}, base...), csv, jsonl)...).ok(t)
	bad := maskrailEnv(t, c.env(), append(append([]string{"run"}, base...), refused(t)...)...)
	if bad.code != 1 || strings.Count(bad.stdout, "rejected: ") != len(refusals) {
		t.Fatalf("refused files: code %d\n%s\n%s", bad.code, bad.stdout, bad.stderr)
	}

	secrets := newSecrets(t)
	secrets.readParquet(filepath.Join(dir, "interactions-3000-1.parquet"))
	secrets.readCSV(csv)
	secrets.readJSON(jsonl)
	secrets.addRefused()
	secrets.addCanaries()
	for _, kind := range secretKinds {
		if secrets.kinds()[kind] == 0 {
			t.Fatalf("nothing of kind %s to look for", kind)
		}
	}

	for name, r := range map[string]result{"demo": demo, "demo for people": shown, "run": good, "refused run": bad} {
		secrets.absent(t, "output of "+name, []byte(r.stdout), text)
		secrets.absent(t, "errors of "+name, []byte(r.stderr), text)
	}
	secrets.searchSpans(t, c)
	// The policy's examples are invented, and so are the rows: both call people Jane.
	if own, err := os.ReadFile(filepath.Join(dir, "policy.yaml")); err != nil || !bytes.Equal(own, policies.GuideInteraction) {
		t.Errorf("the demo's policy is not the one of the binary: %v", err)
	}
	if rows := secrets.searchDir(t, t, dir, "interactions-3000-1.parquet", "policy.yaml"); rows != 3600+2*canary.Count() {
		t.Errorf("%d masked rows were looked at, want 3600, and the canaries that were masked in two ways", rows)
	}

	// What a running stack says of itself, and what it writes about the same files in another folder.
	upDir := t.TempDir()
	base[len(base)-1] = upDir
	u := startUp(t, base...)
	maskrail(t, append(append([]string{"run", "--json"}, base...), csv)...).ok(t)
	maskrail(t, append(append([]string{"run", "--json"}, base...), refused(t)...)...)
	code, metrics := get(t, u.info.HTTP+"/metrics")
	if code != 200 || !strings.Contains(metrics, "maskrail_") {
		t.Errorf("metrics: %d %s", code, metrics)
	}
	u.stop(t)
	secrets.absent(t, "metrics", []byte(metrics), text)
	secrets.absent(t, "log of up", []byte(u.err.String()), text)
	if !strings.Contains(u.err.String(), `"level"`) {
		t.Errorf("up logged nothing: nothing was looked at\n%s", u.err)
	}
	secrets.searchDir(t, t, upDir)
}

// A file's name is data: it stands in the raw bucket and in references on the bus, and nowhere else.
func TestSensitiveFileName(t *testing.T) {
	t.Parallel()
	c, dir, in := newCollector(t), t.TempDir(), t.TempDir()
	const name = "Rosalind Quackenbush +13125550173 quackenbush@example.org"
	secrets := newSecrets(t)
	secrets.phone("+13125550173")
	secrets.email("quackenbush@example.org")
	secrets.add(secret{"last name", "Quackenbush", word, true})

	var files []string
	for ending, content := range map[string]string{".csv": goodCSV, "-bad.csv": "interactionId,tenant_id,segment\ni-1,acme,gold\n", ".parquet": "PAR1"} {
		path := filepath.Join(in, name+ending)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	policy := write(t, "policy.yaml", smallPolicy)
	r := maskrailEnv(t, c.env(), append([]string{"run", "--policy", policy, "--key-file", keyFile(t), "--dir", dir, "--json"}, files...)...)
	if rep := r.report(t); r.code != 1 || rep.Loaded != 2 || len(rep.Objects) != 3 {
		t.Fatalf("code %d\n%s\n%s", r.code, r.stdout, r.stderr)
	}

	// People are shown their own path as they typed it, and nothing more.
	for _, said := range []string{r.stdout, r.stderr} {
		for _, f := range files {
			said = strings.ReplaceAll(said, f, "")
		}
		secrets.absent(t, "output", []byte(said), text)
	}
	secrets.searchSpans(t, c)
	inRefs := 0
	for _, p := range places(t, dir) {
		switch {
		case raw(p.path):
		case strings.HasPrefix(p.path, "nats/") && p.name == p.path:
			inRefs += len(secrets.find(p.content, p.mode))
		default:
			secrets.absent(t, p.name, p.content, p.mode)
		}
	}
	if inRefs == 0 {
		t.Error("the name is not in the references: the search does not work, or they lost their keys")
	}
	sandbox := filepath.Join(dir, "sandbox.duckdb")
	for _, table := range tables(t, sandbox) {
		secrets.absent(t, "table "+table, cells(t, sandbox, table), text)
	}
}
