"""From a YAML file to what it declares, or to one sentence that names the line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml.scalarbool import ScalarBoolean

from go_kernel import choose, placement, yamlfile
from go_kernel.conda import specs
from go_kernel.declared import schema
from go_kernel.declared.errors import BadDeclaration
from go_kernel.declared.model import (
    DEFAULT_CHANNELS,
    Bundle,
    Declaration,
    Engine,
    Environment,
    Go,
    Kernel,
    Policy,
)
from go_kernel.declared.schema import Place
from go_kernel.findings import GoKernelError
from go_kernel.layers import check_settings
from go_kernel.variables import masked

# A place, and what is wrong there.
_Fault = tuple[Place, str]


def read(file: Path, env: Mapping[str, str]) -> Declaration:
    """What `file` declares to who has the variables `env`.

    Relative paths count from the file's folder, and names of environments from where conda
    would make them.  Raises BadYaml and BadDeclaration.
    """
    yaml = yamlfile.read(file)
    return parse(yaml.data, Path(os.path.realpath(file)), env)


def parse(content: Any, file: Path, env: Mapping[str, str]) -> Declaration:
    """The same from a YAML's content; raises BadDeclaration."""
    plain = _plain(content)
    _no_faults(
        ((one.place, one.words) for one in schema.problems(plain, schema.published())),
        file,
        content,
    )
    _no_faults(_contradictions(plain, env), file, content)
    policy = Policy(**plain.get("policy", {}))
    base = file.parent
    environments = tuple(_environment(one, base, env) for one in plain.get("environments", ()))
    _no_faults(_in_one_place(environments), file, content)
    return Declaration(
        file,
        policy,
        tuple(_bundle(one, base, env) for one in plain.get("bundles", ())),
        environments,
        tuple(Engine(_go(one, base, env), one["engine"]) for one in plain.get("engines", ())),
        tuple(_kernel(one, policy, base, env) for one in plain.get("kernels", ())),
    )


def _no_faults(faults: Iterator[_Fault], file: Path, content: Any) -> None:
    """Raise BadDeclaration for all of them, in the order of their lines."""
    told = [(_line(content, place), f"{schema.spoken(place)} {words}") for place, words in faults]
    if told:
        raise BadDeclaration(file, sorted(told, key=lambda one: one[0]))


def _contradictions(content: Mapping[str, Any], env: Mapping[str, str]) -> Iterator[_Fault]:
    """What no schema can say: twice the same, names that can't be, settings that mustn't be."""
    yield from _twice(content, "environments", ("name", "prefix"))
    yield from _twice(content, "kernels", ("name",))
    yield from _twice(content, "bundles", ("sha256",))
    yield from _alike(content)
    for at, one in enumerate(content.get("environments", ())):
        if words := _no_name(one.get("name", ""), env):
            yield ("environments", at, "name"), words
        for which, spec in enumerate(one.get("packages", ())):
            if words := _no_spec(spec):
                yield ("environments", at, "packages", which), words
    variables = content.get("policy", {}).get("variables", {})
    yield from _unsettable(variables, ("policy", "variables"))
    for at, one in enumerate(content.get("kernels", ())):
        place = ("kernels", at, "settings")
        yield from _unsettable(one.get("settings", {}), place)
        for name, value in one.get("settings", {}).items():
            if variables.get(name, value) != value:
                yield (*place, name), "is another value than the policy's, which holds for all"
        if content.get("policy", {}).get("offline") and one.get("offline") is False:
            yield ("kernels", at, "offline"), "is false where the policy's is true"


def _twice(content: Mapping[str, Any], kind: str, keys: tuple[str, ...]) -> Iterator[_Fault]:
    seen = set()
    for at, one in enumerate(content.get(kind, ())):
        for key in keys:
            if key in one:
                if (key, one[key]) in seen:
                    yield (kind, at, key), f"is {schema.shown(one[key])} a second time"
                seen.add((key, one[key]))


def _in_one_place(environments: Sequence[Environment]) -> Iterator[_Fault]:
    """Two environments that are one: by its name and by its folder, or through a link."""
    seen: dict[str, int] = {}
    for at, one in enumerate(environments):
        first = seen.setdefault(os.path.realpath(one.prefix), at)
        if first != at:
            yield ("environments", at), f"is environments[{first}] again: both are {one.prefix}"


