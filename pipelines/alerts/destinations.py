"""Where alerts go: a webhook, Slack, e-mail. Faults are told by kind, as addresses are secrets."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from pipelines.alerts.events import Event
from pipelines.alerts.messages import email_message, slack_body, webhook_body
from pipelines.config import SettingsError, SourceSettings

CONNECT_SECONDS, ANSWER_SECONDS = 10, 30
LONGEST_WAIT_SECONDS = 60
TRY_AGAIN = (408, 425, 429, *range(500, 600))
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SECURITIES = ("starttls", "tls", "none")


class DeliveryError(Exception):
    """A destination did not take an event; the message names no address and no secret."""

    def __init__(
        self, reason: str, *, may_pass: bool, response: requests.Response | None = None
    ) -> None:
        """Say whether another try may help; an answer may say how long to wait."""
        super().__init__(reason)
        self.may_pass = may_pass
        self.response = response


@dataclass(frozen=True)
class Destination:
    """A name for the log, and what sends one event and returns how many recipients were refused."""

    name: str
    send: Callable[[Event], int]


@dataclass(frozen=True)
class Delivery:
    """What it took: tries, and how many recipients the mail server refused beside those it took."""

    attempts: int
    refused_recipients: int


@dataclass(frozen=True)
class Mail:
    """The mail server and its users."""

    host: str
    port: int
    security: str
    user: str | None
    password: str | None
    sender: str
    recipients: list[str]


def open_destinations(settings: SourceSettings) -> list[Destination]:
    """Return what is set; raise SettingsError where nothing is, or something is wrong."""
    found = []
    if url := settings.get_secret("webhook_url"):
        found.append(Destination("webhook", _poster(settings, "webhook_url", url, webhook_body)))
    if url := settings.get_secret("slack_webhook_url"):
        found.append(Destination("slack", _poster(settings, "slack_webhook_url", url, slack_body)))
    if settings.get("smtp_host"):
        found.append(Destination("email", partial(_mail, _mail_settings(settings))))
    if not found:
        raise SettingsError(
            "Alerts have nowhere to go: set ALERTS__WEBHOOK_URL, ALERTS__SLACK_WEBHOOK_URL or "
            "ALERTS__SMTP_HOST, or [alerts] in .dlt/secrets.toml and .dlt/config.toml."
        )
    return found


def open_retries(settings: SourceSettings) -> Retrying:
    """Return how often and when a delivery is tried; raise SettingsError where that is wrong."""
    attempts = max(1, settings.get_int("attempts", 4))
    growing = wait_exponential(
        multiplier=settings.get_int("backoff_ms", 1000) / 1000, max=LONGEST_WAIT_SECONDS
    ) + wait_random(0, 0.1)
    return Retrying(
        stop=stop_after_attempt(attempts),
        wait=lambda state: max(growing(state), _asked_wait(state)),
        retry=retry_if_exception(
            lambda failure: isinstance(failure, DeliveryError) and failure.may_pass
        ),
        reraise=True,
    )


def deliver(destination: Destination, event: Event, retries: Retrying) -> Delivery:
    """Send one event, again where that may help; raise DeliveryError where nobody took it."""
    refused = retries(destination.send, event)
    return Delivery(int(retries.statistics["attempt_number"]), refused)


def _asked_wait(state: RetryCallState) -> float:
    """Return the seconds that the answer asks to wait (`Retry-After`), as far as we would."""
    failure = state.outcome.exception() if state.outcome else None
    if not isinstance(failure, DeliveryError) or failure.response is None:
        return 0.0
    asked = failure.response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", asked):
        seconds = float(asked)
    else:
        try:
            seconds = _seconds_to(parsedate_to_datetime(asked))
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def _seconds_to(moment: datetime) -> float:
    """Return the seconds from now; a moment without a zone is UTC."""
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (known - datetime.now(tz=UTC)).total_seconds()


def _poster(
    settings: SourceSettings, name: str, url: str, body: Callable[[Event], dict[str, Any]]
) -> Callable[[Event], int]:
    parts = urlsplit(url)
    is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or is_near):
        raise SettingsError(
            f"{settings.environment_name(name)} is no address that is safe to send to: "
            "give https://, or http:// on this machine."
        )
    return lambda event: _post(url, event, body(event))


def _post(url: str, event: Event, document: dict[str, Any]) -> int:
    try:
        # A redirect would take the event, and the address's own secret, to where nobody sent it.
        response = requests.post(
            url,
            json=document,
            headers={"Idempotency-Key": event.event_id, "User-Agent": "bursar"},
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            allow_redirects=False,
        )
    except (requests.ConnectionError, requests.Timeout) as failure:
        raise DeliveryError(type(failure).__name__, may_pass=True) from None
    except requests.RequestException as failure:
        raise DeliveryError(type(failure).__name__, may_pass=False) from None
    if not 200 <= response.status_code < 300:
        raise DeliveryError(
            f"HTTP {response.status_code}",
            may_pass=response.status_code in TRY_AGAIN,
            response=response,
        )
    return 0


def _mail_settings(settings: SourceSettings) -> Mail:
    security = str(settings.get("smtp_security", "starttls")).lower()
    if security not in SECURITIES:
        raise SettingsError(
            f"{settings.environment_name('smtp_security')} is {security!r}: "
            f"give {', '.join(SECURITIES)}."
        )
    host, user = str(settings.require("smtp_host")), settings.get("smtp_user")
    if security == "none" and user and host not in LOOPBACK:
        raise SettingsError(
            f"{settings.environment_name('smtp_security')} is 'none', and the password would be "
            "readable on the way: give starttls or tls."
        )
    recipients = settings.get_list("email_to")
    if not recipients:
        raise SettingsError(
            "alerts has no setting `email_to`: set ALERTS__EMAIL_TO or [alerts] email_to in "
            ".dlt/config.toml."
        )
    return Mail(
        host=host,
        port=settings.get_int("smtp_port", 465 if security == "tls" else 587),
        security=security,
        user=user,
        password=settings.get_secret("smtp_password"),
        sender=str(settings.require("email_from")),
        recipients=recipients,
    )


def _mail(mail: Mail, event: Event) -> int:
    """Send one mail; return how many recipients were refused where others were taken."""
    message = email_message(event, mail.sender, mail.recipients)
    try:
        with _connected(mail) as server:
            if mail.user:
                server.login(mail.user, mail.password or "")
            refused = server.send_message(message)
    except smtplib.SMTPResponseException as failure:
        raise DeliveryError(
            f"SMTP {failure.smtp_code}", may_pass=400 <= failure.smtp_code < 500
        ) from None
    except smtplib.SMTPRecipientsRefused as failure:
        codes = {code for code, _ in failure.recipients.values()}
        raise DeliveryError(
            f"SMTP {max(codes)} for every recipient", may_pass=max(codes) < 500
        ) from None
    except ssl.SSLError as failure:
        raise DeliveryError(type(failure).__name__, may_pass=False) from None
    except smtplib.SMTPNotSupportedError:
        raise DeliveryError(
            "the mail server offers no STARTTLS or sign-in", may_pass=False
        ) from None
    except (smtplib.SMTPException, OSError) as failure:
        raise DeliveryError(type(failure).__name__, may_pass=True) from None
    # The others have it: another try would send it to them again.
    return len(refused)


def _connected(mail: Mail) -> smtplib.SMTP:
    """Return an open connection, encrypted where that is set; never less than is set."""
    if mail.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=ANSWER_SECONDS, context=context)
    server = smtplib.SMTP(mail.host, mail.port, timeout=ANSWER_SECONDS)
    try:
        if mail.security == "starttls":
            server.starttls(context=ssl.create_default_context())
    except BaseException:
        server.close()
        raise
    return server
