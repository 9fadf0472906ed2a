"""Renders chats with the official template of Qwen3 and says where another text was expected.

usage: render_chats.py <file.jsonl>, each line with messages, tools, prompt (null, or an object with thinking) and text.
Tools and arguments are JSON text: tools are read into objects, arguments are handed over as they are and, where they are objects, once
more as such.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast


def as_object(arguments: str):
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def with_objects(messages: list) -> list:
    return [
        {**message, "tool_calls": [
            {"type": "function", "function": {**call, "arguments": as_object(call["arguments"])}}
            for call in message["tool_calls"]
        ]} if "tool_calls" in message else message
        for message in messages
    ]


def main(file: Path) -> None:
    template = Path(find_spec("trl").submodule_search_locations[0], "chat_templates", "qwen3.jinja").read_text()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()))
    chats = 0
    for line in file.open(encoding="utf-8"):
        chat = json.loads(line)
        prompt = chat["prompt"]
        options = {} if prompt is None or "thinking" not in prompt else {"enable_thinking": prompt["thinking"]}
        tools = [json.loads(tool) for tool in chat["tools"]]
        for messages in (chat["messages"], with_objects(chat["messages"])):
            text = tokenizer.apply_chat_template(
                messages, tools=tools or None, chat_template=template, tokenize=False,
                add_generation_prompt=prompt is not None, **options,
            )
            if text != chat["text"]:
                sys.exit(f"{json.dumps(chat, indent=1)}\nis not\n{json.dumps(text)}")
        chats += 1
    print(chats)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
