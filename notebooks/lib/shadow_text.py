"""What the shadow AI app says about its figures, in Markdown; no data goes in here."""

INVENTORY = """
Every AI service that bills, gateways, networks, sign-ins, cards or developer tools saw in use, by
team and by the route it was reached over. One service may stand on several routes, and money is
known of few of them: what is *unknown* is not zero. **Last 30 days** end with the newest day of
data; the 30 days before stand beside them. Costs of two routes are never added. Persons are those
that signals name: they are counted, never shown; devices and addresses of nobody who is named are
counted apart. Of fewer than the smallest group (five, or more by setting) only the month is told:
what they paid by card stands under *Teams of few persons* in the spend below.
"""
FINDINGS = """
A finding is one team, one service and one kind of use that nobody signed off. Three figures are
kept apart, and no score is made of them. **Risk** is exposure times vendor times missing control,
each from a rubric of the organisation, 0 to 1. **Confidence** is how many independent families of
signals agree on that team and service: bills and keys, network, sign-ins and grants, cards,
developer tools. **Money** is what was seen on bills and cards, and, apart, what is estimated.
Findings are ranked by the larger of the two: they may be the same money, so they are not added, nor
are the findings, of which two may be of one bill. Of fewer persons than the smallest group neither
calls nor money of theirs are told here, and days are the first of a month.
"""
FINDING = """
Each term of the risk has its class and its factor; the score is their product. The team is found by
dated rules of ownership, and the rule that found it is named; it is who should decide, not who is
to blame.
"""
EVIDENCE = """
One line per signal, source and delivery (file, API page or table day), without persons. The place
and line lead to the first raw record; files that tell of few persons are one line. Who the persons
are is told only by the command below, to a role that may see it, and every look is written down.
"""
DECISION = """
The line goes into `ai_service_decisions.csv` of the policy folder (`BURSAR_POLICY`, by default
`seeds/policy/`), under its header; `bursar run` then loads it. The most specific line counts: kind,
team, plan, then the latest. What is tolerated needs an end, and its finding reopens on that day.
Lines are never edited away: a later line follows an earlier one, and both are the audit trail.
"""
TREND = """
**Found** counts findings in the month in which they were first seen, **decided** those whose
decision was made in it, **brought under the gateway** those that ended in it, while the team went
on to call that provider through a gateway. **Still open** is what stood open at its end. Of all
teams and services; only the kind can be chosen.
"""
SPEND = """
**Billed** is on providers' invoices and was seen by no gateway. **Paid by card** is on cards and
expense reports and on no bill of the ledger. **Estimated** has neither: usage at our prices, or a
seat at its list price; its basis stands beside it. The three are never added together. What fewer
persons of a team spent than the smallest group stands under *Teams of few persons*.
"""
