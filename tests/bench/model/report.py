"""From records to figures, and from figures to the table.

Owns the arithmetic over all cases, the bars, and the words of the table.
"""

from __future__ import annotations

import math
import statistics
from typing import Any

import entropy
import shown
from latency import percentiles
from lines import WAYS, first_word, repeats
from shown import WAY

BARS = {"bits": (0.75, 1.1), "line": (0.35, 0.15), "cold": 400.0, "warm": 120.0, "resident": 250.0}
"""Of the issue: with an accelerator, on the CPU."""
Row = dict[str, Any]


def figures(found: dict[str, Any], least_right: float) -> dict[str, Any]:
    """All figures of a run."""
    out: dict[str, Any] = {"latency": found.get("latency", [])}
    for kind, title in (("held", "bits_per_byte"), ("newer", "bits_per_byte_newer")):
        if found.get(kind):
            out[title] = entropy.summary(found[kind])
    if found.get("lines"):
        out["rest_of_line"] = _lines(found["lines"])
    if found.get("lines-other"):
        rows = found["lines-other"]
        families = [("typescript" if row["language"] == "tsx" else row["language"], row) for row in rows]
        names = sorted({name for name, _ in families})
        out["other_languages"] = {name: _lines([row for other, row in families if other == name]) for name in names}
    if found.get("names"):
        out["identifiers"] = _names(found["names"])
    if found.get("shown"):
        out["shown"] = shown.summary(found["shown"], least_right)
    if found.get("shipped"):
        out["shipped"] = _shipped(found["shipped"], found["shown"], out["shown"]["way"])
    return out | {name: found[name] for name in ("processor_s", "wall_s", "load") if name in found}


def _shipped(rows: list[Row], every: list[Row], way: str | None) -> dict[str, Any]:
    """Times of a completion inside a line, and whether what was said is what the threshold gave afterwards."""
    known = {(row["project"], row["truth"], row["said"].get(way)) for row in every}
    return {
        "cases": len(rows),
        "as_calculated": sum((row["project"], row["truth"], row["said"]) in known for row in rows),
        "cold_ms": percentiles([row["cold"] for row in rows]),
        "warm_ms": percentiles([row["warm"] for row in rows]),
    }


def share(hits: list[bool]) -> dict[str, float]:
    """A share with its standard error."""
    mean = statistics.fmean(hits) if hits else 0.0
    return {
        "cases": len(hits),
        "share": round(mean, 4),
        "error": round(math.sqrt(mean * (1 - mean) / max(1, len(hits))), 4),
    }


