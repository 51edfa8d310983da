#!/usr/bin/env python3
"""The figures of real records, computed a second time by other means.

Reads a file of records as it is, counts and divides with integers and fractions only, and prints what the program must
say of it: a JSON object {"<indicator> <by>": {"<label>": [value, numerator, denominator]}}, values as exact fractions
"a/b" (null where there is none). Standard library only; it shares no code, no SQL and no profile with the program.

    independent.py subdistrict_cases_2018|city311_2025|messages_stream|messages_replied FILE
"""

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

MS_HOUR = 3_600_000
MS_DAY = 24 * MS_HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def ms(at):
    """Whole milliseconds since 1970; what is finer is cut off, for the program keeps instants to the millisecond."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def exact(value):
    return None if value is None else f"{value.numerator}/{value.denominator}"


def count(rows, label):
    return {k: [exact(Fraction(n)), n, None] for k, n in Counter(label(r) for r in rows).items()}


def ratio(rows, label, good):
    of, share = Counter(), Counter()
    for row in rows:
        of[label(row)] += 1
        share[label(row)] += bool(good(row))
    return {k: [exact(Fraction(share[k], n)), share[k], n] for k, n in of.items()}


def durations(rows, label, duration, unit):
    groups = defaultdict(list)
    for row in rows:
        if duration(row) is not None:
            groups[label(row)].append(duration(row))
    mean, median, p90 = {}, {}, {}
    for key, values in groups.items():
        values.sort()
        n = len(values)
        mean[key] = [exact(Fraction(sum(values), n * unit)), sum(values), n]
        middle = Fraction(values[(n - 1) // 2] + values[n // 2], 2)
        median[key] = [exact(middle / unit), None, n]
        at = Fraction(9 * (n - 1), 10)
        low = at.numerator // at.denominator
        high = min(low + 1, n - 1)
        p90[key] = [exact((values[low] + (at - low) * (values[high] - values[low])) / unit), None, n]
    return mean, median, p90


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def subdistrict(path):
    rows = [r for r in table(path) if r["is_test_row"] != "1"]
    names = {r["dispose_unit"] for r in rows}
    variants = defaultdict(set)
    for name in names:
        found = re.fullmatch(r"(.+?)（[^（）]*）", name)
        if found:
            variants[found[1]].add(name)

    def unit(row):
        name = row["dispose_unit"]
        found = re.fullmatch(r"(.+?)（[^（）]*）", name)
        if found and found[1] in names and len(variants[found[1]]) == 1:
            return found[1]
        return "" if name == "-" else name

    # What the keeper of the file made of the names, another way to the same units.
    assert all(unit(r) == r["dispose_unit_norm"] for r in rows if r["dispose_unit"] != "-")
    street = lambda r: "" if r["street"] == "-" else r["street"]
    month = lambda r: r["create_date"][:7]
    kind = lambda r: r["type"]
    intime = lambda r: r["closed_status"] == "intime"
    out = {}
    for by, label in [("place", street), ("unit", unit), ("class", kind), ("month", month)]:
        out[f"demand.received {by}"] = count(rows, label)
        out[f"demand.on_time_rate {by}"] = ratio(rows, label, intime)
        if by != "month":
            out[f"demand.closed {by}"] = count(rows, label)
    return out


def city(path):
    zone = ZoneInfo("America/New_York")
    rows = table(path)
    for row in rows:
        for column in ("open_date", "close_date", "target_close_date"):
            text = row[column]
            row[column] = datetime.fromisoformat(text + ":00").astimezone(timezone.utc) if text else None
    unit = lambda r: r["assigned_department"]
    place = lambda r: r["neighborhood"]
    topic = lambda r: r["case_topic"]
    month = lambda r: r["open_date"].astimezone(zone).strftime("%Y-%m")
    closed_month = lambda r: r["close_date"].astimezone(zone).strftime("%Y-%m")
    closed = [r for r in rows if r["close_date"]]

    def in_time(row):
        if row["target_close_date"] is None:
            return row["on_time"] == "ONTIME"
        return row["close_date"] is not None and ms(row["close_date"]) <= ms(row["target_close_date"])

    # The file's own word agrees with its times, and every target lies in the past.
    assert all(in_time(r) == (r["on_time"] == "ONTIME") for r in rows)
    took = lambda r: ms(r["close_date"]) - ms(r["open_date"])
    out = {}
    for by, label in [("unit", unit), ("place", place), ("class", topic), ("none", lambda r: "")]:
        out[f"demand.received {by}"] = count(rows, label)
        out[f"demand.closed {by}"] = count(closed, label)
        out[f"demand.on_time_rate {by}"] = ratio(rows, label, in_time)
        mean, median, p90 = durations(closed, label, took, MS_HOUR)
        out |= {f"demand.mean_hours {by}": mean, f"demand.median_hours {by}": median, f"demand.p90_hours {by}": p90}
    out["demand.received month"] = count(rows, month)
    out["demand.closed month"] = count(closed, closed_month)
    return out


def messages(path):
    rows = lines(path)
    zone = ZoneInfo("Asia/Shanghai")
    instant = lambda text: datetime.fromisoformat(text).replace(tzinfo=zone)
    month = lambda r: r["time"][:7]
    out = {"demand.received month": count(rows, month)}
    if "reply_time" in rows[0]:
        took = lambda r: ms(instant(r["reply_time"])) - ms(instant(r["time"]))
        whole = lambda r: ""
        mean, median, p90 = durations(rows, whole, took, MS_DAY)
        out |= {"demand.mean_days none": mean, "demand.median_days none": median, "demand.p90_days none": p90}
        out["demand.closed month"] = count(rows, lambda r: r["reply_time"][:7])
    else:
        out["demand.open none"] = count(rows, lambda r: "")
    return out


def main():
    name, path = sys.argv[1:]
    how = {"subdistrict_cases_2018": subdistrict, "city311_2025": city}.get(name, messages)
    json.dump(how(path), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
