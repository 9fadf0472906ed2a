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
    spans, at, labels = row["loss_spans"], 0, []
    for token, (left, right) in zip(tokens["input_ids"], tokens["offset_mapping"]):
        while at < len(spans) and left >= spans[at][1]:
            at += 1
        is_learnt = at < len(spans) and spans[at][0] <= left and right <= spans[at][1]
        labels.append(token if is_learnt else -100)
    return {"input_ids": tokens["input_ids"], "labels": labels}`;
