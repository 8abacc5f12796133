"""python -m bench: measure budgets, print ratios.

Exit code 0 when all was measured, met or missed; 1 when something couldn't be; 2 for a
usage error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench import report
from bench.budgets.table import BUDGETS, Budget
from bench.machine import Others, machine, versions
from bench.result import Result
from bench.world import World, process_env, world
from go_kernel.files import write_json
from go_kernel.findings import GoKernelError

_ROUNDS = 15
_FEWEST = 3
# Where there is no terminal to ask.
_COLUMNS = 110
_BUSY = 0.15


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what the command line names; give back the exit code."""
    arguments = _arguments(argv)
    if arguments.list:
        for budget in BUDGETS:
            print(f"{budget.name:12} {budget.title}")
        return 0
    chosen = [one for one in BUDGETS if not arguments.budgets or one.name in arguments.budgets]
    try:
        _run(chosen, arguments.rounds, arguments.json, _console(arguments.json == "-"))
    except GoKernelError as error:
        print(f"bench: {error}", file=sys.stderr)
        if error.evidence:
            print(error.evidence, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"bench: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _run(chosen: Sequence[Budget], rounds: int, json_to: str, console: Console) -> None:
    here = machine()
    console.print(f"{here['processor']}, {here['cores']} cores, load {here['load']}")
    with console.status("making environments") as status, world(process_env()) as made:
        status.update("building what isn't built yet")
        made.build()
        others = Others()
        results = []
        for budget in chosen:
            status.update(f"{budget.title} ({rounds} rounds)")
            results.append(_measured(budget, made, rounds))
            report.show(results[-1], console)
        share = others.share()
        known = versions({"go": made.go_version})
    console.print(f"Medians of {rounds} rounds, the ways taken in turn.")
    if share > _BUSY:
        console.print(f"Other programs used {share:.0%} of the machine meanwhile.")
    content = report.document(results, {**here, "others": round(share, 3)}, known, rounds)
    if json_to == "-":
        print(json.dumps(content, indent=2))
    elif json_to:
        write_json(Path(json_to), content)


def _measured(budget: Budget, made: World, rounds: int) -> Result:
    async def measure() -> Result:
        return await budget.measure(made, rounds)

    return asyncio.run(measure())


def _console(json_on_stdout: bool) -> Console:
    # A JSON document on stdout stays one: all else then goes to stderr.
    console = Console(stderr=json_on_stdout, highlight=False)
    if not console.is_terminal:
        console.width = _COLUMNS
    return console


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [budget.name for budget in BUDGETS]
    parser.add_argument("budgets", nargs="*", metavar="BUDGET", help=f"of {', '.join(names)}")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help=f"default {_ROUNDS}")
    parser.add_argument("--json", metavar="FILE", default="", help="also as JSON; - is stdout")
    parser.add_argument("--list", action="store_true", help="list the budgets")
    arguments = parser.parse_args(argv)
    unknown = [name for name in arguments.budgets if name not in names]
    if unknown:
        parser.error(f"there is no budget {unknown[0]!r}; there are {', '.join(names)}")
    if arguments.rounds < _FEWEST:
        parser.error(f"--rounds must be {_FEWEST} or more")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
