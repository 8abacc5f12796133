"""Checks that try the thing itself: they start processes, use the network, take seconds."""
