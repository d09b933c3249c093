"""The apps, what they share, and the site that serves them."""
