// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package gotool

// endSession does nothing where there is no /proc.
func endSession() {}
