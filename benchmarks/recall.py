"""Measures recall of cavra-boundary and its peers: documented formats in ten kinds of file.

    python -m benchmarks.recall [--peers DIR] [--tools NAME ...] [--missed]

Each run makes a temporary corpus: every format and record shape below, filled with made-up values, is written into ten
contexts (code in five languages, JSON, YAML, `.env`, Markdown, shell history), one file each. A file counts as found if
a tool reports anything in it; for ours only errors and warnings count. The formats come from the providers'
documentation, not from our packs, which have their own patterns.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.corpus import DEFAULT
from benchmarks.tools import NAMES, hits, load, run
from cavra_boundary.rules.samples import expand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Format(NamedTuple):
    """A provider's documented format: the variable it is usually stored in, and a template of its value."""

    name: str
    variable: str
    value: str


FORMATS = (
    # Registries and code hosts
    Format("npm token", "NPM_TOKEN", "«npm-token»"),
    Format("PyPI token", "PYPI_TOKEN", "«pypi-token»"),
    Format("GitHub classic token", "GITHUB_TOKEN", "«github-token:ghp»"),
    Format("GitHub fine-grained token", "GH_TOKEN", "«github-token:github_pat»"),
    Format("GitHub OAuth token", "GITHUB_OAUTH_TOKEN", "«github-token:gho»"),
    Format("GitHub App token", "GITHUB_APP_TOKEN", "«github-token:ghs»"),
    Format("GitHub refresh token", "GITHUB_REFRESH_TOKEN", "«github-token:ghr»"),
    Format("GitLab personal token", "GITLAB_TOKEN", "gl«»pat-«base62:20»"),
    Format("GitLab routable token", "GITLAB_TOKEN", "gl«»pat-«base64url:27».01.«base36:9»"),
    Format("GitLab deploy token", "GITLAB_DEPLOY_TOKEN", "gl«»dt-«base62:20»"),
    Format("GitLab runner token", "RUNNER_TOKEN", "gl«»rt-«base62:20»"),
    Format("GitLab trigger token", "TRIGGER_TOKEN", "gl«»ptt-«hex:40»"),
    Format("GitLab CI job token", "JOB_TOKEN", "gl«»cbt-«base62:2»_«base62:20»"),
    Format("GitLab feed token", "FEED_TOKEN", "gl«»ft-«base62:20»"),
    Format("Docker Hub personal token", "DOCKERHUB_TOKEN", "dckr_«»pat_«base64url:27»"),
    Format("Docker Hub organization token", "DOCKERHUB_TOKEN", "dckr_«»oat_«base64url:32»"),
    Format("RubyGems key", "GEM_HOST_API_KEY", "rubygems_«hex:48»"),
    Format("NuGet key", "NUGET_API_KEY", "oy2«base36:43»"),
    Format("crates.io token", "CARGO_REGISTRY_TOKEN", "cio«base62:32»"),
    Format("Clojars token", "CLOJARS_PASSWORD", "CLOJARS_«hex:60»"),
    Format("Packagist token", "PACKAGIST_TOKEN", "packagist_uut_«hex:68»"),
    Format("Hex key", "HEX_API_KEY", "«hex:32»"),
    Format("JFrog API key", "ARTIFACTORY_API_KEY", "AKCp8«base62:68»"),
    Format("JFrog reference", "JF_ACCESS_TOKEN", "«base64-of:reftkn:01:1767225600:«base62:27»»"),
    Format("Cloudsmith key", "CLOUDSMITH_API_KEY", "«hex:40»"),
    Format("Terraform Cloud token", "TFE_TOKEN", "«base62:14».atlas«»v1.«base62:67»"),
    # Payments
    Format("Stripe secret key", "STRIPE_SECRET_KEY", "sk_«»live_51«base62:97»"),
    Format("Stripe restricted key", "STRIPE_RESTRICTED_KEY", "rk_«»live_«base62:24»"),
    Format("Stripe webhook secret", "STRIPE_WEBHOOK_SECRET", "whsec«»_«base62:32»"),
    Format("Adyen API key", "ADYEN_API_KEY", "AQE«base62:60»-«base62:43»=-«base62:16»"),
    Format("Adyen HMAC key", "ADYEN_HMAC_KEY", "«HEX:64»"),
    Format("Braintree access token", "BRAINTREE_ACCESS_TOKEN", "access_token$«»production$«base36:16»$«hex:32»"),
    Format("Braintree private key", "BRAINTREE_PRIVATE_KEY", "«hex:32»"),
    Format("PayPal client secret", "PAYPAL_CLIENT_SECRET", "E«base64url:79»"),
    Format("Square access token", "SQUARE_ACCESS_TOKEN", "EAAA«»l«base64url:59»"),
    Format("Square application secret", "SQUARE_APPLICATION_SECRET", "sq0«»csp-«base64url:43»"),
    Format("Razorpay key secret", "RAZORPAY_KEY_SECRET", "«base62:24»"),
    Format("Paystack secret key", "PAYSTACK_SECRET_KEY", "sk_«»live_«hex:40»"),
    Format("Flutterwave secret key", "FLW_SECRET_KEY", "FLW«»SECK-«hex:32»-X"),
    Format("Mollie API key", "MOLLIE_API_KEY", "live_«base62:30»"),
    Format("Checkout.com secret key", "CKO_SECRET_KEY", "sk_«lower:14»4«lower:12»"),
    Format("GoCardless token", "GOCARDLESS_ACCESS_TOKEN", "live_«base64url:40»"),
    Format("Plaid access token", "PLAID_ACCESS_TOKEN", "access-production-«uuid»"),
    Format("Plaid secret", "PLAID_SECRET", "«hex:30»"),
    Format("Paddle API key", "PADDLE_API_KEY", "pdl_«»live_apikey_01«base36:24»_«base62:22»_«base62:3»"),
    Format("Chargebee key", "CHARGEBEE_API_KEY", "live_«base62:32»"),
    Format("Recurly key", "RECURLY_API_KEY", "«hex:32»"),
    Format("Lemon Squeezy key", "LEMONSQUEEZY_API_KEY", '«jwt:{"aud":"94d59cef-dbb8-4ea5-b178-d2540fcd6919"}»'),
    Format("Shopify access token", "SHOPIFY_ACCESS_TOKEN", "shp«»at_«hex:32»"),
    Format("Shopify shared secret", "SHOPIFY_API_SECRET", "shp«»ss_«hex:32»"),
    Format("Coinbase Commerce key", "COINBASE_COMMERCE_API_KEY", "«uuid»"),
    Format("Wise token", "WISE_API_TOKEN", "«uuid»"),
    Format("card number", "CARD_NUMBER", "«card»"),
    Format("IBAN", "IBAN", "«iban»"),
    Format("Slack webhook", "SLACK_WEBHOOK_URL", "https://hooks.slack«».com/services/T«HEX:10»/B«HEX:10»/«base62:24»"),
    Format("Discord webhook", "DISCORD_WEBHOOK", "https://discord«».com/api/webhooks/1«digits:18»/«base64url:68»"),
    Format("Zapier webhook", "ZAPIER_HOOK_URL", "https://hooks.zapier«».com/hooks/catch/«digits:7»/«base36:7»/"),
    # CRM, support, mail, chat, operations
    Format("Salesforce session", "SALESFORCE_ACCESS_TOKEN", "00D5g0«base62:9»!AQ«base62:94»"),
    Format("Salesforce consumer secret", "SALESFORCE_CLIENT_SECRET", "«HEX:64»"),
    Format("Salesforce security token", "SALESFORCE_SECURITY_TOKEN", "«base62:24»"),
    Format("HubSpot private app token", "HUBSPOT_ACCESS_TOKEN", "pat-«»na1-«uuid»"),
    Format("Zendesk token", "ZENDESK_API_TOKEN", "«base62:40»"),
    Format("Intercom token", "INTERCOM_ACCESS_TOKEN", "dG9r«»Oj«base62:52»="),
    Format("Pipedrive token", "PIPEDRIVE_API_TOKEN", "«hex:40»"),
    Format("Zoho refresh token", "ZOHO_REFRESH_TOKEN", "1000.«hex:32».«hex:32»"),
    Format("Freshdesk key", "FRESHDESK_API_KEY", "«base62:20»"),
    Format("Dynamics client secret", "DYNAMICS_CLIENT_SECRET", "«base62:3»8Q~«base64url:34»"),
    Format("Gainsight key", "GAINSIGHT_ACCESS_KEY", "«uuid»"),
    Format("Mailchimp key", "MAILCHIMP_API_KEY", "«hex:32»-us14"),
    Format("SendGrid key", "SENDGRID_API_KEY", "SG«».«base64url:22».«base64url:43»"),
    Format("Mailgun key", "MAILGUN_API_KEY", "key-«hex:32»"),
    Format("Mailgun new key", "MAILGUN_API_KEY", "«hex:32»-«hex:8»-«hex:8»"),
    Format("Postmark token", "POSTMARK_SERVER_TOKEN", "«uuid»"),
    Format("Klaviyo key", "KLAVIYO_API_KEY", "pk_«hex:34»"),
    Format("Segment write key", "SEGMENT_WRITE_KEY", "«base62:32»"),
    Format("Customer.io key", "CUSTOMERIO_API_KEY", "«hex:32»"),
    Format("Gong secret", "GONG_ACCESS_KEY_SECRET", "«base62:64»"),
    Format("Slack bot token", "SLACK_BOT_TOKEN", "xox«»b-«digits:12»-«digits:13»-«base62:24»"),
    Format("Slack app token", "SLACK_APP_TOKEN", "xapp«»-1-A«HEX:10»-«digits:13»-«hex:64»"),
    Format("Slack signing secret", "SLACK_SIGNING_SECRET", "«hex:32»"),
    Format(
        "Teams webhook",
        "TEAMS_WEBHOOK_URL",
        "https://acme.webhook.office«».com/webhookb2/«uuid»@«uuid»/IncomingWebhook/«hex:32»/«uuid»",
    ),
    Format("Atlassian token", "JIRA_API_TOKEN", "ATATT3xFf«»GF0«base64url:171»=«HEX:8»"),
    Format("ServiceNow password", "SERVICENOW_PASSWORD", "q7#«base62:12»"),
    Format("PagerDuty token", "PAGERDUTY_TOKEN", "u+«base64url:18»"),
    Format("Twilio auth token", "TWILIO_AUTH_TOKEN", "«hex:32»"),
    Format("Datadog API key", "DD_API_KEY", "«hex:32»"),
    Format("Snowflake password", "SNOWFLAKE_PASSWORD", "q7-«base62:14»"),
    Format("Databricks token", "DATABRICKS_TOKEN", "da«»pi«hex:32»"),
    Format("Okta token", "OKTA_API_TOKEN", "00«base64url:40»"),
    Format("Auth0 client secret", "AUTH0_CLIENT_SECRET", "«base64url:64»"),
    Format("Telegram bot token", "TELEGRAM_BOT_TOKEN", "«digits:10»:AA«base64url:33»"),
    Format("Discord bot token", "DISCORD_TOKEN", "MT«base62:24».G«base62:5».«base64url:38»"),
    Format("New Relic user key", "NEW_RELIC_API_KEY", "NR«»AK-«upper:27»"),
    Format("Sentry token", "SENTRY_AUTH_TOKEN", "sntry«»u_«hex:64»"),
    Format("Grafana token", "GRAFANA_TOKEN", "gl«»sa_«base62:32»_«hex:8»"),
    Format("Notion token", "NOTION_TOKEN", "ntn«»_«digits:11»«base62:35»"),
    Format("Linear key", "LINEAR_API_KEY", "lin_«»api_«base62:40»"),
    Format("Airtable token", "AIRTABLE_API_KEY", "pat«base62:14».«hex:64»"),
    Format("Facebook token", "FACEBOOK_ACCESS_TOKEN", "EAAB«base62:180»"),
    # Clouds, databases, infrastructure
    Format("AWS key id", "AWS_ACCESS_KEY_ID", "«aws-key-id»"),
    Format("AWS secret key", "AWS_SECRET_ACCESS_KEY", "«base64:40»"),
    Format("GCP API key", "GOOGLE_API_KEY", "AI«»za«base64url:35»"),
    Format("Google OAuth secret", "GOOGLE_CLIENT_SECRET", "GOC«»SPX-«base64url:28»"),
    Format("Azure client secret", "AZURE_CLIENT_SECRET", "«base62:3»8Q~«base64url:34»"),
    Format("Azure storage key", "AZURE_STORAGE_KEY", "«base64-bytes:64»"),
    Format(
        "Azure connection string",
        "AZURE_STORAGE_CONNECTION_STRING",
        "DefaultEndpointsProtocol=https;AccountName=«word»;AccountKey=«base64-bytes:64»;EndpointSuffix=core.windows.net",
    ),
    Format(
        "Azure SAS",
        "BLOB_URL",
        "https://«word».blob.core.windows.net/data?sv=2023-11-03&ss=b&srt=sco&sp=rl&se=2027-01-01T00:00:00Z"
        "&spr=https&sig=«base62:43»%3D",
    ),
    Format("Azure DevOps token", "AZURE_DEVOPS_EXT_PAT", "«base62:76»AZDO«base62:4»"),
    Format("DigitalOcean token", "DIGITALOCEAN_TOKEN", "dop«»_v1_«hex:64»"),
    Format("Cloudflare token", "CLOUDFLARE_API_TOKEN", "«base64url:40»"),
    Format("Hetzner token", "HCLOUD_TOKEN", "«base62:64»"),
    Format("Fly token", "FLY_API_TOKEN", "fm2_lJPE«base64:120»"),
    Format("Heroku key", "HEROKU_API_KEY", "HRKU-AA«base64url:58»"),
    Format("Heroku legacy key", "HEROKU_API_KEY", "«uuid»"),
    Format("Vercel token", "VERCEL_TOKEN", "«base62:24»"),
    Format("Netlify token", "NETLIFY_AUTH_TOKEN", "nfp_«base62:36»"),
    Format("Supabase token", "SUPABASE_ACCESS_TOKEN", "sbp_«hex:40»"),
    Format("Vault token", "VAULT_TOKEN", "hvs.«base64url:90»"),
    Format("Consul token", "CONSUL_HTTP_TOKEN", "«uuid»"),
    Format("Nomad token", "NOMAD_TOKEN", "«uuid»"),
    Format("Pulumi token", "PULUMI_ACCESS_TOKEN", "pul-«hex:40»"),
    Format("Doppler token", "DOPPLER_TOKEN", "dp.pt.«base62:43»"),
    Format("PostgreSQL URL", "DATABASE_URL", "postgres://«word»:«base62:18»@db.«host»:5432/«word»"),
    Format("MongoDB URL", "MONGODB_URI", "mongodb+srv://«word»:«base62:16»@cluster0.«base36:5».mongodb.net/«word»"),
    Format("Redis URL", "REDIS_URL", "rediss://default:«base62:32»@cache.«host»:6379/0"),
    Format("AMQP URL", "AMQP_URL", "amqps://«word»:«base62:20»@mq.«host»/«word»"),
    Format("database password", "DB_PASSWORD", "«base62:9»-«base62:9»"),
    Format("OpenAI key", "OPENAI_API_KEY", "sk-«»proj-«base64url:74»T3Blbk«»FJ«base64url:74»"),
    Format("Anthropic key", "ANTHROPIC_API_KEY", "sk-«»ant-api03-«base64url:93»AA"),
    Format("Hugging Face token", "HF_TOKEN", "hf«»_«base62:34»"),
    Format("Groq key", "GROQ_API_KEY", "gsk«»_«base62:52»"),
    Format("Mistral key", "MISTRAL_API_KEY", "«base62:32»"),
    Format("Replicate token", "REPLICATE_API_TOKEN", "r8_«base62:37»"),
    Format("Linode token", "LINODE_TOKEN", "«hex:64»"),
    Format("Scaleway secret key", "SCW_SECRET_KEY", "«uuid»"),
    Format("Render key", "RENDER_API_KEY", "rnd_«base62:28»"),
    Format("Railway token", "RAILWAY_TOKEN", "«uuid»"),
    Format("Supabase secret key", "SUPABASE_SECRET_KEY", "sb_«»secret_«base64url:22»_«base64url:8»"),
    Format("PlanetScale password", "PLANETSCALE_PASSWORD", "pscale_«»pw_«base64url:43»"),
    Format("PlanetScale token", "PLANETSCALE_SERVICE_TOKEN", "pscale_«»tkn_«base64url:43»"),
    Format("Neon key", "NEON_API_KEY", "napi_«base36:64»"),
    Format("Buildkite token", "BUILDKITE_API_TOKEN", "bkua_«hex:40»"),
    Format("CircleCI token", "CIRCLECI_TOKEN", "CCIPAT_«base62:22»_«hex:40»"),
    Format("Snyk token", "SNYK_TOKEN", "«uuid»"),
    Format("SonarQube token", "SONAR_TOKEN", "squ_«hex:40»"),
    Format("Sourcegraph token", "SRC_ACCESS_TOKEN", "sgp_«hex:16»_«hex:40»"),
    Format("LaunchDarkly API key", "LAUNCHDARKLY_ACCESS_TOKEN", "api-«uuid»"),
    Format("PostHog key", "POSTHOG_PERSONAL_API_KEY", "phx_«base62:43»"),
    Format("Figma token", "FIGMA_TOKEN", "figd_«base64url:40»"),
    Format("Postman key", "POSTMAN_API_KEY", "PMAK-«hex:24»-«hex:34»"),
    Format("Dynatrace token", "DT_API_TOKEN", "dt0c01.«base32:24».«base32:64»"),
    Format("Tailscale key", "TS_AUTHKEY", "tskey-auth-«base62:12»CNTRL-«base62:32»"),
    Format(
        "1Password service token", "OP_SERVICE_ACCOUNT_TOKEN", 'ops_«base64url-of:{"email":"«uuid»","muk":"«hex:200»"}»'
    ),
    Format("Perplexity key", "PERPLEXITY_API_KEY", "pplx-«base62:48»"),
    Format("xAI key", "XAI_API_KEY", "xai-«base62:80»"),
    Format("NVIDIA key", "NVIDIA_API_KEY", "nvapi-«base64url:64»"),
    Format("OpenRouter key", "OPENROUTER_API_KEY", "sk-or-v1-«hex:64»"),
    Format("DeepSeek key", "DEEPSEEK_API_KEY", "sk-«hex:32»"),
    Format("ElevenLabs key", "ELEVENLABS_API_KEY", "sk_«hex:48»"),
    Format("LangSmith key", "LANGSMITH_API_KEY", "lsv2_pt_«hex:32»_«hex:10»"),
    Format("Pinecone key", "PINECONE_API_KEY", "pcsk_«base62:6»_«base62:63»"),
    Format("Cohere key", "COHERE_API_KEY", "«base62:40»"),
    Format("Rails secret key base", "SECRET_KEY_BASE", "«hex:128»"),
    Format("Laravel key", "APP_KEY", "base64:«base64-bytes:32»"),
    Format("basic authorization", "AUTHORIZATION", "Basic «docker-auth»"),
    Format("JDBC URL", "JDBC_URL", "jdbc:postgresql://db.«host»:5432/app?user=«word»&password=«base62:18»"),
    Format(
        "SQL Server connection string",
        "CONNECTION_STRING",
        "Server=tcp:«word».database.windows.net,1433;Database=app;User ID=«word»;Password=«base62:18»;Encrypt=True;",
    ),
    Format("git URL with a token", "REPOSITORY_URL", "https://«word»:«base62:24»@git.«host»/«word».git"),
    Format("index URL with a login", "PIP_EXTRA_INDEX_URL", "https://«word»:«base62:24»@pypi.«host»/simple"),
    Format("JWT", "SERVICE_TOKEN", "«jwt»"),
    Format("JWT signing secret", "JWT_SECRET", "«base64url:48»"),
    Format("Django secret key", "SECRET_KEY", "«base36:45»!q7(k"),
    Format("generic API key", "INTERNAL_API_KEY", "«base62:32»"),
    Format("encryption key", "ENCRYPTION_KEY", "«hex:64»"),
    # Licenses and signing
    Format("PEM RSA key", "PRIVATE_KEY", "«pem:RSA PRIVATE KEY»"),
    Format("PEM PKCS#8 key", "SIGNING_KEY", "«pem:PRIVATE KEY»"),
    Format("PEM EC key", "JWT_PRIVATE_KEY", "«pem:EC PRIVATE KEY»"),
    Format("OpenSSH key", "DEPLOY_KEY", "«openssh-key»"),
    Format("PGP key", "GPG_PRIVATE_KEY", "«pgp-key»"),
    Format("PuTTY key", "DEPLOY_PPK", "«putty-key»"),
    Format("minisign key", "MINISIGN_SECRET_KEY", "«minisign-key»"),
    Format("WireGuard key", "WIREGUARD_PRIVATE_KEY", "«base64-bytes:32»"),
    Format("Ethereum key", "ETH_PRIVATE_KEY", "0x«hex:64»"),
    Format("Ed25519 seed", "SIGNING_SEED", "«hex:64»"),
    Format("age identity", "SOPS_AGE_KEY", "«age-key»"),
    Format("PEM in base64", "APP_PRIVATE_KEY_BASE64", "«base64-of:«pem:PRIVATE KEY»»"),
    Format("service account in base64", "GCP_SA_KEY", "«base64-of:«service-account»»"),
    Format("offline license key", "LICENSE_KEY", 'key/«base64url-of:{"id":"«uuid»","seats":40}».«base64url:86»'),
    Format("grouped license key", "PRODUCT_LICENSE_KEY", "«HEX:6»-«HEX:6»-«HEX:6»-«HEX:6»-«HEX:6»-V3"),
    Format("assigned license key", "CAVRA_LICENSE_KEY", "CAVRA-«base36:5»-«base36:5»-«base36:5»-«base36:5»"),
    Format("keystore password", "KEYSTORE_PASSWORD", "«base62:7»-«base62:7»"),
    Format("Sidekiq Enterprise login", "GEM_SOURCE", "https://«hex:8»:«hex:8»@enterprise.contribsys.com/"),
)

