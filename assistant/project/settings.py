"""Settings, every one with a default that works; docs/configuration.md is the table of them."""

from pathlib import Path
from typing import Any

from environs import Env

from assistant.llm.entries import refuse_cut_keys
from assistant.llm.prices import unpriced
from assistant.project import celery as _celery_for_every_process  # noqa: F401
from assistant.project import embedded, safety
from assistant.project.admin_theme import UNFOLD  # noqa: F401
from assistant.project.database import database_settings
from assistant.project.logs import configure_logging
from assistant.project.outgoing_mail import mail_settings
from assistant.project.schedule import SCHEDULE

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = embedded.data_dir()

# Where we serve, and what is safe there
HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000)
PUBLIC_URL = env.str("PUBLIC_URL", "").rstrip("/") or safety.served_address(HOST, PORT)
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or safety.local_secret_key(DATA_DIR)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", safety.default_hosts(HOST, PUBLIC_URL))
TRUSTED_PROXIES = safety.proxy_networks(env.list("TRUSTED_PROXIES", []))
CSRF_TRUSTED_ORIGINS = safety.trusted_origins(PUBLIC_URL)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DEFAULT_EXCEPTION_REPORTER_FILTER = "assistant.project.error_page.WithoutCredentials"

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin.apps.SimpleAdminConfig",  # the addresses find what is registered: workers show no page
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_structlog",
    "channels",
    "knowledge",
    "assistant",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "assistant.project.content_security.content_security",
    "assistant.project.compression.compression",
    "assistant.project.static_files.StaticFiles",
    "assistant.project.pages.impatience",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "assistant.project.urls"
ASGI_APPLICATION = "assistant.project.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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
AUTH_USER_MODEL = "assistant.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "/desk/login/"
LOGIN_REDIRECT_URL = "/desk/"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA_DIR / "uploads"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# Postgres
DATABASE_URL = env.str("DATABASE_URL", "") or embedded.database_url()
DATABASES = {"default": database_settings(DATABASE_URL)}

# Valkey or Redis: broker, doorbell and cache; disposable, Postgres holds the truth
REDIS_URL = env.str("REDIS_URL", "") or embedded.redis_url()
CACHE_URL = env.str("CACHE_URL", "") or REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "TIMEOUT": 300,
        "KEY_PREFIX": "answerdesk",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # socket_timeout above channels_redis' 5 s blocking pop, or idle sockets die (channels_redis issue 422). Without
        # driver_info each connection would look up redis-py's version on the disk, on the event loop.
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_timeout": 30, "driver_info": None}],
            "prefix": "answerdesk",
            "capacity": 1000,
            "group_expiry": 300,  # renewed with each pulse: what died is rung no longer than that
        },
    }
}

# Celery: at least once, one task at a time; the rows decide what is done
CELERY_BROKER_URL = REDIS_URL
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 8 * 3600,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "health_check_interval": 5,
    "global_keyprefix": "answerdesk:",
}
CELERY_TASK_DEFAULT_QUEUE = "housekeeping"
CELERY_TASK_ROUTES = {"assistant.answering.tasks.*": {"queue": "answers"}, "knowledge.tasks.*": {"queue": "ingestion"}}
# Held by Celery for children alone; by time_limits.py for threads, and by the watchdog for a process that runs its own
CELERY_TASK_SOFT_TIME_LIMIT = 1500
CELERY_TASK_TIME_LIMIT = 1800
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 8.0
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_SEND_TASK_EVENTS = CELERY_TASK_SEND_SENT_EVENT = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False

# Models
OPENAI_API_KEY = env.str("OPENAI_API_KEY", "")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", "")
GENERATIVE = bool(OPENAI_API_KEY or OPENAI_BASE_URL)
LLM_MODEL = env.str("LLM_MODEL", "gpt-5-mini")
LLM_FALLBACK_MODELS: list[str] = env.list("LLM_FALLBACK_MODELS", [])
GROUNDING_MODEL = env.str("GROUNDING_MODEL", "")
for _setting, _models in (
    ("LLM_MODEL", [LLM_MODEL]),
    ("LLM_FALLBACK_MODELS", LLM_FALLBACK_MODELS),
    ("GROUNDING_MODEL", [GROUNDING_MODEL]),
):
    refuse_cut_keys(_setting, _models)
