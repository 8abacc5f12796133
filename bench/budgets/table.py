"""The budgets, in the order in which they are measured and shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.budgets import (
    added_by_provisioner,
    cells,
    discovery,
    health,
    hooks,
    hub,
    hub_users,
    imports,
    interrupt,
    kernel_ready,
    offline_create,
    offline_import,
    scan,
    variables,
    waiting_client,
)
from bench.result import Result
from bench.world import World


@dataclass(frozen=True)
class Budget:
    """One budget: what it is called, what it says, and how it is measured."""

    name: str
    title: str
    measure: Callable[[World, int], Awaitable[Result]]


BUDGETS = (
    Budget(added_by_provisioner.NAME, added_by_provisioner.TITLE, added_by_provisioner.measure),
    Budget(kernel_ready.PUBLISHED, kernel_ready.PUBLISHED_TITLE, kernel_ready.against_published),
    Budget(kernel_ready.GONB, kernel_ready.GONB_TITLE, kernel_ready.against_gonb),
    Budget(
        waiting_client.IPYKERNEL, waiting_client.IPYKERNEL_TITLE, waiting_client.against_ipykernel
    ),
    Budget(waiting_client.RUNNER, waiting_client.RUNNER_TITLE, waiting_client.against_runner),
    Budget(variables.NAME, variables.TITLE, variables.measure),
    Budget(hooks.NAME, hooks.TITLE, hooks.measure),
    Budget(discovery.NAME, discovery.TITLE, discovery.measure),
    Budget(imports.NAME, imports.TITLE, imports.measure),
    Budget(offline_import.NAME, offline_import.TITLE, offline_import.measure),
    Budget(interrupt.NAME, interrupt.TITLE, interrupt.measure),
    Budget(cells.NAME, cells.TITLE, cells.measure),
    Budget(health.NAME, health.TITLE, health.measure),
    Budget(hub.NAME, hub.TITLE, hub.measure),
    Budget(offline_create.NAME, offline_create.TITLE, offline_create.measure),
    Budget(scan.NAME, scan.TITLE, scan.measure),
    Budget(hub_users.NAME, hub_users.TITLE, hub_users.measure),
)
