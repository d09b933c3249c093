"""What the chargeback app says about how its figures come about; no data goes in here."""

STATEMENTS = """
A statement is what a team is charged for a billing month in the currency of the invoices. Each
invoice is rounded once, half up, to its smallest unit; its cents go to the teams and then to their
lines by largest remainder, so lines sum to statements and statements to invoices. **Earlier this
year** is what statements of the calendar year's earlier months charged: no balance that is due,
since nobody tells Bursar of payments. Currencies are never added together.

A team accepts a statement, disputes it or settles a dispute by a line of
`statement_acceptances.csv` in the policy folder, which names what the statement came to: **lapsed**
is what was accepted at another amount. Of a closed month it is what was said before it was closed.
"""
LINES = """
Each line says what decided whose it is. **Shared** lines are usage or purchases that a rule of
`shared_costs.csv` spread over teams; the rule stands beside them. **Exact** is the same to its last
digit.
"""
ACCRUALS = """
Usage of days that no bill is complete of: by the prices that count, or by what bills usually still
add. An **estimate**, on no statement and in no sum above; the bill that comes is another one. A
month without any bill has nothing else.
"""
CHANGES = """
The statements of the month before, what each provider's service and model added or took off, and
the statements of this month. The steps add up exactly, or the chart is not drawn.
"""
QUESTIONS = """
What to look at before a statement is accepted, by fixed rules, and who can answer.
"""
TIES = """
Every invoice of the company, whatever teams are chosen above: what the bill says, rounded once,
less what stands on the statements of teams and of nobody. The difference is 0.00 on every line, or
the publication is wrong.
"""
JOURNAL = """
One document per invoice: a team's cost is a debit of the expense account, the provider's clearing
account the credit. Debits and credits of each document are equal. `unmapped` lines have no account
in `gl_accounts.csv`: the journal's export refuses them. While a month is not closed its entry is
turned back on the first day after it. What a team of another company costs is owed in the books of
both (`due_from`, `due_to`). Estimates of what is not billed yet are a journal of their own, in the
pack.
"""
PACK = """
`bursar export chargeback --month MONTH` writes workbook, PDF and CSV of a month into the home,
below `packs/`, out of what is published; `--format xlsx,pdf,csv,focus,journal` adds FOCUS datasets
and the journal. The manifest lists every file with its hash: **as listed** means that the file is
still the one that was written. A pack does not follow a new publication by itself: write it again.
"""
