"""Tables in a request: the body itself as text/csv, or the one file of a form."""

from typing import Any, Final

from fastapi import Request
from starlette.datastructures import UploadFile

from ledger.errors import CsvInvalid

TABLE_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}, "example": "pass\n17\n42\n"},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}


def media_type(request: Request) -> str:
    """The type of the body, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def table_of(request: Request) -> bytes:
    """The bytes of the table. Raises CsvInvalid where there is none."""
    if media_type(request) == "multipart/form-data":
        async with request.form(max_files=1, max_fields=1) as form:
            file = form.get("file")
            if isinstance(file, UploadFile):
                return await file.read()
        raise CsvInvalid(rows=[{"line": 0, "why": "the form has no file"}])
    if media_type(request) != "text/csv":
        raise CsvInvalid(rows=[{"line": 0, "why": "send the table as text/csv"}])
    return await request.body()
