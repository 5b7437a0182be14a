"""Conditions and values of rules: compiled once, evaluated three-valued, explained step by step.

    compile_condition(raw, scope, report) -> Condition     test: yes / no / None (cannot tell); trace: why
    compile_value(raw, wanted, scope, report) -> Value     arguments of actions

Kleene's logic throughout: a missing or null field, a wrong type, an unknown enum value, an unknown look-up make
"cannot tell", and only a plain yes acts. `all` over an empty list cannot be told: nothing to look at is no reason to
act.
"""

from __future__ import annotations

from runner.expressions.condition import Condition, compile_condition, compiled
from runner.expressions.durations import parse_business_days, parse_duration
from runner.expressions.scope import JoinShape, Path, Report, Scope, Shape
from runner.expressions.values import Value, compile_value

__all__ = [
    "Condition", "JoinShape", "Path", "Report", "Scope", "Shape", "Value", "compile_condition", "compile_value",
    "compiled",
    "parse_business_days", "parse_duration",
]  # fmt: skip
