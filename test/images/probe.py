"""Prints as JSON what a sandbox relies on in its image. Runs as root inside the image or the root filesystem."""

import glob
import grp
import json
import os
import pwd
import shutil
import stat
import subprocess
import sys

PLACES = [
    '/home/agent', '/home/agent/workspace', '/home/agent/commands',
    '/run/gymsmith', '/run/gymsmith-tools', '/opt/gymsmith/envd', '/mnt', '/tmp',
]
LIBRARIES = ['numpy', 'pandas', 'scipy', 'sklearn', 'joblib', 'tqdm', 'flake8']
SAMPLES = [
    '/usr/lib/python3*/dist-packages/sklearn/datasets/data/*.csv*',
    '/usr/lib/python3*/dist-packages/scipy/misc/*.dat',
    '/usr/lib/python3*/dist-packages/**/*.arff*',
    '/usr/share/doc/**/NEWS*',
    '/usr/share/doc/**/changelog*',
]
PROGRAMS = ['bash', 'python', 'python3', 'pip', 'git', 'file', 'grep', 'ps', 'less', 'jq', 'gcc', 'sudo']


def place(path):
    found = os.lstat(path)
    return [stat.filemode(found.st_mode), found.st_uid, found.st_gid]


def privileged():
    root = os.lstat('/').st_dev
    for directory, subdirectories, files in os.walk('/'):
        subdirectories[:] = [d for d in subdirectories if os.lstat(os.path.join(directory, d)).st_dev == root]
        for name in files:
            mode = os.lstat(os.path.join(directory, name)).st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                yield os.path.join(directory, name)


agent, evaluator = pwd.getpwnam('agent'), pwd.getpwnam('evaluator')
for library in LIBRARIES:
    __import__(library)
with open('/etc/gymsmith-release') as release:
    stamp = json.load(release)
packages = subprocess.run(['dpkg-query', '-W'], capture_output=True, text=True, check=True).stdout.split('\n')
json.dump({
    'release': stamp,
    'agent': [agent.pw_uid, agent.pw_gid, agent.pw_dir, agent.pw_shell],
    'evaluator': [evaluator.pw_uid, evaluator.pw_gid, evaluator.pw_shell],
    'groups': {name: grp.getgrnam(name).gr_gid for name in ('agent', 'mlgym', 'evaluator')},
    'group_shown': grp.getgrgid(61000).gr_name,
    'places': {path: place(path) for path in PLACES},
    'programs': {name: shutil.which(name) is not None for name in PROGRAMS},
    'python': list(sys.version_info[:2]),
    'privileged': list(privileged()),
    'samples': [path for pattern in SAMPLES for path in glob.glob(pattern, recursive=True)
                if os.path.isfile(path)],
    'packages': [line for line in packages if line],
}, sys.stdout)
