"""Every setting of the backend; what differs between machines is in the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from celery.schedules import crontab

from backend.core import env
from functions.contract import MAX_PREDICTED_BYTES, MAX_UPLOAD_BYTES, MODELS, Kind  # noqa: F401

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.optional("DATA_DIR", str(BASE_DIR / ".data"))).expanduser().resolve()

SECRET_KEY = env.required("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = env.optional("ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [
    origin for origin in env.optional("CSRF_TRUSTED_ORIGINS").split(",") if origin
]
# Behind a proxy that ends TLS, cookies must not travel in the clear.
SECURE_COOKIES = env.optional("SECURE_COOKIES") == "1"
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    "admin.apps.BackofficeConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "backend.core.static_files.StaticFiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "backend.core",
    "backend.accounts",
    "backend.registry",
    "backend.events",
    "backend.friends",
    "backend.photos",
    "backend.people",
    "backend.analysis",
    "backend.search",
    "backend.wechat",
    "backend.albums",
    "backend.archive",
    "backend.leaving",
    "backend.api",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # ETag and 304 for what has not changed.
    "backend.api.conditional.ETags",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backend.api.idempotency.IdempotencyMiddleware",
]
CSRF_FAILURE_VIEW = "backend.api.problems.csrf_failed"
ROOT_URLCONF = "backend.urls"
ASGI_APPLICATION = "backend.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Postgres. The pool outlives requests, and checks a connection before lending it, so that a
# restarted server costs one retry and not one error a thread.
_database = env.database("DATABASE_URL")
DATABASES = {
    "default": _database
    | {
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _database["OPTIONS"]
        | {"pool": {"min_size": 1, "max_size": env.integer("DATABASE_POOL", 8), "timeout": 20}},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_I18N = True
# Photos without a time zone are taken to be in this one.
TIME_ZONE = env.optional("TIME_ZONE", "UTC")
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"

# Object storage. Uploads are signed for the address that clients reach, everything else
# goes to the address that this machine reaches.
S3_ENDPOINT_URL = env.optional("S3_ENDPOINT_URL") or None
S3_PUBLIC_ENDPOINT_URL = env.optional("S3_PUBLIC_ENDPOINT_URL") or S3_ENDPOINT_URL
S3_ACCESS_KEY_ID = env.optional("S3_ACCESS_KEY_ID") or None
S3_SECRET_ACCESS_KEY = env.optional("S3_SECRET_ACCESS_KEY") or None
S3_REGION = env.optional("S3_REGION", "us-east-1")
S3_BUCKET = env.required("S3_BUCKET")
# Origins whose pages may upload from a browser; presigned forms are what protects the bucket.
S3_CORS_ORIGINS = env.optional("S3_CORS_ORIGINS", "*").split(",")

# The functions and the storage prove who they are with these.
DELIVERY_SECRET = env.required("DELIVERY_SECRET")
WEBHOOK_TOKEN = env.required("WEBHOOK_TOKEN")

# The broker only makes things sooner: Postgres holds the truth of the work.
BROKER_URL = env.required("BROKER_URL")
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_DEFAULT_QUEUE = "backend"
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A web request must not hang on a broker that is away: the sweeper makes up for what was not sent.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 3}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "analysis.sweep",
        "schedule": env.integer("SWEEP_SECONDS", 15),
        # A sweep nobody took in time is not worth taking: the next one is due.
        "options": {"expires": 60},
    },
    "deliver": {"task": "events.deliver", "schedule": 15, "options": {"expires": 60}},
    "forget_events": {
        "task": "events.forget",
        "schedule": timedelta(hours=6),
        "options": {"expires": 3600},
    },
    "forget answers to repeats": {
        "task": "api.forget_answers",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    # Names that no photo has any more are suggested for a day at most.
    "forget": {
        "task": "search.forget",
        "schedule": timedelta(days=1),
        "options": {"expires": 3600},
    },
    # Reading brings the months and the map up to date; this keeps a long import from piling up.
    "renew_library": {
        "task": "photos.renew_library",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "purge": {
        "task": "analysis.purge",
        "schedule": timedelta(hours=6),
        "options": {"expires": 3600},
    },
    # What asks for these tells a worker at once; this finds what was lost on the way.
    "prepare_exports": {
        "task": "archive.prepare_exports",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "run_imports": {"task": "archive.run_imports", "schedule": 60, "options": {"expires": 60}},
    "settle_faces": {"task": "archive.settle_faces", "schedule": 30, "options": {"expires": 60}},
    "delete_accounts": {
        "task": "leaving.delete_accounts",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "forget_archives": {
        "task": "archive.forget",
        "schedule": timedelta(hours=6),
        "options": {"expires": 3600},
    },
    "mend people": {
        "task": "people.mend",
        "schedule": crontab(hour=3, minute=0),  # at night, in TIME_ZONE
        "options": {"expires": 3600},
    },
}
# Counters, for all processes: beside the broker's own database, so that clearing one leaves the
# other; in Postgres where the broker is none that keeps values.
_CACHE_URL = env.optional(
    "CACHE_URL",
    urlsplit(BROKER_URL)._replace(path="/1").geturl()
    if BROKER_URL.startswith(("redis", "valkey"))
    else "",
)
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "backend.core.valkey_cache.ValkeyCache", "LOCATION": _CACHE_URL}
    if _CACHE_URL
    else {
        "BACKEND": "backend.core.postgres_cache.PostgresCache",
        "LOCATION": "core_cache",
        # A day of a family's calls; they are counted at each change.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# Uploads
MULTIPART_BYTES = 16 * 1024**2  # a part that a phone can repeat without anger
MAX_OPEN_TICKETS = 2000  # a user; a phone sends a few at once, and one row waits for each
UPLOAD_TICKET_SECONDS = 3600  # an hour: a slow phone on a long list of photos
UPLOAD_ABANDONED_SECONDS = 24 * 3600  # after a day, a ticket nobody used frees its quota
DEFAULT_QUOTA_BYTES = env.integer("DEFAULT_QUOTA_BYTES", 100 * 1024**3)
TRASH_DAYS = 30

# An export is prepared once and can then be fetched, in parts and again, for some days.
EXPORT_DAYS = 7

# Analysis. The lease is longer than any photo within the functions' limits takes, so a second
# worker never starts while the first is alive; three attempts tell bad luck from a bad photo.
ANALYSIS_LEASE_SECONDS = env.integer("ANALYSIS_LEASE_SECONDS", 120)
ANALYSIS_DISPATCH_SECONDS = env.integer("ANALYSIS_DISPATCH_SECONDS", 600)
ANALYSIS_MAX_ATTEMPTS = 3
ANALYSIS_RETRY_SECONDS = 10
UPLOAD_CHECK_SECONDS = env.integer("UPLOAD_CHECK_SECONDS", 15)
# The model that finds faces as long as nobody has decided about one (backend.registry).
FACE_MODEL = env.choice("FACE_MODEL", MODELS[Kind.FACES])
# Which models are active is asked for in every call, and changes a few times a year: each process
# remembers it for so long.
ROLLOUT_SECONDS = 5
# So many analyses by models in the shadow wait at a time, so that uploads do not wait behind them.
SHADOW_WINDOW = 60

# Functions that are waited for: where they are, or what their names begin with on Lambda. A picture
# within the limits takes a few seconds at most, even where several wait.
FUNCTIONS_URL = env.optional("FUNCTIONS_URL") or None
FUNCTIONS_PREFIX = env.optional("FUNCTIONS_PREFIX")
PREDICT_BYTES = min(env.integer("PREDICT_BYTES", MAX_PREDICTED_BYTES), MAX_PREDICTED_BYTES)
PREDICT_SECONDS = 25
# What comes in a form never touches a disk: it fits into memory, or api.body_limit refuses it.
FILE_UPLOAD_MAX_MEMORY_SIZE = PREDICT_BYTES + 64 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

# Dollars for a second of one core, to tell what analyses cost: Lambda's list price for x86 in
# us-east-1, $0.0000166667 a GB-second, and 1,769 MB buy a core.
COMPUTE_PRICE = env.number("COMPUTE_PRICE", 0.0000288)
# Batches: so many at once a user, of so many photos or of so many objects that no photo is yet; so
# many of a batch's analyses wait or run at a time, so that uploads do not wait behind all of it.
MAX_OPEN_BATCHES = 10
MAX_BATCH_PHOTOS = 100_000
MAX_BATCH_OBJECTS = 10_000
BATCH_WINDOW = 200
BATCH_DAYS = 90  # what is over is told so long
# Folders of the bucket from which staff may take objects besides their own (imports/<user id>/).
IMPORT_PREFIXES = [each for each in env.optional("IMPORT_PREFIXES").split(",") if each]

# Explicit pictures: above REVIEW a person should look, above BLOCKED nobody else may see them.
MODERATION_REVIEW = 0.5
MODERATION_BLOCKED = 0.85

# Attempts to sign in, a minute: from one address at one account, and at all.
LOGIN_ATTEMPTS = env.integer("LOGIN_ATTEMPTS", 20)
LOGIN_ATTEMPTS_ADDRESS = env.integer("LOGIN_ATTEMPTS_ADDRESS", 60)
# Users looked up by name, a minute: to find, befriend or block one, or to share an album.
MEMBER_ATTEMPTS = 30
# Comments that a user writes, and photos that they like, a minute.
COMMENT_ATTEMPTS = 30
LIKE_ATTEMPTS = 120
# Attempts at a link's password, a minute: from one address, at all from it, and at the link.
LINK_ATTEMPTS = 10
LINK_ATTEMPTS_ADDRESS = 30
LINK_ATTEMPTS_ALL = 100
# How long a viewer need not be counted again or say the password again.
LINK_ACCESS_SECONDS = 3600
# How long the addresses of a link's pictures are good, and those of others' that wait for review.
LINK_URL_SECONDS = 900
# Calls of the API, a minute. A phone that uploads all it has makes a few for each photo.
RATE_LIMIT_USER = env.integer("RATE_LIMIT_USER", 6000)
RATE_LIMIT_KEY = env.integer("RATE_LIMIT_KEY", 6000)
# Pictures to predict, a minute: of a key, and of a user with all their keys.
RATE_LIMIT_PREDICT = env.integer("RATE_LIMIT_PREDICT", 120)
RATE_LIMIT_ADDRESS = env.integer("RATE_LIMIT_ADDRESS", 600)
# Proxies of ours that add to X-Forwarded-For; with none, the header is anybody's word.
NUM_PROXIES = env.integer("NUM_PROXIES", 0)

# The longest that a call waits for an event. Where each waiting call takes a server's whole
# process, as on Lambda, nobody should wait: 0.
EVENTS_WAIT_SECONDS = env.integer("EVENTS_WAIT_SECONDS", 60)

# For those whose webhooks live in their own network. To others it would open that network.
WEBHOOKS_TO_PRIVATE_ADDRESSES = env.optional("WEBHOOKS_TO_PRIVATE_ADDRESSES") == "1"

# WeChat, where there is a mini-program: its app's id and secret let people sign in by it.
WECHAT_APP_ID = env.optional("WECHAT_APP_ID")
WECHAT_APP_SECRET = env.required("WECHAT_APP_SECRET") if WECHAT_APP_ID else ""
WECHAT_API_URL = env.optional("WECHAT_API_URL", "https://api.weixin.qq.com").rstrip("/")
# Whoever comes for the first time gets an account; else only linked accounts sign in.
WECHAT_SIGN_UP = env.optional("WECHAT_SIGN_UP", "1") == "1"
# With the token of pushed messages, WeChat looks at what people share, before others see it.
WECHAT_MESSAGE_TOKEN = env.optional("WECHAT_MESSAGE_TOKEN")
WECHAT_AES_KEY = env.aes_key("WECHAT_AES_KEY")
WECHAT_CHECKS = bool(WECHAT_APP_ID and WECHAT_MESSAGE_TOKEN)
if WECHAT_CHECKS:
    CELERY_BEAT_SCHEDULE |= {
        "check what is shared": {
            "task": "albums.check_shared",
            "schedule": 30,
            "options": {"expires": 60},
        },
        "forget answers": {
            "task": "wechat.forget",
            "schedule": timedelta(days=1),
            "options": {"expires": 3600},
        },
    }

# Tokens of people's devices
TOKEN_DAYS = 180
OBJECT_URL_SECONDS = 3600

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["backend.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["backend.api.policy.Policy"],
    "DEFAULT_THROTTLE_CLASSES": ["backend.api.rate_limit.RateLimit"],
    "DEFAULT_RENDERER_CLASSES": ["backend.api.rendering.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["backend.api.requests.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "backend.api.problems.handle_exception",
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Shiguang 拾光",
    "DESCRIPTION": (
        "An open photo album that knows what is in its photos.\n\n"
        "To try it here: **POST /api/v1/auth/login** gives a `token`; **Authorize** takes it, or "
        "an API key. Lists come in pages: `next` is the address of the next one. Refusals are "
        "`application/problem+json`: act on `code`, show `detail`, which is in Chinese or English "
        "by `Accept-Language`. Answers to GET have an `ETag`: sent as `If-None-Match` it is "
        "answered by 304 as long as nothing has changed (the addresses of pictures do, every half "
        "hour), and sent as `If-Match` with a change of the same photo or album it makes sure that "
        "nothing newer is overwritten: else 412."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "backend.api.openapi.complete_document",
    ],
    "ENUM_NAME_OVERRIDES": {
        "PhotoStatusEnum": "backend.api.photo_schema.PHOTO_STATUSES",
        "AnalysisStatusEnum": "backend.api.photo_schema.ANALYSIS_STATUSES",
        "ScopeEnum": "backend.accounts.models.ApiKey.Scope",
        "ErasureScopeEnum": "backend.api.people_schema.ERASURE_SCOPES",
        "GroupKindEnum": "backend.api.duplicates.GROUP_KINDS",
        "MemoryKindEnum": "backend.api.memories.MEMORY_KINDS",
        "BatchStateEnum": "backend.api.batches.BATCH_STATES",
        "RolloutStateEnum": "backend.api.registry.ROLLOUT_STATES",
        "EventKindEnum": "backend.events.models.Event.Kind",
        "RoleEnum": "backend.api.albums.ROLES",
        "KindEnum": "backend.api.photo_schema.KINDS",
        "ExportStatusEnum": "backend.api.exports.EXPORT_STATES",
        "ImportStatusEnum": "backend.api.imports.IMPORT_STATES",
        "ReviewQueueEnum": "backend.api.review_queues.NAMES",
        "DecisionEnum": "backend.api.review.ANSWERS",
        "DecidedEnum": "backend.api.review.DECISIONS",
        "UploadMethodEnum": "backend.photos.services.UPLOAD_METHODS",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "backend.core.logs.MaskingFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # What has handlers of its own otherwise; the web server's addresses hold tokens.
    "loggers": {
        **{
            name: {"handlers": [], "propagate": True, "level": "INFO"}
            for name in ("django", "uvicorn", "uvicorn.access")
        },
        # Below that it tells addresses, which hold secrets: WeChat's want them there.
        "urllib3": {"level": "INFO"},
    },
}
