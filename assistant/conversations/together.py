"""Rows of several tables, inserted by one statement: a conversation begins with four, and its customer waits."""

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model


def insert_together(*rows: Model) -> bool:
    """Insert the rows, of a table each, whole or not at all: False where the first is there already.

    Keys must be set but the last one's, which the database may make. Foreign keys are checked as the transaction ends.
    """
    values = [_prepared(field, row) for row in rows for field in _written(type(row))]
    with connection.cursor() as cursor:
        cursor.execute(_statement(tuple(map(type, rows))), values)
        made = cursor.fetchone()
    if made is None:
        return False
    rows[-1].pk = made[0]
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return True


def _prepared(field: "Field[Any, Any]", row: Model) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)


@cache
def _statement(models: tuple[type[Model], ...]) -> str:
    first, *others = models
    begun = f"{_into(first)} VALUES ({_values(first)}) ON CONFLICT DO NOTHING RETURNING 1"
    follow = [f"{_into(each)} SELECT {_values(each)} FROM inserted_0" for each in others]  # noqa: S608 - our models
    *before, last = begun, *follow
    named = ", ".join(f"inserted_{number} AS ({insert})" for number, insert in enumerate(before))
    return f"WITH {named} {last} RETURNING {models[-1]._meta.pk.column}"


def _into(model: type[Model]) -> str:
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in _written(model))
    return f"INSERT INTO {model._meta.db_table} ({columns})"


def _values(model: type[Model]) -> str:
    # Without its length: a text that is too long for its column is refused, where a cast would cut it.
    return ", ".join(f"%s::{str(field.db_type(connection)).partition('(')[0]}" for field in _written(model))


@cache
def _written(model: type[Model]) -> tuple["Field[Any, Any]", ...]:
    return tuple(field for field in model._meta.concrete_fields if field is not model._meta.auto_field)
