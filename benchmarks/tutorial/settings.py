"""As `startproject` makes them, as far as they are needed."""

import os

import dj_database_url

DATABASES = {"default": dj_database_url.parse(os.environ["TUTORIAL_DATABASE"], conn_max_age=None)}
INSTALLED_APPS = ["channels", "benchmarks.tutorial"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "of a benchmark"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "benchmarks.tutorial.asgi"
USE_TZ = True