RECORDS: dict[str, dict[str, Any]] = {
    "Stripe invoice": {
        "id": "in_1«base62:23»", "object": "invoice", "customer": "cus_«base62:14»", "customer_email": "«email»",
        "amount_due": 129900, "currency": "eur", "created": 1751328000, "livemode": True,
    },
    "Stripe subscription": {
        "id": "sub_1«base62:23»", "object": "subscription", "customer": "cus_«base62:14»", "status": "active",
        "current_period_end": 1767225600, "livemode": True,
    },
    "Stripe customer": {
        "id": "cus_«base62:14»", "object": "customer", "email": "«email»", "name": "«name»", "livemode": True,
        "created": 1751328000,
    },
    "invoice": {
        "invoice_number": "INV-2025-«digits:5»", "customer_name": "«company»", "customer_email": "«email»",
        "due_date": "2025-09-30", "total": "12,480.00", "currency": "EUR",
    },
    "subscription": {
        "subscription_id": "«uuid»", "customer_id": "c-«digits:6»", "plan": "enterprise-annual", "mrr": 4200.50,
        "renews_at": "2026-03-01", "billing_email": "«email»",
    },
    "payment": {
        "payment_id": "pay-«digits:8»", "amount": "349.00", "currency": "USD", "paid_at": "2025-04-11T09:30:12Z",
        "payer_email": "«email»", "payer_name": "«name»",
    },
    "bank account": {
        "account_holder": "«name»", "iban": "«iban»", "bic": "COBADEFFXXX", "bank_name": "Commerzbank",
    },
    "usage line": {
        "customer_id": "c-«digits:6»", "metric": "api_calls", "quantity": 182733, "unit_price": "0.0004",
        "amount": "73.09", "period_start": "2025-05-01", "period_end": "2025-05-31",
    },
    "license": {
        "license_id": "lic-«digits:7»", "licensee": "«company»", "email": "«email»", "seats": 250,
        "issued_at": "2025-01-15", "expires_at": "2026-01-15",
    },
    "contract": {
        "contract_id": "MSA-«digits:5»", "counterparty": "«company»", "signed_on": "2025-02-14",
        "renewal_date": "2027-02-14", "annual_value": "EUR 184,000",
    },
    "person": {
        "first_name": "Ingrid", "last_name": "Kowalczyk", "email": "«email»", "phone": "«phone»",
        "company": "«company»", "address": "Hauptstrasse 17", "city": "Leipzig",
    },
    "account": {
        "account_id": "acc-«digits:6»", "account_name": "«company»", "owner_email": "«email»",
        "arr": "EUR 96,000", "renewal_date": "2026-05-01",
    },
    "customer health": {
        "account_name": "«company»", "health_score": 42, "churn_risk": "high", "csm_email": "«email»",
        "renewal_date": "2026-05-01",
    },
    "support ticket": {
        "ticket_id": "T-«digits:6»", "subject": "SSO login fails since the upgrade", "requester_email": "«email»",
        "requester_name": "«name»", "created_at": "2025-«»06-02T08:14:55Z",
        "description": "Since Monday none of our 300 users can sign in. Please call me back.",
    },
    "Zendesk ticket": {
        "id": 48211, "url": "https://«word».zen«»desk.com/api/v2/tickets/48211.json", "sub«»ject": "Invoice is wrong",
        "requester«»_id": 361920112233, "created_at": "2025-«»06-02T08:14:55Z",
        "description": "We were charged twice for May, please refund the second payment.",
    },
    "Salesforce contact": {
        "attributes": {"type": "Contact", "url": "/services/data/v59.0/sobjects/Contact/0035g00000«base62:5»AAA"},
        "Id": "0035g00000«base62:5»AAA", "FirstName": "Pavel", "LastName": "Moreau", "Email": "«email»",
        "Phone": "«phone»", "AccountId": "0015g00000«base62:5»AAA",
    },
    "HubSpot contact": {
        "id": "«digits:8»", "properties": {"email": "«email»", "firstname": "Chiara", "lastname": "Brandt",
        "phone": "«phone»", "hs_object_id": "«digits:8»", "createdate": "2025-01-20T10:00:00.000Z"},
    },
    "Intercom contact": {
        "type": "contact", "id": "«hex:24»", "external_id": "u-«digits:5»", "role": "user", "email": "«email»",
        "name": "«name»", "signed_up_at": 1738000000,
    },
    "Pipedrive deal": {
        "id": 4471, "title": "«company» renewal", "value": 56000, "currency": "EUR", "org_name": "«company»",
        "person_name": "«name»", "stage_id": 12, "owner_name": "«name»", "add_time": "2025-03-03 09:11:24",
    },
    "trial": {
        "trial_id": "trial-«digits:6»", "company": "«company»", "email": "«email»", "started_at": "2025-06-01",
        "expires_at": "2025-06-30", "seats": 25,
    },
}  # fmt: skip

