"""Plays a recorded solution with an unmodified OpenEnv client: solve.py URL SOLUTION. Prints the last result as JSON."""

import asyncio
import json
import sys

from openenv.core.generic_client import GenericEnvClient

url, solution = sys.argv[1:]
with open(solution, encoding="utf-8") as file:
    recorded = json.load(file)


async def main():
    rewards = []
    async with GenericEnvClient(base_url=url) as client:
        result = await client.reset(task=recorded["task"], seed=1)
        for action in recorded["actions"]:
            result = await client.step({"command": action})
            while result.observation["running"]:
                result = await client.step({"type": "wait"})
            rewards.append(result.reward)
        state = await client.state()
    last = {"reward": result.reward, "done": result.done, "text": result.observation["text"]}
    print(json.dumps({**last, "rewards": rewards, "info": result.observation["info"], "state": state}))


asyncio.run(main())
