"""Every operation against its own description, by Schemathesis."""

from pathlib import Path

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="needs the extra dev")

from hypothesis import HealthCheck, given, settings

from tests.nlp.batch.making import report
from tests.service_running import Service

EXAMPLES = 12
# What a description cannot tell may be refused with a documented 422: a search without a letter, say.
UNTOLD = schemathesis.checks.positive_data_acceptance


def test_every_operation_keeps_to_its_description(tmp_path: Path, subtests: pytest.Subtests) -> None:
    """No answer of 5xx (save `not ready`), none that the OpenAPI document does not describe, whatever is asked."""
    (tmp_path / "extract.toml").write_text("labeller = false\n", encoding="utf-8")
    (tmp_path / "service.toml").write_text("failures_per_minute = 100000\n", encoding="utf-8")  # wrong keys are tried, many
    options = "--settings", str(tmp_path / "extract.toml"), "--service-settings", str(tmp_path / "service.toml")
    service = Service(tmp_path / "data", *options)
    service.start()
    try:
        with service.client() as client:
            client.extract(report(1))
        headers = {"Authorization": f"Bearer {service.key}"}
        schema = schemathesis.openapi.from_url(f"{service.url}/v1/openapi.json")
        operations = [found.ok() for found in schema.get_all_operations()]
        assert len(operations) > 15
        for operation in operations:
            with subtests.test(operation.label):
                _try(operation, headers)
    finally:
        assert service.stop() == 0
    assert "Traceback" not in service.log.read_text(encoding="utf-8")


def _try(operation, headers: dict[str, str]) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def holds(case) -> None:
        answer = case.call(headers=headers)
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
        if answer.status_code != 503:
            case.validate_response(answer, headers=headers, excluded_checks=[UNTOLD])

    holds()