# --- contexts


def _camel(variable: str) -> str:
    head, *rest = variable.lower().split("_")
    return head + "".join(word.title() for word in rest)


def _in_quotes(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _yaml(key: str, value: str) -> str:
    if "\n" in value:
        return f"  {key}: |\n" + "".join(f"    {line}\n" for line in value.splitlines())
    return f"  {key}: {_in_quotes(value) if re.search('[#:!@]', value) else value}\n"


def _markdown(variable: str, value: str) -> str:
    if "\n" in value:
        return f"# Setup\n\nSave this key as `{variable.lower()}`:\n\n```\n{value}\n```\n"
    return f"# Setup\n\n1. Run the service with `{variable}={value}`.\n"


VALUE_CONTEXTS: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "Python": ("app/settings.py", lambda name, value: f"import os\n\n{name} = {_in_quotes(value)}\nTIMEOUT = 30\n"),
    "JavaScript": ("src/client.js", lambda name, value: f"const {_camel(name)} = {_in_quotes(value)};\n"),
    "Go": ("main.go", lambda name, value: f"package main\n\nvar {_camel(name)} = {_in_quotes(value)}\n"),
    "Java": ("Client.java", lambda name, value: f"  private static final String {name} = {_in_quotes(value)};\n"),
    "Ruby": ("lib/client.rb", lambda name, value: f"config = {{ {name.lower()}: {_in_quotes(value)} }}\n"),
    "JSON": ("config.json", lambda name, value: json.dumps({"debug": False, _camel(name): value}, indent=2)),
    "YAML": ("config.yaml", lambda name, value: "app:\n  debug: false\n" + _yaml(name.lower(), value)),
    ".env": (".env", lambda name, value: f"PORT=8080\n{name}={_in_quotes(value) if chr(10) in value else value}\n"),
    "Markdown": ("docs/setup.md", _markdown),
    "shell history": (
        ".bash_history",
        lambda name, value: f"cd app\nexport {name}={_in_quotes(value) if chr(10) in value else value}\nmake\n",
    ),
}


