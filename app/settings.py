"""Typed settings from the environment; every missing or wrong one is named in a sentence of its own."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.errors import Misconfigured

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _split_list(text: object) -> object:
    return tuple(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it has to be an address such as https://example.com")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("it has to begin with https://; plain http is accepted for this machine only")
    return text.rstrip("/")


def _database_address(text: str) -> str:
    for short in ("postgres://", "postgresql://"):
        if text.startswith(short):
            return f"postgresql+psycopg://{text.removeprefix(short)}"
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("it has to begin with postgresql:// or sqlite:///")
    return text


def _redis_address(text: str) -> str:
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("it has to begin with redis://, rediss:// or unix://")
    return text


WebAddress = Annotated[str, AfterValidator(_web_address)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_list)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """Everything that differs between installations. The name in the environment is the field's, in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    concord_home: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default=Path(".concord"), description="The folder of local state: database, embedded Redis, keys."
    )
    database_url: Annotated[str, AfterValidator(_database_address)] = Field(
        default_factory=lambda data: f"sqlite:///{data['concord_home']}/concord.db",
        repr=False,  # may hold a password
        description="Where the state is kept: PostgreSQL, or a SQLite file in CONCORD_HOME.",
    )
    redis_url: Annotated[str, AfterValidator(_redis_address)] = Field(
        default_factory=lambda data: embedded_redis_url(data["concord_home"]),
        repr=False,  # may hold a password
        description="The queue and the shared limits; absent, a Redis of its own runs in CONCORD_HOME.",
    )
    secret_key: Annotated[SecretStr, Field(min_length=32)] = Field(
        description="Signs sessions and encrypts keys and tokens; at least 32 characters. "
        "With SQLite one is made in CONCORD_HOME/secrets on the first start.",
    )
    secret_keys: Names = Field(
        default=(),
        repr=False,
        description="Earlier values of SECRET_KEY, separated by commas, accepted until all is re-encrypted.",
    )
    public_url: WebAddress = Field(
        default="http://127.0.0.1:8000", description="The address people and QuickBooks reach this installation by."
    )
    host: str = Field(default="127.0.0.1", description="The address the web process listens on.")
    port: Port = Field(default=8000, description="The port the web process listens on.")
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = Field(
        default=0,
        description="How many proxies of yours stand before the web process and tell it the visitor's address.",
    )
    web_processes: Annotated[int, Field(ge=1, le=64)] = Field(default=2, description="How many processes answer pages.")
    worker_processes: Annotated[int, Field(ge=1, le=64)] = Field(
        default=2, description="How many jobs a `concord worker` runs at once."
    )
    tick_seconds: Annotated[float, Field(gt=0, le=300)] = Field(
        default=5.0, description="How often the scheduler looks for connections that are due."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important message that is logged."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Log lines for people (text) or for machines (json)."
    )

    quickbooks_client_id: str = Field(default="", description="The client id of your app at Intuit.")
    quickbooks_client_secret: SecretStr = Field(
        default=SecretStr(""), description="The client secret of your app at Intuit."
    )
    quickbooks_webhook_verifier: SecretStr = Field(
        default=SecretStr(""), description="The verifier token of the app's webhooks; without it they are refused."
    )
    quickbooks_auth_url: WebAddress = Field(
        default="https://appcenter.intuit.com/connect/oauth2", description="QuickBooks' consent page."
    )
    quickbooks_token_url: WebAddress = Field(
        default="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
        description="Where codes and refresh tokens are exchanged.",
    )
    quickbooks_revoke_url: WebAddress = Field(
        default="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
        description="Where a grant is given back on disconnecting.",
    )
    quickbooks_api_url: WebAddress = Field(
        default="https://quickbooks.api.intuit.com", description="The Accounting API."
    )
    quickbooks_graphql_url: WebAddress = Field(
        default="https://qb.api.intuit.com/graphql", description="The GraphQL API, for projects."
    )
    quickbooks_web_url: WebAddress = Field(
        default="https://qbo.intuit.com", description="Where people open QuickBooks; links to records begin with it."
    )
    scoro_allowed_hosts: Names = Field(
        default=("scoro.com", "scoro.ee", "scoro.lt"),
        description="Domains a Scoro site may belong to, or host:port; all other addresses are refused.",
    )
    sandbox_quickbooks_url: str = Field(
        default="", description="The QuickBooks sandbox's own site, set by the demo; pages then link to it."
    )
    sandbox_scoro_url: str = Field(
        default="", description="The Scoro sandbox's own site, set by the demo; pages then link to it."
    )

    oidc_issuer: str = Field(
        default="",
        description="The company's own sign-in (OpenID Connect): the issuer's address. Empty: passwords only.",
    )
    oidc_client_id: str = Field(default="", description="The client id of Concord at that issuer.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="The client secret of Concord at that issuer."
    )
    oidc_name: str = Field(default="Sign in through your company", description="What the button of that sign-in says.")

    @model_validator(mode="before")
    @classmethod
    def _own_key_beside_own_database(cls, given: dict[str, Any]) -> dict[str, Any]:
        """A database on this machine may have its key beside it; one that is shared needs a key that is shared too."""
        if "secret_key" in given or not str(given.get("database_url", "sqlite:")).startswith("sqlite:"):
            return given
        return given | {"secret_key": local_secret(Path(given.get("concord_home", ".concord")))}

    @property
    def redis_is_embedded(self) -> bool:
        """True when nobody named a Redis and we run our own."""
        return "redis_url" not in self.model_fields_set

    @property
    def all_secret_keys(self) -> tuple[str, ...]:
        """The key in force, then the earlier ones."""
        return (self.secret_key.get_secret_value(), *self.secret_keys)


def load_settings() -> Settings:
    """The settings of this process. Raises Misconfigured with a sentence for each setting that is missing or wrong.

    What the environment leaves open may stand in CONCORD_HOME/settings.env, where the demo writes its addresses.
    """
    try:
        return Settings(_env_file=settings_file(Path(os.environ.get("CONCORD_HOME") or ".concord")))
    except ValidationError as error:
        sentences = [_sentence(problem["loc"], problem["type"], problem["msg"]) for problem in error.errors()]
        raise Misconfigured(
            "\n".join(sentences), hint="Set them in the environment; README.md lists all of them under Configuration."
        ) from None  # the original quotes values, and values may be secrets


def _sentence(place: tuple[int | str, ...], kind: str, text: str) -> str:
    field = str(place[0])
    purpose = Settings.model_fields[field].description or ""
    if kind == "missing":
        return f"{field.upper()} is missing. {purpose}"
    reason = text.removeprefix("Value error, ")
    return f"{field.upper()} is wrong: {reason[:1].lower()}{reason[1:]}. {purpose}"


def settings_file(home: Path) -> Path:
    """The file whose lines count where the environment says nothing."""
    return home / "settings.env"


def embedded_redis_url(home: Path) -> str:
    """The socket of the embedded Redis: in ``home``, or in a short folder of the user's when that path is too long."""
    from app.jobs.embedded import socket_path

    return f"unix://{socket_path(home)}"


def local_secret(home: Path) -> str:
    """The key of an installation on one machine, made once and readable by its owner only."""
    folder = home.absolute() / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
