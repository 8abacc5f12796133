// SPDX-License-Identifier: MPL-2.0

//go:build cgo

package gotool

// Plugins need cgo: without it plugin.Open is a stub.
const haveCgo = true
