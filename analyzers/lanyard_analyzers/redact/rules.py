"""The secrets that have a form of their own: one row a kind.

Owns the patterns. A pattern's group 1, or the whole match where it has none, is the secret. Each pattern takes
linear time: what it repeats is bounded or starts at a word's first character only, and nothing that repeats holds a
repetition. Forms are those that the services document, or that gitleaks and trufflehog recognise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf0])|(?<=%[0-9A-Fa-f]{2}))"
"""The start of a word, also after an escape within a string or URL."""
_END = r"(?![A-Za-z0-9])"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of secret; `hints` are lower-case strings of which a text must have one to be worth the search."""

    kind: str
    source: str
    hints: tuple[str, ...]

    @property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when first needed: few texts have the hints of many kinds."""
        return _compiled(self.source)


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _word(kind: str, body: str, *hints: str) -> Rule:
    """A secret known by its own form."""
    return Rule(kind, START + body + _END, hints)


def _part(kind: str, pattern: str, *hints: str) -> Rule:
    """A secret that is group 1 of a longer form."""
    return Rule(kind, pattern, hints)


def _near(kind: str, name: str, body: str, *hints: str) -> Rule:
    """A secret without a form of its own, assigned to something whose name holds `name`."""
    assigned = r"[\w.\-]{0,30}[\"'\])]{0,2}[ \t]{0,8}(?:=>|:=|[:=,]|\()[ \t]{0,8}[\"'`]?"
    return Rule(kind, rf"(?i:{name}){assigned}({body})(?!\w)", hints)


RULES = (
    # clouds
    _word("aws-access-key", r"A(?:KIA|SIA|BIA|CCA|ROA|IDA)[A-Z2-7]{16}", "kia", "sia", "bia", "cca", "roa", "ida"),
    _near("aws-secret-key", r"(?:aws|amazon)?_?secret_?(?:access)?_?key(?:_id)?", r"[A-Za-z0-9/+]{40}", "secret"),
    _near("aws-session-token", r"session_?token", r"[A-Za-z0-9/+=]{100,2000}", "session"),
    _word("aws-bedrock", r"ABSK[A-Za-z0-9+/]{100,300}={0,2}", "absk"),
    _word("google-api-key", r"AIza[\w-]{35}", "aiza"),
    _word("google-oauth", r"(?:ya29\.[\w-]{20,1000}|GOCSPX-[\w-]{28})", "ya29.", "gocspx-"),
    _word("google-refresh-token", r"1//0[\w-]{40,250}", "1//0"),
    _part("gcp-service-account", r"\"private_key_id\"\s{0,5}:\s{0,5}\"([a-f0-9]{40})\"", "private_key_id"),
    _word("firebase-messaging", r"AAAA[\w-]{7}:[\w-]{140}", "aaaa"),
    _part("azure-storage", r"(?i:(?:account|access)key)=([A-Za-z0-9+/]{40,100}={0,2})", "accountkey", "accesskey"),
    _part("azure-sas", r"[?&;]sig=([A-Za-z0-9%+/=]{40,200})", "sig="),
    _word("azure-client-secret", r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}", "q~"),
    _near("azure-devops", r"azure_?(?:devops)?_?(?:pat|token)", r"[a-z2-7]{52}", "azure"),
    _word("digitalocean", r"do[opr]_v1_[a-f0-9]{64}", "_v1_"),
    _word("databricks", r"dapi[a-f0-9]{32}(?:-\d)?", "dapi"),
    _word("alibaba", r"LTAI[A-Za-z0-9]{12,24}", "ltai"),
    _near("heroku", r"heroku", _UUID, "heroku"),
    _word("heroku", r"HRKU-[\w-]{36,80}", "hrku-"),
    _near("cloudflare", r"(?:cloudflare|cf_api)", r"[A-Za-z0-9_-]{37,40}", "cloudflare", "cf_api"),
    _word("cloudflare", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}", "v1.0-"),
    _near("vercel", r"vercel", r"[A-Za-z0-9]{24}", "vercel"),
    _word("vercel", r"vc[pkira]_[A-Za-z0-9]{24,80}", "vcp_", "vck_", "vci_", "vcr_", "vca_"),
    _word("netlify", r"nfp_[A-Za-z0-9]{36,40}", "nfp_"),
    _word("fly-io", r"(?:fo1_[\w-]{43}|fm[12][ar]?_[A-Za-z0-9+/=]{50,800})", "fo1_", "fm1", "fm2"),
    _near("fastly", r"fastly", r"[A-Za-z0-9_-]{32}", "fastly"),
    _near("linode", r"linode", r"[a-f0-9]{64}", "linode"),
    _word("supabase", r"(?:sbp_[a-f0-9]{40}|sb_secret_[\w-]{20,60})", "sbp_", "sb_secret_"),
    _word("planetscale", r"pscale_(?:tkn|pw|oauth)_[\w=.-]{32,64}", "pscale_"),
    # code hosts, packages, builds
    _word("github", r"gh[pousr]_[A-Za-z0-9]{36,255}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _word("github", r"github_pat_[A-Za-z0-9_]{22,255}", "github_pat_"),
    _word("gitlab", r"gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w.=-]{20,300}", "gl"),
    _word("bitbucket", r"ATBB[A-Za-z0-9]{24,60}", "atbb"),
    _word("atlassian", r"AT(?:ATT|CTT|STT)3[\w=-]{50,400}", "att3", "ctt3", "stt3"),
    _word("npm", r"npm_[A-Za-z0-9]{36}", "npm_"),
    _part("npmrc", r"_(?:authToken|password|auth)[ \t]{0,4}=[ \t]{0,4}\"?([^\s\"'${}]{8,500})", "_auth", "_password"),
    _word("pypi", r"pypi-AgE[\w-]{50,500}", "pypi-age"),
    _word("rubygems", r"rubygems_[a-f0-9]{48}", "rubygems_"),
    _word("crates-io", r"cio[A-Za-z0-9]{32}", "cio"),
    _word("nuget", r"oy2[a-z0-9]{43}", "oy2"),
    _word("docker-hub", r"dckr_(?:pat|oat)_[\w-]{20,100}", "dckr_"),
    _word("artifactory", r"AKCp[A-Za-z0-9]{60,90}", "akcp"),
    _word("circleci", r"CCIPAT_[A-Za-z0-9]{10,40}_[a-f0-9]{40}", "ccipat_"),
    _word("buildkite", r"bk(?:ua|pat)_[a-f0-9]{40}", "bkua_", "bkpat_"),
    _word("sonarqube", r"sq[apu]_[a-f0-9]{40}", "sqa_", "sqp_", "squ_"),
    _word("sourcegraph", r"sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}", "sgp_"),
    # models
    _word("openai", r"sk-(?:proj|svcacct|admin|None)-[\w-]{20,250}", "sk-"),
    _word("openai", r"sk-[A-Za-z0-9]{32,64}", "sk-"),
    _word("anthropic", r"sk-ant-[a-z]{2,8}\d\d-[\w-]{20,250}", "sk-ant-"),
    _word("openrouter", r"sk-or-v1-[a-f0-9]{64}", "sk-or-"),
    _word("hugging-face", r"(?:hf|api_org)_[A-Za-z0-9]{30,50}", "hf_", "api_org_"),
    _word("replicate", r"r8_[A-Za-z0-9]{37,40}", "r8_"),
    _word("groq", r"gsk_[A-Za-z0-9]{48,56}", "gsk_"),
    _word("xai", r"xai-[A-Za-z0-9_]{60,100}", "xai-"),
    _word("perplexity", r"pplx-[A-Za-z0-9]{40,60}", "pplx-"),
    _word("nvidia", r"nvapi-[\w-]{50,80}", "nvapi-"),
    _word("pinecone", r"pcsk_[A-Za-z0-9_]{50,90}", "pcsk_"),
    _word("langsmith", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}", "lsv2_"),
    _near("wandb", r"wandb", r"[a-f0-9]{40}", "wandb"),
    # messages and mail
    _word("slack", r"xox[abeoprs]-[A-Za-z0-9-]{10,250}", "xox"),
    _word("slack", r"xapp-\d-[A-Z0-9]{8,20}-\d{8,20}-[a-f0-9]{32,80}", "xapp-"),
    _part("slack-webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{20,120})", "hooks.slack"),
    _word("discord", r"[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}", "m", "n", "o"),
    _part("discord-webhook", r"discord(?:app)?\.com/api/webhooks/\d{15,22}/([\w-]{50,90})", "/api/webhooks/"),
    _part("teams-webhook", r"webhook\.office\.com/webhookb2/([\w@./-]{60,300})", "webhook.office"),
    _word("telegram", r"\d{8,10}:AA[\w-]{32,34}", ":aa"),
    _word("twilio", r"(?:SK|AC)[0-9a-f]{32}", "sk", "ac"),
    _near("twilio", r"twilio", r"[0-9a-f]{32}", "twilio"),
    _word("sendgrid", r"SG\.[\w-]{16,32}\.[\w-]{16,64}", "sg."),
    _word("mailgun", r"(?:pub)?key-[0-9a-f]{32}", "key-"),
    _word("mailchimp", r"[0-9a-f]{32}-us\d{1,2}", "-us"),
    _word("brevo", r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}", "xkeysib-"),
    _word("resend", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,40}", "re_"),
    # money
    _word("stripe", r"(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,250}", "k_live_", "k_test_", "k_prod_"),
    _word("stripe-webhook", r"whsec_[A-Za-z0-9+/=]{24,80}", "whsec_"),
    _word("square", r"sq0(?:atp|csp|idp)-[\w-]{22,50}", "sq0"),
    _word("square", r"EAAA[\w-]{60}", "eaaa"),
    _word("shopify", r"shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{32}", "shp"),
    _word("braintree", r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}", "access_token$"),
    _word("plaid", rf"access-(?:sandbox|development|production)-{_UUID}", "access-"),
    _word("razorpay", r"rzp_(?:live|test)_[A-Za-z0-9]{14}", "rzp_"),
    # infrastructure and monitoring
    _word("terraform-cloud", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}", ".atlasv1."),
    _word("vault", r"hv[sbr]\.[\w-]{24,300}", "hvs.", "hvb.", "hvr."),
    _near("vault", r"vault", r"s\.[A-Za-z0-9]{24}", "vault"),
    _word("doppler", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,80}", "dp."),
    _word("pulumi", r"pul-[a-f0-9]{40}", "pul-"),
    _word("1password", r"ops_eyJ[A-Za-z0-9+/]{100,2000}={0,2}", "ops_eyj"),
    _word("tailscale", r"tskey-[a-z]{3,10}-[A-Za-z0-9]{6,20}-[A-Za-z0-9]{20,50}", "tskey-"),
    _near("datadog", r"(?:datadog|dd)_?(?:api|app)", r"(?:[a-f0-9]{40}|[a-f0-9]{32})", "datadog", "dd_a", "dda"),
    _word("new-relic", r"NR(?:AK-[A-Z0-9]{27}|JS-[a-f0-9]{19}|I[IQ]-[\w-]{32})", "nrak-", "nrjs-", "nri"),
    _word("new-relic", r"[a-f0-9]{36}NRAL", "nral"),
    _part("sentry-dsn", r"https?://([a-f0-9]{32}(?::[a-f0-9]{32})?)@[\w.-]{3,100}/\d{1,20}", "://"),
    _word("sentry", r"sntry[us]_[A-Za-z0-9+/=_]{60,300}", "sntry"),
    _word("grafana", r"(?:glc_[A-Za-z0-9+/]{32,400}={0,2}|glsa_[A-Za-z0-9]{32}_[a-f0-9]{8})", "glc_", "glsa_"),
    _word("dynatrace", r"dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}", "dt0"),
    _word("posthog", r"ph[cx]_[A-Za-z0-9]{40,50}", "phc_", "phx_"),
    _near("okta", r"okta", r"00[\w-]{40}", "okta"),
    _part("okta", r"SSWS[ \t]{1,4}(00[\w-]{40})", "ssws"),
    _word("launchdarkly", rf"(?:sdk|mob|api)-{_UUID}", "sdk-", "mob-", "api-"),
    # offices
    _word("linear", r"lin_(?:api|oauth)_[A-Za-z0-9]{32,64}", "lin_"),
    _word("notion", r"(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,50})", "secret_", "ntn_"),
    _word("airtable", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}", "pat"),
    _word("figma", r"figd_[\w-]{40,60}", "figd_"),
    _word("postman", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}", "pmak-"),
    _word("hubspot", rf"pat-(?:na|eu)\d-{_UUID}", "pat-"),
    _word("contentful", r"CFPAT-[\w-]{43}", "cfpat-"),
    _word("dropbox", r"sl\.(?:u\.)?[\w-]{100,1500}", "sl."),
    _word("facebook", r"EAA[A-Za-z0-9]{80,300}", "eaa"),
    _word("mapbox", r"sk\.eyJ[\w-]{30,300}\.[\w-]{20,60}", "sk.eyj"),
    _near("algolia", r"algolia", r"[a-f0-9]{32}", "algolia"),
    # forms that belong to no service
    _word("jwt", r"eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{0,2000}", "eyj"),
    _word("age-key", r"AGE-SECRET-KEY-1[A-Z0-9]{58}", "age-secret-key-"),
    _part("wireguard", r"\bPrivateKey[ \t]{0,4}=[ \t]{0,4}([A-Za-z0-9+/]{43}=)", "privatekey"),
    _part("bcrypt-hash", r"(\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53})", "$2"),
    _part("crypt-hash", r"(\$[156y]\$[./A-Za-z0-9]{1,20}\$[./A-Za-z0-9$]{22,120})", "$1$", "$5$", "$6$", "$y$"),
    _part("ethereum-key", r"(?i:private_?key)[\"' ]{0,2}[ \t]{0,4}[:=][ \t]{0,4}[\"'`]?(0x[a-fA-F0-9]{64})\b", "key"),
)  # fmt: skip
