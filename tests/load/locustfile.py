"""Two hundred people at once: mixed reads and writes, by Locust; `tests.service_load` starts it."""

from __future__ import annotations

import os
import random
from itertools import count

from locust import HttpUser, between, task

from tests.nlp.batch.making import report

_numbers = count(random.Random(os.getpid()).randrange(10**6, 10**9))


class Person(HttpUser):
    """Searches, opens records and their sources, looks at the summary, gives in a report now and then."""

    wait_time = between(0.5, 3)

    def on_start(self) -> None:
        self.client.headers["Authorization"] = f"Bearer {os.environ['GONGKAI_KEY']}"
        self.ids: list[str] = []

    @task(8)
    def search(self) -> None:
        filters = random.choice(["", "?year=2019", "?text=及时", "?status=complete", "?region=云南省", "?agency=小学"])
        with self.client.get(f"/v1/records{filters}", name="/v1/records", catch_response=True) as answer:
            if answer.ok:
                self.ids = [line["id"] for line in answer.json()["records"]]

    @task(8)
    def read(self) -> None:
        if self.ids:
            self.client.get(f"/v1/records/{random.choice(self.ids)}", name="/v1/records/{id}")

    @task(2)
    def source(self) -> None:
        if self.ids:
            self.client.get(f"/v1/records/{random.choice(self.ids)}/source", name="/v1/records/{id}/source")

    @task(2)
    def jobs(self) -> None:
        self.client.get("/v1/jobs")

    @task(4)
    def extract(self) -> None:
        text = report(next(_numbers))
        with self.client.post("/v1/extract", files={"file": ("a.txt", text.encode())}, catch_response=True) as answer:
            if answer.status_code == 429:  # told to come again: not wrong under this load
                answer.success()
            elif answer.ok:
                self.ids.append(answer.json()["id"])

    @task(1)
    def correct(self) -> None:
        if self.ids:
            body = {"kind": "fact", "target": "year", "new": 2020}
            self.client.put(f"/v1/records/{random.choice(self.ids)}/corrections", json=body, name="/v1/records/{id}/corrections")
