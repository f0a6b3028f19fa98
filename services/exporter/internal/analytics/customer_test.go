package analytics

import "testing"

func TestPhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"tel:+14155550142":                           "+14155550142",
		"TEL:+1-415-555-0142;ext=12":                 "+1-415-555-0142",
		"sip:+14155550142@198.51.100.250;user=phone": "+14155550142",
		"sips:14155550142@example.com":               "14155550142",
		"14155550142":                                "14155550142",
		" (415) 555-0142 ":                           "(415) 555-0142",
		"020 7946 0999 x12":                          "020 7946 0999 x12",
		"020 7946 0999 ext. 12":                      "020 7946 0999 ext. 12",
		"020 7946 0999 Ext12":                        "020 7946 0999 Ext12",
		"911":                                        "911",
		"anonymous":                                  "",
		"sip:anonymous@anonymous.invalid":            "",
		"sip:jane.okafor@example.com":                "",
		"jane.okafor+415@example.com":                "",
		"d281ff23-af8a-48da-8ce3-7a7296405d4d":       "",
		"San Francisco, California":                  "",
		"1-800-FLOWERS":                              "",
		"+4916091234567890123":                       "",
		"12":                                         "",
		"":                                           "",
		"tel:":                                       "",
		"x":                                          "",
		"ext 12":                                     "",
		"٠١٢٣٤٥٦٧٨٩":                                 "",
		"urn:uuid:00000000-0000-4000-8000-0000000000": "",
	} {
		if got := phone(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestMail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"jane@example.com":                        "jane@example.com",
		"Jane Okafor <jane+tag@example.com>":      "jane+tag@example.com",
		`"Okafor, Jane" <jane@bücher.example>`:    "jane@bücher.example",
		`"jane doe"@example.com`:                  `"jane doe"@example.com`,
		"sip:jane@example.com":                    "",
		"sip:+14155550142@198.51.100.250;user=ph": "",
		"jane@example.com; bo@example.com":        "",
		"jane@":                                   "",
		"@example.com":                            "",
		"Jane Okafor":                             "",
		"":                                        "",
	} {
		if got := mail(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPerson(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{
		"Jane Okafor":                           {"Jane", "Okafor"},
		"  Jane   Maria Okafor ":                {"Jane Maria", "Okafor"},
		"OKAFOR, JANE":                          {"JANE", "OKAFOR"},
		"Okafor, Virginia Anne":                 {"Virginia Anne", "Okafor"},
		"José Ñíguez <jose.niguez@example.org>": {"José", "Ñíguez"},
		`"Okafor, Jane" <jane@example.com>`:     {"Jane", "Okafor"},
		"Jane":                                  {"", "Jane"},
		"San Francisco, California":             {},
		"MONTRÉAL, QUEBEC":                      {},
		"Austin, TX":                            {},
		"London, United Kingdom":                {},
		"Paris, Ile de France, France":          {},
		"Toll Free":                             {},
		"Unknown":                               {},
		"ANONYMOUS":                             {},
		"+14155550142":                          {},
		"14155550142":                           {},
		"jane.okafor@example.com":               {},
		"sip:jane":                              {},
		"":                                      {},
		" ":                                     {},
	} {
		if first, last := person(in); first != want[0] || last != want[1] {
			t.Errorf("%q: %q, %q, want %q", in, first, last, want)
		}
	}
}
