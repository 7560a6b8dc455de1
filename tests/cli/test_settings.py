"""Settings that must not be left as they are, and what is said then."""

import pytest

from settings import Settings, WrongSetting, load


@pytest.mark.parametrize(
    ("listens", "named", "alone"),
    [
        ("127.0.0.1", "http://localhost:8800", True),
        ("0.0.0.0", "http://localhost:8800", False),
        ("127.0.0.1", "https://partners.vendor.example", False),
    ],
)
def test_links_need_a_key_of_our_own_where_others_reach_the_portal(listens: str, named: str, alone: bool) -> None:
    settings = Settings(portal_host=listens, portal_url=named)
    assert settings.on_this_machine is alone
    if alone:
        assert settings.signer.read("test", settings.signer.sign("test", 1)) == 1
    else:
        with pytest.raises(WrongSetting, match="PARTNERFLOW_SIGNING_KEYS is empty"):
            _ = settings.signer


def test_a_short_key_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNERFLOW_SIGNING_KEYS", f"{'a' * 32}, secret-word")
    with pytest.raises(WrongSetting, match="key 2 has 11 characters and needs 32") as refused:
        load()
    assert "secret-word" not in str(refused.value)


def test_the_last_key_signs_and_all_are_accepted() -> None:
    old, new = "a" * 32, "b" * 32
    both = Settings.model_validate({"signing_keys": f"{old}, {new}"}).signer
    only_new = Settings.model_validate({"signing_keys": new}).signer
    assert only_new.read("test", both.sign("test", 1)) == 1
    assert both.read("test", Settings.model_validate({"signing_keys": old}).signer.sign("test", 2)) == 2
