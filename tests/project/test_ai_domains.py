"""The list of AI services' domains: whole, single, and no suffix takes others' hosts with it."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest

from tests.project.repository import ROOT

Row = dict[str, str]
# Suffixes below which strangers have hosts of their own: clouds, hosts of content, registries.
SHARED_GROUND = {
    "amazonaws.com", "aws.com", "aws", "awsapprunner.com", "cloudfront.net", "elasticbeanstalk.com",
    "windows.net", "azure.com", "azure-api.net", "azureedge.net", "azurefd.net", "cloudapp.net",
    "azurewebsites.net", "microsoft.com", "office.com", "live.com", "bing.com",
    "cognitiveservices.azure.com", "blob.core.windows.net", "core.windows.net", "cloud.microsoft",
    "google.com", "googleapis.com", "appspot.com", "run.app", "web.app", "firebaseapp.com",
    "gstatic.com", "googleusercontent.com", "withgoogle.com", "clients6.google.com", "goog",
    "github.com", "github.io", "githubusercontent.com", "github.ai", "gitlab.io", "ibm.com",
    "cloud.ibm.com", "oraclecloud.com", "oci.oraclecloud.com", "aliyun.com", "aliyuncs.com",
    "tencent.com", "tencentcloudapi.com", "baidu.com", "baidubce.com", "volces.com", "x.com",
    "cloudflare.com", "cloudflare.net", "workers.dev", "pages.dev", "fastly.net", "fastlylb.net",
    "akamaiedge.net", "akamaized.net", "edgekey.net", "b-cdn.net", "imgix.net", "cloudinary.com",
    "vercel.app", "vercel.sh", "netlify.app", "herokuapp.com", "fly.dev", "onrender.com",
    "ondigitalocean.app", "ovh.net", "scaleway.com", "facebook.com", "meta.com", "adobe.com",
    "adobe.io", "nvidia.com", "langchain.com", "sourcegraph.com", "intellij.net", "yandex.ru",
    "yandex.net", "cloud.yandex.net", "sberbank.ru", "quora.com", "canva.com", "writer.com",
    "nebius.com", "trafficmanager.net", "powerva.microsoft.com", "duckduckgo.com",
    "livekit.cloud", "webpubsub.azure.com",
}  # fmt: skip
SECOND_LEVEL = re.compile(r"^(com?|net|org|edu|gov|ac|gob|ne|or)\.[a-z]{2}$")


def read_seed(name: str) -> list[Row]:
    with (ROOT / "seeds/reference" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


DOMAINS, SERVICES = read_seed("ai_domains"), read_seed("ai_services")
OF_SERVICES = [row for row in DOMAINS if row["ai_service_id"]]


def too_broad(suffix: str) -> bool:
    """Tell whether hosts of others lie below a suffix."""
    is_above = any(ground == suffix or ground.endswith(f".{suffix}") for ground in SHARED_GROUND)
    return is_above or "." not in suffix or bool(SECOND_LEVEL.match(suffix))


def test_the_list_is_as_long_as_it_was() -> None:
    assert len(OF_SERVICES) >= 1300
    assert len(DOMAINS) - len(OF_SERVICES) >= 60
    assert len(SERVICES) >= 870


def test_a_suffix_and_a_service_stand_once() -> None:
    for rows, key in ((DOMAINS, "domain_suffix"), (SERVICES, "ai_service_id")):
        repeated = [name for name, count in Counter(row[key] for row in rows).items() if count > 1]
        assert repeated == []


def test_no_suffix_takes_the_hosts_of_strangers() -> None:
    assert [row["domain_suffix"] for row in OF_SERVICES if too_broad(row["domain_suffix"])] == []


@pytest.mark.parametrize(
    "suffix", ["amazonaws.com", "googleapis.com", "com", "co.uk", "windows.net", "azure.com", "net"]
)
def test_a_suffix_that_takes_a_whole_cloud_would_be_found(suffix: str) -> None:
    assert too_broad(suffix)


def test_services_and_domains_name_each_other() -> None:
    named = {row["ai_service_id"] for row in OF_SERVICES}
    assert named == {row["ai_service_id"] for row in SERVICES}


def test_a_services_provider_is_one_that_the_ledger_knows() -> None:
    known = {row["service_provider_name"] for row in read_seed("service_providers")}
    assert {row["service_provider_name"] for row in SERVICES} - known <= {""}


def test_every_suffix_says_where_its_vendor_publishes_it() -> None:
    assert [row for row in DOMAINS if not row["source_url"].startswith("https://")] == []


def test_the_rows_are_in_the_order_of_their_labels_from_the_end() -> None:
    suffixes = [row["domain_suffix"] for row in DOMAINS]
    assert suffixes == sorted(suffixes, key=lambda name: name.split(".")[::-1])
