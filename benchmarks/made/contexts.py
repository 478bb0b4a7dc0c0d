"""The syntaxes in which names and values stand in files.

A context is a path and a text with marks. `«snake»`, `«owner.camel»`, … are spellings of the name (see `names.spelled`);
`«value»` is the value, `«value:FORM»` a form of it (`FORMS`); every other mark is a made-up value of
`cavra_boundary.rules.samples` (`«host»`, `«digits:5»`). A context is a syntax, not a case: each is written with many names
and values.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from benchmarks.made.names import spelled
from cavra_boundary.rules.samples import expand

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.made.names import Name


class Context(NamedTuple):
    """One syntax.

    group: what the tables list it under. unsafe: characters that it would have to escape. any_name: whether a name can have
    letters beyond ASCII here. speaks: whether it says itself that a secret stands here, whatever the name.
    """

    group: str
    name: str
    path: str
    text: str
    unsafe: str = ""
    any_name: bool = False
    speaks: bool = False


class Written(NamedTuple):
    """A file, and the lines (1-based, both included) on which the value stands."""

    path: str
    text: str
    first: int
    last: int


FORMS: dict[str, Callable[[str], str]] = {
    "": str,
    "json": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "xml": lambda value: escape(value),
    "url": lambda value: quote(value, safe=""),
    "base64": lambda value: b64encode(value.encode()).decode(),
    "counted": lambda value: chr(min(len(value), 127)) + value,  # a length byte, as SQLite, .pyc and protobuf write it
    "login": lambda value: b64encode(f"svc-sync:{value}".encode()).decode(),
}

_BEGIN, _END = "\ue000", "\ue001"
_VALUE = re.compile(r"«value(?::(\w+))?»")
_SPELLING = re.compile(r"«((?:owner\.|noun\.)?(?:snake|kebab|dotted|spaced|flat|camel|Pascal|SCREAM|Train|Label))»")
_BOXED = re.compile(r"<<(nested|twice|thrice) (.*?)>>", re.DOTALL)
_DEPTH = {"nested": 1, "twice": 2, "thrice": 3}


def fill(text: str, name: Name, seed: str) -> str:
    """A text with the name's spellings and made-up values in place of its marks."""
    spellings = spelled(name)
    return expand(_SPELLING.sub(lambda mark: spellings[mark[1]], text), seed)


def write(context: Context, name: Name, value: str, seed: str) -> Written:
    """The context with a name and a value."""
    pieces = _VALUE.split(context.text)
    text = fill("\0".join(pieces[::2]), name, seed)
    for form in pieces[1::2]:
        text = text.replace("\0", _BEGIN + FORMS[form or ""](value) + _END, 1)
    while wrapped := _BOXED.search(text):
        text = text[: wrapped.start()] + _in_strings(wrapped[2], _DEPTH[wrapped[1]]) + text[wrapped.end() :]
    begin, end = text.index(_BEGIN), text.rindex(_END)
    first, last = text.count("\n", 0, begin) + 1, text.count("\n", 0, end) + 1
    return Written(fill(context.path, name, seed), text.replace(_BEGIN, "").replace(_END, ""), first, last)


def _in_strings(text: str, depth: int) -> str:
    """JSON within a string, within a string, … as a JSON document."""
    for _ in range(depth):
        text = json.dumps({"payload": text}, ensure_ascii=False)
    return text


def _group(group: str, *contexts: Context) -> tuple[Context, ...]:
    return tuple(context._replace(group=group) for context in contexts)


def _c(name: str, path: str, text: str, unsafe: str = "", any_name: bool = False, speaks: bool = False) -> Context:
    return Context("", name, path, text + "\n", unsafe, any_name, speaks)


_DOUBLE = '"\\$'
_SHELL = "\"'\\$`!&#*?;<>|(){} "
_PLAIN = "#&*!%@`'\"{}[],:?|>=- "

