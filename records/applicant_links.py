"""The addresses in mails that lead people to the portal: signed, so that nobody can make one up."""

from __future__ import annotations

from dataclasses import dataclass, field

from records.signing import Signer

_APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class ApplicantLinks:
    """Makes and reads such addresses. Where no `portal_url` (without a slash at its end) is known, mails have none."""

    portal_url: str = ""
    signer: Signer = field(default_factory=Signer)

    def of_application(self, application_id: str) -> str:
        """The applicant's own page of an application."""
        token = self.signer.sign(_APPLICATION, application_id)
        return f"{self.portal_url}/my-application/{token}" if self.portal_url else ""

    @property
    def sign_in(self) -> str:
        """Where whoever has become a partner signs in."""
        return f"{self.portal_url}/sign-in" if self.portal_url else ""

    def application_in(self, token: str) -> str | None:
        """The id of the application that a token opens; None when it is none of ours."""
        found = self.signer.read(_APPLICATION, token)
        return found if isinstance(found, str) else None
