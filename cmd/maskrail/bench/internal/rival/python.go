package rival

import _ "embed" // the script

// Script masks JSON Lines with Python's json, re and hashlib. Its arguments are the source and the file to write.
//
//go:embed mask.py
var Script string
