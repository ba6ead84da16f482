"""Write the stored records of the small assessment as its analysis makes them."""

import json

from tests.sampled_results import FOLDER, made
from tests.unit.pages.sample.__main__ import text_of

if __name__ == "__main__":
    for name, text in made().items():
        (FOLDER / f"{name}.json").write_text(text_of(json.loads(text)) + "\n", encoding="utf-8")