def _lines(rows: list[Row]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for way in WAYS:
        mine = [row for row in rows if way in row["said"]]
        if not mine:
            continue
        out[way] = share([row["said"][way] == row["truth"] for row in mine])
        out[way]["first_word"] = share([first_word(row["said"][way]) == first_word(row["truth"]) for row in mine])[
            "share"
        ]
        out[way]["repeats"] = share([repeats(row["said"][way]) for row in mine])["share"]
        for place in ("inside a word", "between words"):
            out[way][place] = share([row["said"][way] == row["truth"] for row in mine if row["place"] == place])[
                "share"
            ]
    return out


def _names(rows: list[Row]) -> dict[str, Any]:
    groups: dict[str, list[Row]] = {}
    for typed in sorted({r.get("typed", 0) for r in rows}):
        some = [r for r in rows if r.get("typed", 0) == typed]
        cross, after = [r for r in some if r["drawn"] == "cross"], f", {typed} characters typed" if typed else ""
        groups |= {
            f"defined in another file{after}": cross,
            f"defined in another file, not in the prompt's window{after}": [r for r in cross if not r["seen"]],
            f"defined in another file, in the slice{after}": [r for r in cross if r["in_slice"]],
            f"any identifier{after}": [r for r in some if r["drawn"] == "any"],
        }
    return {name: paired([r["hit"] for r in some]) for name, some in groups.items() if some}


def paired(hits: list[dict[str, bool]]) -> dict[str, float]:
    """Both conditions on the same cases; the standard error is that of the difference."""
    gains = [int(hit["with"]) - int(hit["without"]) for hit in hits]
    error = statistics.stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else 0.0
    return {
        "cases": len(hits),
        "with": round(statistics.fmean(hit["with"] for hit in hits), 4),
        "without": round(statistics.fmean(hit["without"] for hit in hits), 4),
        "gain": round(statistics.fmean(gains), 4),
        "error": round(error, 4),
    }


def table(results: dict[str, Any]) -> str:
    """All of it as Markdown."""
    out = ["| measure | figure | bar: accelerator / CPU |", "|---|---|---|"]
    for key, title in (("bits_per_byte", "held-out Python"), ("bits_per_byte_newer", "Python 3.14 library, new files")):
        if key in results:
            out += _entropy(results[key], title)
    out += _line_rows(results.get("rest_of_line", {}))
    for name, each in results.get("identifiers", {}).items():
        out.append(
            f"| identifier first: {name} ({each['cases']}) | with slice {_pc(each['with'])}, "
            f"without {_pc(each['without'])}, gain {100 * each['gain']:+.1f} ± {100 * each['error']:.1f} points "
            "| ≥ 5 points / better |"
        )
    for each in results.get("latency", []):
        cold, warm, floor = each["cold_ms"], each["warm_ms"], each["health_ms"]
        out.append(
            f"| 24 tokens after {each['prompt_tokens_p50']:.0f}, {each['threads']} thread(s), {each['runs']} runs "
            f"| cold p50 {cold['p50']} p95 {cold['p95']} ms, warm p50 {warm['p50']} p95 {warm['p95']} ms, "
            f"`/health` p50 {floor['p50']} p95 {floor['p95']} ms | ≤ 400 / ≤ 120 ms |"
        )
        out.append(
            f"| engine, resident, {each['slots']} slots of {each['context']} | {each['resident_mb']} MB | ≤ 250 MB |"
        )
    out += _other_rows(results.get("other_languages", {}))
    out += _shown_rows(results.get("shown", {}))
    if "shipped" in results:
        got = results["shipped"]
        cold, warm = got["cold_ms"], got["warm_ms"]
        out.append(
            f"Through the adapter with that threshold: {got['as_calculated']} of {got['cases']} as calculated; "
            f"cold p50 {cold['p50']} p95 {cold['p95']} ms, one key later p50 {warm['p50']} p95 {warm['p95']} ms."
        )
    if "perplexity" in results:
        exact = results["perplexity"]
        told = ", ".join(f"{name} {exact[name]['bits_per_byte']}" for name in ("float32", "q8_0") if name in exact)
        out += ["", f"In PyTorch, {exact['bytes']} bytes: {told} bits per byte."]
    if "wall_s" in results:
        out += ["", f"The run took {results['wall_s']} s; load of the machine at its end: {results['load']:.1f}."]
    return "\n".join(out) + "\n"


def _pc(value: float) -> str:
    return f"{100 * value:.1f} %"


def _entropy(each: dict[str, Any], title: str) -> list[str]:
    about = f"{title}, {each['bytes']} bytes"
    bar = f"≤ {BARS['bits'][0]} / ≤ {BARS['bits'][1]}"  # type: ignore[index]
    rows = [f"| bits per byte, {about} | {each['bits_per_byte']:.4f} ± {each['error']:.4f} | {bar} |"]
    for name, what in (("ngram", "5-gram of the same data"), ("cached", "the same with a cache of the file")):
        if name in each:
            rows.append(f"| rival: {what} | {each[name]:.4f} | |")
    return rows


def _line_rows(each: dict[str, Any]) -> list[str]:
    rows: list[str] = []
    for way, title in WAYS.items():
        if way not in each:
            continue
        got = each[way]
        places = f"inside a word {_pc(got['inside a word'])}, between words {_pc(got['between words'])}"
        bar = "≥ 35 % / ≥ 15 %" if way == WAY else ""
        rows.append(
            f"| rest of line ({got['cases']}), {title} | {_pc(got['share'])} ± {100 * got['error']:.1f}; {places}; "
            f"first word {_pc(got['first_word'])}; repeats itself {_pc(got['repeats'])} | {bar} |"
        )
    return rows


def _other_rows(each: dict[str, Any]) -> list[str]:
    if not each:
        return []
    rows = [
        "",
        "| rest of line | cases | suffix first | longest match, window | longest match, file | same beginning |",
    ]
    rows.append("|---|---|---|---|---|---|")
    for name, got in each.items():
        cells = " | ".join(_pc(got[way]["share"]) for way in (WAY, "match", "file", "line"))
        rows.append(f"| {name} | {got[WAY]['cases']} | {cells} |")
    return rows


def _shown_rows(each: dict[str, Any]) -> list[str]:
    if not each:
        return []
    head = (
        "| cursor | asked by | shown | of these right | first word right | whole line right | characters | kept | net |"
    )
    rows = ["", head, "|---|---|---|---|---|---|---|---|---|"]
    for way, got in each["ways"].items():
        for place, f in got["reported_on"].items():
            rows.append(
                f"| {place} ({f['cases']}) | {way} | {_pc(f['shown'])} | {_pc(f['right'])} "
                f"| {_pc(f['first_word_right'])} | {_pc(f['line_right'])} | {f['characters']} | {_pc(f['kept'])} "
                f"| {f['net']} |"
            )
    rows += [
        "",
        f"Best: {each['way']}; of each measure: {each['chosen']}.",
        f"Replies that repeat themselves: {', '.join(f'{way} {_pc(part)}' for way, part in each['repeats'].items())}.",
    ]
    return rows
