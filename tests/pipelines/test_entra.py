"""Microsoft Entra: three feeds read alike, and the application is never taken for the resource."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from tests.panther import panther_events
from tests.pipelines.samples import sample, write_sample
from tests.source_home import SourceHome

GPT = "e0476654-c1d5-430b-ab80-70cbd947616a"
PRINCIPAL = "8c907101-5831-45a1-b703-8a59f190e639"
COLUMNS = "operation_name, outcome, client_id, app_object_id, app_name, scopes, is_for_everyone"


def load(tmp_path: Path, document: Any) -> SourceHome:
    home = SourceHome(tmp_path / "home", "entra", "events")
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    report = home.load(path)
    assert report.faults == []
    return home


def test_a_consent_names_its_application_and_its_other_events_do_not(tmp_path: Path) -> None:
    home = SourceHome(tmp_path / "home", "entra", "events")
    home.load(write_sample("entra", tmp_path / "a.jsonl"))
    consent, delegated, m365, sign_in = home.rows(COLUMNS, order="source_line")
    scopes = "Files.Read.All openid"
    assert consent == (
        "Consent to application", "success", GPT, PRINCIPAL, "ChatGPT", scopes, False,
    )  # fmt: skip
    # Its further details and names are Microsoft Graph's.
    assert delegated == (
        "Add delegated permission grant", "success", None, PRINCIPAL, None, scopes, False,
    )  # fmt: skip
    assert m365 == (
        "Consent to application", "success", "08ad6f98-a4f8-4635-bb8d-f1a3044760f0", None,
        "M365 MCP Client for Claude", "Mail.Read offline_access", True,
    )  # fmt: skip
    assert sign_in[:3] == ("Sign-in activity", "success", GPT)
    assert len(set(home.rows("user_id"))) == 1


def test_envelopes_pages_and_records_read_alike(tmp_path: Path) -> None:
    consent = sample("entra")[0]
    graph = consent["properties"]
    [wanted] = load(tmp_path, consent).rows(COLUMNS)
    forms = {"records": [consent]}, {"value": [graph]}, [graph], [consent, consent]
    for number, form in enumerate(forms):
        folder = tmp_path / f"form{number}"
        folder.mkdir()
        assert set(load(folder, form).rows(COLUMNS)) == {wanted}


def test_what_was_allowed_before_is_not_granted_now(tmp_path: Path) -> None:
    consent = copy.deepcopy(sample("entra")[0])
    changed = consent["properties"]["targetResources"][0]["modifiedProperties"][2]
    changed["newValue"] = (
        '"[[Id: A, ConsentType: Principal, Scope: Mail.Send, CreatedDateTime: ]] => '
        '[[Id: A, ConsentType: Principal, Scope: User.Read]], [[Id: B, Scope: openid]]; "'
    )
    assert load(tmp_path, consent).first("scopes") == ("User.Read openid",)


def test_sign_ins_without_a_person_are_passed_over_and_failed_ones_told(tmp_path: Path) -> None:
    sign_in = sample("entra")[3]
    events = [sign_in | {"category": kind} for kind in (
        "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs",
    )]  # fmt: skip
    failed = copy.deepcopy(sign_in)
    failed["properties"]["status"] = {"errorCode": 50126}
    home = load(tmp_path, [*events, failed, sign_in])
    assert home.rows("outcome", order="source_line") == [("failure",), ("success",)]
    assert home.accounts() == [(2, 2, 0, 0)]


def test_a_grant_for_everybody_says_so_in_either_way(tmp_path: Path) -> None:
    events = [copy.deepcopy(one) for one in sample("entra")[:2]]
    properties = [one["properties"]["targetResources"][0]["modifiedProperties"] for one in events]
    properties[0][1]["newValue"] = '"True"'
    properties[1][1]["newValue"] = '"AllPrincipals"'
    assert load(tmp_path, events).rows("is_for_everyone") == [(True,), (True,)]


def test_no_address_and_no_device_is_kept(tmp_path: Path) -> None:
    home = SourceHome(tmp_path / "home", "entra", "events")
    home.load(write_sample("entra", tmp_path / "a.jsonl"))
    rows = str(home.rows())
    for text in ("203.0.113.7", "Mozilla", "EvoSTS", "Kleinstadt", "ann@", "30a6c29d"):
        assert text not in rows


def test_the_events_of_panthers_rules_are_loaded_passed_over_or_refused(tmp_path: Path) -> None:
    kinds = ("Azure_Audit", "Microsoft365_Audit_AzureActiveDirectory")
    events = [one for kind in kinds for one in panther_events(kind) if isinstance(one, dict)]
    home = load(tmp_path, events)
    found = home.rows("operation_name, outcome, app_name, client_id")
    assert {row[0] for row in found} == {"Sign-in activity", "UserLoggedIn"}
    assert ("UserLoggedIn", "success", None, "123-abc-sfa-321") in found
    assert ("Sign-in activity", "success", "Microsoft Authentication Broker",
            "29d9ed98-a469-4536-ade2-f981bc1d605e") in found  # fmt: skip
