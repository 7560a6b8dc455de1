"""The compose file: accepted by Compose itself, and everything that it names exists and is accepted where it goes."""

import json
import os
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import typer
from temporalio.envconfig import ClientConfig

from cli.main import add
from cli.main import app as command_line
from settings import Settings
from tests.deploy.accepted_variables import POSTGRES, SQL_TOOL, UI
from tests.deploy.conftest import COMPOSE_FILE, PASSWORDS, Document, compose_config, seconds, temporal_program
from tests.deploy.image import TOP

OURS = ("setup", "worker", "portal")
JOBS = ("temporal-schema", "temporal-namespace", "setup")
# What only prints and ends, or waits for nobody, needs no restart policy.
TOOLS = ("temporal-tools",)


def environment(service: Document) -> dict[str, str]:
    found: dict[str, str] = service.get("environment") or {}
    return found


# ---------------------------------------------------------------- its shape


def test_compose_accepts_the_file() -> None:
    read = compose_config("--quiet")
    assert read.returncode == 0, read.stderr
    assert not read.stderr, "Compose has something to say"


@pytest.mark.parametrize("name", PASSWORDS)
@pytest.mark.parametrize("value", [None, ""])
def test_compose_refuses_to_start_without_a_password(name: str, value: str | None) -> None:
    others = {each: word for each, word in PASSWORDS.items() if each != name}
    read = compose_config("--quiet", passwords=others if value is None else {**others, name: value})
    assert read.returncode != 0
    assert f"set {name}" in read.stderr


def test_the_file_has_the_shape_that_the_specification_asks_for() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE_FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("condition: service_completed_successfully", "condition: service_completed"),
        ("stop_grace_period: 75s", "stop_grace_period: 75 secs"),
        ("networks: [databases, processes]", "networks: [databases, procesess]"),
        ("  backups: {}", "  backup: {}"),
    ],
)
def test_compose_would_notice(right: str, wrong: str, tmp_path: Path) -> None:
    text = COMPOSE_FILE.read_text()
    assert right in text
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(text.replace(right, wrong, 1))
    assert compose_config("--quiet", file=broken).returncode != 0


