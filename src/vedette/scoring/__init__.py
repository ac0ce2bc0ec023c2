"""Whole tables judged by the product's own detectors and defaults: for benchmarks, notebooks and backtests.

One file a kind of data. Each gives one function, a table in and a table out; `vedette.scoring.kinds` names them.
"""
