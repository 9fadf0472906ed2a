"""Agent steps of MLGym's own environment and agent, from a user's checkout, with replies that cost no time.
Prints one JSON object: milliseconds of every step, in order.

Usage: mlgym_agent_steps.py CHECKOUT IMAGE TASK REPLIES.json
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path


def main(checkout: str, image: str, task: str, replies_path: str) -> None:
    replies = json.loads(Path(replies_path).read_text())
    # Its paths are relative to the checkout.
    os.chdir(checkout)
    sys.path.insert(0, checkout)
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from mlgym.agent.base import AgentArguments, BaseAgent
    from mlgym.backend.base import ModelArguments
    from mlgym.environment.env import EnvironmentArguments, MLGymEnv

    arguments = EnvironmentArguments(
        image_name=image,
        max_steps=len(replies) + 1,
        task_config_path=f"tasks/{task}.yaml",
        aliases_file="dockerfiles/aliases.sh",
    )
    env = MLGymEnv(arguments, ["cpu"])
    try:
        env.reset()
        with tempfile.TemporaryDirectory() as directory:
            replay = Path(directory) / "replay.jsonl"
            replay.write_text(json.dumps({env.task_args.id: replies}) + "\n")
            model = ModelArguments(model_name="replay", replay_path=str(replay))
            agent = BaseAgent("primary_0", AgentArguments(model=model, agent_config_path="configs/agents/default.yaml"))
            times = []
            save = agent.save_trajectory
            started = time.perf_counter()

            def saved() -> None:
                nonlocal started
                save()
                now = time.perf_counter()
                times.append((now - started) * 1000)
                started = now

            # Saving is the last thing of a round.
            agent.save_trajectory = saved
            agent.run(env, None, traj_dir=Path(directory))
    finally:
        env.close()
    # The first holds the set-up of the tools.
    print(json.dumps(times[1:]))


main(*sys.argv[1:])
