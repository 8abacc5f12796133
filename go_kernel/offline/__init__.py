"""Bundles: modules, and perhaps a Go, carried to machines that have no network.

    wanted ─► gather ─► pack ─► archive ─► unpack ─► store ─► what kernels get

`bundle create` goes the first half of it where there is a network, `bundle use` the second
where there is none.
"""
