"""What the tokens app says about its figures, in Markdown; no data goes in here."""

TRENDS = """
Tokens of the chosen teams and providers, as the team's own usage counts them: where a gateway and a
provider saw the same calls, one of the two counts. Classes are disjoint: input that was read from a
cache is not input again, and reasoning is not output again where the provider splits it off.
"""
MIX = """
What the month was billed, cut by one thing at a time, of all teams. Each cut is the whole ledger:
never add two of them. `none` is a charge that has no such thing, `unknown` nobody's that is known,
`other` what lies beyond the largest values. Shared by usage: the bill does not say, so the cost was
shared out by metered tokens.
"""
PRICES = """
Cost of a million tokens: the model's cost of the month, divided by its tokens, for reading only.
**Effective** is after discounts and amortised commitments, **list** is at list prices, and unknown
where it is unknown for any of the charges. The mix of cheap and dear token classes moves both;
where they part, it is the discount. A bill that covers more than was counted makes the effective
price too high: then the estimate of the counted tokens lies far below the cost.
"""
RATIOS = """
**Cache reads** are their part of all input, **reasoning** its part of all output, 0 where there was
none and unknown where there is no input or output. Providers that do not split reasoning off count
it as output. The table has each observer's count by itself, for all teams.
"""
UNITS = """
All cost of a team's month, divided by how many it served: a rate, cut off, never added up. The
number of units is the team's own; where it is unknown so is the rate, and where users are so few
that it would tell of them. Outcomes are what the organisation counts in `outcomes.csv`.
"""
BRIDGE = """
Why the bill differs from last month's. Each effect is what the change of one thing makes of the
bill, at the mean of both months in all else, so that no order of causes is preferred. Last month's
cost and the effects sum to this month's, to the last digit: checked here, and on every build.
All teams together is not the sum of the teams: a move between two teams is no change of all.
"""
GAPS = """
Usage without a price is part of no estimate and no part of it counts as free. A stand-in price is
the ordinary price for a tier that nobody prices, the maker's price for what a reseller sells, or a
price on which two books differ. The same usage may have two reasons, so rows are not added.
"""
