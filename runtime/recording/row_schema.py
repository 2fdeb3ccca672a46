"""What stands in a row, as JSON Schema: robotics viewers list its fields by it, and draw them.

Knows the names and types of docs/uri-grammar.md; a task's own fields stand in `result`.
"""

import json

from catseye.runtime.system.json_document import JsonObject

NUMBER, WHOLE, TEXT, FLAG = "number", "integer", "string", "boolean"


def _or_null(kind: str) -> JsonObject:
    return {"type": [kind, "null"]}


ROW: JsonObject = {
    "title": "catseye.Result",
    "description": "Catseye's result for one frame; fields may be added.",
    "type": "object",
    "properties": {
        "schema": {"type": WHOLE},
        "index": {"type": WHOLE, "description": "position in the source, skipped frames counted"},
        "source": {"type": TEXT},
        "camera": _or_null(TEXT),
        "timestamp_ns": {"type": WHOLE, "description": "capture, nanoseconds since 1970"},
        "media_time_ns": _or_null(WHOLE),
        "clock": {"type": TEXT},
        "age_ms": {"type": NUMBER, "description": "from capture to the sinks"},
        "skipped": {"type": WHOLE},
        "stale": {"type": FLAG},
        "state": {"type": TEXT, "description": "ok, unsure or stale"},
        "why": {"type": TEXT},
        "alarms": {"type": "array", "items": {"type": TEXT}},
        "failing": {"type": "array", "items": {"type": TEXT}},
        "health": {
            "type": ["object", "null"],
            "properties": {"verdict": {"type": TEXT}, "score": {"type": NUMBER}},
        },
        "task": {"type": TEXT},
        "result": {"type": "object", "description": "the task's own"},
        "stages_ms": {"type": "object", "additionalProperties": {"type": NUMBER}},
        "hard": {"type": "array", "items": {"type": TEXT}, "description": "why it was kept"},
        "name": {"type": TEXT, "description": "stem of the file that the frame came from"},
        "frame_wh": {"type": "array", "items": {"type": WHOLE}},
        "result_sha256": {"type": TEXT},
    },
}
ROW_SCHEMA = json.dumps(ROW)
