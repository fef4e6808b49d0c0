"""xwzhong/papernote: short Chinese notes on chatbots, word vectors and text classes, titled by their files."""

from __future__ import annotations

from benchmarks.notes import Repository

# No overviews; not the shortest notes.
ENTRY = Repository(
    repository="xwzhong/papernote",
    commit="8bc1e82ff52af2e7ce7304038094e7e90757a8f6",
    path=r"^(?:chatbot|embedding|recommender system|regularization|neural network)/(?!readme).*\.md$",
    base="https://xwzhong.github.io/papernote",
    address="/{path}.html",
    title=lambda note: note.stem,
    facts=lambda _: {"authors": []},
)
