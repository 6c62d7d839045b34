"""An agent from a folder that `Agent.save` wrote."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from pathlib import Path

from ...stored import config_of, read_model, unfit
from .base import Agent, Training

AGENTS = {
    "BehaviourCloning": "cloning",
    "DiscreteBcq": "bcq",
    "DiscreteCql": "cql",
    "Dqn": "dqn",
    "FittedQ": "fitted_q",
    "TabularPolicyIteration": "tabular",
}
"""Each agent and its module."""


def load_agent(folder: str | Path) -> Agent:
    """Load an agent that `Agent.save` wrote.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    Agent
        Of the class that was saved; it chooses as it did then.

    Raises
    ------
    SourceError
        No such folder, a file missing, cut off, changed or of another version.  Nothing in the
        folder is ever run.
    """
    name, told, arrays = read_model(folder, "agent", AGENTS)
    try:
        agent = agent_class(name)()
        agent.config = config_of(type(agent.config), told["config"])
        stored = {one.name: told["trained"][one.name] for one in fields(Training)}
        lists = {key: tuple(value) for key, value in stored.items() if isinstance(value, list)}
        agent.trained_ = Training(**(stored | lists))
        agent.restore(arrays)
    except (KeyError, TypeError, ValueError, RuntimeError, IndexError) as error:
        raise unfit(folder, error) from error
    return agent


def agent_class(name: str) -> type[Agent]:
    """Return the class of that name."""
    return getattr(import_module(f".{AGENTS[name]}", __package__), name)
