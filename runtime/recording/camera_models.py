"""The camera models of a recording, by the names of its cameras: JSON in its metadata. Knows the
entry; not what a model is for."""

import json
from typing import Dict, Mapping

from catseye.runtime.cameras.names import MOST_CAMERAS
from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.geometry.camera_file import camera_as_json, camera_from_document
from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.system.json_document import json_from_text

MODELS = "camera_models"  # of the metadata record, where any camera has one


def metadata_of_models(models: Mapping[str, CameraModel]) -> Dict[str, str]:
    """The entry for a log's metadata; none where no camera has a model."""
    documents = {name: camera_as_json(model) for name, model in models.items()}
    return {MODELS: json.dumps(documents)} if documents else {}


def models_in(metadata: Mapping[str, str], path: str) -> Dict[str, CameraModel]:
    """The inverse. Raises ModelFileError where it is none."""
    if MODELS not in metadata:
        return {}
    try:
        documents = json_from_text(metadata[MODELS])
        if not isinstance(documents, dict) or len(documents) > MOST_CAMERAS:
            raise ValueError("%.40r" % (documents,))
        found = {}
        for name, document in documents.items():
            if not isinstance(document, dict):
                raise ValueError("%.40r" % (document,))
            found[name] = camera_from_document(document, path)
        return found
    except (CatseyeError, ValueError) as error:
        raise ModelFileError(
            "the camera models of %s cannot be read (%s)" % (path, error),
            "those that record:// wrote",
            "record it again",
        )
