"""How fast it is: each budget of the project, and the peers' ways timed beside ours."""
