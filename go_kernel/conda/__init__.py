"""conda environments from their files: where they are, what activating them sets."""
