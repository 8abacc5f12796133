// The sources that the engine is built from; go.sum decides whether they are the right ones.
// Not what it is built with: the build makes a go.mod of its own over mended copies.
// Left out is what only build tags and tests of these modules want.

module gokernel.engine/gonb

go 1.24.4

require (
	github.com/BurntSushi/toml v1.5.0
	github.com/fatih/camelcase v1.0.0
	github.com/fatih/color v1.18.0
	github.com/fatih/gomodifytags v1.17.1-0.20250423142747-f3939df9aa3c
	github.com/fatih/structtag v1.2.0
	github.com/fsnotify/fsnotify v1.9.0
	github.com/go-logr/logr v1.4.2
	github.com/go-zeromq/zmq4 v0.17.0
	github.com/gofrs/uuid v4.4.0+incompatible
	github.com/google/go-cmp v0.7.0
	github.com/janpfeifer/gonb v0.11.3
	github.com/janpfeifer/must v0.2.0
	github.com/mattn/go-colorable v0.1.14
	github.com/mattn/go-isatty v0.0.20
	github.com/pkg/errors v0.9.1
	github.com/segmentio/asm v1.1.3
	github.com/segmentio/encoding v0.3.4
	go.lsp.dev/jsonrpc2 v0.10.0
	go.lsp.dev/pkg v0.0.0-20210717090340-384b27a52fb2
	go.lsp.dev/protocol v0.12.0
	go.lsp.dev/uri v0.3.0
	go.uber.org/multierr v1.11.0
	go.uber.org/zap v1.27.0
	golang.org/x/exp v0.0.0-20250106191152-7588d65b2ba8
	golang.org/x/exp/typeparams v0.0.0-20250620022241-b7579e27df2b
	golang.org/x/mod v0.26.0
	golang.org/x/sync v0.16.0
	golang.org/x/sys v0.34.0
	golang.org/x/telemetry v0.0.0-20250710130107-8d8967aff50b
	golang.org/x/text v0.27.0
	golang.org/x/tools v0.35.1-0.20250728180453-01a3475a31bc
	golang.org/x/tools/gopls v0.20.0
	golang.org/x/vuln v1.1.4
	honnef.co/go/tools v0.7.0-0.dev.0.20250523013057-bbc2f4dd71ea
	k8s.io/klog/v2 v2.130.1
	mvdan.cc/gofumpt v0.8.0
	mvdan.cc/xurls/v2 v2.6.0
)
