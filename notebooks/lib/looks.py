"""The look of every chart: colours, marks, fonts."""

import altair as alt

UNALLOCATED = "unallocated"
OTHER_TEAMS = "other teams"
UNALLOCATED_GREY = "#a3a8b3"
OTHER_SLATE = "#5d6b82"
# Ordered so that neighbours differ in lightness too, for readers who cannot tell hues apart.
TEAM_COLOURS = (
    "#2f5fd0",
    "#e8893a",
    "#1f9e8f",
    "#b5487d",
    "#8fb7f4",
    "#7a5cc7",
    "#d9b62e",
    "#5b8c3a",
    "#d9573f",
    "#6cc5d9",
    "#8d6248",
)
CAUSE_LOOKS = {
    "metered_cost": ("seen by the gateway", "#2f5fd0"),
    "bypassed_gateway_cost": ("bypassed the gateway", "#e8893a"),
    "served_tier_cost": ("served on another tier", "#8fb7f4"),
    "price_book_cost": ("price stale or missing", "#7a5cc7"),
    "cache_semantics_cost": ("cached or not", "#6cc5d9"),
    "duplicate_cost": ("counted twice", "#b5487d"),
    "failed_or_retried_cost": ("failed or retried", "#d9b62e"),
    "non_token_cost": ("not tokens", "#1f9e8f"),
    "time_boundary_cost": ("in another month", "#8d6248"),
    "discount_credit_tax_cost": ("discount, credit, tax", "#b9c2d0"),
    "fx_cost": ("exchange of currencies", "#5b8c3a"),
    "unexplained_cost": ("unexplained", "#c93a3a"),
}
CAUSES_A_ROW = 4
VIEW_LOOKS = {
    "invoice_cost": ("invoice", "diamond"),
    "provider_usage_estimated_cost": ("provider's usage, at list price", "circle"),
    "metered_estimated_cost": ("metered, at list price", "triangle-up"),
}
FONT = "Inter, 'PT Sans', 'Segoe UI', system-ui, sans-serif"
INK, MUTED, GRID = "#1b2333", "#667085", "#e9ecf2"


@alt.theme.register("bursar", enable=True)
def bursar_theme() -> alt.theme.ThemeConfig:
    """Return the look that every chart shares."""
    axis = {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": "#cfd5e1",
        "tickColor": "#cfd5e1",
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


# "Open in Vega Editor" would hand the figures to an outside site.
alt.renderers.set_embed_options(
    actions={"export": True, "source": False, "compiled": False, "editor": False}
)
