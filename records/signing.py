"""Signs what stands in the links of mails, so that nobody can make up a link: the database knows only ids.

Worker (which writes the mails) and portal (which is handed the links) have the same keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

LEAST_LENGTH = 32

OPEN_KEY = "everybody-knows-this-key-so-it-is-for-this-machine-only"
"""Signs where no key is set. What it signs holds chance enough that it can't be guessed, but proves nothing."""


class Signer:
    """Signs with the last of its keys and accepts all of them, so that a key can be changed under links on their way.

    A signature says who wrote a text, not that it still counts: until when, and how often, stands in the database.
    """

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._keys = list(keys) or [OPEN_KEY]

    def sign(self, purpose: str, content: Any) -> str:
        """A token for addresses: `content` (JSON values) readable to everybody, and the proof that it is ours.

        A token of one `purpose` is none of another.
        """
        return str(self._serializer(purpose).dumps(content))

    def read(self, purpose: str, token: str) -> Any:
        """What was signed for this purpose; None when the token is none of ours, or damaged."""
        signature = token.rpartition(".")[2]
        try:
            content = self._serializer(purpose).loads(token)
            # The last letter has bits that say nothing: other letters would be read as the same signature.
            as_signed = base64_encode(base64_decode(signature)).decode() == signature
        except (BadData, ValueError):
            return None
        return content if as_signed else None

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._keys, salt=f"partnerflow {purpose}")
