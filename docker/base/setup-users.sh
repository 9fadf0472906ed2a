#!/bin/bash
# Runs inside an image or a root filesystem: makes the users and the places that a sandbox relies on.
set -euo pipefail

# MLGym's listings show the group mlgym; a chown to agent:agent must work as well. The first name of a number is shown.
groupadd --gid 61000 mlgym
groupadd --gid 61000 --non-unique agent
useradd --uid 61000 --gid 61000 --create-home --home-dir /home/agent --shell /bin/bash --skel /dev/null agent
groupadd --gid 61001 evaluator
useradd --uid 61001 --gid 61001 --no-create-home --home-dir /nonexistent --shell /bin/bash evaluator

install -d -m 0755 -o agent -g mlgym /home/agent /home/agent/workspace /home/agent/commands
install -d -m 0700 -o root -g root /run/gymsmith
install -d -m 0755 -o root -g root /run/gymsmith-tools /opt/gymsmith /opt/gymsmith/envd /mnt

# No set-user-id program is of use to an agent, and each is a way out.
find / -xdev -type f -perm /6000 -exec chmod ug-s {} +

# Whoever starts a sandbox must not find the build machine in it.
rm -f /etc/machine-id /var/lib/dbus/machine-id /etc/hostname.*
: >/etc/machine-id
