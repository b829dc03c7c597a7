"""Errors of the API: one shape, `{"error": {"code", "message"}}`, in plain words and never a traceback."""

from typing import Any

import structlog
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg.errors import DiskFull, QueryCanceled

from assistant.events.threads import is_away

log = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 5
# Whoever asks again may find room, or a database that is less busy.
MAY_PASS = (DiskFull, QueryCanceled)


class Refused(Exception):
    """A request that is answered with `status`, a stable `code` and a message for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def not_found(what: str) -> Refused:
    """The same words for what is not there and for what the key may not see."""
    return Refused(404, "not_found", f"There is no such {what}, or this key may not use it.")


def body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The JSON of an error."""
    return {"error": {"code": code, "message": message}}


def invalid_message(errors: list[dict[str, Any]]) -> str:
    """What is wrong with a request, a clause a field: `text: Field required; colour: unknown field`."""
    clauses = []
    for error in errors:
        where = ".".join(str(part) for part in error.get("loc", ()) if part not in ("body", "query", "path", "payload"))
        words = "unknown field" if error.get("type") == "extra_forbidden" else str(error.get("msg", "invalid"))
        clauses.append(f"{where}: {words}" if where else words)
    return "; ".join(clauses)


def install(api: NinjaAPI) -> None:
    """Give the API these handlers in place of the framework's own."""

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        response = api.create_response(request, body(error.code, error.message), status=error.status)
        if error.status == 503:
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response

    @api.exception_handler(DatabaseError)
    def without_database(request: HttpRequest, error: DatabaseError) -> HttpResponse:
        if not is_away(error) and not isinstance(error.__cause__, MAY_PASS):
            raise error
        log.warning("database_away", path=request.path, error=repr(error))
        return refused(request, Refused(503, "unavailable", "The database does not answer. Try again in a moment."))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return api.create_response(request, body("invalid", invalid_message(error.errors)), status=422)

    @api.exception_handler(AuthenticationError)
    def unauthorised(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        words = "Send a valid API key: Authorization: Bearer ak_… Admins create keys at /admin/."
        response = api.create_response(request, body("unauthorised", words), status=401)
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        code = "bad_request" if error.status_code == 400 else "refused"
        return api.create_response(request, body(code, error.message), status=error.status_code)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return api.create_response(request, body("not_found", "There is nothing at this address."), status=404)
