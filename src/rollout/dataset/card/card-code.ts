/** How rows are read. */
export const LOADING = `from datasets import load_dataset

data = load_dataset("path/to/this/directory")  # or its name on the Hub
row = data["train"][0]
print(row["task"], row["tokens"], "tokens")
for message in row["messages"][-2:]:
    print(message["role"], message["content"][:200])`;

/** How rows become what a trainer takes: loss on the spans alone. */
export const MASKING = `def encode(row, tokenizer):
    """Token ids, and labels that are -100 wherever the model is not to learn."""
    tokens = tokenizer(row["text"], add_special_tokens=False, return_offsets_mapping=True)
    labels = [-100] * len(tokens["input_ids"])
    spans = iter(row["loss_spans"])
    begin, end = next(spans, (0, 0))
    for at, (left, right) in enumerate(tokens["offset_mapping"]):
        while left >= end > 0:
            begin, end = next(spans, (0, 0))
        if begin <= left and right <= end:
            labels[at] = tokens["input_ids"][at]
    return {"input_ids": tokens["input_ids"], "labels": labels}`;