CODE = _group(
    "code",
    _c("python", "src/«owner.snake»/client.py", 'import httpx\n\n«snake» = "«value»"\nTIMEOUT = 30', _DOUBLE, True),
    _c("python constant", "«owner.snake»/settings.py", "DEBUG = False\n«SCREAM» = '«value»'", "'\\"),
    _c("python typed", "app/config.py", 'class Config:\n    «snake»: str = "«value»"\n    retries: int = 3', _DOUBLE),
    _c(
        "python bytes",
        "app/sign.py",
        'def sign(body):\n    «snake» = b"«value»"\n    return mac(body, «snake»)',
        _DOUBLE,
    ),
    _c("python dict", "app/options.py", "OPTIONS = {\n    'timeout': 4,\n    '«snake»': '«value»',\n}", "'\\", True),
    _c(
        "python call",
        "app/jobs.py",
        'client = «owner.Pascal»Client(\n    region="eu",\n    «noun.snake»="«value»",\n)',
        _DOUBLE,
    ),
    _c("python get", "app/env.py", 'import os\n«snake» = os.environ.get("«SCREAM»", "«value»")', _DOUBLE),
    _c("python next line", "app/long.py", '«snake» = (\n    "«value»"\n)', _DOUBLE),
    _c("python setter", "app/boot.py", 'settings.set("«owner.snake».«noun.snake»", "«value»")', _DOUBLE),
    _c("python comparison", "app/check.py", 'if request.headers["X-«Train»"] == "«value»":\n    allow()', _DOUBLE),
    _c("javascript", "src/«owner.kebab».js", "const «camel» = '«value»';\nexport default «camel»;", "'\\", True),
    _c(
        "javascript object",
        "web/config.js",
        'module.exports = {\n  port: 80,\n  «camel»: "«value»",\n};',
        _DOUBLE,
        True,
    ),
    _c("javascript member", "lib/init.js", "this.«camel» = `«value»`;\nthis.retries = 2;", "`$\\"),
    _c(
        "javascript call",
        "lib/setup.js",
        'const api = new «owner.Pascal»("«owner.camel»", { «noun.camel»: "«value»" });',
        _DOUBLE,
    ),
    _c("javascript default", "lib/fall.js", "const «camel» = process.env.«SCREAM» || '«value»';", "'\\"),
    _c("javascript header", "lib/http.js", "headers: {\n  Accept: '*/*',\n  'X-«Train»': '«value»',\n},", "'\\"),
    _c("typescript", "src/keys.ts", 'export const «SCREAM»: string = "«value»";', _DOUBLE),
    _c("minified", "static/app.js", '!function(){var e={a:1,«camel»:"«value»",t:[]};n(e)}();', _DOUBLE),
    _c("java", "src/main/java/Client.java", '  private static final String «SCREAM» = "«value»";', _DOUBLE),
    _c("java setter", "src/main/java/Boot.java", '  builder.set«Pascal»("«value»");\n  builder.build();', _DOUBLE),
    _c(
        "java annotation",
        "src/main/java/Env.java",
        '  @Value("${«dotted»:«value»}")\n  private String «camel»;',
        '"\\$}',
    ),
    _c("kotlin", "app/src/main/Api.kt", 'object Api {\n    const val «SCREAM» = "«value»"\n}', _DOUBLE),
    _c("swift", "Sources/Api.swift", 'let «camel»: String = "«value»"', _DOUBLE),
    _c("objective-c", "ios/Keys.m", '#import "Keys.h"\nstatic NSString *const k«Pascal» = @"«value»";', _DOUBLE),
    _c("objective-c call", "ios/App.m", '[«owner.Pascal»SDK configureWith«noun.Pascal»:@"«value»"];', _DOUBLE),
    _c("go", "internal/«owner.snake»/client.go", 'package client\n\nconst «camel» = "«value»"', _DOUBLE),
    _c("go struct", "cmd/main.go", 'cfg := Config{\n\tRegion: "eu",\n\t«Pascal»: "«value»",\n}', _DOUBLE),
    _c("go setenv", "cmd/env.go", 'os.Setenv("«SCREAM»", "«value»")', _DOUBLE),
    _c("rust", "src/main.rs", 'const «SCREAM»: &str = "«value»";', _DOUBLE),
    _c("rust call", "src/lib.rs", 'let client = Client::new().«snake»("«value»".to_string());', _DOUBLE),
    _c("c", "src/config.c", 'static const char «snake»[] = "«value»";', _DOUBLE),
    _c("c define", "include/keys.h", '#define «SCREAM» "«value»"', _DOUBLE),
    _c("arduino", "firmware/wifi.ino", 'const char* «camel» = "«value»";  // «owner.spaced»', _DOUBLE),
    _c("c++", "src/api.cpp", 'std::string «camel»{"«value»"};', _DOUBLE),
    _c("c#", "src/Api.cs", 'public const string «Pascal» = @"«value»";', '"'),
    _c("c# property", "src/Options.cs", 'public string «Pascal» { get; set; } = "«value»";', _DOUBLE),
    _c("visual basic", "src/Module1.vb", 'Dim «camel» As String = "«value»"', '"'),
    _c(
        "php",
        "config/«owner.snake».php",
        "return [\n    'debug' => false,\n    '«snake»' => '«value»',\n];",
        "'\\",
        True,
    ),
    _c("php define", "wp/settings.php", "define( '«SCREAM»', '«value»' );", "'\\"),
    _c("php variable", "lib/api.php", '$«camel» = "«value»";', _DOUBLE),
    _c("ruby", "lib/«owner.snake».rb", '«SCREAM» = "«value»".freeze', '"\\#'),
    _c(
        "ruby symbol",
        "config/initializers/«owner.snake».rb",
        "«owner.Pascal».configure do |c|\n  c.«noun.snake» = '«value»'\nend",
        "'\\",
    ),
    _c("ruby hash", "app/opts.rb", "options = { :«snake» => '«value»', :timeout => 4 }", "'\\"),
    _c("perl", "bin/sync.pl", "my $«snake» = '«value»';", "'\\"),
    _c("r", "analysis/load.R", '«snake» <- "«value»"', _DOUBLE),
    _c("r setenv", "analysis/env.R", 'Sys.setenv(«SCREAM» = "«value»")', _DOUBLE),
    _c("lua", "nginx/auth.lua", 'local «snake» = "«value»"', _DOUBLE),
    _c("scala", "src/main/scala/Api.scala", 'val «camel» = "«value»"', _DOUBLE),
    _c("groovy", "build.gradle", "ext {\n    «camel» = '«value»'\n}", "'\\"),
    _c("groovy field", "build/app.gradle", 'buildConfigField "String", "«SCREAM»", "\\"«value»\\""', _DOUBLE),
    _c("elixir", "config/prod.exs", 'config :«owner.snake», «noun.snake»: "«value»"', '"\\#'),
    _c("dart", "lib/keys.dart", "static const «camel» = '«value»';", "'\\$"),
    _c("clojure", "src/core.clj", '(def «kebab» "«value»")', '"\\'),
    _c("comment", "src/poll.py", "# the «spaced» of production is «value»\nimport time", "'"),
    _c("matlab", "analysis/fetch.m", "«snake» = '«value»';", "'"),
)

