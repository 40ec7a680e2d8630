"""The secrets that have a form of their own: one row a kind.

Owns the patterns. Each takes linear time: what it repeats is bounded, nothing that repeats holds a repetition, and it
is tried at the start of a word or at a literal only. Forms are those that the services document, or that gitleaks and
trufflehog recognise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lanyard_analyzers._late import late
from lanyard_analyzers.text import Span

START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf0])|(?<=%[0-9A-Fa-f]{2}))"
"""The start of a word, also after an escape within a string or URL."""
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_RUN = late(r"[A-Za-z0-9_\-.$/+=~:]{16,}")
"""What a secret known by its form is made of; nothing shorter is one."""
_MIXED = late(r"[0-9]|[a-z][A-Z]")
"""What a run of random characters always has, and the names and paths that most runs of code are have not."""


@dataclass(frozen=True, slots=True)
class Place:
    """A secret known by what stands before it: group 1 of a pattern that begins at one of the lower-case literals."""

    kind: str
    source: str
    literals: tuple[str, ...]


def _at(kind: str, source: str, *literals: str) -> Place:
    return Place(kind, source, literals)


def _near(kind: str, name: str, body: str, *literals: str) -> Place:
    """A secret without a form of its own, assigned to something whose name holds `name`."""
    assigned = r"[\w.\-]{0,30}[\"'\])]{0,2}[ \t]{0,8}(?:=>|:=|[:=,]|\()[ \t]{0,8}[\"'`]?"
    return Place(kind, rf"(?i:{name}){assigned}({body})(?!\w)", literals)


WORDS = (
    # clouds
    ("aws-access-key", r"A(?:KIA|SIA|BIA|CCA|ROA|IDA)[A-Z2-7]{16}"),
    ("aws-bedrock", r"ABSK[A-Za-z0-9+/]{100,300}={0,2}"),
    ("google-api-key", r"AIza[\w-]{35}"),
    ("google-oauth", r"(?:ya29\.[\w-]{20,1000}|GOCSPX-[\w-]{28})"),
    ("google-refresh-token", r"1//0[\w-]{40,250}"),
    ("firebase-messaging", r"AAAA[\w-]{7}:[\w-]{140}"),
    ("azure-client-secret", r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}"),
    ("digitalocean", r"do[opr]_v1_[a-f0-9]{64}"),
    ("databricks", r"dapi[a-f0-9]{32}(?:-\d)?"),
    ("alibaba", r"LTAI[A-Za-z0-9]{12,24}"),
    ("heroku", r"HRKU-[\w-]{36,80}"),
    ("cloudflare", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}"),
    ("vercel", r"vc[pkira]_[A-Za-z0-9]{24,80}"),
    ("netlify", r"nfp_[A-Za-z0-9]{36,40}"),
    ("fly-io", r"(?:fo1_[\w-]{43}|fm[12][ar]?_[A-Za-z0-9+/=]{50,800})"),
    ("supabase", r"(?:sbp_[a-f0-9]{40}|sb_secret_[\w-]{20,60})"),
    ("planetscale", r"pscale_(?:tkn|pw|oauth)_[\w=.-]{32,64}"),
    # code hosts, packages, builds
    ("github", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    ("github", r"github_pat_[A-Za-z0-9_]{22,255}"),
    ("gitlab", r"gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w.=-]{20,300}"),
    ("bitbucket", r"ATBB[A-Za-z0-9]{24,60}"),
    ("atlassian", r"AT(?:ATT|CTT|STT)3[\w=-]{50,400}"),
    ("npm", r"npm_[A-Za-z0-9]{36}"),
    ("pypi", r"pypi-AgE[\w-]{50,500}"),
    ("rubygems", r"rubygems_[a-f0-9]{48}"),
    ("crates-io", r"cio[A-Za-z0-9]{32}"),
    ("nuget", r"oy2[a-z0-9]{43}"),
    ("docker-hub", r"dckr_(?:pat|oat)_[\w-]{20,100}"),
    ("artifactory", r"AKCp[A-Za-z0-9]{60,90}"),
    ("circleci", r"CCIPAT_[A-Za-z0-9]{10,40}_[a-f0-9]{40}"),
    ("buildkite", r"bk(?:ua|pat)_[a-f0-9]{40}"),
    ("sonarqube", r"sq[apu]_[a-f0-9]{40}"),
    ("sourcegraph", r"sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}"),
    # models
    ("openai", r"sk-(?:proj|svcacct|admin|None)-[\w-]{20,250}"),
    ("openai", r"sk-[A-Za-z0-9]{32,64}"),
    ("anthropic", r"sk-ant-[a-z]{2,8}\d\d-[\w-]{20,250}"),
    ("openrouter", r"sk-or-v1-[a-f0-9]{64}"),
    ("hugging-face", r"(?:hf|api_org)_[A-Za-z0-9]{30,50}"),
    ("replicate", r"r8_[A-Za-z0-9]{37,40}"),
    ("groq", r"gsk_[A-Za-z0-9]{48,56}"),
    ("xai", r"xai-[A-Za-z0-9_]{60,100}"),
    ("perplexity", r"pplx-[A-Za-z0-9]{40,60}"),
    ("nvidia", r"nvapi-[\w-]{50,80}"),
    ("pinecone", r"pcsk_[A-Za-z0-9_]{50,90}"),
    ("langsmith", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    # messages and mail
    ("slack", r"xox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    ("slack", r"xapp-\d-[A-Z0-9]{8,20}-\d{8,20}-[a-f0-9]{32,80}"),
    ("discord", r"[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}"),
    ("telegram", r"\d{8,10}:AA[\w-]{32,34}"),
    ("twilio", r"(?:SK|AC)[0-9a-f]{32}"),
    ("sendgrid", r"SG\.[\w-]{16,32}\.[\w-]{16,64}"),
    ("mailgun", r"(?:pub)?key-[0-9a-f]{32}"),
    ("mailchimp", r"[0-9a-f]{32}-us\d{1,2}"),
    ("brevo", r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    ("resend", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,40}"),
    # money
    ("stripe", r"(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,250}"),
    ("stripe-webhook", r"whsec_[A-Za-z0-9+/=]{24,80}"),
    ("square", r"sq0(?:atp|csp|idp)-[\w-]{22,50}"),
    ("square", r"EAAA[\w-]{60}"),
    ("shopify", r"shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{32}"),
    ("braintree", r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}"),
    ("plaid", rf"access-(?:sandbox|development|production)-{_UUID}"),
    ("razorpay", r"rzp_(?:live|test)_[A-Za-z0-9]{14}"),
    # infrastructure and monitoring
    ("terraform-cloud", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}"),
    ("vault", r"hv[sbr]\.[\w-]{24,300}"),
    ("doppler", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,80}"),
    ("pulumi", r"pul-[a-f0-9]{40}"),
    ("1password", r"ops_eyJ[A-Za-z0-9+/]{100,2000}={0,2}"),
    ("tailscale", r"tskey-[a-z]{3,10}-[A-Za-z0-9]{6,20}-[A-Za-z0-9]{20,50}"),
    ("new-relic", r"NR(?:AK-[A-Z0-9]{27}|JS-[a-f0-9]{19}|I[IQ]-[\w-]{32})"),
    ("new-relic", r"[a-f0-9]{36}NRAL"),
    ("sentry", r"sntry[us]_[A-Za-z0-9+/=_]{60,300}"),
    ("grafana", r"(?:glc_[A-Za-z0-9+/]{32,400}={0,2}|glsa_[A-Za-z0-9]{32}_[a-f0-9]{8})"),
    ("dynatrace", r"dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    ("posthog", r"ph[cx]_[A-Za-z0-9]{40,50}"),
    ("launchdarkly", rf"(?:sdk|mob|api)-{_UUID}"),
    # offices
    ("linear", r"lin_(?:api|oauth)_[A-Za-z0-9]{32,64}"),
    ("notion", r"(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,50})"),
    ("airtable", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    ("figma", r"figd_[\w-]{40,60}"),
    ("postman", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("hubspot", rf"pat-(?:na|eu)\d-{_UUID}"),
    ("contentful", r"CFPAT-[\w-]{43}"),
    ("dropbox", r"sl\.(?:u\.)?[\w-]{100,1500}"),
    ("facebook", r"EAA[A-Za-z0-9]{80,300}"),
    ("mapbox", r"sk\.eyJ[\w-]{30,300}\.[\w-]{20,60}"),
    # forms that belong to no service
    ("jwt", r"eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{0,2000}"),
    ("age-key", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    ("bcrypt-hash", r"(\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53})"),
    ("crypt-hash", r"(\$[156y]\$[./A-Za-z0-9]{1,20}\$[./A-Za-z0-9$]{22,120})"),
)  # fmt: skip

PLACES = (
    _near("aws-secret-key", r"secret_?(?:access)?_?key(?:_id)?", r"[A-Za-z0-9/+]{40}", "secret"),
    _near("aws-session-token", r"session_?token", r"[A-Za-z0-9/+=]{100,2000}", "session"),
    _at("gcp-service-account", r"private_key_id\"\s{0,5}:\s{0,5}\"([a-f0-9]{40})\"", "private_key_id"),
    _at("azure-storage", r"(?i:accountkey|accesskey)=([A-Za-z0-9+/]{40,100}={0,2})", "accountkey=", "accesskey="),
    _at("azure-sas", r"(?<=[?&;])sig=([A-Za-z0-9%+/=]{40,200})", "sig="),
    _near("azure-devops", r"azure_?(?:devops)?_?(?:pat|token)", r"[a-z2-7]{52}", "azure"),
    _near("heroku", r"heroku", _UUID, "heroku"),
    _near("cloudflare", r"(?:cloudflare|cf_api)", r"[A-Za-z0-9_-]{37,40}", "cloudflare", "cf_api"),
    _near("vercel", r"vercel", r"[A-Za-z0-9]{24}", "vercel"),
    _near("fastly", r"fastly", r"[A-Za-z0-9_-]{32}", "fastly"),
    _near("linode", r"linode", r"[a-f0-9]{64}", "linode"),
    _at("npmrc", r"(?:(?m:^)|(?<=:))_(?:authToken|password|auth)[ \t]{0,4}=[ \t]{0,4}\"?([^\s\"'${}]{8,500})",
        "_auth", "_password"),
    _near("wandb", r"wandb", r"[a-f0-9]{40}", "wandb"),
    _at("slack-webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{20,120})", "hooks.slack"),
    _at("discord-webhook", r"(?<=\.com)/api/webhooks/\d{15,22}/([\w-]{50,90})", "/api/webhooks/"),
    _at("teams-webhook", r"webhook\.office\.com/webhookb2/([\w@./-]{60,300})", "webhook.office"),
    _near("twilio", r"twilio", r"[0-9a-f]{32}", "twilio"),
    _near("vault", r"vault", r"s\.[A-Za-z0-9]{24}", "vault"),
    _near("datadog", r"(?:datadog|dd)_?(?:api|app)", r"(?:[a-f0-9]{40}|[a-f0-9]{32})", "datadog", "dd_a", "dda"),
    _at("sentry-dsn", r"://([a-f0-9]{32}(?::[a-f0-9]{32})?)@[\w.-]{3,100}/\d{1,20}", "://"),
    _near("okta", r"okta", r"00[\w-]{40}", "okta"),
    _at("okta", r"(?i:ssws)[ \t]{1,4}(00[\w-]{40})", "ssws"),
    _near("algolia", r"algolia", r"[a-f0-9]{32}", "algolia"),
    _at("wireguard", r"(?i:privatekey)[ \t]{0,4}=[ \t]{0,4}([A-Za-z0-9+/]{43}=)", "privatekey"),
    _at("ethereum-key", r"(?i:private_?key)[\"' ]{0,2}[ \t]{0,4}[:=][ \t]{0,4}[\"'`]?(0x[a-fA-F0-9]{64})\b",
        "privatekey", "private_key"),
)  # fmt: skip


def by_form(text: str) -> Iterator[tuple[str, Span]]:
    """The secrets that their own form gives away."""
    for run in _RUN.finditer(text):
        if _MIXED.search(text, run.start(), run.end()) is None:
            continue
        for match in _words().finditer(text, run.start(), run.end()):
            yield WORDS[int((match.lastgroup or "k0")[1:])][0], Span(*match.span())


def by_place(text: str, lower: str) -> Iterator[tuple[str, Span]]:
    """The secrets that a name, a host or a key before them gives away. `lower` is `lowered(text)`."""
    for place in PLACES:
        for literal in place.literals:
            at = lower.find(literal)
            while at >= 0:
                match = _compiled(place.source).match(text, at)
                if match is not None:
                    yield place.kind, Span(*match.span(1))
                at = lower.find(literal, at + 1)


def lowered(text: str) -> str:
    """The text in small letters, at the same offsets: some capitals of other scripts have longer small letters."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text.translate(_SMALL)


_SMALL = {ord(capital): ord(capital.lower()) for capital in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


@cache
def _words() -> re.Pattern[str]:
    """All forms as one pattern, compiled when first needed."""
    forms = "|".join(f"(?P<k{number}>{body})" for number, (_, body) in enumerate(WORDS))
    return re.compile(f"{START}(?:{forms})(?![A-Za-z0-9])")


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)