def test_every_variable_is_in_the_example_of_an_env_file() -> None:
    raw = COMPOSE_FILE.read_text()
    used = set(re.findall(r"\$\{([A-Z_]+)", raw))
    lines = (TOP / "deploy/.env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(example) == used
    assert {name for name, value in example.items() if not value and name in PASSWORDS} == set(PASSWORDS)
    # A default that stands in both places is the same in both.
    for name, default in re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", raw):
        assert example[name] == default


# ---------------------------------------------------------------- images, ports, files


def test_images_are_pinned(services: dict[str, Document]) -> None:
    for name, service in services.items():
        tag = service["image"].partition(":")[2]
        assert re.fullmatch(r"v?\d+\.\d+(\.\d+)?(-\w+)?", tag), f"{name}: {service['image']} may change under us"


def test_our_image_has_the_version_of_the_project(services: dict[str, Document]) -> None:
    version = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["version"]
    for name in OURS:
        assert services[name]["image"] == f"partnerflow:{version}"
        assert Path(services[name]["build"]["context"]) == TOP


def test_the_images_have_the_versions_that_the_tests_run(services: dict[str, Document]) -> None:
    says = subprocess.run([temporal_program(), "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Server ([\d.]+), UI ([\d.]+)", says)
    assert found is not None, says
    server, ui = found.groups()
    assert services["temporal"]["image"] == f"temporalio/server:{server}"
    assert services["temporal-ui"]["image"] == f"temporalio/ui:{ui}"
    for name in ("temporal-schema", "temporal-namespace", "temporal-tools"):
        assert services[name]["image"] == f"temporalio/admin-tools:{server}", "tools and server are of one version"


def test_ports_are_open_to_this_machine_only(services: dict[str, Document]) -> None:
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert set(published) == {"temporal-ui", "portal", "mailpit"}
    assert all(port.get("host_ip") == "127.0.0.1" for ports in published.values() for port in ports)


def test_only_who_needs_it_reaches_temporal_and_the_databases(stack: Document, services: dict[str, Document]) -> None:
    def inside(network: str) -> set[str]:
        return {name for name, service in services.items() if network in service["networks"]}

    assert inside("databases") == {"postgres", "temporal-schema", "temporal", *OURS}
    assert inside("processes") == {"temporal", "temporal-namespace", "temporal-tools", "temporal-ui", *OURS}
    assert stack["networks"]["databases"]["internal"]
    assert stack["networks"]["processes"]["internal"]


def test_every_mounted_file_exists(services: dict[str, Document]) -> None:
    bound = [mount for service in services.values() for mount in service.get("volumes", []) if mount["type"] == "bind"]
    assert bound
    for mount in bound:
        assert Path(mount["source"]).exists(), mount["source"]
        assert mount.get("read_only"), f"{mount['source']} can be changed from inside"


def test_every_script_that_is_run_is_mounted_and_executable(services: dict[str, Document]) -> None:
    for script in (TOP / "deploy").rglob("*.sh"):
        assert os.access(script, os.X_OK), script
        assert subprocess.run(["sh", "-n", script], check=False).returncode == 0, script
    for name in ("temporal-schema", "temporal-namespace"):
        shell, script = services[name]["entrypoint"]
        assert shell == "/bin/sh"
        assert _on_host(services[name], script).is_file()


def _on_host(service: Document, inside: str) -> Path:
    for mount in service.get("volumes", []):
        if mount["type"] == "bind" and (inside == mount["target"] or inside.startswith(f"{mount['target']}/")):
            return Path(mount["source"] + inside.removeprefix(mount["target"]))
    raise AssertionError(f"nothing is mounted at {inside}")


def test_the_database_keeps_its_data_where_its_image_puts_them(services: dict[str, Document]) -> None:
    image, mounts = services["postgres"]["image"], services["postgres"]["volumes"]
    assert int(image.partition(":")[2].split(".")[0]) >= 18, "before 18 the volume was /var/lib/postgresql/data"
    assert "/var/lib/postgresql" in {mount["target"] for mount in mounts if mount["type"] == "volume"}


# ---------------------------------------------------------------- order and ends


def test_everything_waits_for_what_it_needs(services: dict[str, Document]) -> None:
    order = list(
        TopologicalSorter({name: service.get("depends_on", {}) for name, service in services.items()}).static_order()
    )
    chain = ["postgres", "temporal-schema", "temporal", "temporal-namespace", "setup"]
    assert sorted(chain, key=order.index) == chain
    for name in ("worker", "portal"):
        assert services[name]["depends_on"]["setup"]["condition"] == "service_completed_successfully"


def test_conditions_are_of_the_kind_that_can_come_true(services: dict[str, Document]) -> None:
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if needed in JOBS else "service_healthy"
            assert how["condition"] == expected, f"{name} waits for {needed}"
            assert needed in JOBS or services[needed].get("healthcheck"), f"{needed} never becomes healthy"


def test_jobs_run_once_and_the_rest_is_started_again(services: dict[str, Document]) -> None:
    for name, service in services.items():
        if name not in TOOLS:
            assert service["restart"] == ("no" if name in JOBS else "unless-stopped"), name


def test_what_prints_for_months_does_not_fill_the_disk(services: dict[str, Document]) -> None:
    for name, service in services.items():
        if service.get("restart") == "unless-stopped":
            assert service["logging"]["options"].keys() >= {"max-size", "max-file"}, name


@pytest.mark.parametrize("name", ["worker", "portal"])
def test_docker_waits_longer_than_the_program_needs_to_stop(name: str, services: dict[str, Document]) -> None:
    grace = int(environment(services[name])["PARTNERFLOW_GRACE_SECONDS"])
    assert seconds(services[name]["stop_grace_period"]) >= grace + 15


def test_our_containers_can_do_nothing_but_their_work(services: dict[str, Document]) -> None:
    for name in OURS:
        service = services[name]
        assert service["read_only"], name
        assert service["init"], name
        assert service["tmpfs"] == ["/tmp"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name


# ---------------------------------------------------------------- what is said to the programs


@pytest.mark.parametrize("name", OURS)
def test_our_commands_exist(name: str, services: dict[str, Document]) -> None:
    commands = [services[name]["command"]]
    if name not in JOBS:
        kind, program, *check = services[name]["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "partnerflow")
        commands.append(check)
    for command in commands:
        add([command[0]])
        found = typer.main.get_command(command_line)
        # Parsing checks names and options; nothing is run.
        context = found.make_context("partnerflow", list(command), resilient_parsing=False)
        subcommand = found.get_command(context, command[0])  # type: ignore[attr-defined]
        assert subcommand is not None
        subcommand.make_context(command[0], list(command[1:]), parent=context)


def test_our_settings_exist_and_are_valid(services: dict[str, Document], monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [each for each in os.environ if each.startswith("PARTNERFLOW_")]:
        monkeypatch.delenv(variable)
    for name, service in services.items():
        ours = {each: value for each, value in environment(service).items() if each.startswith("PARTNERFLOW_")}
        assert bool(ours) == (name in OURS)
        fields = {each.removeprefix("PARTNERFLOW_").lower() for each in ours}
        assert fields <= set(Settings.model_fields), f"{name}: {sorted(fields - set(Settings.model_fields))}"
        if ours:
            with monkeypatch.context() as patch:
                for each, value in ours.items():
                    patch.setenv(each, value)
                Settings()


def test_the_portal_is_told_whose_forwarded_addresses_count() -> None:
    told = {**PASSWORDS, "FORWARDED_ALLOW_IPS": "172.30.0.1"}
    read = compose_config("--format", "json", passwords=told)
    assert environment(json.loads(read.stdout)["services"]["portal"])["FORWARDED_ALLOW_IPS"] == "172.30.0.1"


def test_the_example_keeps_old_keys_as_the_operations_page_does() -> None:
    page, example = ((TOP / each).read_text() for each in ("docs/operations.md", "deploy/.env.example"))
    assert "revokes never ends, so an old key stays" in " ".join(page.split())
    assert "leave the old one there" in example


def test_the_staff_list_of_the_example_can_be_read(
    services: dict[str, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = environment(services["worker"])["PARTNERFLOW_STAFF_FILE"]
    monkeypatch.setenv("PARTNERFLOW_STAFF_FILE", str(_on_host(services["worker"], inside)))
    assert not Settings().staff().open


def test_our_programs_find_temporal_as_the_sdk_reads_it(services: dict[str, Document]) -> None:
    for name in OURS:
        read = ClientConfig.load_client_connect_config(override_env_vars=environment(services[name]), disable_file=True)
        assert read["target_host"] == "temporal:7233"
        assert read["namespace"] == environment(services["temporal-namespace"])["TEMPORAL_NAMESPACE"]
        assert read["namespace"] == environment(services["temporal-ui"])["TEMPORAL_DEFAULT_NAMESPACE"]


def test_the_server_reads_its_variables(services: dict[str, Document]) -> None:
    # The template that the server fills in at its start is part of the program.
    program = temporal_program().read_bytes()
    for variable in environment(services["temporal"]):
        assert f'env "{variable}"'.encode() in program, variable


def test_tools_and_ui_read_their_variables(services: dict[str, Document]) -> None:
    program = temporal_program().read_bytes()
    assert set(environment(services["temporal-ui"])) <= UI
    assert set(environment(services["temporal-schema"])) <= SQL_TOOL
    for name in ("temporal-namespace", "temporal-tools"):
        assert all(variable.encode() in program for variable in environment(services[name]))
    own = {"TEMPORAL_DB_PASSWORD", "RECORDS_DB_PASSWORD"}  # for our script
    assert set(environment(services["postgres"])) <= POSTGRES | own


def test_the_dynamic_configuration_is_where_the_server_looks(services: dict[str, Document]) -> None:
    # The image's working folder is /etc/temporal.
    inside = f"/etc/temporal/{environment(services['temporal'])['DYNAMIC_CONFIG_FILE_PATH']}"
    text = _on_host(services["temporal"], inside).read_text()
    program = temporal_program().read_bytes()
    keys = re.findall(r"^([\w.]+):", text, re.MULTILINE)
    assert keys
    for key in keys:
        assert key.encode() in program, f"the server knows no {key}"


def test_the_cluster_can_grow(services: dict[str, Document]) -> None:
    assert environment(services["temporal"])["NUM_HISTORY_SHARDS"] == "512"


def test_passwords_stand_nowhere_but_in_the_environment(services: dict[str, Document]) -> None:
    for name, service in services.items():
        said = json.dumps({key: value for key, value in service.items() if key != "environment"})
        assert not any(word in said for word in PASSWORDS.values()), name