LLM_CONCURRENCY = env.int("LLM_CONCURRENCY", 100)  # calls of one provider's models under way in one process
HEDGE_SHARE = env.float("HEDGE_SHARE", 0.15)  # 0: no second request beside a slow one

# US dollars; 0 is no cap
LLM_PRICES: list[str] = env.list("LLM_PRICES", [])
COST_CAP_CONVERSATION_USD = env.float("COST_CAP_CONVERSATION_USD", 0.0)
COST_CAP_WIDGET_USD = env.float("COST_CAP_WIDGET_USD", 0.0)  # a day
COST_CAP_DAY_USD = env.float("COST_CAP_DAY_USD", 0.0)
LLM_CALLS_A_TURN = env.int("LLM_CALLS_A_TURN", 12)
safety.refuse_unpriced(
    {
        "COST_CAP_CONVERSATION_USD": COST_CAP_CONVERSATION_USD,
        "COST_CAP_WIDGET_USD": COST_CAP_WIDGET_USD,
        "COST_CAP_DAY_USD": COST_CAP_DAY_USD,
    },
    unpriced((LLM_MODEL, *LLM_FALLBACK_MODELS, GROUNDING_MODEL), LLM_PRICES),
)

# Models for passages
EMBEDDING_MODEL = env.str("EMBEDDING_MODEL", "local")
# Before what a served model is sent; None: as its family is known to want it
EMBEDDING_QUERY_PREFIX: str | None = env.str("EMBEDDING_QUERY_PREFIX", None)
EMBEDDING_PASSAGE_PREFIX: str | None = env.str("EMBEDDING_PASSAGE_PREFIX", None)
EMBEDDING_THREADS = env.int("EMBEDDING_THREADS", 0)  # that embed passages; 0: one a core
RERANK_BASE_URL = env.str("RERANK_BASE_URL", "")
RERANK_MODEL = env.str("RERANK_MODEL", "")
RERANK_API_KEY = env.str("RERANK_API_KEY", "")

# Seconds
LLM_CONNECT_TIMEOUT_SECONDS = 3.0
FIRST_TOKEN_BUDGET_SECONDS = env.float("FIRST_TOKEN_BUDGET_SECONDS", 8.0)
TOKEN_GAP_BUDGET_SECONDS = env.float("TOKEN_GAP_BUDGET_SECONDS", 10.0)
REWRITE_SECONDS = env.float("REWRITE_SECONDS", 2.0)  # 0: follow-ups are rewritten by rules alone
GROUNDING_SECONDS = env.float("GROUNDING_SECONDS", 4.0)
RERANK_DEADLINE_SECONDS = env.float("RERANK_DEADLINE_SECONDS", 1.0)
TURN_DEADLINE_SECONDS = env.float("TURN_DEADLINE_SECONDS", 45.0)
_HALFWAY_SECONDS = (FIRST_TOKEN_BUDGET_SECONDS + TURN_DEADLINE_SECONDS) / 2
# Of silence of all models together
MODELS_SECONDS = env.float("MODELS_SECONDS", min(2 * FIRST_TOKEN_BUDGET_SECONDS, _HALFWAY_SECONDS))
FIRST_SIGN_SECONDS = env.float("FIRST_SIGN_SECONDS", 1.0)
SLOW_NOTICE_SECONDS = env.float("SLOW_NOTICE_SECONDS", 4.0)
# Above MODELS_SECONDS: where no worker was ready for a silent model, all of them end with the articles here.
_HAND_OVER_SECONDS = min(2.5 * FIRST_TOKEN_BUDGET_SECONDS, _HALFWAY_SECONDS)
if _HAND_OVER_SECONDS <= MODELS_SECONDS:
    _HAND_OVER_SECONDS = (MODELS_SECONDS + TURN_DEADLINE_SECONDS) / 2
