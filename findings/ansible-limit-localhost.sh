#!/usr/bin/env bash
# ansible-core 2.19.4: `--limit` takes the implicit localhost away too. A play for the workstation before that for the
# machines, such as one that checks what is to be copied, ends in "skipping: no hosts matched", and the exit code is 0:
#
#     ansible-playbook play.yml                 checked, copied    exit 0
#     ansible-playbook play.yml --limit board   copied             exit 0
#
# What must not be left out belongs into the machines' own play: delegate_to: localhost.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv v && v/bin/pip install -q ansible-core==2.19.4
export ANSIBLE_HOME=$work/home ANSIBLE_NOCOLOR=1

cat > hosts.yml <<'YAML'
boards: {hosts: {board: {ansible_connection: local, ansible_python_interpreter: '{{ ansible_playbook_python }}'}}}
YAML
cat > play.yml <<'YAML'
- {name: Check, hosts: localhost, gather_facts: false, tasks: [{name: check, ansible.builtin.command: touch checked}]}
- {name: Copy, hosts: boards, gather_facts: false, tasks: [{name: copy, ansible.builtin.command: touch copied}]}
YAML
v/bin/ansible-playbook -i hosts.yml play.yml > all.txt
test -e checked && test -e copied && rm checked copied
v/bin/ansible-playbook -i hosts.yml play.yml --limit board > limited.txt
grep -A2 'PLAY \[Check\]' limited.txt
test -e copied && ! test -e checked && echo "seen: the check was left out, exit code 0"
