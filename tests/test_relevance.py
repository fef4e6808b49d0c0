"""The right review first: floors on graded queries, a little under what is reached.

The larger sample lies beside the project and is skipped where it is not; the small one is about the bundled feed
and runs everywhere.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.bundled import sample_feed
from bot.config import Settings
from bot.service import Service, open_service
from bot.ui.terminal import records
from tests.conftest import SEEDS
from tests.loopback.patience import patience

SAMPLE = SEEDS.parent / "relevance"
FLOORS = {
    ("paper", "S@1"): 0.98,
    ("paper", "sure"): 0.91,
    ("section", "sect"): 0.95,
    ("keyword", "S@1"): 0.98,
    ("keyword", "nDCG"): 0.95,
    ("keyword", "R@10"): 0.92,
}
CEILINGS = {
    ("paper", "wrong!"): 0.01,
    ("section", "wrong!"): 0.01,
    ("keyword", "wrong!"): 0.01,
    ("negative", "wrong!"): 0.02,
}

BUNDLED = [
    ("paper", "instag", "InsTag"),
    ("paper", "인스태그", "InsTag"),
    ("paper", "ㅑㅜㄴㅅㅁㅎ", "InsTag"),
    ("paper", "dlstmxorm", "InsTag"),
    ("paper", "instag 논문", "InsTag"),
    ("paper", "haleval", "HaluEval"),
    ("paper", "self rag", "Self-RAG"),
    ("paper", "lost in the middle", "LostInTheMiddle"),
    ("paper", "2305.14314", "QLoRA"),
    ("paper", "로라", "LoRA"),
    ("section", "instag 3.2", "InsTag"),
    ("section", "blip-2 한계점", "BLIP-2"),
    ("search", "hallucination", "HaluEval"),
    ("search", "halucination", "HaluEval"),
    ("search", "환각", "HaluEval"),
    ("search", "LLM 환각을 어떻게 평가하나요?", "HaluEval"),
    ("search", "할루시네이션", "HaluEval"),
    ("search", "양자화", "QLoRA"),
    ("search", "사고의 사슬", "CoT"),
    ("search", "preference optimization", "DPO"),
    ("search", "venue:NAACL2031", None),
    ("paper", "mamba", None),
    ("paper", "BLIP-3", None),
    ("paper", "강아지 사료", None),
    ("search", "부동산 시세", None),
    ("search", "kubernetes ingress", None),
]


async def answer(service: Service, query_id: str, command: str, query: str) -> records.Record:
    line = json.dumps({"id": query_id, "command": command, "query": query}).encode()
    (answered,) = await records.answer_batch(service, [line])
    return answered.record


@pytest.fixture
async def sample(settings: Callable[..., Settings]) -> AsyncIterator[Service]:
    async with open_service(settings(NONMUN_FEEDS=(str(sample_feed()),))) as service:
        await service.poller.poll_all()
        yield service


async def test_bundled_reviews_are_found_and_others_are_not(sample: Service) -> None:
    """Names, sections and topics of the sample feed, in both languages; what is not in it is not vouched for."""
    wrong = []
    for command, query, wanted in BUNDLED:
        found = await answer(sample, query, command, query)
        if wanted is None:
            is_right = not found["confident"]
        else:
            is_right = found["confident"] and f"/{wanted}.html" in found["results"][0]["link"]
        if not is_right:
            wrong.append((command, query, found["confident"], found["results"][:1]))
    assert wrong == []


async def test_graded_queries_stay_above_their_floors(main_service: Service, tmp_path: Path) -> None:
    """The shared sample, scored by its own scorer."""
    if not (SAMPLE / "dev.jsonl").is_file():
        pytest.skip("the graded queries of ../shared/relevance are not here")
    queries = [json.loads(line) for line in (SAMPLE / "dev.jsonl").read_text("utf-8").splitlines()]
    rows = []
    for query in queries:
        found = await answer(main_service, query["id"], query["command"], query["query"])
        results = found["results"]
        rows.append(
            {
                "id": query["id"],
                "results": [result["link"] for result in results],
                "section": results[0]["section"] if results else None,
                "confident": found["confident"],
            }
        )
    run = tmp_path / "run.jsonl"
    run.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    scored = await asyncio.to_thread(_score, run)
    low = {key: scored[key[0]][key[1]] for key, floor in FLOORS.items() if scored[key[0]][key[1]] < floor}
    high = {key: scored[key[0]][key[1]] for key, ceiling in CEILINGS.items() if scored[key[0]][key[1]] > ceiling}
    assert (low, high) == ({}, {})


def _score(run: Path) -> dict[str, dict[str, float]]:
    command = [
        sys.executable,
        str(SAMPLE / "evaluate.py"),
        str(run),
        "--queries",
        str(SAMPLE / "dev.jsonl"),
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=patience(60))  # noqa: S603 - the scorer
    groups: dict[str, dict[str, float]] = json.loads(done.stdout)["groups"]
    return groups
