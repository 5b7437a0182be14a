"""Whether the keys of the accounts can be opened; they are never shown, and nothing is called."""

from __future__ import annotations

from collections.abc import Iterator

from runner.errors import RunnerError
from runner.model import Diagnostic, Message
from runner.secrets import Secret
from runner.settings import Account, Settings
from runner.source import read


def key_problem(account: Account) -> Message | None:
    """Return why the keys of an account cannot be opened."""
    return _problem(account.access_key) or _problem(account.secret_key)


def key_warnings(settings: Settings) -> Iterator[Diagnostic]:
    """Yield one warning, at its place in the settings, for every key that cannot be opened.

    Rules hold without keys, so it is no error; but nothing can run, and nobody else tells it before the night.
    """
    document = read(settings.path)
    for name, account in settings.accounts.items():
        for key, kept in (("access_key", account.access_key), ("secret_key", account.secret_key)):
            if why := _problem(kept):
                hint = Message(code=f"{why.code}.hint", facts=why.facts)
                mark = document.mark(("accounts", name, key))
                yield Diagnostic(severity="warning", mark=mark, message=why, hint=hint)
    for path, kept in _of_channels(settings):
        if why := _problem(kept):
            hint = Message(code=f"{why.code}.hint", facts=why.facts)
            yield Diagnostic(severity="warning", mark=document.mark(path), message=why, hint=hint)


def _of_channels(settings: Settings) -> Iterator[tuple[tuple[str, ...], Secret]]:
    for name, channel in settings.channels.items():
        if channel.webhook is not None:
            yield ("notify", name, "webhook"), channel.webhook
        if channel.mail is not None and channel.mail.password is not None:
            yield ("notify", name, "email", "password"), channel.mail.password


def _problem(kept: Secret) -> Message | None:
    try:
        kept.reveal()
    except RunnerError as error:
        return Message(code=error.code, facts=error.facts)
    return None