CONFIGURATION = _group(
    "configuration",
    _c("json", "config.json", '{\n  "debug": false,\n  "«camel»": "«value:json»"\n}', "", True),
    _c("json kebab", "settings/app.json", '{"«owner.kebab»": {"«noun.kebab»": "«value:json»", "ttl": 60}}', "", True),
    _c("json pair", "deploy/task.json", '{"environment": [\n  {"name": "«SCREAM»", "value": "«value:json»"}\n]}'),
    _c("json pair, turned", "deploy/app.json", '[{"value": "«value:json»", "key": "«SCREAM»"}]'),
    _c("json next line", "data/wide.json", '{\n  "«snake»":\n    "«value:json»"\n}'),
    _c("yaml", "config/app.yaml", "app:\n  debug: false\n  «snake»: «value»", _PLAIN, True),
    _c("yaml quoted", "config/«owner.kebab».yml", '«owner.snake»:\n  «noun.camel»: "«value:json»"', "", True),
    _c("yaml pair", "k8s/deployment.yaml", "env:\n  - name: PORT\n    value: '80'\n  - name: «SCREAM»\n    value: «value»", _PLAIN),
    _c("yaml list", "docker-compose.yml", "services:\n  web:\n    environment:\n      - PORT=80\n      - «SCREAM»=«value»", _PLAIN),
    _c("yaml map", "compose.prod.yaml", "services:\n  web:\n    environment:\n      «SCREAM»: «value»", _PLAIN),
    _c("yaml block", "config/long.yaml", "«snake»: |\n  «value»\nretries: 3", "", True),
    _c("yaml folded", "config/fold.yaml", "app:\n  «kebab»: >-\n    «value»\n  retries: 3"),
    _c("yaml anchor", "config/anchors.yaml", "base:\n  «snake»: &cred «value»\nweb:\n  login: *cred", _PLAIN),
    _c("yaml tag", "config/tags.yaml", "«snake»: !!str «value»\nregion: eu", _PLAIN),
    _c("yaml flow", "config/flow.yaml", "clients: {region: eu, «camel»: '«value»'}", "'"),
    _c("toml", "config/app.toml", '[server]\nport = 80\n«snake» = "«value»"', _DOUBLE, True),
    _c("toml table", "«owner.snake».toml", "[«owner.kebab»]\n«noun.kebab» = '«value»'", "'"),
    _c("ini", "conf/app.ini", "[main]\nport=80\n«snake» = «value»", '#;"%', True),
    _c("ini section", "conf/services.cfg", "[«owner.kebab»]\n«noun.snake»=«value»", '#;"%'),
    _c("properties", "src/main/resources/application.properties", "server.port=80\n«dotted»=«value»", '\\#!:="'),
    _c("properties colon", "conf/messages.properties", "«camel» : «value»", '\\#!:="'),
    _c("hocon", "conf/application.conf", '«owner.kebab» {\n  «noun.kebab» = "«value»"\n}', _DOUBLE),
    _c("xml element", "config/app.xml", "<app>\n  <«camel»>«value:xml»</«camel»>\n</app>"),
    _c("xml attribute", "config/web.xml", '<service name="«owner.kebab»" «noun.camel»="«value:xml»" />'),
    _c("xml pair", "App.config", '<appSettings>\n  <add key="«Pascal»" value="«value:xml»" />\n</appSettings>'),
    _c("xml property", "conf/beans.xml", '<bean>\n  <property name="«camel»" value="«value:xml»"/>\n</bean>'),
    _c("xml name and value", "conf/site.xml", "<property>\n  <name>«dotted»</name>\n  <value>«value:xml»</value>\n</property>"),
    _c("android strings", "res/values/strings.xml", '<resources>\n  <string name="«snake»">«value:xml»</string>\n</resources>'),
    _c("android manifest", "app/AndroidManifest.xml", '<meta-data\n  android:name="«snake»"\n  android:value="«value:xml»" />'),
    _c("plist", "ios/Info.plist", "<dict>\n\t<key>«Pascal»</key>\n\t<string>«value:xml»</string>\n</dict>"),
    _c("maven", "settings.xml", "<server>\n  <id>«owner.kebab»</id>\n  <«noun.camel»>«value:xml»</«noun.camel»>\n</server>"),
    _c("terraform", "main.tf", 'provider "«owner.snake»" {\n  «noun.snake» = "«value»"\n}', _DOUBLE),
    _c("terraform default", "variables.tf", 'variable "«snake»" {\n  type    = string\n  default = "«value»"\n}', _DOUBLE),
    _c("terraform variables", "prod.tfvars", '«snake» = "«value»"\nregion = "eu"', _DOUBLE),
    _c("terraform state", "infra/state.json", '{"outputs": {"«snake»": {"value": "«value:json»", "type": "string"}}}'),
    _c("dotenv", ".env", "PORT=80\n«SCREAM»=«value»", _SHELL),
    _c("dotenv quoted", ".env.production", 'PORT=80\n«SCREAM»="«value»"', _DOUBLE),
    _c("helm", "charts/«owner.kebab»/values.yaml", "«owner.camel»:\n  enabled: true\n  «noun.camel»: «value»", _PLAIN),
    _c("workflow", ".github/workflows/ci.yml", "jobs:\n  test:\n    env:\n      «SCREAM»: «value»", _PLAIN),
    _c("circle", ".circleci/config.yml", "jobs:\n  build:\n    environment:\n      «SCREAM»: '«value»'", "'"),
    _c("dockerfile env", "Dockerfile", "FROM debian:12\nENV «SCREAM»=«value»\nCMD run", _SHELL),
    _c("dockerfile env, old", "docker/Dockerfile", "FROM debian:12\nENV «SCREAM» «value»", _SHELL),
    _c("dockerfile arg", "build/Dockerfile", "FROM debian:12\nARG «SCREAM»=«value»", _SHELL),
    _c("systemd", "deploy/sync.service", '[Service]\nEnvironment="«SCREAM»=«value»"\nExecStart=/usr/bin/sync', '"\\%$'),
    _c("nginx header", "nginx/site.conf", 'location / {\n  proxy_set_header X-«Train» "«value»";\n}', _DOUBLE),
    _c("apache setenv", "apache/site.conf", "SetEnv «SCREAM» «value»", "\"'#$ "),
    _c("npmrc", ".npmrc", "//npm.«host»/:_authToken=«value»", "#;$", speaks=True),
    _c("lisp", "config/init.el", '(setq «kebab» "«value»")', '"\\'),
    _c("nix", "nix/module.nix", 'services.«owner.kebab».«noun.camel» = "«value»";', _DOUBLE),
    _c("cmake", "CMakeLists.txt", 'set(«SCREAM» "«value»")', _DOUBLE),
    _c("puppet", "manifests/site.pp", "class { '«owner.snake»':\n  «noun.snake» => '«value»',\n}", "'\\"),
    _c("ansible", "group_vars/all.yml", "«snake»: «value»\nport: 80", _PLAIN),
    _c("kubernetes string", "k8s/secret.yaml", "kind: ConfigMap\ndata:\n  «kebab»: «value»", _PLAIN),
    _c("kubernetes data", "k8s/opaque.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n  «kebab»: «value:base64»", speaks=True),
)  # fmt: skip

