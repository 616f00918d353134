"""Finish the change of a key where the process died between the database and the files (rotate_keys.py, step 3).

Every command asks for it when it opens the database, and nearly always there is nothing to finish.
"""

from gateway.model.keys import KeyPurpose, KeyState
from gateway.services.workplace import Keys
from gateway.store.engine import Store
from gateway.store.keys import keys_registered

#: The keys that can be changed.
CHANGED = (KeyPurpose.PACKAGES, KeyPurpose.SSH, KeyPurpose.CHECKPOINTS, KeyPurpose.INDEX)


def finish_changes(store: Store, keys: Keys) -> None:
    """Put the files of keys in place that the register says are in use: the process died before it could."""
    prepared = [following for purpose in CHANGED if (following := keys.prepared(purpose))]
    if not prepared:
        return
    in_use = {facts.fingerprint for facts in keys.facts()}
    with store.reading() as connection:
        active = {key.fingerprint for key in keys_registered(connection) if key.state is KeyState.ACTIVE}
    for following in prepared:
        if following.fingerprint in active - in_use:
            keys.activate(following.purpose)
