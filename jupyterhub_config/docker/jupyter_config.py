"""For every Jupyter server and every `jupyter gokernel` in the image."""

c = get_config()  # noqa: F821 - traitlets gives it

# The engines are in the image. Where one is missing, a launch says so in a sentence
# instead of compiling for a minute in each user's container.
c.GoKernelProvisioner.build_at_launch = False
