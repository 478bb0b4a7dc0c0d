"""What a name says of its value: hundreds of names as real projects write them, in every convention."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.detect.gates import WORDS
from cavra_boundary.detect.names import Meaning, Providers, fold, meaning, words_of


def table(names: str) -> list[str]:
    return names.split()


STRONG = table(
    """
    client_secret clientSecret ClientSecret CLIENT_SECRET client-secret oauth_client_secret GITHUB_CLIENT_SECRET
    api_key apiKey APIKey apikey API_KEY X-Api-Key x_api_key stripeApiKey OPENAI_API_KEY openai_apikey
    auth_token authToken AUTH_TOKEN access_token accessToken refresh_token id_token idToken bearer_token
    GITHUB_TOKEN GITHUB_PAT gh_pat npm_token _authToken NPM_AUTH_TOKEN CI_JOB_TOKEN SLACK_BOT_TOKEN bot_token
    slack_token TELEGRAM_BOT_TOKEN discord_token webhook_secret signing_secret SLACK_SIGNING_SECRET jwt_secret
    JWT_SECRET_KEY SECRET_KEY secret_key secretKey secret_key_base SECRET_KEY_BASE secret secretToken appSecret
    app_secret AWS_SECRET_ACCESS_KEY aws_secret_access_key aws_secret_key aws_session_token secretAccessKey
    awsSecretAccessKey AccountKey SharedAccessKey AZURE_STORAGE_KEY azure_client_secret
    AzureWebJobsStorage_account_key storage_key private_key privateKey encryption_key encryptionKey
    ENCRYPTION_KEY master_key RAILS_MASTER_KEY rails_master_key deploy_key signing_key signingKey hmac_key
    hmac_secret aes_key cipherKey session_secret cookie_secret SESSION_SECRET consumer_secret consumer_key
    oauth_token_secret OVH_CONSUMER_KEY OVH_APPLICATION_SECRET twilio_auth_token TWILIO_AUTH_TOKEN
    sentry_auth_token DATADOG_API_KEY DD_APP_KEY dd_api_key NEW_RELIC_LICENSE_KEY license_key flickr_secret
    mailgun_api_key SENDGRID_API_KEY heroku_api_key HEROKU_API_TOKEN personal_access_token Authorization
    Proxy-Authorization authorization X-Auth-Token X-Access-Token X-Vault-Token X-Gitlab-Token PRIVATE-TOKEN
    JOB-TOKEN Ocp-Apim-Subscription-Key subscription_key subscriptionKey vault_token VAULT_TOKEN root_token
    sas_token sasToken SharedAccessSignature totp_secret otp_secret otpSecret mfa_secret two_factor_secret
    recovery_token reset_token password_reset_token confirmation_token device_token fcm_server_key server_key
    serverKey vapid_private_key CODECOV_TOKEN COVERALLS_REPO_TOKEN sonar_token SONAR_TOKEN PYPI_TOKEN
    pypi_api_token DOCKERHUB_TOKEN registry_token cargo_registry_token user_token token Token TOKEN api_token
    apiToken API_TOKEN api-token credentials credential creds django_secret_key FLASK_SECRET_KEY APP_SECRET
    app_key APP_KEY laravel_app_key cookieValidationKey x.signing.key
    spring.security.oauth2.client.registration.github.client-secret stripe.secret.key STRIPE_SECRET_KEY
    adyen_hmac_key braintree_private_key paypal_secret PAYPAL_CLIENT_SECRET squareAccessToken shopify_api_secret
    SHOPIFY_API_SECRET_KEY facebook_app_secret FACEBOOK_SECRET twitter_access_token_secret
    TWITTER_CONSUMER_SECRET linkedin_secret google_client_secret GOOGLE_API_KEY firebase_token maps_api_key
    googleMapsApiKey mongo_api_private_key atlas_private_key ALGOLIA_ADMIN_KEY algolia_api_key
    CLOUDFLARE_API_TOKEN cloudflare_api_key CF_API_TOKEN cf_token DIGITALOCEAN_TOKEN digitalocean_access_token
    do_token do_api_key LINODE_TOKEN hcloud_token HCLOUD_TOKEN GRAFANA_API_KEY grafana_token PAGERDUTY_TOKEN
    pagerduty_api_key opsgenie_api_key jira_api_token CONFLUENCE_TOKEN circleci_token CIRCLE_TOKEN TRAVIS_TOKEN
    buildkite_agent_token terraform_token TFE_TOKEN ATLAS_TOKEN snyk_token SNYK_TOKEN fossa_api_key
    FOSSA_API_KEY snmp_auth_key wpa_psk psk wireguard_private_key tailscale_authkey TS_AUTHKEY wallet_mnemonic
    mnemonic seed_secret deployer_private_key ETHERSCAN_API_KEY INFURA_PROJECT_SECRET infura_api_key
    auth0_client_secret okta_api_token OKTA_CLIENT_SECRET keycloak_client_secret ldap_secret SAML_PRIVATE_KEY
    recaptcha_secret RECAPTCHA_SECRET_KEY hcaptcha_secret turnstile_secret_key reCaptchaPrivateKey
    nextauth_secret NEXTAUTH_SECRET AUTH_SECRET BETTER_AUTH_SECRET PAYLOAD_SECRET strapi_admin_jwt_secret
    API_TOKEN_SALT_SECRET rollbar_access_token ROLLBAR_TOKEN bugsnag_api_key BUGSNAG_API_KEY airbrake_api_key
    honeybadger_api_key loggly_token LOGGLY_TOKEN mapbox_secret_token anthropic_api_key ANTHROPIC_API_KEY
    HF_TOKEN huggingface_token HUGGING_FACE_HUB_TOKEN replicate_api_token PINECONE_API_KEY cohere_api_key
    wandb_api_key WANDB_API_KEY mistral_api_key GROQ_API_KEY deepseek_api_key zapier_secret trello_token
    TRELLO_API_SECRET asana_token ASANA_PERSONAL_ACCESS_TOKEN notion_token NOTION_TOKEN api_key_2 API_KEY_PROD
    apiKeyProd secret_prod access_token_dev tokenValue api_key_value SECRET_KEY_OLD userToken sessionToken
    session_token PHPSESSID JSESSIONID connect.sid sessionid auth_cookie access-token refreshToken.value
    data.api_token security.oauth2.resource.jwt.keyValue PrivateKey
    """
)
PASSWORDS = table(
    """
    password Password PASSWORD passwd PASSWD pwd PWD db_password DB_PASSWORD dbPassword database_password
    POSTGRES_PASSWORD MYSQL_ROOT_PASSWORD mysql_pwd rootPassword admin_password adminPassword ADMIN_PASS
    smtp_password SMTP_PASS smtpPass EMAIL_HOST_PASSWORD redis_password REDIS_PASSWORD requirepass
    rabbitmq_password RABBITMQ_DEFAULT_PASS spring.datasource.password spring.mail.password
    javax.net.ssl.keyStorePassword keystore_password keystorePassword storePassword keyPassword
    truststore.password ssl.key.password key_passphrase passphrase SSH_PASSPHRASE userPassword user_password
    ldap_bind_password bindPassword ftp_password ftpPassword proxy_password sudo_password ansible_password
    ansible_ssh_pass ansible_become_pass ansible_become_password vault_password GF_SECURITY_ADMIN_PASSWORD
    KEYCLOAK_ADMIN_PASSWORD ELASTIC_PASSWORD KAFKA_PASSWORD sasl.password sasl_password connectionPassword
    jdbc_password oracle_pwd sapassword SA_PASSWORD MSSQL_SA_PASSWORD root_pw wifi_password contraseña senha
    kennwort passwort mot_de_passe motdepasse hasło wachtwoord password_prod passwordProd PASSWORD_DEV
    default_password defaultPassword testPassword initial_password password1 bitbucket_app_password
    BITBUCKET_APP_PASSWORD
    """
)
WEAK = table(
    """
    key KEY keys twist_key fooKey geo_key signature Signature sig X-Hub-Signature sign session ticket seed code
    access magic login webhook license identity some_key sendgrid_key unseal_key preshared_key flickrKey
    geocoder-key
    """
)
NOTHING = table(
    """
    client_id clientId CLIENT_ID GITHUB_CLIENT_ID app_id appId APP_ID tenant_id subscription_id project_id
    projectId access_key_id AWS_ACCESS_KEY_ID aws_access_key_id accessKeyId key_id keyId kid KeyId KMS_KEY_ID
    kms_key_id key_arn public_key publicKey PUBLIC_KEY ssh_public_key pub_key pubkey publishable_key
    STRIPE_PUBLISHABLE_KEY stripePublishableKey pk_public vapid_public_key VAPID_PUBLIC_KEY host_key_fingerprint
    key_fingerprint fingerprint thumbprint primary_key primaryKey foreign_key foreignKey sort_key sortKey
    partition_key partitionKey PartitionKey cache_key cacheKey index_key range_key hash_key rowKey RowKey
    row_key object_key objectKey s3_key s3Key bucket_key idempotency_key idempotencyKey Idempotency-Key
    composite_key unique_key candidate_key token_count tokenCount max_tokens maxTokens MAX_TOKENS total_tokens
    token_type tokenType token_url tokenUrl TOKEN_URL token_endpoint tokenEndpoint token_name tokenName
    token_expiry token_expires_at tokenExpiration token_lifetime token_id tokenId tokenizer tokenized tokenize
    next_page_token nextPageToken page_token pageToken continuation_token continuationToken nextToken next_token
    pagination_token cursor start_token sync_token syncToken NextToken secret_name secretName SECRET_NAME
    csrf_token csrfToken secret_arn secretArn secretKeyRef secret_ref secretRef secret_path secret_version
    secrets_manager secretsManager secretStore secret_store secrets_provider password_hash passwordHash
    password_digest encrypted_password_hash hashed_password password_policy passwordPolicy password_field
    passwordField password_reset_url password_min_length passwordLength password_confirm_label password_input
    passwordInput password_placeholder forgot_password_url change_password_url key_name keyName KeyName
    ssh_key_name key_path keyPath key_file keyFile private_key_path privateKeyPath ssl_key_file KEY_FILE
    tls_key_path cert_key_file api_key_name apiKeyName api_key_header key_type keyType key_size keySize
    key_length key_usage keyUsage key_algorithm keydown keyup keypress hotkey shortcut_key onKeyDown
    signature_algorithm signatureAlgorithm signature_version signature_method checksum sha256 sha1 sha512 md5
    md5sum digest etag ETag integrity content_hash contentHash file_hash commit commit_sha commitSha COMMIT_SHA
    git_sha GIT_COMMIT revision tree_sha nonce csrf_nonce salt iv build_id request_id requestId X-Request-Id
    correlation_id trace_id traceId span_id session_id_name session_name sessionTimeout session_timeout user_id
    userId username user_name login_name email name title description version url uri endpoint host hostname
    region bucket bucket_name table_name author authority authors authorUrl author_name auth_url authUrl
    authorization_endpoint auth_method authMethod auth_type authType auth_enabled auth_provider auth_required
    oauth_scopes scope scopes license_type license_url licenseUrl license_file license_name
    SPDX-License-Identifier translation_key translationKey i18n_key i18nKey label_key message_key messageKey
    locale_key ga_tracking_id measurement_id measurementId siteKey site_key recaptcha_site_key
    RECAPTCHA_SITE_KEY hcaptcha_sitekey code_challenge_method passwordless passenger passport_number compass
    bypass_cache compression keyboard_layout cookie_name cookieName cookie_domain cookie_path credential_type
    credentialType credentials_file CREDENTIALS_PATH GOOGLE_APPLICATION_CREDENTIALS_FILE credential_id
    credentialId webhook_id webhook_name certificate_sha256 cert_thumbprint x5t
    """
)


@pytest.mark.parametrize("name", STRONG)
def test_a_name_of_a_credential(name: str) -> None:
    assert meaning(name) == Meaning.STRONG


@pytest.mark.parametrize("name", PASSWORDS)
def test_a_name_of_a_password(name: str) -> None:
    assert meaning(name) == Meaning.PASSWORD


@pytest.mark.parametrize("name", WEAK)
def test_a_name_that_may_mean_something_else(name: str) -> None:
    assert meaning(name) == Meaning.WEAK


@pytest.mark.parametrize("name", NOTHING)
def test_a_name_of_something_that_opens_nothing(name: str) -> None:
    assert meaning(name) <= Meaning.NEUTRAL


@pytest.mark.parametrize("name", [*STRONG, *PASSWORDS])
def test_every_name_that_means_something_is_looked_for(name: str) -> None:
    """`names.py` and `gates.py` are two lists of words: what the first knows, the second has to find."""
    assert WORDS.search(name.encode())


CONVENTIONS = {
    "snake": "_".join,
    "kebab": "-".join,
    "dotted": ".".join,
    "spaced": " ".join,
    "upper": lambda words: "_".join(words).upper(),
    "train": lambda words: "-".join(word.capitalize() for word in words),
    "Pascal": lambda words: "".join(word.capitalize() for word in words),
    "camel": lambda words: words[0] + "".join(word.capitalize() for word in words[1:]),
    "path": "/".join,
    "colons": ":".join,
}


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("aws secret access key", Meaning.STRONG),
        ("client secret", Meaning.STRONG),
        ("x api key", Meaning.STRONG),
        ("refresh token prod", Meaning.STRONG),
        ("db password", Meaning.PASSWORD),
        ("keystore password 2", Meaning.PASSWORD),
        ("twist key", Meaning.WEAK),
        ("primary key", Meaning.NOTHING),
        ("stripe publishable key", Meaning.NOTHING),
        ("token count", Meaning.NOTHING),
        ("next page token", Meaning.NOTHING),
        ("password reset url", Meaning.NOTHING),
        ("window width", Meaning.NEUTRAL),
    ],
)
def test_the_convention_does_not_matter(words: str, means: Meaning, convention: str) -> None:
    assert meaning(CONVENTIONS[convention](words.split())) == means


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("awsSecret-key_2", ["aws", "secret", "key", "2"]),
        ("AWSSecretKey", ["aws", "secret", "key"]),
        ("AWS_SECRET_KEY", ["aws", "secret", "key"]),
        ("XApiKey", ["x", "api", "key"]),
        ("oauth2ClientSecret", ["oauth2", "client", "secret"]),
        ("__token__", ["token"]),
        ("", []),
        ("…", []),
    ],
)
def test_words_of_a_name(name: str, words: list[str]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("text", "word", "has"),
    [
        ("HUBSPOT_API_KEY", "hubspot", True),
        ("myHubspotKey", "hubspot", True),
        ("my-hub-spot-key", "hubspot", True),
        ("https://api.hubspot.com/v1", "hubspot", True),
        ("hubspotKey", "hubspotkey", True),
        ("hightouch_api", "hapi", False),
        ("github_actions", "hub", False),
        ("GitHubToken", "github", True),
        ("GitHubToken", "hubtoken", True),
        ("", "hubspot", False),
        ("2captcha_key", "2captcha", True),
        ("use2captcha", "2captcha", True),
    ],
)
def test_a_providers_word_begins_where_a_word_does(text: str, word: str, has: bool) -> None:
    assert (word in Providers([word, "others"]).within(text)) == has


@given(st.text(max_size=300))
def test_any_name_has_a_meaning(name: str) -> None:
    assert meaning(name) in Meaning
    assert re.fullmatch("[a-z0-9]*", fold(name))
    assert Providers(["ab", "abcde"]).within(name) <= {"ab", "abcde"}


@given(words=st.lists(st.sampled_from(["api", "key", "token", "count", "public", "a", "x1", "Password"]), max_size=6))
def test_case_does_not_matter(words: list[str]) -> None:
    assert meaning("_".join(words).lower()) == meaning("_".join(words).upper())


def test_a_long_name_costs_no_more_than_its_end() -> None:
    assert words_of("secret_" * 100_000)[-1] == "secret"
    assert len(words_of("secret_" * 100_000)) < 30