def _python(record: dict[str, Any]) -> str:
    return f"RECORD = {record!r}\n"


def _javascript(record: dict[str, Any]) -> str:
    return "const record = " + re.sub(r'"(\w+)":', r"\1:", json.dumps(record, indent=2)) + ";\n"


def _go(value: object) -> str:
    if isinstance(value, dict):
        return "map[string]any{" + ", ".join(f"{json.dumps(key)}: {_go(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)


def _ruby(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key}: {_ruby(each)}" for key, each in value.items()) + " }"
    return json.dumps(value)


def _block(record: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:\n"
            yield from _block(value, indent + "  ")
        else:
            yield f"{indent}{key}: {json.dumps(value)}\n"


RECORD_CONTEXTS: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "Python": ("tests/data.py", _python),
    "JavaScript": ("src/data.js", _javascript),
    "Go": ("data.go", lambda record: f"package main\n\nvar record = {_go(record)}\n"),
    "Java": ("Data.java", lambda record: f"  String body = {json.dumps(json.dumps(record))};\n"),
    "Ruby": ("lib/data.rb", lambda record: f"record = {_ruby(record)}\n"),
    "JSON": ("data.json", lambda record: json.dumps({"data": [record]}, indent=2)),
    "YAML": ("data.yaml", lambda record: "record:\n" + "".join(_block(record, "  "))),
    ".env": (".env", lambda record: f"PORT=8080\nPAYLOAD='{json.dumps(record)}'\n"),
    "Markdown": ("docs/bug.md", lambda record: f"It fails for:\n\n```json\n{json.dumps(record, indent=2)}\n```\n"),
    "shell history": (".bash_history", lambda record: f"curl -d '{json.dumps(record)}' https://localhost:8080/in\n"),
}


