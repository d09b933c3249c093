"""What the budgets app says about its figures, in Markdown; no data goes in here."""

STATUS = """
**Spent** is what bills say, then, for days whose bill is late or open, what the usage comes to at
our prices, then the forecast of past days of which nobody knows either. **Forecast** adds the days
to come. All but the billed part is an estimate. Each budget is in its own currency; amounts in
others are converted at the rate of the day's month, and what has no rate makes the budget *partly
unknown*. Budgets overlap (a team, its cost centre, a provider), so nothing is added over them.
"""
THRESHOLDS = """
A threshold is reached on the first day on which what was billed or used by then comes to it.
*Forecast to reach* is an estimate; where there is no forecast it is said to be unknown.
"""
BURN = """
The line is what was billed or accrued by each day; its last point is what the period came to as a
whole. From there straight lines lead to the forecast of the period's end and to the interval in
which nine in ten such periods ended in the back-test: only the two ends are computed. The lower
chart has the single days, with the interval of a single day: days move more than their sum, so the
intervals of days do not add up to that of the period.
"""
ACCRUALS = """
`billed` days have a complete bill, `used` days a late or open one and complete usage, `open` days
neither: their cost is unknown here, and part of the forecast. Accrued is what the usage of `used`
days comes to beyond what was billed: an estimate.
"""
BACKTEST = """
Each method stood on past days, forecast the days after them, and is held against what came. The one
that erred least is used. **Error** is the sum of the errors, without signs, in per cent of what was
spent. **Covered** is how many of the intervals held: nine in ten is meant.
"""
ANOMALIES = """
A day far from the same days of the weeks before, with the model, key, user or tier whose part of
the movement is by most more than usual. An estimate of what is odd, not of what is wrong.
"""
ALERTS = """
What `bursar alerts` has to tell of this publication: thresholds reached in the last two weeks,
budgets forecast to be used up, odd days that began in the last two weeks, bills that usage does not
explain, and usage without a price. Each is told once per destination; who was told already lies in
the log of that command, not in the publication.
"""
