"""Write the stored files of the sample as a run writes its own, with every field of records."""

import json

from tests.unit.pages.sample import FOLDER, RECORDS

WIDTH = 100


def text_of(value, indent: int = 0, before: int = 0) -> str:
    """JSON with one line for whatever fits into it."""
    flat = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, dict | list):
        return flat
    if indent and indent + before + len(flat) <= WIDTH:
        return flat
    pad = " " * indent
    if isinstance(value, dict):
        inside = [
            f"{pad} {json.dumps(key)}: {text_of(item, indent + 1, len(key) + 5)}"
            for key, item in value.items()
        ]
        return "{\n" + ",\n".join(inside) + f"\n{pad}}}"
    inside = [f"{pad} {text_of(item, indent + 1, 1)}" for item in value]
    return "[\n" + ",\n".join(inside) + f"\n{pad}]"


if __name__ == "__main__":
    for name in ("results", "survey", "residuals"):
        path = FOLDER / f"{name}.json"
        record = RECORDS[name].model_validate_json(path.read_text("utf-8"))
        path.write_text(text_of(json.loads(record.to_json())) + "\n", encoding="utf-8")
