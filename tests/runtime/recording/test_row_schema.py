import json

from camera_loop import frame_of, report_for, result_for

from catseye.runtime.health.frame_quality import Health
from catseye.runtime.recording.row_schema import ROW, ROW_SCHEMA
from catseye.runtime.sinks.jsonl import row_of

PYTHON = {
    "integer": int,
    "number": (int, float),
    "string": str,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


def test_a_row_is_what_its_schema_says():
    frame = frame_of()
    result = result_for(frame)
    healthy = report_for(frame, result, health=Health("ok", 0.1, {}))
    for report in (healthy, report_for(frame, result, health=None)):
        row = json.loads(json.dumps(row_of(frame, result, report)))
        for name, value in row.items():
            kinds = ROW["properties"][name]["type"]
            kinds = kinds if isinstance(kinds, list) else [kinds]
            assert isinstance(value, tuple(PYTHON[kind] for kind in kinds)), name
    assert json.loads(ROW_SCHEMA) == ROW
