"""Dispatch's hold on the floor of one site: `Floor` joins the pure `Traffic` with its rows and orders.

`floor` what robots report and dispatch wants; `orders` the VDA 5050 orders that follow; `rows` what is recorded;
`places` questions about the road map; `recovery` what a new leader may believe; `whereabouts` robots that stand where
nothing was released to them; `requests` what people ask of the floor; `fit` how far ahead each robot is released.
"""

from .floor import Floor

__all__ = ["Floor"]
