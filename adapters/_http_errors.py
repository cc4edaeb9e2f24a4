"""What can go wrong below HTTP, in words that name the host and what to do."""

from __future__ import annotations

import socket
import ssl

import httpcore
import httpx

from bot.errors import SourceError

_NOT_YET_VALID, _EXPIRED = 9, 10
_OTHER_NAME = (62, 64)
"""Codes of OpenSSL's X509_V_ERR list; ``SSLCertVerificationError.verify_code`` has them."""


class TryAgainError(Exception):
    """A try that failed in a way that the next one may not. ``seconds`` is the wait that was asked for."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


NETWORK_ERRORS = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpx.RemoteProtocolError,
    httpx.InvalidURL,
    OSError,
)
"""httpcore's, those of httpx for a Location that is no URL, and those of TLS after its handshake."""


def translate(error: Exception, host: str) -> Exception:
    """Turn a network error into ``TryAgainError``, or into ``SourceError`` where trying again is in vain."""
    cause = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    match cause, error:
        case ssl.SSLCertVerificationError(), _:
            return SourceError(_certificate(cause, host))
        case ssl.SSLError(), _:
            return TryAgainError(f"{host} does not speak TLS as it should ({cause.reason}).")
        case _, httpcore.PoolTimeout():
            return TryAgainError(f"All connections to {host} are taken.")
        case _, httpcore.ConnectTimeout():
            return TryAgainError(f"{host} does not take connections at present.")
        case _, httpcore.TimeoutException():
            return TryAgainError(f"{host} stopped answering.")
        case _, httpcore.ConnectError():
            return TryAgainError(f"I cannot connect to {host}. Check the network and the address.")
        case _, httpcore.ProtocolError() | httpx.RemoteProtocolError() | httpx.InvalidURL():
            return TryAgainError(f"{host} cut its answer short, or sent one that is not HTTP.")
        case _:
            return TryAgainError(f"The connection to {host} broke.")


def unresolved(error: OSError | UnicodeError, host: str) -> TryAgainError:
    """Say why a name has no address. The network may be back at the next try, so none of these is final."""
    if isinstance(error, TimeoutError):
        return TryAgainError(f"DNS took too long to find {host}.")
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME:
        return TryAgainError(f"DNS knows no {host}. Check the address and the network.")
    return TryAgainError(f"DNS could not find {host} at present. Check the network.")


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> str:
    start = f"The TLS certificate of {host} is invalid: it"
    if error.verify_code == _NOT_YET_VALID:
        return f"{start} is not valid yet. Check this machine's clock."
    if error.verify_code == _EXPIRED:
        return f"{start} has expired. Check this machine's clock; if it is right, the service has to act."
    if error.verify_code in _OTHER_NAME:
        return f"{start} is for another name. Check the address."
    return f"{start} is not signed by an authority that this machine trusts."
