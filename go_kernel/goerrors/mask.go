// SPDX-License-Identifier: MIT

package goerrors

import (
	"regexp"
	"strings"
)

const masked = "***"

var (
	address = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s]*`)
	plain   = regexp.MustCompile(`^[^:]*(?::[0-9]*)?$`)
	another = regexp.MustCompile(`[,|;](?:[A-Za-z][A-Za-z0-9+.-]*://|direct\b|off\b)`)
)

// Mask is text with the user, password and query of every URL in it masked, as git prints
// them and go mostly doesn't.
func Mask(text string) string {
	return address.ReplaceAllStringFunc(text, maskList)
}

// A password may hold a separator: only one that is followed by another entry counts.
func maskList(list string) string {
	if at := another.FindStringIndex(list); at != nil {
		return maskURL(list[:at[0]]) + list[at[0]:at[0]+1] + maskList(list[at[0]+1:])
	}
	return maskURL(list)
}

func maskURL(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	host, path, slash := strings.Cut(rest, "/")
	// A password with an unescaped `/` in it: what looks like a port is no number.
	if at := strings.LastIndexByte(rest, '@'); !strings.Contains(host, "@") && strings.Contains(path, "@") && !plain.MatchString(host) {
		host, path, slash = rest[:at]+"@"+rest[at+1:], "", false
	}
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = masked + host[at:]
	}
	if slash {
		host += "/" + path
	}
	before, _, query := strings.Cut(host, "?")
	if query {
		before += "?" + masked
	}
	return scheme + "://" + before
}
