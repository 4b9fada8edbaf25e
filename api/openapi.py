"""The API's own description: OpenAPI 3.1, problems and ways to sign in included."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from api.access import GATES, Office
from api.problems import PROBLEM_TYPE
from api.schemas.passes import EnrolPasses
from api.schemas.problems import Problem

REF: Final = "#/components/schemas/{model}"
_MEANINGS: Final = {
    "400": "The request cannot be read",
    "401": "Who calls has not been shown",
    "403": "The caller lacks the role",
    "404": "There is no such thing",
    "405": "Not with this method",
    "408": "The body came too slowly",
    "409": "Not in this state, or the same key is still running",
    "413": "The body is too large",
    "415": "Another kind of content is needed",
    "422": "A field cannot be read, or a rule says no",
    "500": "A defect of ours",
    "502": "The chain did not do what was asked",
    "503": "The chain cannot be reached now: try again",
}
_SCHEMES: Final = {
    "officer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An officer's key, `nk_…`. Each endpoint names the roles it needs.",
    },
    "signed": {
        "type": "apiKey",
        "in": "header",
        "name": "Nakhon-Signature",
        "description": "EIP-712 `Request` signed by Nakhon-Address at Nakhon-Signed-At, at most "
        "60 seconds from GET /v1/time.",
    },
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary=app.summary,
        description=app.description,
        routes=app.routes,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for model in (Problem, EnrolPasses):
        described = model.model_json_schema(ref_template=REF)
        schemas.update(described.pop("$defs", {}))
        schemas[model.__name__] = described
    components["securitySchemes"] = _SCHEMES
    gates = {(method.lower(), path): gate for method, path, gate in routes_of(app)}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, gates.get((method, path)), method)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _complete(operation: dict[str, Any], gate: object | None, method: str) -> None:
    problem = {PROBLEM_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}
    for status, meaning in _MEANINGS.items():
        declared = operation["responses"].get(status)
        if declared is None or status == "422":
            operation["responses"][status] = {"description": meaning, "content": problem}
        else:
            declared.setdefault("content", {}).update(problem)
    if gate is not None:
        operation["security"] = [{"officer" if isinstance(gate, Office) else "signed": []}]
    if isinstance(gate, Office):
        operation["x-nakhon-roles"] = list(gate.roles)
    if method == "post":
        operation.setdefault("parameters", []).append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
                "description": "Same key and body, same answer, for as long as answers are kept "
                "(NAKHON_IDEMPOTENCY_SECONDS, a day unless set). Other body: 422 "
                "idempotency_mismatch. The first one still running: 409 idempotency_in_progress. "
                "Required to take a redemption.",
            }
        )


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, object | None]]:
    """Every route: method, path, and the gate its callers pass; None where there is none."""
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        calls = [each.call for each in dependant.dependencies] if dependant is not None else []
        gate = next((call for call in calls if isinstance(call, GATES)), None)
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, str(route.path), gate
