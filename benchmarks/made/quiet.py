"""What holds no secret: values that only look like one, names that only sound like one, and ordinary files.

Placeholders, references and names that open nothing are put into the contexts of secrets; `EXPRESSIONS`, `FILES` and
`CLEAN` are texts of their own, with the marks of `contexts`.
"""

from __future__ import annotations

from typing import NamedTuple


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each for line in text.splitlines() for each in line.strip().split("|") if each)


PLACEHOLDERS = _listed(
    """
    changeme|change-me|CHANGE_ME_BEFORE_DEPLOY|changeit|replace-me|REPLACE_WITH_YOUR_TOKEN|your-api-key|your_secret_here
    YOUR_ACCESS_TOKEN|yourApiKeyHere|<your-token>|<API_KEY>|{your_token}|[your key here]|xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
    XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX|xxxx-xxxx-xxxx|********************|••••••••••••••••|....................
    00000000000000000000000000000000|00000000-0000-0000-0000-000000000000|11111111-2222-3333-4444-555555555555
    0123456789abcdef0123456789abcdef|1234567890abcdef1234567890abcdef|abcdefghijklmnopqrstuvwxyz123456|deadbeefdeadbeefdeadbeef
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|abcabcabcabcabcabcabcabc|not-a-real-key|notarealtoken1234567890|fakeApiKey123|fake-token-for-tests
    dummy-secret-value|dummySecret|test-token-1234567890|testsecret|mock_access_token|my-secret-token|mySuperSecretKey|some-secret-value
    insert-token-here|TODO-set-in-production|FIXME|none|null|undefined|N/A|redacted|[REDACTED]|***REDACTED***|<redacted>|hidden|REMOVED
    example-api-key-do-not-use|EXAMPLEKEYEXAMPLEKEYEXAMPLE|AKIAIOSFODNN7EXAMPLE|wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY|sk_test_placeholder
    this-is-not-a-secret|this_is_a_very_long_placeholder_value|super-secret-jwt-key-change-in-production|secret|token|apikey|lorem-ipsum-dolor
    P@ssw0rd|p4ssw0rd123|Passw0rd!|password123|qwertyuiop123|letmein|hunter2|s3cr3t|foobar|admin123|correct-horse-battery-staple|root|postgres
    eW91ci1hcGkta2V5LWhlcmU=|Y2hhbmdlbWU=|ihr-geheimer-schluessel|votre-cle-api|tu_clave_secreta|sua-chave-aqui|inserire-qui-il-token
    """
)
REFERENCES = _listed(
    """
    ${«SCREAM»}|${«SCREAM»:-}|${«SCREAM»:?missing}|$«SCREAM»|$(«SCREAM»)|%«SCREAM»%|%(«snake»)s|{{ «snake» }}|{{ .Values.«camel» }}|{{«camel»}}
    ${{ secrets.«SCREAM» }}|{{ vault_«snake» }}|<%= «snake» %>|{«snake»}|@«SCREAM»@|#{«SCREAM»}#|__«SCREAM»__|$env:«SCREAM»|${env:«SCREAM»}|env(«SCREAM»)
    vault:secret/data/prod/app#«snake»|vault:kv/app/«kebab»|op://prod/«owner.kebab»/«noun.kebab»|ref+vault://secret/app#/«snake»
    ref+awsssm://prod/«snake»|aws-sm://prod/«kebab»|arn:aws:secretsmanager:eu-west-1:«digits:12»:secret:prod/«kebab»-«base62:6»
    arn:aws:ssm:eu-west-1:«digits:12»:parameter/prod/«snake»|ssm:/prod/app/«snake»|gsm:projects/app/secrets/«kebab»/versions/latest|sm://app/«kebab»
    projects/app/secrets/«kebab»/versions/3|akv:app-vault/«kebab»|kv:app/«kebab»|@Microsoft.KeyVault(SecretUri=https://app.vault.azure.net/secrets/«kebab»/)
    k8s:secret/app/«kebab»|secretref:«kebab»|consul:app/«snake»|akeyless:/prod/«kebab»|dsv:prod:app:«kebab»|bws:«uuid»|doppler://app/prd/«SCREAM»
    keyring:app/«kebab»|pass:app/«kebab»|conjur:var:prod/app/«kebab»|infisical://prod/«SCREAM»|file:///run/secrets/«snake»|/run/secrets/«snake»
    @/etc/app/«kebab»|secrets/«snake».txt|/etc/ssl/private/«kebab».pem|~/.config/«owner.kebab»/token|env.«SCREAM»|process.env.«SCREAM»|secrets.«snake»
    ENC[AES256_GCM,data:«base64:24»,iv:«base64:44»,tag:«base64:24»,type:str]|{cipher}«hex:64»|ENC(«base64:44»)|AQICAH«base64:120»
    EJ[1:«base64:44»:«base64:32»:«base64:64»]|!vault|!ENV «SCREAM»|!Ref «Pascal»|!Sub '${«Pascal»}'|data.vault.app.«snake»|var.«snake»|local.«snake»
    {{resolve:secretsmanager:prod/«kebab»}}|((«kebab»))|$ANSIBLE_«SCREAM»|lookup('env', '«SCREAM»')|$__file{/etc/secrets/«snake»}|secret://«kebab»
    """
)


