"""Every setting, once. Read by the composition roots only; inner code is handed values.

Each is an environment variable with the prefix `PARTNERFLOW_`. The connection to Temporal has the standard
`TEMPORAL_…` variables and profiles (`temporalio.envconfig`).
"""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from program.clock import REAL_TIME, ProgramClock
from program.edition import LATEST, edition
from records.benefits import PARTNER_IN_LINK, BenefitLinks
from records.database import open_database
from records.signing import LEAST_LENGTH, Signer
from states.staff import StaffList


class WrongSetting(Exception):
    """A setting that can't be used; the text names it, says what is wrong and what is possible."""


class Settings(BaseSettings):
    """What can be configured. Defaults are those of the embedded stack."""

    model_config = SettingsConfigDict(env_prefix="PARTNERFLOW_", frozen=True, env_ignore_empty=True)

    database_url: str = Field(
        "sqlite:///partnerflow.db",
        description="the records' database: sqlite:///path or postgresql://user:password@host/name",
    )
    edition: str = Field(
        LATEST.name,
        description="the edition of the program's rules, 2021 or 2022, for what begins from now on, and for reports",
    )
    clock: str = Field(
        "",
        description="a program clock for trying things out, such as "
        "2026-11-02T09:00:00Z x60 from 2027-01-04T14:00:00Z; empty: real time",
    )
    staff_file: Path | None = Field(
        None, description="TOML file with the staff list; without one everybody may act in every role"
    )
    portal_url: str = Field(
        "http://127.0.0.1:8800", description="where people reach the portal; links in mails and cards"
    )
    ui_url: str = Field("http://127.0.0.1:8233", description="where staff reach the Temporal Web UI; links in mails")
    portal_host: str = Field("127.0.0.1", description="the address on which the portal listens")
    portal_port: int = Field(8800, ge=0, le=65535, description="the port on which the portal listens")
    staff_pages: bool = Field(
        False,
        description="without a staff list nobody can sign in as staff: serve staff pages beyond this machine all the "
        "same, only where something in front of the portal lets nobody but staff reach them",
    )
    signing_keys: SecretStr = Field(
        SecretStr(""),
        description="secrets that sign the links in mails, each of 32 characters or more, separated by commas; the "
        "last one signs, all are accepted; empty: a key that everybody knows, for a portal on this machine only",
    )
    task_queue: str = Field("partnerflow", description="the task queue that workers poll")
    smtp_host: str = Field("", description="mail server; empty: mails land in the portal's mailbox and as .eml files")
    smtp_port: int = Field(25, ge=1, le=65535, description="the mail server's port")
    smtp_user: str = Field("", description="the mail server's user, if it wants one")
    smtp_password: SecretStr = Field(SecretStr(""), description="the mail server's password")
    smtp_tls: bool = Field(False, description="whether to speak TLS with the mail server from the first byte")
    mail_from: str = Field("partner-program@vendor.example", description="the sender of all mails")
    mail_directory: Path = Field(Path("mail"), description="where .eml files go when no mail server is set")
    portal_metrics: bool = Field(
        False, description="whether the portal answers /metrics also when it listens beyond this machine"
    )
    metrics_address: str = Field("", description="host:port for the worker's Prometheus metrics; empty: none")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    grace_seconds: int = Field(20, ge=0, description="how long a stopping worker lets running work finish")
    affiliate_link: str = Field(
        "",
        description="the affiliate link of a partner, with {partner} where its id goes, such as "
        "https://signup.vendor.example/?partner={partner}; its page, the API and a mail show it; empty: none is shown, "
        "and the page says so",
    )
    slack_invite_link: str = Field(
        "",
        description="the shared invitation to the vendor's Slack workspace; a mail brings it to whoever joins, and "
        "nobody has to invite them; empty: staff invite, each partner is a task",
    )
    digest_hour: int = Field(8, ge=0, le=23, description="the hour, program time zone, of the staff's daily digest")

    @field_validator("database_url")
    @classmethod
    def _known_kind_of_database(cls, address: str) -> str:
        open_database(address).dispose()
        return address

    @field_validator("edition")
    @classmethod
    def _known_edition(cls, name: str) -> str:
        return edition(name).name

    @field_validator("clock")
    @classmethod
    def _readable_clock(cls, text: str) -> str:
        if text:
            ProgramClock.from_text(text)
        return text

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, level: str) -> str:
        if level.upper() not in logging.getLevelNamesMapping():
            raise ValueError("it is no level")
        return level

    @field_validator("metrics_address")
    @classmethod
    def _host_and_port(cls, address: str) -> str:
        if address and not re.fullmatch(r"\S+:\d{1,5}", address):
            raise ValueError("it is not host:port, such as 0.0.0.0:9464")
        return address

    @field_validator("affiliate_link")
    @classmethod
    def _names_the_partner(cls, link: str) -> str:
        if not link:
            return link
        if PARTNER_IN_LINK not in link:
            raise ValueError(f"it does not say where the partner's id goes: write {PARTNER_IN_LINK} there")
        if set("{}") & set(link.replace(PARTNER_IN_LINK, "")):
            raise ValueError(f"nothing but {PARTNER_IN_LINK} may stand in braces")
        if "{" in urlsplit(link).netloc:
            raise ValueError("the partner's id can't be part of the host's name, only of what follows it")
        return _https(link)

    @field_validator("slack_invite_link")
    @classmethod
    def _reachable_by_https(cls, link: str) -> str:
        return _https(link) if link else link

    @field_validator("signing_keys")
    @classmethod
    def _long_keys(cls, keys: SecretStr) -> SecretStr:
        for number, key in enumerate(_keys(keys), start=1):
            if len(key) < LEAST_LENGTH:
                raise ValueError(
                    f"key {number} has {len(key)} characters and needs {LEAST_LENGTH}: openssl rand -hex 32"
                )
        return keys

    @property
    def program_clock(self) -> ProgramClock:
        """The program clock that new processes start with."""
        return ProgramClock.from_text(self.clock) if self.clock else REAL_TIME

    @property
    def benefit_links(self) -> BenefitLinks:
        """The links by which partners have benefits here."""
        return BenefitLinks(affiliate=self.affiliate_link, slack=self.slack_invite_link)

    @property
    def grace(self) -> timedelta:
        """How long a stopping worker lets running work finish."""
        return timedelta(seconds=self.grace_seconds)

    @property
    def on_this_machine(self) -> bool:
        """Whether nobody beyond this machine is meant to reach the portal: it listens and is named locally."""
        return is_loopback(self.portal_host) and is_loopback(urlsplit(self.portal_url).hostname or "")

    @property
    def signer(self) -> Signer:
        """What signs the links in mails; `WrongSetting` where others could make them up."""
        keys = _keys(self.signing_keys)
        if not keys and not self.on_this_machine:
            raise WrongSetting(
                f"PARTNERFLOW_SIGNING_KEYS is empty, and the portal at {self.portal_url} is not for this machine only: "
                "anybody could make up the links that people get by mail. Set it for workers and portals, for example "
                "to what `openssl rand -hex 32` prints."
            )
        return Signer(keys)

    def now(self) -> datetime:
        """The present instant in program time (UTC)."""
        return self.program_clock.program(datetime.now(UTC))

    def staff(self) -> StaffList:
        """The staff list; empty when none is configured. `WrongSetting` for a file that can't be read."""
        if self.staff_file is None:
            return StaffList()
        try:
            return StaffList.model_validate(tomllib.loads(self.staff_file.read_text("utf-8")))
        except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
            why = _first_mistake(error) if isinstance(error, ValidationError) else str(error)
            raise WrongSetting(
                f"PARTNERFLOW_STAFF_FILE={self.staff_file} can't be read: {why}. It holds [[staff]] tables "
                'such as: [[staff]] address = "reviewer@vendor.example" roles = ["reviewer"].'
            ) from None


