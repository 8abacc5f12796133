"""gofumpt, the stricter gofmt that some environments have, built from its own module.

python -m tools.gofumpt
"""

from __future__ import annotations

from tools.go_program import GoProgram

GOFUMPT = GoProgram("gofumpt", "mvdan.cc/gofumpt")

if __name__ == "__main__":
    print(GOFUMPT.built())
