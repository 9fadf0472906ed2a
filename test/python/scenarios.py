"""Plays scenes with an unmodified OpenEnv client and prints what it saw, as one JSON object.

Run with the client's directory in PYTHONPATH: scenarios.py '{"plain": url, "guarded": url, "full": url, "token": "..."}'
"""

import asyncio
import json
import sys
import traceback

import requests
from openenv.core.generic_client import GenericEnvClient
from openenv.core.mcp_client import MCPToolClient

SERVERS = json.loads(sys.argv[1])


def brief(result):
    observation = result.observation
    return {
        "text": observation.get("text"),
        "running": observation.get("running"),
        "step": observation.get("step"),
        "reward": result.reward,
        "done": result.done,
    }


async def play(client):
    seen = [brief(await client.reset(seed=2**64 - 1, row=float("nan"), prompt=[{"role": "user"}]))]
    for action in ({"command": "hello"}, {"command": "größe 😀"}, {"type": "submit"}):
        seen.append(brief(await client.step(action)))
    return seen


async def asynchronous():
    async with GenericEnvClient(base_url=SERVERS["plain"]) as client:
        return await play(client)


def synchronous():
    with GenericEnvClient(base_url=SERVERS["plain"]).sync() as client:
        seen = [brief(client.reset())]
        seen.append(brief(client.step({"command": "hello"})))
        seen.append(client.state()["step_count"])
        seen.append(brief(client.step({"command": "submit"})))
        return seen


async def by_path():
    async with GenericEnvClient(base_url=SERVERS["plain"] + "/env/bench/other/") as client:
        return (await client.reset()).observation["info"]["task"]


async def error_then_on():
    async with GenericEnvClient(base_url=SERVERS["plain"]) as client:
        seen = []
        for attempt in (
            lambda: client.step({"command": "too early"}),
            lambda: client.reset(task="bench/none"),
            lambda: client.reset(),
            lambda: client.step({"nonsense": 1}),
            lambda: client.step({"command": "fine"}),
        ):
            try:
                seen.append((await attempt()).observation["text"])
            except RuntimeError as error:
                seen.append(str(error))
        return seen


async def slow_step():
    """The reply to each message is the reply to that message, however long a step takes."""
    async with GenericEnvClient(base_url=SERVERS["plain"], message_timeout_s=10) as client:
        await client.reset(step_deadline_s=0.1)
        seen = [brief(await client.step({"command": "sleep 0.5"}))]
        while seen[-1]["running"]:
            seen.append(brief(await client.step({"type": "wait"})))
        seen.append(brief(await client.step({"command": "next"})))
        return [seen[0], *seen[-2:]]


async def many_at_once():
    async def one(index):
        async with GenericEnvClient(base_url=SERVERS["plain"]) as client:
            await client.reset()
            texts = [(await client.step({"command": f"{index} {turn}"})).observation["text"] for turn in range(5)]
            return texts == [f"{index} {turn}" for turn in range(5)]

    return all(await asyncio.gather(*(one(index) for index in range(32))))


async def large():
    async with GenericEnvClient(base_url=SERVERS["plain"]) as client:
        await client.reset()
        text = "x" * (7 * 2**20)
        return (await client.step({"command": text})).observation["text"] == text


async def full():
    async with GenericEnvClient(base_url=SERVERS["full"]) as first:
        await first.reset()
        async with GenericEnvClient(base_url=SERVERS["full"]) as second:
            try:
                await second.reset()
            except RuntimeError as error:
                return str(error)


async def guarded():
    address = SERVERS["guarded"].replace("//", f"//any:{SERVERS['token']}@")
    async with GenericEnvClient(base_url=address) as client:
        seen = [brief(await client.reset())["text"]]
    try:
        async with GenericEnvClient(base_url=SERVERS["guarded"]) as client:
            await client.reset()
    except Exception as error:
        seen.append("401" in str(error))
    return seen


async def resumed():
    first = GenericEnvClient(base_url=SERVERS["plain"])
    await first.connect()
    await first.reset(episode_id="resumed")
    await first.step({"command": "one"})
    first._ws.transport.abort()
    async with GenericEnvClient(base_url=SERVERS["plain"]) as second:
        seen = [brief(await second.reset(episode_id="resumed", resume=True))]
        seen.append(brief(await second.step({"command": "submit"})))
        return seen


async def tools():
    async with MCPToolClient(base_url=SERVERS["plain"] + "/env/bench/echo") as client:
        names = [tool.name for tool in await client.list_tools()]
        await client.reset()
        return {"names": names, "result": await client.call_tool("bash", command="ls")}


def http():
    base = SERVERS["plain"] + "/env/bench/echo"
    reset = requests.post(base + "/reset", json={"seed": 1}, timeout=10)
    step = requests.post(base + "/step", json={"action": {"command": "x"}}, timeout=10)
    return [reset.status_code, reset.json()["done"], step.json()["observation"]["text"]]


SCENES = [
    asynchronous,
    synchronous,
    by_path,
    error_then_on,
    slow_step,
    many_at_once,
    large,
    full,
    guarded,
    resumed,
    tools,
    http,
]


def main():
    seen = {}
    for scene in SCENES:
        try:
            seen[scene.__name__] = asyncio.run(scene()) if asyncio.iscoroutinefunction(scene) else scene()
        except Exception:
            seen[scene.__name__] = {"failed": traceback.format_exc()}
    print(json.dumps(seen))


main()
