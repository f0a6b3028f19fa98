//go:build !amd64

package detect

func (o *outline) draw(text *[ahead]byte) { o.drawSlowly(text) }
