"""How often one client may ask. Times are monotonic seconds, given."""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import ip_address, ip_network


class Meter:
    """A generic cell rate: ``rate`` requests a second, ``burst`` at once; the longest silent clients are forgotten."""

    def __init__(self, rate: float, burst: float, most: int = 50_000) -> None:
        self._each = 1 / rate
        self._slack = burst / rate
        self._most = most
        self._due: OrderedDict[str, float] = OrderedDict()

    def wait(self, client: str, now: float, cost: float = 1.0) -> float:
        """Take ``cost`` requests and give 0.0; or take none, and give the seconds until there are enough."""
        due = max(self._due.pop(client, now), now) + cost * self._each
        late = due - now - self._slack
        if late > 0:
            due -= cost * self._each
        self._due[client] = due
        if len(self._due) > self._most:
            self._due.popitem(last=False)
        return max(late, 0.0)


def network(client: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 that one subscriber of IPv6 has."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    return client if address.version == 4 else str(ip_network(f"{address}/64", strict=False).network_address)
