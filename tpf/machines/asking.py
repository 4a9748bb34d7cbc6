"""Asks programs for what doesn't change in a run (their version, their boards): each is asked once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tpf.process import Outcome, Processes, Request, run_once


async def answer(processes: Processes, request: Request, *, timeout: float) -> Outcome:
    """How the program ended, with its output; also of those that asked before. Raises what `Processes.start` does."""
    question = replace(request, cwd=request.cwd.absolute())
    key = (question.argv, question.cwd if "/" in question.argv[0] else None, question.environment)
    if key not in processes.answers:
        asked = run_once(processes, question, timeout=timeout)
        task = processes.answers[key] = asyncio.create_task(asked, name=f"ask {question.argv[0]}")
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever asked may be gone
    return await asyncio.shield(processes.answers[key])
