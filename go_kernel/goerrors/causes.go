// SPDX-License-Identifier: MIT

package goerrors

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Cause is why a go command failed.
type Cause struct {
	Kind   string // one of the words in the table
	Reason string // a clause without a full stop
	Remedy string // what to do, in sentences

	network, absent bool
}

// String is a reason and a remedy, as a notebook's reader gets them.
func (c *Cause) String() string {
	reason := c.Reason
	if first := reason[0]; 'a' <= first && first <= 'z' && !begun.MatchString(reason) {
		reason = strings.ToUpper(reason[:1]) + reason[1:]
	}
	return reason + ". " + c.Remedy
}

// A name stays as it is written.
var begun = regexp.MustCompile(`^\S*[.@/]\S`)

// Explain gives the cause in what go printed, nil where it is none that is known. env gives
// the variables that it ran with: some causes show only there.
//
// Where go names several, it is the one that the others follow from.
func Explain(output string, env func(name string) string) *Cause {
	t := load()
	text := t.patterns["scratch"].ReplaceAllString(Mask(output), "")
	cause := t.aboutSums(text, t.find(text))
	instead := cause
	switch {
	case cause == nil:
		return nil
	case cause.network && env("GOKERNEL_OFFLINE") == "1":
		instead = t.offline(text, env("GOPROXY"))
	case cause.Kind == "checksum":
		instead = t.byABundle(text, env("GOKERNEL_SUMS"))
	case cause.Kind == "proxy-off":
		instead = t.cached(text, env("GOMODCACHE"))
	case cause.network && !cause.absent:
		instead = t.stopped(output, cause, env("GOPROXY"))
	}
	if instead == nil {
		return cause
	}
	return instead
}

func (t *table) find(text string) *Cause {
	for _, e := range t.Causes {
		if match := e.pattern.FindStringSubmatch(text); match != nil {
			return e.fill(map[string]string{"host": t.host(e.Kind, text), "found": t.found(match, e, text)})
		}
	}
	return nil
}

// aboutSums gives the same, where it was the checksum database that go asked.
func (t *table) aboutSums(text string, cause *Cause) *Cause {
	about := t.patterns["about_sums"].FindString(text)
	if about == "" || cause == nil || !cause.network || cause.Kind == "sumdb-bad" {
		return cause
	}
	inner := t.find(about)
	if inner == nil || !inner.network || inner.Kind == "sumdb-bad" {
		return cause
	}
	rule := "sumdb"
	if inner.Kind == "not-found" || inner.Kind == "gone" {
		rule = "sumdb-unknown"
	}
	return t.Rules[rule].fill(map[string]string{"reason": inner.Reason})
}

// offline says what is missing, and how it would come to a machine without a network.
func (t *table) offline(text, proxies string) *Cause {
	module := t.first("missing", text)
	if module == "" {
		module = t.first("provides", text)
	}
	if module == "" {
		return nil
	}
	asked := t.first("chain", text)
	if asked == "" {
		asked = module
	}
	words := map[string]string{"module": module, "asked": asked, "wanted": "--module " + versioned(asked)}
	if words["folder"] = gone(proxies); words["folder"] != "" {
		return t.Rules["offline-gone"].fill(words)
	}
	if pathOf(asked) != pathOf(module) {
		return t.Rules["offline-needed"].fill(words)
	}
	return t.Rules["offline"].fill(words)
}

// gone is the folder of a bundle that GOPROXY names and that isn't there any more.
func gone(proxies string) string {
	for _, entry := range strings.FieldsFunc(proxies, func(r rune) bool { return r == ',' || r == '|' }) {
		escaped, file := strings.CutPrefix(entry, "file:///")
		if !file || !strings.HasSuffix(escaped, "/proxy") {
			continue
		}
		folder, err := url.PathUnescape("/" + strings.TrimSuffix(escaped, "/proxy"))
		if err != nil {
			continue
		}
		if _, err := os.Lstat(folder); os.IsNotExist(err) {
			return folder
		}
	}
	return ""
}

func versioned(module string) string {
	if strings.Contains(module, "@") {
		return module
	}
	return module + "@latest"
}

func pathOf(module string) string {
	path, _, _ := strings.Cut(module, "@")
	return path
}

// cached says whether the module cache has a module that GOPROXY=off keeps go from.
func (t *table) cached(text, modcache string) *Cause {
	module := pathOf(t.first("missing", text))
	if !filepath.IsAbs(modcache) {
		return nil
	}
	for path := module; path != ""; path = parent(path) {
		entries, _ := os.ReadDir(filepath.Join(modcache, "cache", "download", escaped(path), "@v"))
		for _, one := range entries {
			if strings.HasSuffix(one.Name(), ".zip") {
				return t.Rules["cached"].fill(map[string]string{"module": path, "modcache": modcache})
			}
		}
	}
	return nil
}

func parent(path string) string {
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 {
		return ""
	}
	return path[:slash]
}

var capital = regexp.MustCompile(`[A-Z]`)

// ref: https://go.dev/ref/mod#goproxy-protocol
func escaped(path string) string {
	return capital.ReplaceAllStringFunc(path, func(letter string) string { return "!" + strings.ToLower(letter) })
}

var users = regexp.MustCompile(`//[^\s/@]*@`)

// stopped says whether go would have gone on to another entry of GOPROXY after a `|`.
func (t *table) stopped(output string, cause *Cause, proxies string) *Cause {
	output = users.ReplaceAllString(output, "//")
	for {
		at := strings.IndexAny(proxies, ",|")
		if at < 0 {
			return nil
		}
		_, host, _ := strings.Cut(strings.TrimSpace(proxies[:at]), "://")
		host = strings.TrimRight(host[strings.LastIndexByte(host, '@')+1:], "/")
		insists := proxies[at] == ','
		proxies = proxies[at+1:]
		if !insists || host == "" || !strings.Contains(output, "//"+host+"/") {
			continue
		}
		next := strings.TrimSpace(proxies)
		if end := strings.IndexAny(next, ",|"); end >= 0 {
			next = strings.TrimSpace(next[:end])
		}
		if next = Mask(next); next == "off" {
			return nil
		}
		said := t.Rules["stopped"]
		said.Kind, said.Network = cause.Kind, true
		return said.fill(map[string]string{"reason": cause.Reason, "remedy": cause.Remedy, "next": next})
	}
}

func (t *table) found(match []string, e entry, text string) string {
	for _, group := range match[1:] {
		if group != "" {
			return group
		}
	}
	if e.Otherwise != "" {
		return e.Otherwise
	}
	if phrase := t.patterns["phrase"].FindString(text); phrase != "" {
		return phrase
	}
	return match[0]
}

func (t *table) host(kind, text string) string {
	if kind == "dns" {
		if name := t.first("looked_up", text); name != "" {
			return name
		}
	}
	// git says whom it asked, which an `insteadOf` may have changed.
	for _, pattern := range []string{"git_host", "host"} {
		if name := t.first(pattern, text); name != "" {
			return name
		}
	}
	return "the server"
}
