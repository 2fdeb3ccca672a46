"""Makes the helper beside this file importable; an import into a folder of the test's own."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))


@pytest.fixture
def take(tmp_path):
    """import_labels of a folder or zip into a new folder."""
    from label_files import Taken, unwatched

    from catseye.training.labels.importing import Wishes, import_labels
    from catseye.training.labels.told import Told

    def imported(source, **wishes):
        told, folder = Told(), tmp_path / f"set-{len(list(tmp_path.glob('set-*')))}"
        found = import_labels(str(source), str(folder), Wishes(**wishes), told, unwatched)
        return Taken(folder, found, told.as_json())

    return imported
