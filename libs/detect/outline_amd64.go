package detect

// outlineBlock is drawSlowly, where tallyBlocks works, and leaves out what it can.
//
//go:noescape
func outlineBlock(text *[ahead]byte, o *outline, k *outlineTables)

func (o *outline) draw(text *[ahead]byte) {
	if fast {
		outlineBlock(text, o, &outlineTable)
	} else {
		o.drawSlowly(text)
	}
}
