"""A made-up company in the providers' own formats, with truths that are known beforehand."""
