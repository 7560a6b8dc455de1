"""Settings that must not be left as they are, and what is said then."""

from pathlib import Path

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


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        (
            "AFFILIATE_LINK",
            "https://signup.vendor.example/",
            "it does not say where the partner's id goes: write {part",
        ),
        ("AFFILIATE_LINK", "https://vendor.example/?p={partner}&c={code}", "nothing but {partner} may stand in braces"),
        ("AFFILIATE_LINK", "https://{partner}.vendor.example/", "the partner's id can't be part of the host's name"),
        ("AFFILIATE_LINK", "http://vendor.example/?p={partner}", "it is no link that begins with https://"),
        ("SLACK_INVITE_LINK", "join.slack.com/t/vendor", "it is no link that begins with https://"),
        ("SLACK_INVITE_LINK", "https:///shared_invite", "it is no link that begins with https://"),
        ("LOG_LEVEL", "loud", "it is no level. It is: DEBUG, INFO"),
        ("METRICS_ADDRESS", "foo", "it is not host:port"),
        ("SLACK_INVITE_LINK", "https://slack.example/in vite", "it is no link that begins with https://"),
    ],
)
def test_what_can_not_be_used_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, given: str, says: str) -> None:
    monkeypatch.setenv(f"PARTNERFLOW_{name}", given)
    with pytest.raises(WrongSetting) as refused:
        load()
    assert str(refused.value).startswith(f"PARTNERFLOW_{name}={given} can't be used: {says}")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (
            '[[staff]]\naddress = "a@b.example"\nroles = ["reviewer", "boss"]',
            "boss is no role of the vendor's staff",
        ),
        ('[[staff]]\naddress = "a@b.example"\nroles = ["crm"]', "crm is no role of the vendor's staff"),
        ('[[staffs]]\naddress = "a@b.example"', "staffs"),
        ("[[staff", "can't be read"),
    ],
)
def test_a_mistake_in_the_staff_list_is_named(tmp_path: Path, written: str, says: str) -> None:
    file = tmp_path / "staff.toml"
    file.write_text(written)
    with pytest.raises(WrongSetting) as refused:
        Settings(staff_file=file).staff()
    assert says in str(refused.value)
    assert "pydantic" not in str(refused.value)


def test_benefits_have_the_links_that_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNERFLOW_AFFILIATE_LINK", "https://signup.vendor.example/{partner}?from={partner}")
    monkeypatch.setenv("PARTNERFLOW_SLACK_INVITE_LINK", "")
    links = load().benefit_links
    assert links.of("affiliate_link", "isar.1") == "https://signup.vendor.example/isar.1?from=isar.1"
    assert (links.of("slack_community", "isar.1"), links.of("badge", "isar.1")) == ("", "")


def test_the_last_key_signs_and_all_are_accepted() -> None:
    old, new = "a" * 32, "b" * 32
    both = Settings.model_validate({"signing_keys": f"{old}, {new}"}).signer
    only_new = Settings.model_validate({"signing_keys": new}).signer
    assert only_new.read("test", both.sign("test", 1)) == 1
    assert both.read("test", Settings.model_validate({"signing_keys": old}).signer.sign("test", 2)) == 2
