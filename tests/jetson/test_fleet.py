"""What rolls out to many boards speaks of options, files, users and metrics that the program has.

The linters of Ansible and of Kubernetes run where they are installed:
pip install ansible-core ansible-lint kubernetes-validate
"""

import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import catseye
from catseye.commands import BOARD_VERBS, service, verify
from catseye.commands.run.options import run_parser
from catseye.jetson.service.installation import InstalledService
from catseye.jetson.service.unit import CACHE
from catseye.runtime.sinks import check_sink, open_sink
from catseye.runtime.sinks.http import metrics
from catseye.runtime.sources import check_source

sys.path.append(str(Path(__file__).parents[1] / "runtime"))
from camera_loop import about_of, frame_of, report_for, result_for  # noqa: E402

yaml = pytest.importorskip("yaml")

FLEET = Path(catseye.__file__).resolve().parents[1] / "jetson" / "fleet"
ROLE = FLEET / "ansible" / "roles" / "catseye"
CONTAINERS = FLEET.parent / "containers"
TOKEN = "correct-horse-battery-staple"
PLAYBOOKS = ("rollout.yml", "rollback.yml")


def read(path):
    return yaml.safe_load(path.read_text())


def k3s_objects():
    return {
        each["kind"]: each
        for each in yaml.safe_load_all((FLEET / "k3s" / "catseye.yml").read_text())
    }


def pod():
    return k3s_objects()["DaemonSet"]["spec"]["template"]["spec"]


def words_of(task_file, verb):
    """The argv of the task that calls a verb of the program."""
    for task in every_task(read(ROLE / "tasks" / task_file)):
        argv = task.get("ansible.builtin.command", {}).get("argv", [])
        words = task["vars"]["catseye_words"] if task.get("vars", {}).get("catseye_words") else argv
        if verb in words:
            return words
    raise KeyError(verb)


def every_task(tasks):
    for task in tasks:
        yield task
        for part in ("block", "rescue"):
            yield from every_task(task.get(part, []))


def options_in(words):
    text = words if isinstance(words, str) else " ".join(words)
    return set(re.findall(r"--[a-z][a-z-]*", text))


def options_of(parser):
    return {word for action in parser._actions for word in action.option_strings}


@pytest.mark.parametrize(
    ("task_file", "verb", "parser"),
    [
        ("check.yml", "--verify-key", verify._parser()),
        ("main.yml", "install", service._parser()),
        ("health.yml", "status", service._parser()),
        ("restore.yml", "remove", service._parser()),
    ],
)
def test_the_role_calls_the_program_with_options_that_it_has(task_file, verb, parser) -> None:
    found = options_in(words_of(task_file, verb))
    assert found and found <= options_of(parser)


def test_the_words_of_run_are_taken() -> None:
    inventory = read(FLEET / "ansible" / "inventory.example.yml")["catseye"]["vars"]
    for words in (read(ROLE / "defaults" / "main.yml")["catseye_run"], inventory["catseye_run"]):
        args = run_parser().parse_args(words)
        for address in args.source:
            check_source(address)
        for address in args.sink:
            if not address.startswith("env://"):
                check_sink(address)
    assert set(inventory["catseye_secrets"]) == {"CATSEYE_PAGE"}
    assert "env://CATSEYE_PAGE" in inventory["catseye_run"]
    known = set(read(ROLE / "defaults" / "main.yml")) | {"ansible_user"}
    assert set(inventory) <= known


