// SPDX-License-Identifier: MIT

package jupyter

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"
)

// replayWindow is how many of the last messages are not accepted again.
const replayWindow = 1 << 14

// signer signs and verifies messages. Without a key, which a connection file may lack,
// signatures are empty and everything is accepted.
// ref: https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
type signer struct {
	key []byte

	mu   sync.Mutex
	seen map[[16]byte]bool
	ring [][16]byte
	next int
}

func newSigner(key string) *signer {
	return &signer{key: []byte(key), seen: make(map[[16]byte]bool)}
}

func (s *signer) digest(parts [][]byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

func (s *signer) sign(parts [][]byte) []byte {
	if len(s.key) == 0 {
		return []byte{}
	}
	return hex.AppendEncode(nil, s.digest(parts))
}

func (s *signer) verify(signature []byte, parts [][]byte) error {
	if len(s.key) == 0 {
		return nil
	}
	if len(signature) == 0 {
		return errors.New("it is not signed")
	}
	digest := s.digest(parts)
	if !hmac.Equal(hex.AppendEncode(nil, digest), signature) {
		return errors.New("its signature is wrong")
	}
	if !s.first([16]byte(digest)) {
		return errors.New("its signature was used before")
	}
	return nil
}

// first says whether a message is none of those received last. No client sends the same
// one twice (each has an id and a date of its own), so who does has overheard it.
// Remembering some costs next to nothing.
func (s *signer) first(digest [16]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[digest] {
		return false
	}
	s.seen[digest] = true
	if len(s.ring) < replayWindow {
		s.ring = append(s.ring, digest)
		return true
	}
	delete(s.seen, s.ring[s.next])
	s.ring[s.next] = digest
	s.next = (s.next + 1) % replayWindow
	return true
}
