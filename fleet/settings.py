"""The one settings file. Everything comes from the environment; what is missing or wrong fails at start, by name.

`docs/settings.md` documents every variable; a test compares the two.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(os.environ.get("YARDMASTER_STATE") or BASE_DIR / ".state").resolve()


def _required(name: str, example: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Example: {name}={example}. `manage.py up` sets it for you.")
    return value


def _flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if value == "" else value in ("1", "true", "yes", "on")
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Use 1 or 0.")


def _number(name: str, default: float) -> float:
    value = os.environ.get(name)
    try:
        return float(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r} is not a number.") from error


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"DATABASE_URL must begin with postgresql://, not {parts.scheme}://.")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or parts.hostname or ""
    port = query.pop("port", None) or (parts.port and str(parts.port)) or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**query, **_pool()},
        "TEST": {"NAME": f"test_{unquote(parts.path.lstrip('/'))}"},
    }


def _pool() -> dict[str, object]:
    # A short time-out: with the database down, a page must answer 503 rather than hang.
    size = int(_number("YARDMASTER_DB_POOL", 16))
    return {"pool": {"min_size": 1, "max_size": size, "timeout": 3}} if size else {}


def _secret_key() -> str:
    if key := os.environ.get("YARDMASTER_SECRET_KEY"):
        return key
    path = STATE_DIR / "keys" / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
        except FileExistsError:
            pass  # another process of ours made it in the same instant
    return path.read_text()


DATABASE_URL = _required("DATABASE_URL", "postgresql://yardmaster:password@db.internal/yardmaster")
REDIS_URL = _required("REDIS_URL", "redis://127.0.0.1:6379/0")
MQTT_URL = _required("MQTT_URL", "mqtt://user:password@127.0.0.1:1883")
# Where robots log in, if not where the fleet does.
MQTT_ROBOT_URL = os.environ.get("YARDMASTER_MQTT_ROBOT_URL", "")
HOST = os.environ.get("YARDMASTER_HOST", "127.0.0.1")
BEHIND_PROXY = _flag("YARDMASTER_BEHIND_PROXY", False)
# Behind a proxy on this machine others come in too, although we listen on loopback.
LOOPBACK = HOST in ("127.0.0.1", "localhost", "::1") and not BEHIND_PROXY

SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = [h for h in os.environ.get("YARDMASTER_ALLOWED_HOSTS", "").split(",") if h]
ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"]  # the supervisor asks /healthz there, wherever we listen
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("YARDMASTER_TRUSTED_ORIGINS", "").split(",") if o]
DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "channels",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "fleet",
    "fleet.accounts",
    "fleet.ledger",
    "fleet.outbox",
    "robots",
    "missions",
    "fleet.console",
]

MIDDLEWARE = [
    "fleet.rest.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "fleet.language.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fleet.accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fleet.rest.middleware.DatabaseDownMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "fleet.urls"
ASGI_APPLICATION = "fleet.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fleet.console.context.frame",
            ]
        },
    }
]

# --- people ---

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"

# --- browser security ---

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # one shift
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "fleet.rest.pages.csrf_failed"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOOPBACK
SECURE_SSL_REDIRECT = _flag("YARDMASTER_SSL_REDIRECT", not LOOPBACK)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked over plain HTTP on this machine
SECURE_HSTS_SECONDS = int(_number("YARDMASTER_HSTS_SECONDS", 0 if LOOPBACK else 31_536_000))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- static files ---

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# --- time, language ---

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "fleet" / "locale"]  # .po and compiled .mo, so that no machine needs gettext's tools
LANGUAGE_COOKIE_NAME = "yardmaster_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = not LOOPBACK
USE_I18N = True

# --- Channels, Celery ---

# pubsub, not core: core drops messages silently when a channel's capacity is reached.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL}], "prefix": "yardmaster"},
    }
}

# --- Yardmaster ---

YARDMASTER = {
    "version": "0.1.0",
    "public_url": os.environ.get(
        "YARDMASTER_PUBLIC_URL", f"http://127.0.0.1:{os.environ.get('YARDMASTER_PORT', '8000')}"
    ),
    "planner": os.environ.get("YARDMASTER_PLANNER", "compact"),
    "planner_timeout_s": _number("YARDMASTER_PLANNER_TIMEOUT", 3.0),
    "qwen": {
        "path": os.environ.get("YARDMASTER_QWEN_PATH", ""),
        "timeout_s": _number("YARDMASTER_QWEN_TIMEOUT_S", 2.0),
        "four_bit": _flag("YARDMASTER_QWEN_FOUR_BIT", False),
    },
    "endpoint": {
        "url": os.environ.get("YARDMASTER_ENDPOINT_URL", ""),
        "model": os.environ.get("YARDMASTER_ENDPOINT_MODEL", ""),
        "key": os.environ.get("YARDMASTER_ENDPOINT_KEY", ""),
        "timeout_s": _number("YARDMASTER_ENDPOINT_TIMEOUT_S", 2.0),
        "redact": _flag("YARDMASTER_ENDPOINT_REDACT", False),
    },
    "interpretation_ttl_s": _number("YARDMASTER_INTERPRETATION_TTL", 60),
    "lease_ttl_s": _number("YARDMASTER_LEASE_TTL", 1.5),
    "lease_period_s": 0.3,
    "stale_visualization_s": _number("YARDMASTER_STALE_VISUALIZATION", 2.0),
    "stale_state_s": _number("YARDMASTER_STALE_STATE", 35.0),
    "supervision_grace_s": _number("YARDMASTER_SUPERVISION_GRACE", 900),
    "requests_per_minute": int(_number("YARDMASTER_REQUESTS_PER_MINUTE", 600)),
    "commands_per_minute": int(_number("YARDMASTER_COMMANDS_PER_MINUTE", 60)),
    "history_days": int(_number("YARDMASTER_HISTORY_DAYS", 14)),
    "program_timeout_s": _number("YARDMASTER_PROGRAM_TIMEOUT", 30),
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "fleet.rest.auth.ApiKeyAuthentication",
        "fleet.rest.auth.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["fleet.rest.throttles.DefaultThrottle"],
    "DEFAULT_PAGINATION_CLASS": "fleet.rest.pagination.CursorPage",
    "DEFAULT_SCHEMA_CLASS": "fleet.rest.schema.AutoSchema",
    "EXCEPTION_HANDLER": "fleet.rest.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Yardmaster",
    "DESCRIPTION": "Missions in plain words, robots, layouts and stops of a warehouse site.",
    "VERSION": "v1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("YARDMASTER_LOG_LEVEL", "INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "whitenoise": {"level": "WARNING"}},
}
