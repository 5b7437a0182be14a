"""The three ways to tell somebody: a webhook, a line in a file, an e-mail."""

from __future__ import annotations

import json
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from runner.address import is_loopback
from runner.channels import Channel, Mail
from runner.errors import NoAnswer, Refused, Unreachable, Unreadable
from runner.web.sending import WebSender

#: end of a log in which a line of a run that died is looked for
_TAIL = 1024 * 1024
_TIMEOUT = 15.0


def send(channel: Channel, text: str, body: bytes, key: str, web: WebSender) -> None:
    """Tell a channel once. Raises Refused, Unreachable, NoAnswer, Unreadable, UsageMistake."""
    if channel.file is not None:
        _append(channel.file, body, key)
    elif channel.mail is not None:
        _mail(channel.mail, text, key)
    elif channel.webhook is not None:
        web.post(channel.webhook.reveal(), body, key)


def is_told(file: Path, key: str) -> bool:
    """Tell whether a line stands in a log: then the process died only after it was written."""
    try:
        with file.open("rb") as log:
            log.seek(max(0, file.stat().st_size - _TAIL))
            return key.encode() in log.read()
    except OSError:
        return False


def _append(file: Path, body: bytes, key: str) -> None:
    """Add one line in one write; what a crash cut off before it is ended first."""
    line: dict[str, Any] = {"id": key, **json.loads(body)}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        cut = file.exists() and file.stat().st_size > 0 and file.read_bytes()[-1:] != b"\n"
        with file.open("ab") as log:
            log.write((b"\n" if cut else b"") + json.dumps(line, ensure_ascii=False).encode() + b"\n")
    except OSError as error:
        raise Unreadable("file_not_writable", where=file.name, said=error.strerror or "") from error


def _mail(mail: Mail, text: str, key: str) -> None:
    """Send an e-mail; until its text was handed over nothing can have been sent."""
    if mail.password is not None and mail.tls == "none" and not is_loopback(f"http://{mail.host}"):
        raise Refused("web_not_encrypted", host=mail.host)
    try:
        server = _connected(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable("web_no_connection", host=mail.host) from error
    with server:
        try:
            server.send_message(_letter(mail, text, key))
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            raise Refused("mail_refused", host=mail.host) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NoAnswer("web_answer_broken", host=mail.host) from error


def _connected(mail: Mail) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if mail.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=_TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=_TIMEOUT)
    if mail.tls == "starttls":
        server.starttls(context=context)
    if mail.password is not None:
        server.login(mail.user or mail.sender, mail.password.reveal())
    return server


def _letter(mail: Mail, text: str, key: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = mail.sender, ", ".join(mail.to)
    letter["Subject"] = text.partition("\n")[0][:150]
    letter["Message-ID"] = f"<{key}@runner.invalid>"
    letter.set_content(text)
    return letter
