"""Text in, label with evidence out: what a mail to the controller wants, from whom, in which language.

Importing this package costs nothing; `load()` imports spaCy and reads the model.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classifiers.pipeline import Classifier

__all__ = ["load"]


def load() -> "Classifier":
    """The classifier, with its model read from the package; takes a few seconds."""
    from classifiers.pipeline import Classifier

    return Classifier()
