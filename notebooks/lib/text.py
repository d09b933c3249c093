"""What the apps say about how their figures come about, in Markdown; no data goes in here."""

HEADLINE = """
**Billed** is what providers' invoices say. **Effective** is after discounts, with prepaid
commitments spread over their use. The current month is still open: it is compared with the same
complete days of the month before, and with that month as a whole. Currencies are never added
together. Tokens and requests are those of the chosen teams and providers. Source:
`cost_per_team_month`, `cost_per_team_day`.
"""
TEAMS = """
Every charge of every invoice goes to exactly one team, by dated rules of ownership: API key,
service account, project, user, tag, then rules for shared cost. What no rule reaches stays
`unallocated` and is shown in grey. The sum over teams is the sum of the invoices. A team has the
same colour everywhere. Source: `cost_per_team_month`, `cost_per_team_day`.
"""
COMPARISON = """
**Difference** is this month less the whole month before. While the month is open, **same days**
compares its complete days with as many days of the month before. Days are those on which usage
happened; months are billing months. Source: `cost_per_team_month`, `cost_per_team_day`.
"""
MODELS = """
The chart is billed or effective money by the model on the charge; `none` is a charge without a
model, such as tax or seats. The table counts tokens as the gateway and as the provider saw them:
two views of partly the same calls, so they are never added together, and they are of all teams.
The estimate is tokens at list price. Source: `cost_per_team_month`, `tokens_per_model_day`.
"""
RECONCILIATION = """
Three views of the same month: what was **invoiced**, what the **provider's usage** comes to at
our prices, and what our **gateway** metered at our prices. The causes explain the invoice without
remainder: their sum is the invoice. *Not tokens* are tools, seats, storage and the like. Each cause
is computed from evidence, which lies in `reconciliation_evidence_month`; what cannot be explained
stays *unexplained*. A line is **open** until what is unexplained lies within its tolerance, or
somebody signed it off. **Effective** is the same bill with commitments and prepaid credits spread
over their use: both are reconciled, and they are never added. An account that
no gateway or usage report covers has no mark for that view. Source:
`invoice_reconciliation_month`.
"""
SHADOW = """
Charges for keys and projects whose usage the provider billed and no gateway saw. `unregistered`
keys are in no register of the organisation; `deleted` ones have been removed since. The team is
the likely owner by the rules of allocation. Source: `shadow_spend_month`.
"""
UNPRICED = """
Usage for which the price book has no price. It is part of no estimate, and no part of it counts
as free; what the provider bills for it is in the billed cost all the same. Mend it with a row in
`overrides.csv`. Source: `unpriced_usage`.
"""
SOURCES = """
Read = loaded + refused + duplicate. A refused record is named with file, line and reason; list
them with `bursar quarantine`. **Complete to** is up to when the source says that nothing more
will come. Source: `source_freshness`, `quarantined_records`.
"""
NOTHING_PUBLISHED = (
    "Nothing is published yet. Run `bursar demo` for a made-up company, or `bursar run` on your"
    " own sources; this page follows by itself."
)
