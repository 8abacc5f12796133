"""How each shell is started so that an environment holds after a person's own files."""
