"""Edge: our private keys. Only bootstrap.py and the faces may import it."""

from gateway.keyring.ring import Keyring

__all__ = ["Keyring"]
