"""Settings of the tests: the product's own, on services and in a DATA_DIR that nothing else uses."""

from tests.services import prepare_environment

prepare_environment()

from assistant.project.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
