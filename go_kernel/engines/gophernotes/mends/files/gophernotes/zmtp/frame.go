// SPDX-License-Identifier: MIT

package zmtp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
)

// The flags of a frame.
// ref: https://rfc.zeromq.org/spec/37/#framing
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
	flagsKnown  = flagMore | flagLong | flagCommand
)

var errUnfinished = errors.New("too much is being received at once")

// budget is what may be held of messages that are not whole yet.
type budget struct{ used atomic.Int64 }

func (b *budget) take(size int) error {
	if b.used.Add(int64(size)) > maxUnfinished {
		b.used.Add(-int64(size))
		return errUnfinished
	}
	return nil
}

func (b *budget) giveBack(size int) { b.used.Add(-int64(size)) }

// frameReader reads the frames of one connection.
type frameReader struct {
	source *bufio.Reader
	budget *budget
	held   int // bytes taken from the budget
}

// header reads what precedes a frame's body.
func (r *frameReader) header() (flags byte, size uint64, err error) {
	flags, err = r.source.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	if flags&^flagsKnown != 0 || flags&flagCommand != 0 && flags&flagMore != 0 {
		return 0, 0, fmt.Errorf("a frame has the flags %#x", flags)
	}
	var field [8]byte
	length := field[7:]
	if flags&flagLong != 0 {
		length = field[:]
	}
	if _, err := io.ReadFull(r.source, length); err != nil {
		return 0, 0, cutOff(err)
	}
	return flags, binary.BigEndian.Uint64(field[:]), nil
}

// body reads a frame's body. Memory grows with what has arrived: a header can claim anything.
func (r *frameReader) body(size int) ([]byte, error) {
	const first = 64 << 10
	body := make([]byte, 0, min(size, first))
	for len(body) < size {
		step := min(size-len(body), max(first, len(body)))
		if err := r.budget.take(step); err != nil {
			return nil, err
		}
		r.held += step
		if cap(body) < len(body)+step {
			body = append(make([]byte, 0, len(body)+step), body...)
		}
		n, err := io.ReadFull(r.source, body[len(body):len(body)+step])
		body = body[:len(body)+n]
		if err != nil {
			return nil, cutOff(err)
		}
	}
	return body, nil
}

// giveBack returns to the budget what was taken since `held` had this value.
func (r *frameReader) giveBack(held int) {
	r.budget.giveBack(r.held - held)
	r.held = held
}

// cutOff is the error of an end in the middle of something.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// encode makes the frames of a message ready to be written. They are not copied unless
// they are small, and must not be changed any more.
func encode(frames [][]byte) (parts net.Buffers, size int) {
	const small = 16 << 10
	var joined []byte
	for i, body := range frames {
		flags := byte(0)
		if i < len(frames)-1 {
			flags = flagMore
		}
		joined = appendHeader(joined, flags, len(body))
		size += len(body)
		if len(body) <= small {
			joined = append(joined, body...)
			continue
		}
		parts = append(parts, joined, body)
		joined = nil
	}
	if len(joined) > 0 {
		parts = append(parts, joined)
	}
	return parts, size
}

// encodeCommand makes a command ready to be written.
func encodeCommand(name string, data []byte) []byte {
	size := 1 + len(name) + len(data)
	frame := appendHeader(make([]byte, 0, 9+size), flagCommand, size)
	frame = append(frame, byte(len(name)))
	frame = append(frame, name...)
	return append(frame, data...)
}

func appendHeader(to []byte, flags byte, size int) []byte {
	if size <= 255 {
		return append(to, flags, byte(size))
	}
	return binary.BigEndian.AppendUint64(append(to, flags|flagLong), uint64(size))
}

// splitCommand gives the name and the data of a command's body.
func splitCommand(body []byte) (name string, data []byte, err error) {
	if len(body) == 0 || body[0] == 0 || int(body[0]) > len(body)-1 {
		return "", nil, errors.New("a command has no name")
	}
	end := 1 + int(body[0])
	return string(body[1:end]), body[end:], nil
}