def _alike(content: Mapping[str, Any]) -> Iterator[_Fault]:
    """Two kernels of one environment and engine, of which one has no name: it would be the same."""
    seen = set()
    for at, one in enumerate(content.get("kernels", ())):
        which = one.get("environment"), one.get("go"), one.get("engine", "gophernotes")
        if which in seen and "name" not in one:
            yield ("kernels", at), "is of the same Go and engine as one before, and needs a name"
        seen.add(which)


def _no_name(name: str, env: Mapping[str, str]) -> str:
    """Why this can't be the name of an environment that is there or made; "" where it can."""
    if not name:
        return ""
    try:
        placement.check_name(name)
        choose.environment(name, env, Path("/"))
    except choose.AmbiguousEnvironment as error:
        places = ", ".join(map(str, error.prefixes))
        return f"is the name of several environments ({places}): give the prefix of one instead"
    except choose.NoSuchEnvironment:
        return ""
    except GoKernelError as error:
        return f"can't be: {_clause(error)}"
    return ""


def _no_spec(spec: str) -> str:
    """Why conda would not understand this; "" where it would, or nobody here can say."""
    try:
        reason = specs.problem(spec)
    except specs.RattlerMissing:
        return ""
    return f"is {schema.shown(spec)}, which names no package as conda does: {reason}" * bool(reason)


def _unsettable(variables: Mapping[str, str], place: Place) -> Iterator[_Fault]:
    for name, value in variables.items():
        if masked(name, value) != value:
            yield (*place, name), "may hold a password or token, and others may read a kernelspec"
        try:
            check_settings({name: value})
        except GoKernelError as error:
            yield (*place, name), f"can't be: {_clause(error)}"


def _clause(error: GoKernelError) -> str:
    return error.summary.rstrip(".")


def _bundle(one: Mapping[str, Any], base: Path, env: Mapping[str, str]) -> Bundle:
    return Bundle(**{**one, "file": _path(one["file"], base, env)})


def _environment(one: Mapping[str, Any], base: Path, env: Mapping[str, str]) -> Environment:
    if "prefix" in one:
        prefix = _path(one["prefix"], base, env)
    else:
        prefix = _existing(one["name"], env) or placement.folder_for_new(env) / one["name"]
    channels = (_channel(channel, base) for channel in one.get("channels", DEFAULT_CHANNELS))
    packages = (_go_spec(one.get("go", "")), *one.get("packages", ()))
    return Environment(one.get("name") or prefix.name, prefix, packages, tuple(channels))


def _existing(name: str, env: Mapping[str, str]) -> Path | None:
    """Where an environment of this name is already; None where there is none."""
    try:
        return choose.environment(name, env, Path("/")).prefix
    except choose.NoSuchEnvironment:
        return None


def _go_spec(version: str) -> str:
    if not version:
        return "go"
    # A plain version stands for its whole series, as `create --go` has it.
    return f"go={version}" if version[0].isdigit() else f"go{version}"


def _channel(channel: str, base: Path) -> str:
    """A channel's name or URL, or the whole path of a folder."""
    return str(base / channel) if channel.startswith(".") else channel


def _go(one: Mapping[str, Any], base: Path, env: Mapping[str, str]) -> Go:
    environment, goroot = one.get("environment", ""), one.get("go", "")
    if environment and choose.is_path(environment):
        environment = str(_path(environment, base, env))
    if goroot and goroot != "embedded":
        goroot = str(_path(goroot, base, env))
    return Go(environment, goroot)


def _kernel(one: Mapping[str, Any], policy: Policy, base: Path, env: Mapping[str, str]) -> Kernel:
    own = {key: value for key, value in one.items() if key not in ("environment", "go")}
    own["settings"] = {**one.get("settings", {}), **policy.variables}
    own["offline"] = policy.offline or one.get("offline", False)
    return Kernel(_go(one, base, env), **own)


def _path(said: str, base: Path, env: Mapping[str, str]) -> Path:
    return Path(os.path.normpath(choose.path_of(said, env, base)))


def _plain(value: Any) -> Any:
    """YAML's own kinds of mappings, lists, texts and truths as Python's."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, ScalarBoolean):  # an anchor's
        return bool(value)
    return str(value) if isinstance(value, str) else value


def _line(content: Any, place: Place) -> int:
    """The line of a place, from 1; of what is around it where YAML doesn't know its own."""
    line = 0
    for part in place:
        marks: Any = getattr(content, "lc", None)
        try:
            line = (marks.item(part) if isinstance(part, int) else marks.key(part))[0] + 1
            content = content[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line
