"""Everything a running service holds, opened and closed together."""

from __future__ import annotations

from pathlib import Path

from nlp.batch.pool import Pool
from nlp.batch.settings import load_batch_settings
from nlp.pipeline import Extractor
from nlp.service.blobs import Blobs
from nlp.service.corrections import Corrections
from nlp.service.database import Database
from nlp.service.figures import Figures
from nlp.service.jobs import Jobs
from nlp.service.keys import Keys
from nlp.service.meaning import Meaning
from nlp.service.pictures import Pictures
from nlp.service.reading import Reader
from nlp.service.records import Records
from nlp.service.settings import ServiceSettings
from nlp.settings import Settings

DATABASE = "service.sqlite"


class State:
    """The parts of a service over one data folder:

    service.sqlite  keys, jobs, records, corrections, audit (migrations: nlp/service/migrations)
    blobs/          files given in and documents, by hash
    jobs/           batch folders of jobs under way
    figures/        the DuckDB store and the summary, made anew from the records when they change
    """

    def __init__(self, folder: Path, settings: Settings, service: ServiceSettings) -> None:
        """Open the folder, made if absent. Raises StoreError when it cannot be used, ModelError for a damaged model."""
        self.folder, self.settings, self.service = folder, settings, service
        self.database = Database(folder / DATABASE)
        self.blobs = Blobs(folder / "blobs")
        self.keys = Keys(self.database)
        self.records = Records(self.database)
        self.corrections = Corrections(self.database, self.records)
        batch = load_batch_settings().model_copy(update={"shard_documents": service.shard_documents})
        self.producer = Extractor(settings).producer
        self.pool = Pool(settings, batch)
        self.reader = Reader(self.pool, self.database, self.blobs, self.producer, service.extract_waiting)
        self.jobs = Jobs(folder / "jobs", self.database, self.blobs, self.pool, service.jobs_waiting)
        self.pictures = Pictures(settings, batch)
        self.meaning = Meaning(settings.model)
        self.figures = Figures(folder / "figures", self.database, settings)

    def start(self) -> None:
        """Begin to work on jobs and figures."""
        self.jobs.start()
        self.figures.start()

    def stop(self) -> None:
        """End the workers and the queue; what is under way goes on at the next start."""
        self.pool.stop()
        self.pictures.stop()
        self.jobs.stop()
        self.figures.stop()
