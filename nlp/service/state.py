"""Everything a running service holds, opened and closed together."""

from __future__ import annotations

from pathlib import Path

from nlp.batch.pool import Pool
from nlp.batch.settings import load_batch_settings
from nlp.service.blobs import Blobs
from nlp.service.corrections import Corrections
from nlp.service.database import Database
from nlp.service.figures import Figures
from nlp.service.jobs import Jobs
from nlp.service.keys import Keys
from nlp.service.meaning import Meaning
from nlp.service.model_comparison import Comparer
from nlp.service.models import Models
from nlp.service.pictures import Pictures
from nlp.service.reading import Reader
from nlp.service.records import Records
from nlp.service.settings import ServiceSettings
from nlp.settings import Settings

DATABASE = "service.sqlite"


class State:
    """The parts of a service over one data folder:

    service.sqlite  keys, jobs, records, corrections, audit (migrations: nlp/service/migrations)
    models/         further models, each in a folder, put there by a person
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
        self.models = Models(folder / "models", self.database, settings)
        self.pool = Pool(self.models.settings, batch)
        self.reader = Reader(self.pool, self.database, self.blobs, self.models.producer(), service.extract_waiting)
        self.jobs = Jobs(folder / "jobs", self.database, self.blobs, self.pool, service.jobs_waiting)
        self.comparer = Comparer(self.database, self.blobs, batch, service.compare_seconds)
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
        self.comparer.stop()
        self.pictures.stop()
        self.jobs.stop()
        self.figures.stop()

    def switch_model(self, name: str) -> None:
        """Read with another model from now on, also after a restart. Records that are there stay until they are read again.

        Summaries and comparisons keep the vectors of the settings' model, so that they stay comparable over time.
        Raises NotFoundError, ModelError for a damaged model, ConflictError while jobs wait or run.
        """
        settings = self.models.settings_of(name)
        producer = self.models.producer(settings)  # loads it: what cannot be loaded is told before anything changes
        with self.models.switching(name):
            self.pool.use(settings)
            self.reader.use(producer)
