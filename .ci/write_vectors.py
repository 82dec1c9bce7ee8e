"""Writes the negative signature vectors below tests/golden/signatures; a test holds the files to what this writes."""

from vectors.generate import FOLDER, render, vectors

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for vector in vectors():
        (FOLDER / f"{vector['name']}.json").write_text(render(vector), encoding="ascii")
