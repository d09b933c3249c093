"""The look of every chart: colours, marks, fonts."""

import altair as alt

from notebooks.lib.palette import LIGHT

# Written by their light value: where the reader prefers dark, style.css redraws each of these.
INK, MUTED, PAPER = LIGHT["ink"], LIGHT["muted"], LIGHT["paper"]
GRID, AXIS, BAD = LIGHT["grid"], LIGHT["axis"], LIGHT["bad"]

# Of marks: the same on light and dark, each with a contrast of three to one on both.
BLUE, SKY, CYAN, TEAL, GREEN = "#3869da", "#5a92e9", "#2f9cb8", "#1f9e8f", "#4f7d30"
ORANGE, OCHRE, CORAL, RED, BROWN = "#d8741c", "#b38a12", "#cc4b33", "#c93a3a", "#8d6248"
PLUM, VIOLET, GREY, SLATE = "#b5487d", "#7a5cc7", "#8a909c", "#5d6b82"

UNALLOCATED = "unallocated"
OTHER_TEAMS = "other teams"
UNALLOCATED_GREY = GREY
OTHER_SLATE = SLATE
# Ordered so that neighbours differ in lightness too, for readers who cannot tell hues apart.
TEAM_COLOURS = (
    BLUE,
    ORANGE,
    PLUM,
    TEAL,
    VIOLET,
    OCHRE,
    GREEN,
    SKY,
    CORAL,
    CYAN,
    BROWN,
)
CAUSE_LOOKS = {
    "metered_cost": ("seen by the gateway", BLUE),
    "bypassed_gateway_cost": ("bypassed the gateway", ORANGE),
    "served_tier_cost": ("served on another tier", SKY),
    "price_book_cost": ("price stale or missing", VIOLET),
    "cache_semantics_cost": ("cached or not", CYAN),
    "duplicate_cost": ("counted twice", PLUM),
    "failed_or_retried_cost": ("failed or retried", OCHRE),
    "non_token_cost": ("not tokens", TEAL),
    "time_boundary_cost": ("in another month", BROWN),
    "discount_credit_tax_cost": ("discount, credit, tax", GREY),
    "fx_cost": ("exchange of currencies", GREEN),
    "unexplained_cost": ("unexplained", RED),
}
CAUSES_A_ROW = 4
VIEW_LOOKS = {
    "invoice_cost": ("invoice", "diamond"),
    "provider_usage_estimated_cost": ("provider's usage, at list price", "circle"),
    "metered_estimated_cost": ("metered, at list price", "triangle-up"),
}
FONT = "Inter, 'PT Sans', 'Segoe UI', system-ui, sans-serif"


@alt.theme.register("bursar", enable=True)
def bursar_theme() -> alt.theme.ThemeConfig:
    """Return the look that every chart shares."""
    axis = {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": AXIS,
        "tickColor": AXIS,
        "labelFontSize": 12,
        "titleFontSize": 12,
    }
    return {
        "config": {
            "font": FONT,
            "background": "transparent",
            "view": {"stroke": None},
            "axis": axis,
            "axisY": {"domain": False, "ticks": False, "labelPadding": 8},
            "axisX": {"grid": False},
            "legend": {
                "orient": "bottom",
                "title": None,
                "labelColor": INK,
                "labelFontSize": 12,
                "symbolSize": 110,
                "columns": 4,
                "labelLimit": 240,
                "columnPadding": 24,
                "layout": {"bottom": {"anchor": "start", "direction": "vertical", "margin": 12}},
            },
            "title": {
                "anchor": "start",
                "fontSize": 15,
                "fontWeight": 600,
                "color": INK,
                "offset": 14,
                "subtitleColor": MUTED,
                "subtitleFontSize": 12.5,
                "subtitlePadding": 4,
                "limit": 1000,
            },
        }
    }


# SVG, since no style sheet reaches into a canvas: the inks follow the reader, and an image that
# is saved stays light. "Open in Vega Editor" would hand the figures to an outside site.
alt.renderers.set_embed_options(
    renderer="svg", actions={"export": True, "source": False, "compiled": False, "editor": False}
)
