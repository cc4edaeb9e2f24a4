"""A mail server on loopback that counts what it accepted: the truth that delivery of mail is judged by.

``aiosmtpd`` speaks SMTP, with STARTTLS and AUTH when asked for. A message is refused for what servers on the open
internet refuse: bytes outside ASCII that nobody announced, bare line ends, long lines, missing or repeated headers.

``python -m tests.emulators.mail`` prints the address of its control side and serves until its standard input closes.
"""

from tests.emulators.mail.server import Accepted, Fault, MailServer, serving

__all__ = ["Accepted", "Fault", "MailServer", "serving"]