SHELL = _group(
    "shell",
    _c("export", "bin/run.sh", "#!/bin/sh\nexport «SCREAM»=«value»\nexec app", _SHELL),
    _c("export quoted", "scripts/env.sh", 'export «SCREAM»="«value»"', _DOUBLE),
    _c("variable before a command", "scripts/once.sh", "«SCREAM»=«value» ./sync --all", _SHELL),
    _c("flag", "scripts/push.sh", "«owner.kebab» upload --«noun.kebab» «value» ./out", _SHELL),
    _c("flag with =", "scripts/pull.sh", "«owner.kebab» sync --«kebab»=«value» --force", _SHELL),
    _c("flag quoted", "scripts/tag.sh", "deploy --region eu --«kebab» '«value»'", "'"),
    _c("history", ".bash_history", "cd app\nexport «SCREAM»=«value»\nmake", _SHELL),
    _c("bearer", "scripts/call.sh", 'curl -H "Authorization: Bearer «value»" https://api.«host»/v1', _DOUBLE, speaks=True),
    _c("header", "scripts/head.sh", "curl -H 'X-«Train»: «value»' https://api.«host»/v1/items", "'"),
    _c("form", "scripts/form.sh", "curl -d '«snake»=«value:url»' -d page=2 https://api.«host»/v1"),
    _c("body", "scripts/body.sh", "curl -d '{\"«snake»\": \"«value:json»\"}' https://api.«host»/v1", "'"),
    _c("kubectl literal", "scripts/kube.sh", "kubectl create secret generic app --from-literal=«kebab»=«value»", _SHELL, speaks=True),
    _c("docker run", "scripts/box.sh", "docker run -e «SCREAM»=«value» -p 80:80 app", _SHELL),
    _c("heroku", "scripts/dyno.sh", "heroku config:set «SCREAM»=«value» --app sync", _SHELL),
    _c("github secret", "scripts/gh.sh", "gh secret set «SCREAM» --body «value»", _SHELL, speaks=True),
    _c("aws parameter", "scripts/ssm.sh", 'aws ssm put-parameter --name /prod/«snake» --type SecureString --value "«value»"', _DOUBLE, speaks=True),
    _c("powershell", "scripts/run.ps1", '$«Pascal» = "«value»"', '"`$'),
    _c("powershell env", "scripts/env.ps1", "$env:«SCREAM» = '«value»'", "'"),
    _c("batch", "scripts/run.bat", "@echo off\nset «SCREAM»=«value»", '%&<>|^"!'),
    _c("setx", "scripts/set.cmd", 'setx «SCREAM» "«value»" /M', '%"!'),
    _c("fish", "conf.fish", "set -gx «SCREAM» «value»", _SHELL),
    _c("makefile", "Makefile", "«SCREAM» := «value»\n\nall:\n\tsync", "#$ "),
    _c("makefile default", "build/common.mk", "«SCREAM» ?= «value»", "#$ "),
    _c("tee", "scripts/write.sh", 'echo "«SCREAM»=«value»" >> .env', _DOUBLE),
    _c("heredoc", "scripts/here.sh", "cat > app.conf <<EOF\nport=80\n«snake»=«value»\nEOF", "$`\\"),
)  # fmt: skip

