// The sources that the engine is built from; go.sum decides whether they are the right ones.
// Not what it is built with: the build makes a go.mod of its own over mended copies.
// What gophernotes has for ZeroMQ is left out: the kernel's sockets are its own.

module gokernel.engine/gophernotes

go 1.22

require (
	github.com/cosmos72/gomacro v0.0.0-20240506194242-2ff796e3da10
	github.com/gopherdata/gophernotes v0.7.5
	github.com/mattn/go-runewidth v0.0.15
	github.com/peterh/liner v1.2.2
	github.com/rivo/uniseg v0.2.0
)
