"""The guard of the test suite stops what tries to leave."""

from __future__ import annotations

import socket

import pytest

from lanyard_routing.netpolicy import CloudAccess, Policy
from lanyard_routing.task import Zone
from lanyard_routing.testing.network import NetworkForbidden


def test_a_socket_to_the_outside_is_stopped() -> None:
    for address in ("192.0.2.1", "10.255.255.1"):
        with socket.socket() as opened, pytest.raises(NetworkForbidden):
            opened.connect((address, 9))


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(NetworkForbidden):
        socket.getaddrinfo("models.example", 80)


def test_policies_permit_loopback_only() -> None:
    policy = Policy(CloudAccess.ALLOWED)
    assert [zone for zone in Zone if policy.permits(zone)] == [Zone.LOCAL]
