"""The sample project that the editors' tests open, its configuration, and what a scripted model makes of it."""

from __future__ import annotations

from pathlib import Path

import lanyard_server

SAMPLE = Path(lanyard_server.__file__).parent / "demo" / "sample"
# How long a completion may take is not what the editors' tests are about: on a busy machine it is shown all the same.
PATIENT = "[completion]\ntimeout_s = 60\n"
ORDERS = (SAMPLE / "shop" / "orders.py").read_text().splitlines()
NEW_SHIPPING = """\
def shipping(total: Money, country: str) -> Money:
    \"\"\"What it costs to ship: free within the country from 50.00, else 4.90; 19.90 abroad.\"\"\"
    if country != "DE":
        return Money(1990)
    return Money(0 if total.cents >= 5000 else 490)
"""
