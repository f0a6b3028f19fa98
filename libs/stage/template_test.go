package stage

import "testing"

func TestTemplate(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		"maskrail.raw.interaction._":                       "maskrail.raw.{entity}.{tenant}",
		"maskrail.masked.sandbox-01.interaction.acme":      "maskrail.masked.{env}.{entity}.{tenant}",
		"maskrail.validated.sandbox-01.interaction.acme":   "maskrail.validated.{env}.{entity}.{tenant}",
		"maskrail.loaded.sandbox-01.interaction.acme":      "maskrail.loaded.{env}.{entity}.{tenant}",
		"maskrail.rejected.sandbox-01.interaction.acme":    "maskrail.rejected.{env}.{entity}.{tenant}",
		"maskrail.dead.masker.sandbox-01":                  "maskrail.dead.{service}.{env}",
		"maskrail.replay.sandbox-01.raw.interaction._":     "maskrail.replay.{env}.{stage}.{entity}.{tenant}",
		"maskrail.s3.maskrail-raw":                         "maskrail.s3.{source}",
		"maskrail":                                         "other",
		"maskrail.later.x":                                 "other",
		"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.RAW.x": "other",
	} {
		if got := template(subject); got != want {
			t.Errorf("template of %s is %s, want %s", subject, got, want)
		}
	}
}