RECORDED = _group(
    "recorded",
    _c("http header", "docs/trace.http", "GET /v1/items HTTP/1.1\nHost: api.«host»\nX-«Train»: «value»"),
    _c("http bearer", "docs/call.http", "POST /v1 HTTP/1.1\nAuthorization: Bearer «value»", speaks=True),
    _c("http basic", "docs/basic.http", "GET / HTTP/1.1\nAuthorization: Basic «value:login»", speaks=True),
    _c("har header", "trace.har", '{"request": {"headers": [\n{"name": "X-«Train»", "value": "«value:json»"}\n]}}'),
    _c("har cookie", "cookies.har", '{"cookies": [{"name": "«snake»", "value": "«value:json»", "secure": true}]}', speaks=True),
    _c("header in a log", "logs/wire.log", "2026-01-03 12:00:01 DEBUG http - headers={Accept=[*/*], X-«Train»=[«value»]}", "]"),
    _c("header, python", "logs/py.log", "DEBUG send: {'Accept': '*/*', 'X-«Train»': '«value»'}", "'\\"),
    _c("log", "logs/app.log", "2026-01-03T12:00:01Z INFO login ok «camel»=«value» user=17", ","),
    _c("log in words", "logs/boot.log", "[boot] using «spaced» «value» for «owner.Pascal»"),
    _c("curl -v", "docs/verbose.txt", "> GET /v1 HTTP/2\n> x-«kebab»: «value»\n> accept: */*"),
    _c("cookie", "docs/session.txt", "Cookie: theme=dark; «snake»=«value:url»; lang=de", speaks=True),
    _c("url parameter", "src/feed.py", 'FEED = "https://api.«host»/v1/feed?page=2&«snake»=«value:url»"', '"'),
    _c("url parameter, first", "docs/links.md", "See https://«owner.kebab».«host»/items?«camel»=«value:url»&page=2 for a list."),
    _c("json in json", "events/one.json", '<<nested {"«snake»": "«value:json»"}>>'),
    _c("json in json in json", "events/two.json", '<<twice {"«snake»": "«value:json»"}>>'),
    _c("json, three times", "events/three.json", '<<thrice {"user": 4, "«camel»": "«value:json»"}>>'),
    _c("json of .net", "events/net.json", r'{"Body":"{\u0022«camel»\u0022:\u0022«value»\u0022}"}', '"\\'),
    _c("json of go", "events/go.json", r'{"url":"https://api.«host»/v1?«snake»\u003d«value:url»\u0026page\u003d2"}'),
    _c("redirect", "logs/redirect.txt", "302 /login?next=https%3A%2F%2Fapi.«host»%2F%3F«snake»%3D«value:url»%26page%3D2"),
    _c("ansi colors", "logs/ci.log", "\x1b[32m«SCREAM»\x1b[0m=\x1b[33m«value»\x1b[0m"),
    _c("patch", "changes.patch", "--- a/app.conf\n+++ b/app.conf\n@@ -1,2 +1,2 @@\n-«snake»=«value»\n+«snake»="),
    _c("graphql", "queries/login.graphql", 'mutation {\n  connect(«camel»: "«value»") { id }\n}', _DOUBLE),
    _c("cassette", "cassettes/login.yaml", "request:\n  headers:\n    X-«Train»:\n    - «value»", _PLAIN),
    _c("xml soap", "requests/soap.xml", '<soap:Header>\n  <ns:«Pascal» xmlns:ns="urn:a">«value:xml»</ns:«Pascal»>\n</soap:Header>'),
    _c("notebook", "analysis.ipynb", '{"cells": [{"cell_type": "code", "source": ["«snake» = \'«value»\'\\n"]}]}', "'\"\\"),
    _c("multipart", "requests/form.txt", '--b\nContent-Disposition: form-data; name="«snake»"\n\n«value»\n--b--'),
    _c("postman", "postman.json", '{"values": [{"key": "«snake»", "value": "«value:json»", "enabled": true}]}'),
)  # fmt: skip