HAND_OVER_SECONDS = env.float("HAND_OVER_SECONDS", _HAND_OVER_SECONDS)
BURST_PAUSE_SECONDS = env.float("BURST_PAUSE_SECONDS", 0.4)
# Of the task that runs a turn: past the deadline it may wait for a database that is away.
TURN_SOFT_LIMIT_SECONDS = int(TURN_DEADLINE_SECONDS) + 75
TURN_HARD_LIMIT_SECONDS = TURN_SOFT_LIMIT_SECONDS + 30
TURN_LEASE_RENEWAL_SECONDS = 3.0
TURN_LEASE_SECONDS = 10.0
safety.refuse_disorder(
    {
        "FIRST_TOKEN_BUDGET_SECONDS": FIRST_TOKEN_BUDGET_SECONDS,
        "MODELS_SECONDS": MODELS_SECONDS,
        "TURN_DEADLINE_SECONDS": TURN_DEADLINE_SECONDS,
    }
)
safety.refuse_disorder(
    {
        "LLM_CONNECT_TIMEOUT_SECONDS": LLM_CONNECT_TIMEOUT_SECONDS,
        "FIRST_TOKEN_BUDGET_SECONDS": FIRST_TOKEN_BUDGET_SECONDS,
        "HAND_OVER_SECONDS": HAND_OVER_SECONDS,
        "TURN_DEADLINE_SECONDS": TURN_DEADLINE_SECONDS,
        "TURN_SOFT_LIMIT_SECONDS": TURN_SOFT_LIMIT_SECONDS,
        "TURN_HARD_LIMIT_SECONDS": TURN_HARD_LIMIT_SECONDS,
        "visibility_timeout": CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"],
    }
)
safety.refuse_disorder(
    {
        "FIRST_SIGN_SECONDS": FIRST_SIGN_SECONDS,
        "SLOW_NOTICE_SECONDS": SLOW_NOTICE_SECONDS,
        "HAND_OVER_SECONDS": HAND_OVER_SECONDS,
    }
)
INLINE_TURNS = env.int("INLINE_TURNS", 100)
WORKER_TURNS = env.int("WORKER_TURNS", 50)
# Turns that wait for a slot; 0 is no bound
QUEUE_TURNS = env.int("QUEUE_TURNS", 300)
QUEUE_TURNS_A_WIDGET = env.int("QUEUE_TURNS_A_WIDGET", 200)
QUEUE_TURNS_A_VISITOR = env.int("QUEUE_TURNS_A_VISITOR", 5)
# A worker that consumes nothing for so long is restarted, and so is a beat that stands still. A canary passes through
# each queue every 10 s; halfway to the limit the watchdog sends more of its own.
WORKER_STALLED_SECONDS = env.float("WORKER_STALLED_SECONDS", 30.0)

# Limits a minute; 0 switches one off
RATE_LIMIT_VISITOR = env.int("RATE_LIMIT_VISITOR", 20)
RATE_LIMIT_ADDRESS = env.int("RATE_LIMIT_ADDRESS", 300)

# Mail
EMAIL_URL = env.str("EMAIL_URL", "consolemail://")
vars().update(mail_settings(EMAIL_URL))
# Else nobody is promised mail, nor asked for an address: what is printed, or kept in a file, reaches nobody
MAIL_LEAVES = mail_settings(EMAIL_URL)["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Answerdesk <support@localhost>")
MAIL_REPLY_TO = env.str("MAIL_REPLY_TO", "")
MAIL_AFTER_SECONDS = env.float("MAIL_AFTER_SECONDS", 60.0)
# Mails an hour to one address and a day from one widget; 0 switches one off
MAIL_LIMIT_ADDRESS = env.int("MAIL_LIMIT_ADDRESS", 6)
MAIL_LIMIT_WIDGET = env.int("MAIL_LIMIT_WIDGET", 500)

LOGGING = configure_logging(env.str("LOG_FORMAT", "text"), env.str("LOG_LEVEL", "INFO"))

safety.refuse_unsafe(host=HOST, debug=DEBUG, secret_key=env.str("SECRET_KEY", ""), allowed_hosts=ALLOWED_HOSTS)
