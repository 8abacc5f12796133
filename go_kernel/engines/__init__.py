"""Engines: the Go programs that are the kernels, built by each environment's own Go.

One folder an engine, holding its pinned go.mod and go.sum and our mends.  An engine is
built once for each key (sources, toolchain, platform, flags) and kept in a store:

    catalogue ─► keys ─► store.find ─► build.ensure ─► fetch ─► mend ─► compile ─► store
"""