class Text(NamedTuple):
    """One file. kind: what the tables list it under."""

    kind: str
    path: str
    text: str


def _texts(kind: str, path: str, *lines: str) -> tuple[Text, ...]:
    """One line of code each, as a file of its own."""
    return tuple(Text(kind, path, f"{line}\n") for line in lines)


EXPRESSIONS = (
    *_texts(
        "expression, Python", "src/client.py",
        '«snake» = os.environ["«SCREAM»"]', "«snake» = os.getenv('«SCREAM»')", "«snake» = self._«snake»_provider.current_value()",
        '«snake» = config.get("«owner.snake»", "«noun.snake»")', "«snake» = get_«snake»_from_vault(environment)", "«snake»: SecretStr = Field(...)",
        "«snake» = secrets.token_urlsafe(32)", "«snake» = request.headers.get('X-«Train»')", "«snake» = settings.«SCREAM»", "«snake»: str | None = None",
        "def refresh_«snake»(self, «snake»: str, expires_in: int = 3600) -> None: ...", "return {'«snake»': self.credentials.«snake»}",
        "«snake» = base64.b64encode(hmac.new(key, body, hashlib.sha256).digest())", 'parser.add_argument("--«kebab»", help="«spaced» of the account")',
        '«SCREAM»_HEADER = "X-«Train»"', 'ERROR_INVALID_«SCREAM» = "invalid_«snake»"', "client = «owner.Pascal»Client(«noun.snake»=load_credentials(environment).«noun.snake»)",
        'raise ValueError("«snake» must be set for production environments")', '«SCREAM»_ENV_VARIABLE = "«SCREAM»"', "«snake»_path = Path.home() / '.«owner.kebab»' / 'credentials'",
        'with_«snake» = partial(authenticate, scheme="Bearer", realm="«owner.kebab»-production")', "assert response.json()['«snake»'] == expected_«snake»",
    ),
    *_texts(
        "expression, JavaScript", "src/client.js",
        "const «camel» = process.env.«SCREAM»;", "const «camel» = await this.«owner.camel»Service.fetch«noun.Pascal»(tenantId);", "«camel»: state.session.«camel»,",
        "const { «camel», refreshInterval } = useAuthentication();", "this.«camel» = options.«camel» || defaultOptions.«camel»;", "headers['X-«Train»'] = get«Pascal»(request);",
        "«camel»: yup.string().required('«camel»IsRequiredForProduction'),", "export const SET_«SCREAM» = '«owner.snake»/SET_«SCREAM»';", "«camel»: PropTypes.string.isRequired,",
        "const «SCREAM»_STORAGE_KEY = '«owner.kebab»-dashboard-«noun.kebab»';", "document.getElementById('«kebab»-input-field').focus();", "import { «Pascal»Provider } from './providers/«kebab»';",
        "interface Credentials { «camel»: string; expiresAt: number }", "type «Pascal»Options = Pick<ClientOptions, '«camel»'>;", "«camel» = crypto.randomBytes(32).toString('hex');",
        "localStorage.getItem('«owner.camel».«noun.camel».v2')", "t('settings.integrations.«owner.camel».«noun.camel».placeholder')", "«camel»Selector: '[data-testid=\"«kebab»-field\"]',",
        "new Map([['«camel»', '«owner.Pascal»«noun.Pascal»Authenticator']])", "«camel»Url: 'https://docs.«owner.kebab».dev/guides/how-to-create-a-«noun.kebab»',",
    ),
    *_texts(
        "expression, Java and C#", "src/main/java/Client.java",
        '  String «camel» = System.getenv("«SCREAM»");', "  private final «Pascal»Repository «camel»Repository;", '  @Value("${«dotted»}") private String «camel»;',
        '  «camel» = environment.getProperty("«dotted»");', '  public static final String PROPERTY_«SCREAM» = "«dotted».configuration.name";', "  this.«camel» = Objects.requireNonNull(«camel»);",
        '  private static final String «SCREAM»_BEAN = "«camel»AuthenticationProvider";', "  return new «Pascal»(tokenService.create(principal));",
        '  var «camel» = builder.Configuration["«owner.Pascal»:«noun.Pascal»"];', '  [JsonProperty("«snake»")] public string «Pascal» { get; set; }',
    ),
    *_texts(
        "expression, Go and Rust", "internal/client.go",
        'var «camel» = os.Getenv("«SCREAM»")', '«camel», err := store.Lookup(ctx, "«owner.kebab»/production/«noun.kebab»")', "«camel» string `json:\"«snake»,omitempty\" yaml:\"«camel»\"`",
        'const Err«Pascal» = "missing_or_invalid_«snake»"', 'let «snake» = env::var("«SCREAM»").expect("«SCREAM» must be set");', "pub «snake»: Option<SecretString>,",
        'flag.StringVar(&«camel», "«kebab»", "", "«spaced» used by the exporter")', "func (c *Client) With«Pascal»(«camel» string) *Client { c.«camel» = «camel»; return c }",
    ),
    *_texts(
        "expression, shell", "scripts/run.sh",
        "export «SCREAM»=$(vault kv get -field=«snake» secret/app)", '«SCREAM»="$(cat /run/secrets/«snake»)"', "«SCREAM»=`pass show «owner.kebab»/«noun.kebab»`",
        "curl -H \"X-«Train»: $«SCREAM»\" https://api.«host»/v1", "app --«kebab»-file /etc/app/«kebab»", 'curl -u "build:${«SCREAM»}" https://api.«host»/v1', "unset «SCREAM»",
        "mysql -u root -p\"$DB_PASSWORD\" app", "read -s -p '«Label»: ' «SCREAM»", "openssl rand -hex 32 > «kebab».txt", 'kubectl create secret generic app --from-literal=«kebab»="$«SCREAM»"',
    ),
    *_texts(
        "expression, configuration", "main.tf",
        "  «snake» = var.«snake»", "  «snake» = data.vault_generic_secret.app.data[\"«snake»\"]", '  «snake» = "${random_password.«snake».result}"', "  «snake»_arn = aws_secretsmanager_secret.«snake».arn",
        'variable "«snake»" { type = string, sensitive = true }', 'output "«snake»_version" { value = module.vault.«snake»_version_identifier }',
    ),
)  # fmt: skip
"""Where the right side is no literal, or a literal that programs use as a name."""


