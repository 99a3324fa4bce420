"""English and German: which one a request is answered in, and what our own English sentences read in the other."""
