"""Go projects beside the notebook: what is in force in them, asked of Go itself."""