def _file(kind: str, path: str, text: str) -> tuple[Text, ...]:
    return (Text(kind, path, text),)


FILES = (
    *_file("lock file", "package-lock.json", '{"node_modules/«owner.kebab»-token": {"version": "4.2.1", "resolved": "https://registry.npmjs.org/«owner.kebab»-token/-/«owner.kebab»-token-4.2.1.tgz", "integrity": "sha512-«base64:86»=="}}\n'),
    *_file("lock file", "yarn.lock", '"@«owner.kebab»/auth-token@^2.0.0":\n  version "2.0.4"\n  resolved "https://registry.yarnpkg.com/@«owner.kebab»/auth-token/-/auth-token-2.0.4.tgz#«hex:40»"\n  integrity sha512-«base64:86»==\n'),
    *_file("lock file", "pnpm-lock.yaml", "  /«owner.kebab»-secret-store@1.4.0:\n    resolution: {integrity: sha512-«base64:86»==}\n    dev: false\n"),
    *_file("lock file", "go.sum", "github.com/«owner.kebab»/tokens v1.2.3 h1:«base64:43»=\ngithub.com/«owner.kebab»/tokens v1.2.3/go.mod h1:«base64:43»=\n"),
    *_file("lock file", "Cargo.lock", '[[package]]\nname = "«owner.kebab»-secret"\nversion = "0.8.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "«hex:64»"\n'),
    *_file("lock file", "poetry.lock", 'name = "«owner.kebab»-api-key"\nfiles = [\n    {file = "key-1.0-py3-none-any.whl", hash = "sha256:«hex:64»"},\n]\n'),
    *_file("lock file", "requirements.txt", "«owner.kebab»-auth==1.4.2 \\\n    --hash=sha256:«hex:64» \\\n    --hash=sha256:«hex:64»\n"),
    *_file("lock file", "composer.lock", '{"name": "«owner.kebab»/token-auth", "source": {"reference": "«hex:40»"}, "dist": {"shasum": "«hex:40»"}, "content-hash": "«hex:32»"}\n'),
    *_file("lock file", "Podfile.lock", "SPEC CHECKSUMS:\n  «owner.Pascal»Auth: «hex:40»\n  TokenKit: «hex:40»\nPODFILE CHECKSUM: «hex:40»\n"),
    *_file("lock file", "flake.lock", '{"nodes": {"«owner.kebab»-secrets": {"locked": {"narHash": "sha256-«base64:43»=", "rev": "«hex:40»", "type": "github"}}}}\n'),
    *_file("lock file", ".terraform.lock.hcl", 'provider "registry.terraform.io/hashicorp/vault" {\n  version = "4.2.0"\n  hashes = [\n    "h1:«base64:43»=",\n    "zh:«hex:64»",\n  ]\n}\n'),
    *_file("lock file", "mix.lock", '%{"«owner.snake»_token": {:hex, :«owner.snake»_token, "1.0.4", "«hex:64»", [:mix], [], "hexpm", "«hex:64»"}}\n'),
    *_file("digest", ".github/workflows/auth.yml", "steps:\n  - uses: «owner.kebab»/get-token-action@«hex:40» # v3.1.0\n    with:\n      token: ${{ secrets.GITHUB_TOKEN }}\n"),
    *_file("digest", "web/index.html", '<script src="/auth/token.js" integrity="sha384-«base64:64»" crossorigin="anonymous"></script>\n'),
    *_file("digest", "Dockerfile", "FROM registry.«host»/auth/token-service@sha256:«hex:64»\nCMD serve\n"),
    *_file("digest", "k8s/pod.yaml", "containers:\n  - name: secret-sync\n    image: registry.«host»/secret-sync@sha256:«hex:64»\n"),
    *_file("digest", "docs/release.md", "Token service v2.3.1, commit «hex:40», SHA-256 `«hex:64»`.\n"),
    *_file("digest", "trace.http", 'HTTP/1.1 200 OK\nETag: "«hex:32»"\nX-Request-Id: «uuid»\nX-Trace-Id: «hex:32»\nX-Amz-Cf-Id: «base64url:54»==\n'),
    *_file("digest", "bazel/deps.bzl", 'http_archive(\n    name = "«owner.snake»_auth_token",\n    sha256 = "«hex:64»",\n    url = "https://github.com/«owner.kebab»/auth/archive/«hex:40».tar.gz",\n)\n'),
    *_file("digest", "snapshots/auth.snap", "exports[`token is hashed 1`] = `\nObject {\n  \"tokenHash\": \"«hex:64»\",\n  \"etag\": \"W/\\\"«hex:32»\\\"\",\n}\n`;\n"),
    *_file("digest", "CHANGELOG.md", "* rotate the token before it expires ([«hex:7»](https://github.com/«owner.kebab»/app/commit/«hex:40»))\n"),
    *_file("id", "app/ids.json", '{"id": "«uuid»", "tenant_id": "«uuid»", "token_id": "«hex:24»", "key_id": "«upper:20»", "request_id": "«base62:22»"}\n'),
    *_file("id", "ios/App.pbxproj", "\t\t«HEX:24» /* TokenStore.swift in Sources */ = {isa = PBXBuildFile; fileRef = «HEX:24» /* TokenStore.swift */; };\n"),
    *_file("id", "Assets/Token.cs.meta", "fileFormatVersion: 2\nguid: «hex:32»\nMonoImporter:\n  serializedVersion: 2\n"),
    *_file("id", "app.sln", 'Project("{«uuid»}") = "TokenService", "src\\TokenService\\TokenService.csproj", "{«uuid»}"\nEndProject\n'),
    *_file("id", "docs/links.md", "The token design is in https://docs.google.com/document/d/«base64url:44»/edit and\nhttps://www.notion.so/team/Token-rotation-«hex:32» (video: https://youtu.be/«base64url:11»).\n"),
    *_file("id", "infra/ids.tf", 'resource "aws_instance" "token" {\n  ami = "ami-«hex:17»"\n  subnet_id = "subnet-«hex:17»"\n  key_name = "«owner.kebab»-deploy"\n  kms_key_id = "arn:aws:kms:eu-west-1:«digits:12»:key/«uuid»"\n}\n'),
    *_file("id", "db/keys.sql", "INSERT INTO tokens (id, primary_key, cache_key, created) VALUES ('«uuid»', '«hex:32»', '«owner.snake»:token:«hex:16»', now());\n"),
    *_file("id", "logs/app.log", "2026-01-03T12:00:01Z INFO token issued request_id=«uuid» trace=«hex:32» span=«hex:16» cursor=«base64:40»=\n"),
    *_file("id", "analysis.ipynb", '{"cells": [{"cell_type": "code", "id": "«hex:8»", "metadata": {"id": "«base62:12»"}, "source": ["token_count = 3\\n"]}]}\n'),
    *_file("id", "src/graphql.ts", 'export const TokenQuery = { kind: "Document", documentId: "«hex:64»", name: "TokenQuery" };\n'),
    *_file("public", "keys/deploy.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI«base64:43» deploy@«host»\n"),
    *_file("public", "docs/keys.md", "The token service signs with `public_key: «base64-bytes:32»` (fingerprint SHA256:«base64:43»).\n"),
    *_file("public", "web/push.js", 'const vapidPublicKey = "B«base64url:86»";\nconst recaptchaSiteKey = "6L«base64url:38»";\n'),
    *_file("public", "web/search.js", "algoliasearch({ appId: '«upper:10»', searchOnlyApiKey: '«hex:32»' });\n"),
    *_file("public", "web/env.js", 'const analytics = { measurementId: "G-«upper:10»", clientId: "«digits:12»-«base36:32».apps.googleusercontent.com" };\n'),
    *_file("public", "etc/known_hosts", "git.«host» ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBB«base64:86»=\n"),
    *_file("public", "jwks.json", '{"keys": [{"kty": "RSA", "kid": "«base64url:43»", "use": "sig", "n": "«base64url:342»", "e": "AQAB"}]}\n'),
    *_file("image", "web/icons.css", ".token-icon { background: url(data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA«base64:400») no-repeat; }\n"),
    *_file("image", "docs/picture.md", "![key](data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP«base64:120»)\n"),
    *_file("image", "web/lock.svg", '<svg id="secret-key"><path d="M12.5 3.2c4.1 0 7.4 3.3 7.4 7.4v2.1h1.8c1 0 1.8.8 1.8 1.8v11.2c0 1-.8 1.8-1.8 1.8H3.3c-1 0-1.8-.8-1.8-1.8z"/></svg>\n'),
    *_file("labels", "locales/en.json", '{"auth.token.label": "Your access token", "apiKeyPlaceholder": "Paste the API key of your account here", "passwordHint": "At least twelve characters", "secretTitle": "Client secret"}\n'),
    *_file("labels", "locales/de.yml", "de:\n  kennwort: Bitte geben Sie Ihr Kennwort ein\n  api_schluessel: Der Zugangsschlüssel Ihres Kontos\n  token_abgelaufen: Das Token ist abgelaufen\n"),
    *_file("labels", "locales/ja.json", '{"password": "パスワードを入力してください", "apiKey": "アクセスキー", "secret": "シークレットを再生成する"}\n'),
    *_file("labels", "locales/fr.properties", "password.label=Mot de passe oublié\ntoken.help=Collez ici le jeton de votre compte\nsecret.title=Clé secrète du client\n"),
    *_file("labels", "locales/escaped.properties", "passwort=Passwort \\u00e4ndern\ntoken.ungueltig=Das Token ist ung\\u00fcltig\n"),
    *_file("markup", "web/form.html", '<label for="«kebab»-field">«Label»</label>\n<input id="«kebab»-field" class="form-control «owner.kebab»__input--secret" type="password" name="«snake»" autocomplete="current-password">\n'),
    *_file("markup", "web/style.css", "#«kebab»-panel .token__value--masked { letter-spacing: 0.2em }\n.css-«base36:7»-TokenInput { color: #3b82f6 }\n"),
    *_file("versions", "versions.toml", '[versions]\n«owner.kebab»-token = "4.12.0-beta.3+build.20260103"\nauth-secret-store = "2026.01.03-rc1"\n'),
    *_file("versions", "pom.xml", "<dependency>\n  <artifactId>«owner.kebab»-token-authentication-starter</artifactId>\n  <version>3.4.1-SNAPSHOT</version>\n</dependency>\n"),
    *_file("schema", "api/openapi.yaml", "components:\n  securitySchemes:\n    «camel»:\n      type: apiKey\n      in: header\n      name: X-«Train»\n  schemas:\n    Login:\n      required: [password, «snake»]\n"),
    *_file("schema", "db/schema.sql", "CREATE TABLE clients (\n  id uuid PRIMARY KEY,\n  «snake» varchar(64) NOT NULL,\n  password_hash char(60),\n  secret_rotated_at timestamptz\n);\n"),
    *_file("schema", "api/token.proto", "message TokenRequest {\n  string «snake» = 1;\n  string client_secret = 2;\n  bytes signing_key = 3;\n}\n"),
    *_file("schema", "k8s/deploy.yaml", "env:\n  - name: «SCREAM»\n    valueFrom:\n      secretKeyRef:\n        name: «owner.kebab»-production-credentials\n        key: «noun.kebab»\n"),
    *_file("encrypted", "secrets/app.enc.yaml", "«snake»: ENC[AES256_GCM,data:«base64:32»,iv:«base64:43»=,tag:«base64:22»==,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:«base64:88»,iv:«base64:43»=,tag:«base64:22»==,type:str]\n"),
    *_file("encrypted", "k8s/sealed.yaml", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData:\n    «kebab»: AgB«base64:200»==\n"),
    *_file("encrypted", "group_vars/vault.yml", "«snake»: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  «digits:80»\n  «digits:80»\n"),
    *_file("encrypted", "etc/users.yml", "users:\n  - name: build\n    password_hash: $argon2id$v=19$m=65536,t=3,p=4$«base64:22»$«base64:43»\n"),
)  # fmt: skip

CLEAN = (
    *_file("code", "src/tokens.py", 'class TokenBucket:\n    """Limits requests by tokens."""\n\n    def __init__(self, capacity: int, tokens_per_second: float) -> None:\n        self.capacity = capacity\n        self.tokens = float(capacity)\n\n    def take(self, count: int = 1) -> bool:\n        self.refill()\n        return self.tokens >= count\n'),
    *_file("code", "src/lexer.js", "const TOKEN_TYPES = { identifier: 'IdentifierToken', keyword: 'KeywordToken', string: 'StringLiteralToken' };\n\nexport function nextToken(source, position) {\n  const keyword = KEYWORDS.find((word) => source.startsWith(word, position));\n  return keyword ? { type: TOKEN_TYPES.keyword, value: keyword } : null;\n}\n"),
    *_file("code", "src/cache.go", 'package cache\n\n// Key is made of the tenant and the path.\nfunc Key(tenant, path string) string {\n\treturn fmt.Sprintf("«owner.snake»:%s:%s", tenant, path)\n}\n\nfunc (c *Cache) Get(key string) (string, bool) {\n\tvalue, ok := c.entries[key]\n\treturn value, ok\n}\n'),
    *_file("code", "src/Login.java", '  public LoginResponse login(String username, String password) {\n    if (!passwordEncoder.matches(password, user.getPasswordHash())) {\n      throw new BadCredentialsException("Bad credentials");\n    }\n    return new LoginResponse(tokenService.create(user));\n  }\n'),
    *_file("code", "src/keyboard.ts", 'export const shortcuts: Record<string, string> = {\n  "ctrl+shift+p": "commandPalette.toggle",\n  "ctrl+k": "search.focusInput",\n};\n\nconst handleKey = (event: KeyboardEvent) => shortcuts[event.key];\n'),
    *_file("code", "tests/test_auth.py", 'def test_expired_token_is_refused(client, expired_token):\n    response = client.get("/v1/items", headers={"Authorization": f"Bearer {expired_token}"})\n    assert response.status_code == 401\n    assert response.json()["error"] == "invalid_token"\n'),
    *_file("code", "src/auth.rb", "class SessionsController < ApplicationController\n  def create\n    user = User.authenticate_by(email: params[:email], password: params[:password])\n    return redirect_to root_path if user\n\n    render :new, status: :unprocessable_entity\n  end\nend\n"),
    *_file("code", "src/store.rs", "pub struct SecretStore {\n    entries: HashMap<SecretName, SecretString>,\n}\n\nimpl SecretStore {\n    pub fn get(&self, name: &SecretName) -> Option<&SecretString> {\n        self.entries.get(name)\n    }\n}\n"),
    *_file("code", "src/hash.c", "static const uint32_t round_keys[8] = {\n    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,\n    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,\n};\n"),
    *_file("code", "app/Form.vue", '<template>\n  <PasswordField v-model="form.password" :label="$t(\'login.password\')" :rules="passwordRules" />\n</template>\n'),
    *_file("code", "src/ranges.sql", "SELECT token_type, count(*) AS tokens\nFROM issued_tokens\nJOIN clients ON clients.primary_key = issued_tokens.client_key\nGROUP BY token_type\nORDER BY tokens DESC;\n"),
    *_file("configuration", "config/app.yaml", "server:\n  port: 8080\n  session:\n    cookie_name: «owner.snake»_session\n    timeout: 30m\nauth:\n  token_ttl: 3600\n  algorithm: RS256\n  issuer: https://auth.«host»\n"),
    *_file("configuration", ".env.example", "# copy to .env and fill in\nPORT=8080\n«SCREAM»=\nDB_PASSWORD=\nJWT_SECRET=\n"),
    *_file("configuration", "docker-compose.yml", "services:\n  web:\n    image: «owner.kebab»/web:4.2\n    environment:\n      «SCREAM»: ${«SCREAM»}\n      DB_PASSWORD_FILE: /run/secrets/db_password\n    secrets: [db_password]\n"),
    *_file("configuration", ".github/workflows/ci.yml", "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    env:\n      «SCREAM»: ${{ secrets.«SCREAM» }}\n    steps:\n      - run: make test\n"),
    *_file("configuration", "main.tf", 'variable "«snake»" {\n  type        = string\n  description = "«Label» of the production account"\n  sensitive   = true\n}\n'),
    *_file("configuration", "nginx.conf", "location /api/ {\n  auth_request /auth/token;\n  proxy_set_header Authorization $http_authorization;\n  proxy_pass http://backend;\n}\n"),
    *_file("configuration", "tsconfig.json", '{"compilerOptions": {"target": "es2022", "module": "node16", "strict": true, "keyofStringsOnly": false}, "include": ["src"]}\n'),
    *_file("configuration", "logback.xml", '<configuration>\n  <logger name="org.acme.auth.TokenFilter" level="INFO"/>\n  <property name="pattern" value="%d{HH:mm:ss} %-5level %logger - %msg%n"/>\n</configuration>\n'),
    *_file("documentation", "README.md", "# «owner.Pascal»\n\nCreate an API key in the dashboard under *Settings → Keys*, then set it:\n\n```sh\nexport «SCREAM»=<your key>\n«owner.kebab» login\n```\n\nTokens expire after an hour; the client refreshes them.\n"),
    *_file("documentation", "docs/security.md", "Passwords are stored as Argon2id hashes. Never commit a secret: read it from the environment, or from Vault.\nA client secret is shown once, when it is created; rotate it every ninety days.\n"),
    *_file("documentation", "docs/api.rst", "Authentication\n==============\n\nSend the token in the ``Authorization`` header::\n\n    Authorization: Bearer <access_token>\n\n``client_secret`` is required for confidential clients.\n"),
    *_file("documentation", "CHANGELOG.md", "## 4.2.0\n\n- The token endpoint accepts `client_secret_basic` and `private_key_jwt`.\n- Fixed: an empty password was accepted by the LDAP login.\n- `--api-key` is deprecated; use `--api-key-file`.\n"),
    *_file("documentation", "docs/thread.txt", "anna: the access token has expired again\nben: did you rotate the key? the secret in vault is from march\nanna: will do after lunch\n"),
    *_file("documentation", "docs/crypto.md", "The session key is derived with HKDF from the master secret and a random 16-byte salt; the nonce must never repeat.\n"),
    *_file("data", "data/metrics.csv", "token_type,count,average_ttl\naccess,18273,3600\nrefresh,4411,86400\n"),
    *_file("data", "data/users.json", '[{"id": 17, "role": "viewer", "password_changed_at": "2026-01-03", "has_api_key": false, "token_count": 3}]\n'),
    *_file("data", "logs/app.log", "2026-01-03 12:00:01 INFO  TokenService - issued access token for client «owner.kebab»-web (ttl 3600 s)\n2026-01-03 12:00:02 WARN  LoginFilter - wrong password for user 17, attempt 2 of 5\n"),
    *_file("data", "data/words.txt", "passkey\npassport\npasswordless\nsecretary\nsecrecy\ntokenize\ntokenomics\nkeyboard\nkeystone\n"),
)  # fmt: skip
