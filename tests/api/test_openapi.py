# SPDX-License-Identifier: GPL-3.0-or-later
"""The document and the server agree: each operation is called, each answer has its schema."""
import json
import re

import jsonschema
import pytest

from operations import BODIES, QUERIES, Api
from product import call


@pytest.fixture(scope="module")
def api(service):
    return Api(service)


def test_the_document_is_openapi_and_whole(api):
    text = json.dumps(api.document)
    assert api.document["openapi"] == "3.1.0" and len(api.operations) >= 29
    for part, name in re.findall(r'"#/components/(\w+)/(\w+)"', text):
        assert name in api.document["components"][part]
    for schema in api.document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    used = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert used == set(api.document["components"]["schemas"])
    names = [operation.name for operation in api.operations]
    assert len(set(names)) == len(names)
    assert set(BODIES) | set(QUERIES) <= set(names)


def test_each_parameter_of_a_path_is_told(api):
    for operation in api.operations:
        told = [one["name"] for one in operation.row["parameters"] if one["in"] == "path"]
        assert told == re.findall(r"{(\w+)}", operation.path)


def test_each_operation_does_what_the_document_says(api):
    """With a token that has the scope it names, and no other."""
    for operation in api.operations:
        token = None
        if operation.by_token:
            token = api.make_token([operation.scope or "identities:read"])
        status, headers, body = api.call(operation, api.fill(operation), token)
        assert status in operation.successes, (operation, status, body)
        api.check(operation, status, headers, body)


def test_each_refusal_has_the_form_that_the_document_says(api):
    for operation in api.operations:
        if not operation.is_of_one_thing:
            continue
        path = re.sub(r"{\w+}", "none", operation.path)
        token = api.maker_of(operation) if operation.by_token else None
        status, headers, body = api.call(operation, path, token)
        assert status == 404, (operation, status)
        api.check(operation, status, headers, body)


def test_bodies_that_the_schemas_refuse_are_refused(api):
    """And say which member it is."""
    for operation in api.operations:
        if "requestBody" not in operation.row:
            continue
        path = api.fill(operation)
        url = api.service.url + path
        headers = {"Authorization": f"Bearer {api.maker_of(operation)}"}
        for bad in ([], {"no_such_member": 1}, *broken(api, operation)):
            status, answer, data = call(url, operation.method, bad, headers)
            assert status == 400, (operation, bad, data)
            api.check(operation, status, answer, json.loads(data))


def broken(api, operation):
    """Bodies of which one member has a type that it must not have."""
    schema = operation.row["requestBody"]["content"]["application/json"]["schema"]
    _, schema = api.resolver.resolve(schema["$ref"])
    good = BODIES.get(operation.name, lambda n: {})(0)
    return [{**good, name: {"of": "no type"}} for name in schema["properties"]]
