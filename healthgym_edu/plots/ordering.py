"""Buttons for a game: order, see what happens, order again."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Protocol

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

PAUSE = 0.3
"""Seconds.  A click that comes sooner after the chart was drawn, or after another click, was meant
for an older chart: it was sent before its sender could see this one."""
WIDE, NARROW = "576px", "318px"


class Game(Protocol):
    """What the buttons need of a game.

    Attributes
    ----------
    parts : sequence of (str, labels)
        What an order consists of.
    units : dict of str to str
        In what the labels of a part count.
    watchers : list of callable
        Called whenever something has happened.
    """

    parts: list[tuple[str, list[str]]]
    units: dict[str, str]
    watchers: list[Callable[[], None]]

    @property
    def over(self) -> bool:
        """Whether nothing is left to order."""

    def usual(self) -> tuple[int, ...]:
        """Return the order that is offered: a place for each part."""

    def treat(self, action: int) -> Any:
        """Order an action."""

    def hand_over(self, *, everybody: bool = True) -> Any:
        """Leave the decisions to somebody else."""

    def picture(self) -> str:
        """Return the chart, or in the end the score, as HTML."""

    def told(self) -> list[str]:
        """Return a sentence for everybody who was treated."""


def order_buttons(game: Game) -> Any:
    """Return the chart of a game with buttons beside it, or below where there is no room.

    While something is computed no button can be pressed, and what was pressed meanwhile is
    forgotten; see `PAUSE`.

    Returns
    -------
    ipywidgets.HBox
        Of the picture and a column: what is ordered (a heading and buttons for each part), *Give*,
        two buttons for who is tired, and what became of those who were treated.
    """
    import ipywidgets as widgets

    picture, news = widgets.HTML(), widgets.HTML()
    levels = [
        widgets.ToggleButtons(
            options=[(label, place) for place, label in enumerate(labels)],
            style={"button_width": "auto"},
            layout={"margin": "0 0 6px 0"},
        )
        for _, labels in game.parts
    ]
    heads = [widgets.HTML(_heading(name, game.units.get(name, ""))) for name, _ in game.parts]
    give = widgets.Button(description="Give", button_style="primary", layout={"width": "150px"})
    tired = [
        widgets.Button(description=f"Clinicians do the rest: {what}", layout={"width": "auto"})
        for what in ("this patient", "the whole shift")
    ]
    pressed = [*levels, give, *tired]
    rows = [one for pair in zip(heads, levels, strict=True) for one in pair]
    orders = widgets.VBox([*rows, give, *tired])
    ready = -PAUSE

    def show() -> None:
        nonlocal ready
        picture.value = game.picture()
        news.value = _news(game.told())
        if not game.over:
            for buttons, place in zip(levels, game.usual(), strict=True):
                buttons.value = place
        orders.layout.display = "none" if game.over else "flex"
        close(game.over)
        ready = monotonic()

    def close(shut: bool) -> None:
        for button in pressed:
            button.disabled = shut

    def act(what: Callable[[], Any]) -> None:
        nonlocal ready
        early = monotonic() - ready < PAUSE
        ready = monotonic()
        if early or game.over:
            if game.over:
                show()
            return
        close(True)
        try:
            what()
        except Exception as error:  # nobody reads the log of a callback
            close(False)
            news.value = f"<p>{type(error).__name__}: {html.escape(str(error))}</p>{news.value}"
            raise

    def order(_: Any) -> None:
        first, second = (buttons.value for buttons in levels)
        act(lambda: game.treat(first * len(game.parts[1][1]) + second))

    give.on_click(order)
    tired[0].on_click(lambda _: act(lambda: game.hand_over(everybody=False)))
    tired[1].on_click(lambda _: act(game.hand_over))
    game.watchers.append(show)
    show()
    ready = -PAUSE
    picture.layout = widgets.Layout(width=WIDE)
    column = widgets.VBox([orders, news], layout={"width": NARROW, "overflow": "hidden"})
    return widgets.HBox([picture, column], layout={"flex_flow": "row wrap"})


def _heading(name: str, unit: str) -> str:
    told = f" ({unit})" if unit else ""
    return f'<span style="line-height:1.5"><b>{name.capitalize()}</b>{told}</span>'


def _news(told: Sequence[str]) -> str:
    """Return the sentences, the latest first, in a box that does not grow."""
    if not told:
        return ""
    first, *others = reversed(told)
    lines = "".join(f"<br>{one}" for one in others)
    box = "max-height:130px;overflow-y:auto;line-height:1.5;margin-top:8px"
    return f'<div style="{box}"><b>{first}</b>{lines}</div>'


def figure_html(figure: Figure, words: str, dpi: int = 90) -> str:
    """Return a figure as HTML, half as sharp again as it is large, and close it.

    It is drawn as it is: nothing is measured first, so nobody has to wait for it.
    """
    stream = io.BytesIO()
    wide, high = (round(dpi * inches) for inches in figure.get_size_inches())
    figure.set_dpi(1.5 * dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    plt.close(figure)
    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    drawn.quantize(96, dither=Image.Dither.NONE).save(stream, "png")
    data = base64.b64encode(stream.getvalue()).decode()
    size = f'width="{wide}" height="{high}"'
    return f'<img alt="{html.escape(words)}" {size} src="data:image/png;base64,{data}">'
