// SPDX-License-Identifier: MIT

package jupyter

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// dateFormat is ISO 8601 with microseconds and a zone.
const dateFormat = "2006-01-02T15:04:05.000000Z07:00"

// headerLimit is how large a header may be: it is repeated in every message that it is
// the parent of.
const headerLimit = 64 << 10

// delimiter stands between a message's identities and its signature.
var delimiter = []byte("<IDS|MSG>")

// header is what a message says about itself.
type header struct {
	ID       string `json:"msg_id"`
	Username string `json:"username"`
	Session  string `json:"session"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
	Date     string `json:"date"`
}

// message is one that was received, with a signature that is right.
type message struct {
	identities [][]byte
	header     header
	rawHeader  []byte // as it was received: it becomes a parent_header
	parent     header
	content    json.RawMessage
	size       int
}

// parse checks a message's signature and form.
func (s *signer) parse(frames [][]byte) (*message, error) {
	at := 0
	for at < len(frames) && !bytes.Equal(frames[at], delimiter) {
		at++
	}
	if len(frames) < at+6 {
		return nil, fmt.Errorf("it has %d frames, and the delimiter is number %d", len(frames), at+1)
	}
	signature, parts := frames[at+1], frames[at+2:at+6]
	if err := s.verify(signature, parts); err != nil {
		return nil, err
	}
	m := &message{identities: frames[:at], rawHeader: parts[0], content: parts[3]}
	if len(m.rawHeader) > headerLimit {
		return nil, fmt.Errorf("its header has %d bytes", len(m.rawHeader))
	}
	for i, name := range []string{"header", "parent_header", "metadata", "content"} {
		m.size += len(parts[i])
		if !isObject(parts[i]) {
			return nil, fmt.Errorf("its %s is no JSON object", name)
		}
	}
	if err := json.Unmarshal(m.rawHeader, &m.header); err != nil {
		return nil, fmt.Errorf("its header: %s", wrongType(err))
	}
	if m.header.ID == "" || m.header.Type == "" {
		return nil, errors.New("its header has no msg_id or no msg_type")
	}
	if err := json.Unmarshal(parts[1], &m.parent); err != nil {
		return nil, fmt.Errorf("its parent_header: %s", wrongType(err))
	}
	return m, nil
}

func isObject(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) && json.Valid(text)
}

// wrongType says in the words of JSON what is wrong with a message's field.
func wrongType(err error) string {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) && mismatch.Field != "" {
		return fmt.Sprintf("%q can't be a %s", mismatch.Field, mismatch.Value)
	}
	return err.Error()
}

// newHeader makes the header of a message that this kernel sends.
func (s *Server) newHeader(kind string) header {
	return header{
		ID: newID(), Username: "kernel", Session: s.session, Type: kind,
		Version: protocolVersion, Date: date(time.Now()),
	}
}

func date(t time.Time) string { return t.UTC().Format(dateFormat) }

// compose makes the frames of a message, but its identities or topic. The parent is the
// request that it is about; nil: none.
func (s *signer) compose(
	own header, parent *request, metadata map[string]any, content any,
) ([][]byte, error) {
	parts := [][]byte{nil, []byte("{}"), []byte("{}"), nil}
	if parent != nil {
		parts[1] = parent.rawHeader
	}
	var err error
	if parts[0], err = marshal(own); err != nil {
		return nil, err
	}
	if metadata != nil {
		if parts[2], err = marshal(metadata); err != nil {
			return nil, err
		}
	}
	if parts[3], err = marshal(content); err != nil {
		return nil, err
	}
	return append([][]byte{delimiter, s.sign(parts)}, parts...), nil
}

// marshal makes JSON of anything, also of values whose own methods panic.
func marshal(value any) (text []byte, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = fmt.Errorf("a value can't become JSON: %v", thrown)
		}
	}()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // only longer: no message is ever part of a page
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// newID makes a random UUID.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
