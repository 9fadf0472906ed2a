"""Step latency of SWE-ReX's own local runtime, as its users run it. Prints one JSON object.

Usage: swerex_latency.py COUNT DIRECTORY
"""

import asyncio
import json
import sys
import time

from swerex.runtime.abstract import BashAction, CreateBashSessionRequest
from swerex.runtime.local import LocalRuntime


def latency(samples: list[float]) -> dict[str, float]:
    samples = sorted(samples)
    return {"count": len(samples), "p50": samples[len(samples) // 2], "p99": samples[int(0.99 * len(samples))]}


async def main(count: int, directory: str) -> None:
    runtime = LocalRuntime()
    await runtime.create_session(CreateBashSessionRequest())
    await runtime.run_in_session(BashAction(command=f"cd {directory}"))
    results = {}
    for name, command in {"true": "true", "ls": "ls", "open": "cat -n train.py"}.items():
        samples = []
        for index in range(count + 3):
            started = time.perf_counter()
            await runtime.run_in_session(BashAction(command=command, check="silent"))
            if index >= 3:
                samples.append((time.perf_counter() - started) * 1000)
        results[name] = latency(samples)
    started = time.perf_counter()
    await runtime.run_in_session(BashAction(command="head -c 1000000 /dev/zero | tr '\\0' x | fold -w 100", check="silent"))
    results["1 MB of output"] = (time.perf_counter() - started) * 1000
    await runtime.close()
    print(json.dumps(results))


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
