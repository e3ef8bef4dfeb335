# Man pages and examples.
