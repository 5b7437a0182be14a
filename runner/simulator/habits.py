"""What Coupang, its couriers and its buyers do by themselves: each a habit, and all of them off until asked for."""

from __future__ import annotations

from dataclasses import dataclass

from runner.simulator.values import duration, setting, share, switch, texts


@dataclass(kw_only=True, slots=True)
class Habits:
    """Times are seconds; 0 is "at once", or "never" where somebody would act instead of the seller."""

    #: after the order, until lists show it: about ten minutes at Coupang; single reads show it at once
    orders_listed_after: int = setting(0, duration)
    #: after an acknowledgement, until it takes effect at all
    acknowledged_after: int = setting(0, duration)
    #: after it took effect, until lists show the box in preparation; until then it stays among the paid ones
    acknowledged_listed_after: int = setting(0, duration)
    #: whether boxes that left move on, are delivered, and returns are collected
    couriers: bool = setting(default=False, read=switch)
    #: share of the boxes that couriers lose
    lost: float = setting(0.0, share)
    #: after the request, until a courier collects a return
    collected_after: int = setting(0, duration)
    #: whether cheap goods are refunded as soon as a tracked parcel was collected
    fast_refunds: bool = setting(default=False, read=switch)
    #: after arrival or a refund in advance, until Coupang approves a return by itself
    approved_after: int = setting(0, duration)
    #: after a stop request, until Coupang takes the goods for shipped
    stops_answered_after: int = setting(0, duration)
    #: whether the seller stocks again what is sold out; otherwise buyers stay away then
    restocked: bool = setting(default=False, read=switch)
    #: whether buyers return things for all kinds of reasons; otherwise they have changed their minds
    mixed_reasons: bool = setting(default=False, read=switch)
    #: login ids that may answer inquiries and cancel orders; empty: not looked at
    users: tuple[str, ...] = setting((), texts)
    #: since when couriers work; what left long before stays where it is
    couriers_since: str = ""