def cases() -> Iterator[tuple[str, str, str, str]]:
    """Every case: the name of its format or shape, its context, its file's name and content."""
    for number, (name, variable, template) in enumerate(FORMATS):
        for context, (file, write) in VALUE_CONTEXTS.items():
            value = expand(template, f"{number} {context}")
            yield name, context, file, write(variable, value)
    for name, shape in RECORDS.items():
        for context, (file, write_record) in RECORD_CONTEXTS.items():
            template = json.dumps(shape, ensure_ascii=False)
            yield name, context, file, write_record(json.loads(expand(template, f"{name} {context}")))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the recall of cavra-boundary and its peers.")
    parser.add_argument("--peers", type=Path, default=DEFAULT / "peers", help="virtual environments of the peers")
    parser.add_argument("--tools", nargs="+", choices=NAMES, default=list(NAMES), help="only these")
    parser.add_argument("--missed", action="store_true", help="list every case that a tool misses")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus, report = Path(folder, "corpus").resolve(), Path(folder, "report.json")
        names: dict[str, tuple[str, str]] = {}
        for number, (name, context, file, text) in enumerate(cases()):
            path = corpus / f"case{number}" / file
            path.parent.mkdir(parents=True)
            path.write_text(text)
            names[f"case{number}"] = name, context
        found = {}
        for tool in load(options.tools, options.peers.resolve()):
            run(tool, corpus, report)
            places = (hit.path for hit in hits(tool, report) if hit.severity != "note")
            found[tool.name] = {names[case[0]] for case in map(_CASE.findall, places) if case}
    every = set(names.values())
    print(f"| | cases | {' | '.join(found)} |", f"| --- | --: |{' --: |' * len(found)}", sep="\n")
    for title, chosen in (
        ("all", every),
        ("formats", {case for case in every if case[0] not in RECORDS}),
        ("records", {case for case in every if case[0] in RECORDS}),
        *((context, {case for case in every if case[1] == context}) for context in VALUE_CONTEXTS),
    ):
        shares = (f"{100 * len(chosen & hit) / len(chosen):.1f} %" for hit in found.values())
        print(f"| {title} | {len(chosen):,} | {' | '.join(shares)} |")
    for tool_name, hit in found.items():
        missed = Counter(name for name, _ in every - hit)
        print(f"\n{tool_name} misses something of {len(missed)} of {len(FORMATS) + len(RECORDS)} formats and shapes")
        if options.missed:
            for name, count in sorted(missed.items(), key=lambda item: (-item[1], item[0])):
                print(f"  {count:2} {name}: {', '.join(sorted(c for n, c in every - hit if n == name))}")


_CASE = re.compile(r"case\d+")


if __name__ == "__main__":
    main()
