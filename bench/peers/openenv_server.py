"""OpenEnv's own Python server over a trivial environment: what `bench/echo-v1` is compared with.

Usage: openenv_server.py PORT
"""

import sys
from typing import Any, Optional

import uvicorn
from openenv.core.env_server.http_server import create_fastapi_app
from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.types import Action, Observation, State


class EchoAction(Action):
    command: str


class EchoObservation(Observation):
    text: str = ""
    step: int = 0


class EchoEnvironment(Environment):
    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self) -> None:
        super().__init__()
        self._steps = 0

    def reset(self, seed: Optional[int] = None, episode_id: Optional[str] = None, **kwargs: Any) -> EchoObservation:
        self._steps = 0
        return EchoObservation(text="ready", reward=None, done=False)

    def step(self, action: EchoAction, timeout_s: Optional[float] = None, **kwargs: Any) -> EchoObservation:
        self._steps += 1
        return EchoObservation(text=action.command, step=self._steps, reward=0.0, done=False)

    @property
    def state(self) -> State:
        return State(episode_id="bench", step_count=self._steps)


app = create_fastapi_app(EchoEnvironment, EchoAction, EchoObservation, max_concurrent_envs=2048)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
