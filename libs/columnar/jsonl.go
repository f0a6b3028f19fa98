package columnar

const (
	opOpenJSONL = "open jsonl"
	opReadJSONL = "read jsonl"
)

// openJSONL reads the file once for the names of its members.
func openJSONL(src Source, o Options) (Reader, error) {
	t := track(src)
	var r *textReader
	err := guard(func() error {
		root := newJSONTree(o.Columns)
		longest, err := scanJSONNames(t, root, o)
		if err != nil {
			return err
		}
		text, err := openStream(t, o.Codec, o.Limits)
		if err != nil {
			return err
		}
		rows := newJSONRows(newJSONFrames(text, max(2*longest, jsonRoom(t, o.Codec))), root, o, longest)
		r = &textReader{cursor: cursor{t: t, op: opReadJSONL}, text: text, out: rows.out, readRow: rows.read}
		return nil
	})
	if err != nil {
		return nil, t.blame(opOpenJSONL, 0, err)
	}
	return r, nil
}

// jsonRoom is the bytes of the first buffer: no more than a small file has.
func jsonRoom(t *trackedSource, codec Codec) int {
	if codec == CodecNone {
		return int(min(jsonBuffer, t.size+1))
	}
	return jsonBuffer
}
