"""Ready classes, one for each kind of spawner; each file imports its own spawner alone."""
