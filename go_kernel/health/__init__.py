"""Whether each Go works, as findings, and repairs: one set of checks for all faces.

`catalogue` lists the checks, `runner` runs them, `fixes` holds the repairs.  The
command `doctor`, the server extension and the panel show what they say.
"""
