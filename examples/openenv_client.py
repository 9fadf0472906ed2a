"""Plays an episode with the OpenEnv client from the package index, as it is.

    gymsmith serve
    pip install openenv-core
    python examples/openenv_client.py [address]

A token, if the server has one, stands in the address: http://user:TOKEN@host:port
"""

import asyncio
import sys

from openenv.core import GenericEnvClient

ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8765"
MODEL = """
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
train, test = pd.read_csv('data/train.csv'), pd.read_csv('data/test.csv')
features = [name for name in test.columns if name != 'id']
model = HistGradientBoostingClassifier(random_state=0).fit(train[features], train['malignant'])
test['malignant'] = model.predict(test[features])
test[['id', 'malignant']].to_csv('submission.csv', index=False)
"""


async def main() -> None:
    async with GenericEnvClient(base_url=ADDRESS) as env:
        result = await env.reset(task="reference/breast-cancer", seed=1)
        assert not result.done
        result = await env.step({"command": "python baseline.py"})
        result = await env.step({"command": "validate"})
        print("baseline:", result.reward)
        result = await env.step({"command": f"cat > model.py <<'END'\n{MODEL}\nEND\npython model.py"})
        result = await env.step({"command": "submit"})
        print("achieved:", result.reward)
        assert result.done and result.reward > 0, result
        state = await env.state()
        assert state["step_count"] == 4, state
    print("ok")


asyncio.run(main())