TABLES = _group(
    "tables and prose",
    _c("csv", "data/clients.csv", "id,«snake»,region\n17,«value»,eu", ',"', True),
    _c("tsv", "data/clients.tsv", "id\tregion\t«snake»\n17\teu\t«value»", "", True),
    _c("sql insert", "db/seed.sql", "INSERT INTO clients (id, «snake», region)\nVALUES (17, '«value»', 'eu');", "'"),
    _c("sql update", "db/set.sql", "UPDATE settings SET «snake» = '«value»' WHERE id = 17;", "'"),
    _c("sql pair", "db/options.sql", "INSERT INTO options (name, value) VALUES ('«snake»', '«value»');", "'"),
    _c("markdown table", "docs/access.md", "| service | «spaced» |\n| --- | --- |\n| sync | `«value»` |", "|`", True),
    _c("markdown list", "README.md", "# Setup\n\n- **«Label»**: `«value»`", "`", True),
    _c("markdown prose", "docs/setup.md", "Log in with the «spaced» `«value»` and restart the job.", "`", True),
    _c("markdown code", "docs/run.md", "```sh\nexport «SCREAM»=«value»\n```", _SHELL),
    _c("label", "notes.txt", "«Label»: «value»", "", True),
    _c("label, next line", "notes/keys.txt", "«Label»:\n  «value»", "", True),
    _c("html input", "web/form.html", '<input type="hidden" name="«snake»" value="«value:xml»">'),
    _c("html data", "web/page.html", '<div id="app" data-«kebab»="«value:xml»"></div>'),
    _c("html meta", "web/head.html", '<meta name="«kebab»" content="«value:xml»">'),
    _c("rst field", "docs/setup.rst", ":«Label»: ``«value»``", "`"),
    _c("chat", "docs/thread.txt", "anna: what was the «spaced» again?\nben: «value»"),
    _c("issue", "docs/issue.md", "Steps: set «camel» to «value», then press *Connect*.", "*,_"),
)  # fmt: skip

