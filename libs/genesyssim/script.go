package genesyssim

import (
	"fmt"

	"github.com/maskrail/maskrail/libs/strictyaml"
)

// Script is what goes wrong, as a file says it.
type Script struct {
	Faults []Fault  `yaml:"faults"`
	Drift  Drift    `yaml:"drift"`
	Odd    []Oddity `yaml:"odd"`
}

// ParseScript reads YAML. What New would refuse it does not: New does.
func ParseScript(content []byte) (Script, error) {
	var s Script
	if err := strictyaml.Decode(content, &s); err != nil {
		return Script{}, fmt.Errorf("genesyssim: read script: %w", err)
	}
	return s, nil
}

// Play puts a script into the configuration, after what is there.
func (c *Config) Play(s Script) {
	c.Faults = append(c.Faults, s.Faults...)
	c.Odd = append(c.Odd, s.Odd...)
	c.Drift = s.Drift
}
