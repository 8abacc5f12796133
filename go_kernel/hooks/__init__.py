"""Scripts in a conda environment that give a shell its Go when somebody activates it.

`conda activate` runs them in a person's own shell, so they are written for shells that
differ, with options that differ: bash, zsh and dash read one kind, fish and tcsh have
their own.  What they set they put aside first, and give back on deactivation.
"""