def _first_mistake(error: ValidationError) -> str:
    """Where the first mistake stands, and which it is: "staff.2.roles.1 «boss»: Input should be …"."""
    first = error.errors(include_url=False)[0]
    # Tables are counted as people count them.
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    says = str(first.get("ctx", {}).get("error") or first["msg"]).rstrip(".")
    return f"{where} «{str(first['input'])[:60]}»: {says}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server at `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _https(link: str) -> str:
    parts = urlsplit(link)
    if parts.scheme != "https" or not parts.hostname or not link.isprintable() or " " in link:
        raise ValueError("it is no link that begins with https:// and a host's name, without spaces")
    return link


def _keys(given: SecretStr) -> list[str]:
    return [key.strip() for key in given.get_secret_value().split(",") if key.strip()]


def load() -> Settings:
    """The settings of the environment; `WrongSetting` with a sentence for the first that can't be used."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        name, about = f"PARTNERFLOW_{field.upper()}", Settings.model_fields[field].description
        # An address of a database may hold a password.
        secret = field == "database_url" or Settings.model_fields[field].annotation is SecretStr
        given = "" if secret else f"={os.environ.get(name, '')}"
        says = str(first.get("ctx", {}).get("error") or first["msg"]).rstrip(".")
        raise WrongSetting(f"{name}{given} can't be used: {says}. It is: {about}.") from None
