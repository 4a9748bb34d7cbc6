"""Fuzzes a target with atheris: python -m tests.fuzz TARGET [--runs N] [--corpus FOLDER] [option of libFuzzer]...

New inputs that reach new code are kept in the corpus folder (default: .fuzz/TARGET); what breaks is left in this folder
as crash-*, oom-* or timeout-*. Copy that to tests/fuzz/corpus/TARGET/: the tests replay it. The end tells what
the inputs cost, and fails when that breaks the bar.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris  # of the extra `fuzz`

from tests.fuzz.measure import MOST_MEMORY, Meter, in_a_child, verdict

with atheris.instrument_imports(include=["tpf", "testarena_ci.reports", "testarena_ci.settings", "yaml"]):
    from testarena_ci.settings import declared
    from tests.fuzz.targets import DATA, TARGETS, checkout
    from tpf.language import own_vocabulary
    from tpf.scenario.rules import Grammar

HERE = Path(__file__).parent
HANGS = 5  # seconds; more than the bar, which `Meter` holds: it knows a slow input from a busy host
LIMITS = (f"-timeout={HANGS}", f"-rss_limit_mb={MOST_MEMORY}", "-max_len=4096")
SEEDS = {
    "scenario": sorted((DATA / "scenarios").rglob("*.xml")),
    "large": sorted((DATA / "scenarios" / "good").glob("*.xml")),
    "steps": sorted((DATA / "scenarios").rglob("shared/*.xml")),
}


def words() -> str:
    """LibFuzzer's dictionary of the language: names of elements and attributes, and what stands between them."""
    grammar = Grammar(own_vocabulary())
    tags = {rule.tag for rule in grammar.everything()}
    attributes = {name for rule in grammar.everything() for name in rule.attributes}
    texts = [*(f"<{tag}>" for tag in tags), *(f"</{tag}>" for tag in tags), *(f'{name}=\\"' for name in attributes)]
    texts += [f"{setting.name}: " for setting in declared()]
    return "".join(f'"{text}"\n' for text in sorted([*texts, "${", "}", "10s", "4MB", "&amp;", "<![CDATA[", "]]>"]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--runs", type=int, default=200_000)
    parser.add_argument("--corpus", type=Path)
    arguments, options = parser.parse_known_args()
    corpus = arguments.corpus or Path(".fuzz") / arguments.target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS.get(arguments.target, ())):
        (corpus / f"seed-{number}-{seed.name}").write_bytes(seed.read_bytes())
    dictionary = corpus.with_suffix(".words")
    dictionary.write_text(words())
    meter = Meter(TARGETS[arguments.target], corpus.with_suffix(".slowest"))
    folders = [str(corpus), str(HERE / "corpus" / arguments.target)]
    flags = [*LIMITS, f"-runs={arguments.runs}", f"-dict={dictionary}", *options]

    def fuzz() -> None:
        atheris.Setup([sys.argv[0], *flags, *folders], meter)
        atheris.Fuzz()

    checkout()  # made by us, who outlive the fuzzer and clean up
    code, memory = in_a_child(fuzz)
    inputs, seconds = meter.counts()
    sys.stdout.write(f"{inputs} inputs, the slowest {seconds * 1000:.0f} ms, at most {memory:.0f} MB of memory\n")
    broken = verdict(code, inputs, arguments.runs, seconds, memory)
    sys.exit("".join(f"the bar is broken: {text}\n" for text in broken) or None)


if __name__ == "__main__":
    main()