TOKENS = (*CODE, *CONFIGURATION, *SHELL, *RECORDED, *TABLES)
"""For values that nobody would write by hand."""

_LOGIN = '@/:"#?%&$+=*!'
_ODBC = ";\"'{}="

LOGINS = _group(
    "logins",
    _c("url", "app/db.py", 'DATABASE = "postgresql://app_rw:«value»@db.«host»:5432/app"', _LOGIN, speaks=True),
    _c("url, encoded", "deploy/queue.yaml", "broker: amqps://app_rw:«value:url»@mq.«host»/sync", speaks=True),
    _c("url of a cache", ".env.cache", "CACHE_URL=rediss://default:«value»@cache.«host»:6379/0", _LOGIN + _SHELL, speaks=True),
    _c("git url", "scripts/clone.sh", "git clone https://build:«value»@git.«host»/«word»/«word».git", _LOGIN + _SHELL, speaks=True),
    _c("odbc", "src/Db.cs", 'var db = "Driver={SQL Server};Server=db.«host»;Uid=app;Pwd=«value»;";', _ODBC + "\\", speaks=True),
    _c("ado", "appsettings.json", '{"Db": "Server=tcp:db.«host»,1433;User ID=app;Password=«value:json»;Encrypt=True"}', _ODBC, speaks=True),
    _c("jdbc", "conf/db.properties", "url=jdbc:mysql://db.«host»:3306/app?user=app&password=«value:url»", "#\\", speaks=True),
    _c("jdbc, sql server", "conf/mssql.properties", "url=jdbc:sqlserver://db.«host»:1433;user=app;password=«value»;", ";\\#", speaks=True),
    _c("libpq", "app/pg.py", "dsn = \"host=db.«host» dbname=app user=app password=«value»\"", "'\"\\ ", speaks=True),
    _c("curl -u", "scripts/get.sh", "curl -u build:«value» https://api.«host»/v1", _SHELL + ":", speaks=True),
    _c("curl --user", "scripts/put.sh", "curl -X PUT --user 'build:«value»' https://api.«host»/v1", "':", speaks=True),
    _c("netrc", ".netrc", "machine git.«host»\n  login build\n  password «value»", "# ", speaks=True),
    _c("netrc, one line", "home/.netrc", "machine git.«host» login build password «value»", "# ", speaks=True),
    _c("pgpass", ".pgpass", "db.«host»:5432:app:app_rw:«value»", ":\\", speaks=True),
    _c("mysql -p", "scripts/dump.sh", "mysqldump -u root -p«value» app > app.sql", _SHELL + "-", speaks=True),
    _c("mysql --password", "scripts/load.sh", "mysql --user=root --password=«value» app < app.sql", _SHELL, speaks=True),
    _c("sshpass", "scripts/copy.sh", "sshpass -p '«value»' scp out.tgz build@«host»:/srv", "'", speaks=True),
    _c("net use", "scripts/share.bat", "net use Z: \\\\files.«host»\\share «value» /user:build", '%&<>|^"! /', speaks=True),
    _c("pgpassword", "scripts/pg.sh", "PGPASSWORD=«value» psql -h db.«host» app", _SHELL, speaks=True),
    _c("ldap", "conf/ldap.conf", "binddn cn=sync,dc=corp\nbindpw «value»", "#", speaks=True),
    _c("docker login", "scripts/login.sh", "docker login -u build -p «value» registry.«host»", _SHELL + "-", speaks=True),
    _c("secure string", "scripts/ad.ps1", '$pw = ConvertTo-SecureString "«value»" -AsPlainText -Force', '"`$', speaks=True),
    _c("ad account", "scripts/reset.ps1", "Set-ADAccountPassword svc -NewPassword (ConvertTo-SecureString '«value»' -AsPlainText -Force)", "'", speaks=True),
    _c("sql user", "db/users.sql", "CREATE USER app IDENTIFIED BY '«value»';", "'", speaks=True),
    _c("sql role", "db/roles.sql", "CREATE ROLE app LOGIN PASSWORD '«value»';", "'", speaks=True),
    _c("basic", "docs/hook.http", "GET / HTTP/1.1\nAuthorization: Basic «value:login»", speaks=True),
    _c("wifi", "etc/wpa_supplicant.conf", 'network={\n  ssid="office"\n  psk="«value»"\n}', '"', speaks=True),
    _c("redis", "etc/redis.conf", "port 6379\nrequirepass «value»", "#\"'", speaks=True),
    _c("chpasswd", "scripts/user.sh", "echo 'deploy:«value»' | chpasswd", "':", speaks=True),
    _c("smtp", "config/mail.yml", "smtp:\n  user: mailer@«host»\n  password: «value»", _PLAIN, speaks=True),
)  # fmt: skip

_BOTH = (
    "json,json kebab,json pair,yaml,yaml quoted,yaml pair,yaml list,yaml block,toml,ini,ini section,properties,xml element,"
    "xml attribute,xml pair,plist,terraform default,terraform variables,dotenv,dotenv quoted,dockerfile env,systemd,helm,"
    "workflow,ansible,export,history,powershell env,batch,label,markdown list,csv,sql insert,python,python call,java,c#,php,"
    "ruby symbol,javascript object,go"
)
PASSWORDS = (*LOGINS, *(context for context in TOKENS if context.name in _BOTH.split(",")))
"""For passwords as people choose them."""
