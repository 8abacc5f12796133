// SPDX-License-Identifier: MIT

package zmtp

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"slices"
	"sync"
)

// How many bytes a peer of a Router may be behind.
const routerBound = 64 << 20

// ErrNoPeer says that no peer of an identity is connected.
var ErrNoPeer = errors.New("no such peer is connected")

// Router is a ROUTER socket: it knows its peers by their identity.
type Router struct {
	socket
	receive func(from *Peer, frames [][]byte)

	peersMu sync.Mutex
	peers   map[string][]*Peer // those of one identity, the newest last
	arrived chan struct{}      // closed when the next one comes
}

// Peer is a connection to a Router.
type Peer struct {
	// Identity is the one the peer has given itself; else a random one that begins with
	// a zero byte, as no given one may.
	Identity string
	conn     *conn
	router   *Router
}

// Send queues a message; it never waits. A peer that is too far behind is disconnected.
// Where its connection has ended, the newest one of the same identity is meant.
func (p *Peer) Send(frames [][]byte) error {
	parts, size := encode(frames)
	err := p.conn.send(parts, size)
	if !errors.Is(err, net.ErrClosed) {
		return err
	}
	newest, _ := p.router.find(p.Identity)
	if newest == nil {
		return ErrNoPeer
	}
	return newest.conn.send(parts, size)
}

// Named says whether the peer has given itself an identity: only then can it be the same
// as that of another connection.
func (p *Peer) Named() bool { return p.Identity[0] != 0 }

// NewRouter serves a listener, which the Router closes in the end. `receive` is called
// for each message, in a goroutine of its connection; while it runs nothing more is read
// from that one.
func NewRouter(
	listener net.Listener, receive func(from *Peer, frames [][]byte), logf Logf,
) *Router {
	r := &Router{
		socket: socket{
			kind: routerKind, listener: listener, logf: logf,
			soft: routerBound, hard: routerBound,
		},
		receive: receive,
		peers:   make(map[string][]*Peer),
		arrived: make(chan struct{}),
	}
	r.serve = r.route
	r.start()
	return r
}

func (r *Router) route(c *conn) error {
	peer := &Peer{c.identity, c, r}
	if c.identity == "" {
		generated := make([]byte, 5)
		rand.Read(generated[1:])
		peer.Identity = string(generated)
	} else if !peer.Named() {
		return errors.New("an identity begins with a zero byte")
	}
	r.enter(peer)
	defer r.leave(peer)
	for {
		frames, err := c.next(nil)
		if err != nil {
			return err
		}
		r.receive(peer, frames)
	}
}

// enter makes a peer known. Of several with one identity the newest is meant: a client
// whose connection broke unnoticed has to be heard when it comes again. The others stay:
// they may be clients that share an identity.
func (r *Router) enter(p *Peer) {
	r.peersMu.Lock()
	defer r.peersMu.Unlock()
	r.peers[p.Identity] = append(r.peers[p.Identity], p)
	close(r.arrived)
	r.arrived = make(chan struct{})
}

func (r *Router) leave(p *Peer) {
	r.peersMu.Lock()
	defer r.peersMu.Unlock()
	left := slices.DeleteFunc(r.peers[p.Identity], func(other *Peer) bool { return other == p })
	if len(left) == 0 {
		delete(r.peers, p.Identity)
	} else {
		r.peers[p.Identity] = left
	}
}

// find gives the newest peer of an identity, and what is closed when another one comes.
func (r *Router) find(identity string) (*Peer, <-chan struct{}) {
	r.peersMu.Lock()
	defer r.peersMu.Unlock()
	if known := r.peers[identity]; len(known) > 0 {
		return known[len(known)-1], r.arrived
	}
	return nil, r.arrived
}

// SendWhenConnected queues a message for the newest peer of an identity, and waits until
// there is one; the error is ErrNoPeer where the context ends before.
func (r *Router) SendWhenConnected(ctx context.Context, identity string, frames [][]byte) error {
	for {
		peer, arrived := r.find(identity)
		if peer != nil {
			return peer.Send(frames)
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return ErrNoPeer
		}
	}
}
