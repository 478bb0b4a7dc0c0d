"""View to matches: the prefilter names candidate rules, each kind of rule confirms its own. `engine` runs them all."""
