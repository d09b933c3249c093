"""What the reconciliation app says about how its figures come about; no data goes in here."""

VIEWS = """
Three views of the same month. The **invoice** is what the bill says. The **usage report** is what
the provider's own API or log counts, at our prices. **Metered** is what was seen on the way, at
our prices. Both are estimates; a view that nobody has of an account is unknown, not zero.
"""
CAUSES = """
The bill is led back to what was metered, cause by cause. Each cause is the sum of evidence, listed
below; only *unexplained* is a remainder. The steps sum to the bill exactly, or the chart is not
drawn. Accounts whose month has no bill yet are not part of it.
"""
LINES = """
A line is a model, token class and tier on an account's bill. It is **explained** where what is
unexplained lies within its tolerance on both bases, **signed off** where somebody accepted that
amount by name and reason, else **open**. A sign-off lapses when the amount moves by more than the
tolerance.
"""
BASES = """
**Cash** is what the invoices say; **accrual** is the same bills with commitments and prepaid
credits spread over their use. They are two views of the same money, so they stand side by side and
are never added. A cause that the bill's own lines are evidence of has an amount on each.
"""
EVIDENCE = """
What a cause was computed from, by day, source and key; the fifty largest groups of a line and cause
stand by themselves, the others in one row. **Came in** names the first file, API page or table day
that the records came in: choose it below to see where it lay, in which load it was read, and what
of it was refused. Where two counts are compared there is no single record to show.
"""
COMMITMENTS = """
Provisioned throughput, committed spend and prepaid credits. **Utilisation** is what was used of
what there was; from **break-even** on a commitment pays. The amounts are parts of the bills and are
never added to them.
"""
