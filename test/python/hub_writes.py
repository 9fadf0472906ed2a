"""Writes to a Hub with Python's own client, and prints what it found as JSON. usage: hub_writes.py (HF_ENDPOINT, HF_TOKEN, HF_HUB_DISABLE_XET=1)"""

import json
import os
import sys

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

REPO = "ada/plums"
LARGE = bytes(range(256)) * 40
CARD = "---\nlicense: mit\n---\n# Plums\n"


def status(work) -> int:
    try:
        work()
    except HfHubHTTPError as error:
        return error.response.status_code
    return 0


def main() -> None:
    api = HfApi()
    found = {"name": api.whoami()["name"]}
    own = {"repo_id": REPO, "repo_type": "dataset"}
    found["url"] = str(api.create_repo(**own, private=True))
    found["again"] = status(lambda: api.create_repo(**own, private=True))
    api.create_repo(**own, private=True, exist_ok=True)
    found["private"] = api.dataset_info(REPO).private
    first = api.create_commit(
        **own, commit_message="First",
        operations=[
            CommitOperationAdd("README.md", CARD.encode()), CommitOperationAdd("data/0.parquet", LARGE),
            CommitOperationAdd("data/old.csv", b"a\n1\n"), CommitOperationAdd("more/old.csv", b"b\n2\n"),
        ],
    )
    found["head"] = api.dataset_info(REPO).sha == first.oid
    found["stale"] = status(lambda: api.create_commit(
        **own, commit_message="Stale", parent_commit=api.list_repo_commits(**own)[-1].commit_id,
        operations=[CommitOperationAdd("stale.txt", b"x")],
    ))
    api.create_commit(
        **own, commit_message="Second", parent_commit=first.oid,
        operations=[
            CommitOperationAdd("data/1.parquet", LARGE), CommitOperationDelete("data/old.csv"),
            CommitOperationDelete("more/", is_folder=True),
        ],
    )
    found["files"] = api.list_repo_files(**own)
    [info] = api.get_paths_info(**own, paths=["data/0.parquet"])
    found["lfs"] = [info.lfs.sha256, info.lfs.size]
    found["downloaded"] = open(api.hf_hub_download(**own, filename="data/1.parquet"), "rb").read() == LARGE
    api.create_branch(**own, branch="next")
    api.upload_file(**own, path_or_fileobj=b"next", path_in_repo="next.txt", revision="next")
    found["branches"] = sorted(branch.name for branch in api.list_repo_refs(**own).branches)
    found["on_next"] = api.file_exists(**own, filename="next.txt", revision="next")
    found["on_main"] = api.file_exists(**own, filename="next.txt")
    api.delete_branch(**own, branch="next")
    try:
        api.dataset_info(REPO, revision="next")
    except RevisionNotFoundError:
        found["next_gone"] = True
    found["titles"] = [commit.title for commit in api.list_repo_commits(**own)]
    reader = HfApi(token=os.environ["READER"])
    found["read_token"] = status(lambda: reader.upload_file(**own, path_or_fileobj=b"x", path_in_repo="x"))
    found["elsewhere"] = status(lambda: api.create_repo("bob/plums", repo_type="dataset"))
    api.update_repo_settings(**own, private=False)
    found["now_private"] = api.dataset_info(REPO).private
    api.delete_repo(**own)
    try:
        api.dataset_info(REPO)
    except RepositoryNotFoundError:
        found["repo_gone"] = True
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
