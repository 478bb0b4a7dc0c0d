"""View to matches. `engine` runs the rules: the prefilter names candidates, each kind of rule confirms its own."""
