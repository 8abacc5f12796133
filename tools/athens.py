"""Athens, the module proxy that bigger sites run, built from its own module.

python -m tools.athens
"""

from __future__ import annotations

from tools.go_program import GoProgram

ATHENS = GoProgram("athens", "github.com/gomods/athens/cmd/proxy")

if __name__ == "__main__":
    print(ATHENS.built())
