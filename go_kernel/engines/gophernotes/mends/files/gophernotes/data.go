// SPDX-License-Identifier: MIT

package main

// MIMEMap holds data in several formats, by MIME type: strings, bytes, or what JSON can write.
type MIMEMap = map[string]interface{}

// Data is what is displayed; a library can make one without importing this program,
// since it is an alias of a struct without a name.
type Data = struct {
	Data      MIMEMap
	Metadata  MIMEMap
	Transient MIMEMap
}

func ensure(bundle MIMEMap) MIMEMap {
	if bundle == nil {
		bundle = make(MIMEMap)
	}
	return bundle
}

func merge(to MIMEMap, from MIMEMap) MIMEMap {
	if len(from) == 0 {
		return to
	}
	to = ensure(to)
	for key, value := range from {
		to[key] = value
	}
	return to
}
