"""Fuzzes a target with atheris: python -m tests.fuzz TARGET [--runs N] [--corpus FOLDER] [option of libFuzzer]...

New inputs that reach new code are kept in the corpus folder (default: .fuzz/TARGET); what breaks is left in this folder
as crash-*, oom-* or timeout-*. Copy what was found to tests/fuzz/corpus/TARGET/: the tests replay it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris  # of the extra `fuzz`

with atheris.instrument_imports(include=["tpf", "testarena_ci.reports"]):
    from tests.fuzz.targets import DATA, TARGETS
    from tpf.language import own_vocabulary
    from tpf.scenario.rules import Grammar

HERE = Path(__file__).parent
LIMITS = ("-timeout=1", "-rss_limit_mb=200", "-max_len=4096")
SEEDS = {"scenario": (DATA / "scenarios").rglob("*.xml")}


def words() -> str:
    """LibFuzzer's dictionary of the language: names of elements and attributes, and what stands between them."""
    grammar = Grammar(own_vocabulary())
    tags = {rule.tag for rule in grammar.everything()}
    attributes = {name for rule in grammar.everything() for name in rule.attributes}
    texts = [*(f"<{tag}>" for tag in tags), *(f"</{tag}>" for tag in tags), *(f'{name}=\\"' for name in attributes)]
    return "".join(f'"{text}"\n' for text in sorted([*texts, "${", "}", "10s", "4MB", "&amp;", "<![CDATA[", "]]>"]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--runs", type=int, default=200_000)
    parser.add_argument("--corpus", type=Path)
    arguments, options = parser.parse_known_args()
    corpus = arguments.corpus or Path(".fuzz") / arguments.target
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS.get(arguments.target, ()):
        (corpus / seed.name).write_bytes(seed.read_bytes())
    dictionary = corpus.parent / "words"
    dictionary.write_text(words())
    folders = [str(corpus), str(HERE / "corpus" / arguments.target)]
    atheris.Setup(
        [sys.argv[0], *LIMITS, f"-runs={arguments.runs}", f"-dict={dictionary}", *options, *folders],
        TARGETS[arguments.target],
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
