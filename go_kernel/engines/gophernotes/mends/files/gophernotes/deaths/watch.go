// SPDX-License-Identifier: MIT

package deaths

import "sync"

// watching holds the goroutines that Watch watches, and how they ended.
var watching = watched{exits: map[string]*Exit{}}

type watched struct {
	lock  sync.Mutex
	exits map[string]*Exit
}

// Watch makes the caller responsible for telling how the calling goroutine ends: its
// deferred functions call ended to learn whether that is by os.Exit.
func Watch() (ended func() (Exit, bool)) {
	goroutine := goroutineOf(trace(64))
	watching.lock.Lock()
	defer watching.lock.Unlock()
	watching.exits[goroutine] = nil
	return func() (Exit, bool) { return watching.forget(goroutine) }
}

func (w *watched) forget(goroutine string) (Exit, bool) {
	w.lock.Lock()
	defer w.lock.Unlock()
	exit := w.exits[goroutine]
	delete(w.exits, goroutine)
	if exit == nil {
		return Exit{}, false
	}
	return *exit, true
}

// ended notes how a goroutine ends, if it is watched.
func (w *watched) ended(goroutine string, exit Exit) bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	_, found := w.exits[goroutine]
	if found {
		w.exits[goroutine] = &exit
	}
	return found
}
