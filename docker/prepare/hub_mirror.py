"""A Hub on this machine: answers the `datasets` library from a snapshot of one repository, as the real one would."""

import hashlib
import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class HubMirror:
    """Serves one data set repository. `close` ends it."""

    def __init__(self, repo, revision, directory):
        self.repo = repo
        self.revision = revision
        self.directory = directory
        self.paths = sorted(_files_below(directory))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"mirror": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def entry(self, path):
        """What the Hub says about a file, or None."""
        if path not in self.paths:
            return None
        size = os.stat(self.host_path(path)).st_size
        return {"type": "file", "oid": self.oid(path), "size": size, "path": path}

    def host_path(self, path):
        return os.path.join(self.directory, path)

    def oid(self, path):
        # A name that changes with the commit is all that is asked of it.
        return hashlib.sha1(f"{self.revision} {path}".encode()).hexdigest()

    def tree(self, directory, recursive):
        """Entries below a directory, or None when there is none."""
        prefix = f"{directory}/" if directory else ""
        entries = {}
        for path in self.paths:
            if not path.startswith(prefix):
                continue
            names = path[len(prefix) :].split("/")
            for depth in range(1, len(names) if recursive else min(2, len(names))):
                above = prefix + "/".join(names[:depth])
                entries.setdefault(above, {"type": "directory", "oid": "0" * 40, "size": 0, "path": above})
            if recursive or len(names) == 1:
                entries[path] = self.entry(path)
        return list(entries.values()) if entries or not directory else None

    def known(self, path):
        """Entry of a file or a directory, as a list of one or none."""
        if path in self.paths:
            return [self.entry(path)]
        if any(other.startswith(f"{path}/") for other in self.paths):
            return [{"type": "directory", "oid": "0" * 40, "size": 0, "path": path}]
        return []


def _files_below(directory):
    for root, _directories, names in os.walk(directory):
        for name in names:
            yield os.path.relpath(os.path.join(root, name), directory).replace(os.sep, "/")


def _range(match, size):
    first, last = match.groups()
    if first == "":
        return max(0, size - int(last or 0)), size
    return min(int(first), size), min(size, int(last) + 1) if last else size


class _Handler(BaseHTTPRequestHandler):
    mirror = None
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer(send_body=True)

    def do_HEAD(self):
        self._answer(send_body=False)

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8")
        verb, _revision, _rest = self._below("/api/datasets/")
        if verb != "paths-info":
            self._refuse("EntryNotFound", True)
            return
        if "json" in (self.headers.get("Content-Type") or ""):
            paths = json.loads(body).get("paths", [])
        else:
            paths = parse_qs(body).get("paths", [])
        if isinstance(paths, str):
            paths = [paths]
        self._json([entry for path in paths for entry in self.mirror.known(path)], True)

    def log_message(self, *_arguments):
        pass

    def _answer(self, send_body):
        query = parse_qs(urlsplit(self.path).query)
        verb, revision, rest = self._below("/api/datasets/")
        if verb is not None and revision not in ("", "main", "HEAD", self.mirror.revision):
            self._refuse("RevisionNotFound", send_body)
        elif verb in ("", "revision"):
            siblings = [{"rfilename": path} for path in self.mirror.paths]
            facts = {"_id": "0" * 24, "id": self.mirror.repo, "sha": self.mirror.revision, "siblings": siblings}
            flags = {"private": False, "gated": False, "disabled": False, "tags": [], "downloads": 0, "likes": 0}
            self._json({**facts, **flags}, send_body)
        elif verb == "tree":
            entries = self.mirror.tree(rest, query.get("recursive", [""])[0].lower() in ("true", "1"))
            if entries is None:
                self._refuse("EntryNotFound", send_body)
            else:
                self._json(entries, send_body)
        else:
            verb, revision, rest = self._below("/datasets/")
            if verb != "resolve":
                self._refuse("RepoNotFound" if verb is None else "EntryNotFound", send_body)
            elif revision not in ("main", "HEAD", self.mirror.revision):
                self._refuse("RevisionNotFound", send_body)
            else:
                self._file(rest, send_body)

    def _below(self, prefix):
        """Verb, revision and path behind the name of the repository; None as the verb for other addresses."""
        path = unquote(urlsplit(self.path).path)
        start = f"{prefix}{self.mirror.repo}"
        if path != start and not path.startswith(f"{start}/"):
            return None, "", ""
        parts = path[len(start) :].strip("/").split("/", 2)
        return (parts + ["", ""])[:3] if len(parts) < 3 else parts

    def _refuse(self, code, send_body):
        self._json({"error": code}, send_body, 404, {"X-Error-Code": code, "X-Error-Message": code})

    def _json(self, value, send_body, status=200, headers=None):
        body = json.dumps(value).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        if send_body:
            self.wfile.write(body)

    def _file(self, path, send_body):
        entry = self.mirror.entry(path)
        if entry is None:
            self._json({"error": "Entry not found"}, send_body, 404, self._commit({"X-Error-Code": "EntryNotFound"}))
            return
        size = entry["size"]
        match = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")
        start, end = _range(match, size) if match else (0, size)
        headers = self._commit({"ETag": f'"{entry["oid"]}"', "Content-Length": str(end - start)})
        if match:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        self.send_response(206 if match else 200)
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        if send_body:
            self._send(self.mirror.host_path(path), start, end)

    def _send(self, host_path, start, end):
        with open(host_path, "rb") as file:
            file.seek(start)
            while start < end:
                chunk = file.read(min(1 << 20, end - start))
                if not chunk:
                    raise OSError(f"{host_path} became shorter")
                self.wfile.write(chunk)
                start += len(chunk)

    def _commit(self, headers):
        return {"X-Repo-Commit": self.mirror.revision, "Accept-Ranges": "bytes", **headers}
