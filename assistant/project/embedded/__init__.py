"""The embedded services of DATA_DIR, Postgres and Valkey: where they are, and starting them when needed."""

from assistant.project.embedded.addresses import database_url, redis_url
from assistant.project.embedded.commands import services_for_command
from assistant.project.embedded.places import Problem, data_dir

__all__ = ["Problem", "data_dir", "database_url", "redis_url", "services_for_command"]