def test_the_role_keeps_the_files_that_an_installation_writes() -> None:
    files = read(ROLE / "vars" / "main.yml")["catseye_files"]
    there = InstalledService("road")
    paths = {
        each["name"]: each["path"]
        .replace("{{ catseye_below }}", "")
        .replace("{{ catseye_name }}", "road")
        for each in files
    }
    assert paths == {
        "program": there.program_path,
        "unit": there.unit_path,
        "secrets": there.secrets_path,
    }
    assert files[1]["name"] == "unit"  # by which restore.yml knows whether there was a service
    assert read(ROLE / "defaults" / "main.yml")["catseye_cache"] == CACHE


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_ansible_understands_each_playbook(playbook, tmp_path) -> None:
    command = shutil.which("ansible-playbook")
    if command is None:
        pytest.skip("no ansible-playbook (pip install ansible-core)")
    answer = subprocess.run(
        [command, "--syntax-check", "-i", "inventory.example.yml", playbook],
        cwd=FLEET / "ansible",
        env=dict(os.environ, ANSIBLE_HOME=str(tmp_path)),
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr


def test_the_manifest_fits_the_schema_of_kubernetes() -> None:
    command = shutil.which("kubernetes-validate")
    if command is None:
        pytest.skip("no kubernetes-validate (pip install kubernetes-validate)")
    answer = subprocess.run(
        [command, "--strict", "--quiet", str(FLEET / "k3s" / "catseye.yml")],
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_pods_run_what_the_image_has() -> None:
    containers = [*pod()["initContainers"], *pod()["containers"]]
    image = {each["image"] for each in containers}.pop()
    dockerfile = (CONTAINERS / ("Dockerfile." + image.rpartition(":")[2])).read_text()
    assert {each["image"] for each in containers} == {image}
    assert "USER %d\n" % pod()["securityContext"]["runAsUser"] in dockerfile
    mounts = {mount["mountPath"] for each in containers for mount in each["volumeMounts"]}
    assert re.search(r"^WORKDIR (\S+)$", dockerfile, re.MULTILINE).group(1) in mounts
    named = {mount["name"] for each in containers for mount in each["volumeMounts"]}
    assert named == {volume["name"] for volume in pod()["volumes"]}
    verbs = [each["args"][0] for each in containers if "args" in each]
    assert verbs == ["doctor", "verify", "run"] and set(verbs) <= set(BOARD_VERBS)
    args = run_parser().parse_args(containers[-1]["args"][1:])
    variables = {each["name"]: each.get("value", "") for each in containers[-1]["env"]}
    check_source(args.source[0])
    check_sink(variables[args.sink[0][len("env://") :]].replace("$(CATSEYE_TOKEN)", "a" * 24))


def test_no_pod_has_rights_that_it_does_not_need() -> None:
    assert pod()["automountServiceAccountToken"] is False
    for each in [*pod()["initContainers"], *pod()["containers"]]:
        rights = each["securityContext"]
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"]["drop"] == ["ALL"] and not rights.get("privileged")


class Altered(BaseHTTPRequestHandler):
    """Serves what a page might have said."""

    text = ""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def probe(tmp_path):
    """Asks the manifest's probe about the page at a port: its exit code."""
    script = tmp_path / "healthy.py"
    script.write_text(k3s_objects()["ConfigMap"]["data"]["healthy.py"])

    def ask(port, token=TOKEN):
        environment = dict(os.environ, CATSEYE_PORT=str(port), CATSEYE_TOKEN=token)
        command = [sys.executable, "-S", str(script)]
        return subprocess.run(command, env=environment, capture_output=True).returncode

    return ask


def test_a_pod_is_well_while_results_come(probe, tmp_path) -> None:
    sink = open_sink("http://127.0.0.1:0?token=%s&record=%s" % (TOKEN, tmp_path), 25.0)
    port = int(sink.url.split(":")[2].split("/")[0])
    try:
        sink.begin(about_of())
        assert probe(port) == 1  # nothing yet
        frame = frame_of()
        sink.write(frame, result_for(frame), report_for(frame, result_for(frame)))
        assert probe(port) == 0 and probe(port, "another-token-of-its-length") == 1
        page = urllib.request.Request("http://127.0.0.1:%d/metrics" % port)
        page.add_header("Authorization", "Bearer " + TOKEN)
        text = urllib.request.urlopen(page, timeout=10).read().decode()
    finally:
        sink.close()
    assert probe(port) == 1  # no page
    server = HTTPServer(("127.0.0.1", 0), Altered)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for pattern, value, code in (
            (r"(?m)^(catseye_quiet_seconds) .*$", r"\1 29", 0),
            (r"(?m)^(catseye_quiet_seconds) .*$", r"\1 31", 1),
            (r'(?m)^(catseye_state{state="blind"}) 0$', r"\1 1", 1),
        ):
            Altered.text, changes = re.subn(pattern, value, text)
            assert changes == 1 and probe(server.server_port) == code
    finally:
        server.shutdown()
        server.server_close()


def test_every_metric_that_prometheus_is_asked_for_is_there() -> None:
    named = set()
    for path in (FLEET / "prometheus").glob("*.yml"):
        read(path)
        text = path.read_text()
        named |= set(re.findall(r"catseye_([a-z_]+)", text))
        for group in re.findall(r"catseye_\(([a-z_|]+)\)", text):
            named |= set(group.split("|"))
    tasks = (ROLE / "tasks" / "health.yml").read_text()
    named |= set(re.findall(r"\^catseye_([a-z_]+)", tasks))
    named |= set(re.findall(r"catseye_([a-z_]+)", k3s_objects()["ConfigMap"]["data"]["healthy.py"]))
    source = Path(metrics.__file__).read_text()
    known = set(re.findall(r'"([a-z_]+)",\s+"(?:counter|gauge|summary)"', source))
    known |= {"power_watts", "temperature_celsius", "age_seconds"}
    assert {"state", "results_total", "age_seconds"} <= named <= known


def test_federation_takes_what_the_sites_scrape() -> None:
    site, central = (read(FLEET / "prometheus" / name) for name in ("site.yml", "central.yml"))
    matches = " ".join(central["scrape_configs"][0]["params"]["match[]"])
    assert central["scrape_configs"][0]["honor_labels"] is True
    assert all(each["job_name"].startswith("catseye") for each in site["scrape_configs"])
    assert 'job=~"catseye.*"' in matches and "site" in site["global"]["external_labels"]
    assert all("credentials_file" in each["authorization"] for each in site["scrape_configs"])


KUBECTL = """#!/bin/sh
echo "$*" >> calls
case "$*" in
*"rollout undo"*) touch undone ;;
*"rollout status"*) test -e well || test -e undone ;;
esac
"""


@pytest.mark.parametrize("well", [True, False])
def test_an_image_that_is_not_well_is_taken_back(tmp_path, well) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    if well:
        (tmp_path / "well").touch()
    answer = subprocess.run(
        [str(FLEET / "k3s" / "rollout.sh"), "registry/catseye:r39-v2", "r39"],
        cwd=tmp_path,
        env=dict(os.environ, PATH="%s:%s" % (tmp_path, os.environ["PATH"])),
        capture_output=True,
        text=True,
    )
    assert answer.returncode == (0 if well else 1), answer.stderr
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[0] == "-n catseye set image daemonset/catseye-r39 *=registry/catseye:r39-v2"
    undo = "-n catseye rollout undo daemonset/catseye-r39"
    assert (undo in calls) is not well
