"""gongkai: one trustworthy record from each government-information-disclosure annual report."""

__version__ = "0.1.0"
